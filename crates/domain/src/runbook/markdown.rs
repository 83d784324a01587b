//! Text for Markdown documents: names, tags and reasons are other people's text and must not become structure.

/// The text on one line, with everything escaped that would be a heading, a link, a cell, HTML or a mention, and with
/// what hides or reorders characters made visible.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        // Within a word it is a part of the word: every name of an action has some.
        let within = before.is_alphanumeric() && rest.peek().is_some_and(|next| next.is_alphanumeric());
        match c {
            '\n' | '\r' | '\t' | '\u{85}' | '\u{2028}' | '\u{2029}' => safe.push(' '),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '_' if within => safe.push(c),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '@' | '#' => {
                safe.push('\\');
                safe.push(c);
            }
            c if c.is_control() || is_invisible(c) => safe.push('\u{fffd}'),
            c => safe.push(c),
        }
        before = c;
    }
    // What looks like an address becomes a link in many renderers without any markup.
    safe.replace("://", ":\\//").replace("www.", "www\\.")
}

/// The same for the beginning of a line, where a hyphen, a number or an indentation would be structure too.
#[must_use]
pub fn escaped_at_the_start(text: &str) -> String {
    let text = escaped(text.trim());
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    match text.split_at_checked(digits) {
        Some((number, rest)) if !number.is_empty() && rest.starts_with(['.', ')']) => format!("{number}\\{rest}"),
        _ if text.starts_with(['-', '+', '=']) => format!("\\{text}"),
        _ => text,
    }
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// A row of a table; its cells are escaped here.
#[must_use]
pub fn row(cells: &[&str]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| escaped(cell)).collect();
    format!("| {} |\n", cells.join(" | "))
}

/// A list; its entries are escaped here.
#[must_use]
pub fn list<I: IntoIterator<Item = S>, S: AsRef<str>>(entries: I) -> String {
    entries.into_iter().map(|entry| format!("- {}\n", escaped_at_the_start(entry.as_ref()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[rstest::rstest]
    #[case("a|b<c", r"a\|b&lt;c")]
    #[case("a\n# heading", r"a \# heading")]
    #[case("[x](https://example.com)", r"\[x\](https:\//example.com)")]
    #[case("![x](www.example.com)", r"!\[x\](www\.example.com)")]
    #[case("<script>&amp;", "&lt;script&gt;&amp;amp;")]
    #[case("back\\slash", r"back\\slash")]
    #[case("stop_instance and _emphasis_", r"stop_instance and \_emphasis\_")]
    #[case("txt.\u{202e}exe", "txt.\u{fffd}exe")]
    #[case("i-0123 (old) in us-east-1a", "i-0123 (old) in us-east-1a")]
    fn other_peoples_text_stays_text(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(escaped(text), expected);
    }

    #[rstest::rstest]
    #[case("  - entry", r"\- entry")]
    #[case("12. entry", r"12\. entry")]
    #[case("3) entry", r"3\) entry")]
    #[case("# heading", r"\# heading")]
    #[case("===", r"\===")]
    #[case("12 entries", "12 entries")]
    fn the_beginning_of_a_line_is_no_list_either(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(escaped_at_the_start(text), expected);
    }

    proptest! {
        #[test]
        fn no_text_leaves_its_cell(cells in proptest::collection::vec(any::<String>(), 1..5)) {
            let refs: Vec<&str> = cells.iter().map(String::as_str).collect();
            let row = row(&refs);
            prop_assert_eq!(row.lines().count(), 1);
            let mut bars = 0;
            let mut escapes = false;
            for c in row.chars() {
                bars += usize::from(c == '|' && !escapes);
                escapes = c == '\\' && !escapes;
            }
            prop_assert_eq!(bars, cells.len() + 1);
            prop_assert!(!row.contains('<'));
        }
    }
}
