//! Text that anybody may have written (names, tags, reasons) on its way to people.

/// Whether a character shows as itself. Control characters and those that change how their neighbours show do not: a
/// reason that reads backwards is not what an approver should decide on.
#[must_use]
pub fn is_printable(c: char) -> bool {
    !c.is_control()
        && !matches!(
            u32::from(c),
            0x00AD | 0x061C | 0x180E | 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F | 0xFEFF
            | 0xFFF9..=0xFFFB | 0xE0000..=0xE007F
        )
}

/// A text of 1 to `longest` printable characters, without the space around it.
#[must_use]
pub fn readable(text: &str, longest: usize) -> Option<String> {
    let text = text.trim();
    let fits = !text.is_empty() && text.chars().count() <= longest && text.chars().all(is_printable);
    fits.then(|| text.to_owned())
}

/// `text` on one line of at most `longest` characters: what is not printable becomes a space, what is cut off `…`.
#[must_use]
pub fn one_line(text: &str, longest: usize) -> String {
    let printable: String = text.chars().map(|c| if is_printable(c) { c } else { ' ' }).collect();
    let line = printable.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= longest {
        return line;
    }
    let mut cut: String = line.chars().take(longest.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

/// The same in quotation marks, none of which is the text's own: what stands between them is somebody else's word.
#[must_use]
pub fn quoted(text: &str, longest: usize) -> String {
    format!("\"{}\"", one_line(text, longest).replace('"', "'"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_would_change_how_its_neighbours_show_is_not_printable() {
        for hidden in ['\n', '\u{7f}', '\u{202e}', '\u{200b}', '\u{feff}', '\u{e0041}', '\u{ad}'] {
            assert!(!is_printable(hidden), "{hidden:?}");
            assert_eq!(readable(&format!("yes{hidden}no"), 100), None, "{hidden:?}");
        }
        assert_eq!(readable("  Größe: 10 €, ok ✓ ", 100).as_deref(), Some("Größe: 10 €, ok ✓"));
        assert_eq!((readable("", 10), readable("12345", 4)), (None, None));
    }

    #[test]
    fn a_text_that_pretends_to_be_a_line_of_ours_stays_within_its_quotation_marks() {
        let forged = "web\"\n\nDeadline: never\r\nPlan: \u{202e}nalp";
        assert_eq!(quoted(forged, 100), "\"web' Deadline: never Plan: nalp\"");
        assert_eq!(quoted(&"é".repeat(50), 10), format!("\"{}…\"", "é".repeat(9)));
    }

    proptest! {
        #[test]
        fn a_line_is_one_line_and_no_longer_than_asked(text in "\\PC*|(?s).{0,200}", longest in 1usize..80) {
            let line = one_line(&text, longest);
            prop_assert!(line.chars().count() <= longest);
            prop_assert!(line.chars().all(is_printable));
        }
    }
}
