//! Text for Markdown documents: names, tags and reasons are other people's text and must not become structure.

/// The text on one line, with everything escaped that would be a heading, a link, a cell, HTML or a mention, and with
/// what hides or reorders characters made visible.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\t' | '\u{85}' | '\u{2028}' | '\u{2029}' => safe.push(' '),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '#' | '!' | '|' | '~' | '@' => {
                safe.push('\\');
                safe.push(c);
            }
            c if c.is_control() || is_invisible(c) => safe.push('\u{fffd}'),
            c => safe.push(c),
        }
    }
    // What looks like an address becomes a link in many renderers without any markup.
    safe.replace("://", ":\\//").replace("www.", "www\\.")
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
    entries.into_iter().map(|entry| format!("- {}\n", escaped(entry.as_ref()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[rstest::rstest]
    #[case("a|b<c", r"a\|b&lt;c")]
    #[case("a\n# heading", r"a \# heading")]
    #[case("[x](https://example.com)", r"\[x\]\(https:\//example.com\)")]
    #[case("![x](www.example.com)", r"\!\[x\]\(www\.example.com\)")]
    #[case("<script>&amp;", "&lt;script&gt;&amp;amp;")]
    #[case("back\\slash", r"back\\slash")]
    #[case("txt.\u{202e}exe", "txt.\u{fffd}exe")]
    #[case("i-0123 in us-east-1a", "i-0123 in us-east-1a")]
    fn other_peoples_text_stays_text(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(escaped(text), expected);
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
