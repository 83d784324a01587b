//! A Markdown document into which only escaped text can be written: names, tags, reasons and errors are other people's
//! text, and must neither break out of their line or cell nor pass for a link or a heading.

use crate::runbook::markdown::{escaped, row};

/// A document. Every text that comes in is escaped and kept on one line.
#[derive(Debug, Default)]
pub struct Page(String);

/// Text at the beginning of a line, where a hyphen, a number or an indentation would be structure.
fn at_the_start(text: &str) -> String {
    let text = escaped(text.trim());
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    match text.split_at_checked(digits) {
        Some((number, rest)) if !number.is_empty() && rest.starts_with(['.', ')']) => format!("{number}\\{rest}"),
        _ if text.starts_with(['-', '+', '=']) => format!("\\{text}"),
        _ => text,
    }
}

impl Page {
    fn write(&mut self, parts: [&str; 3]) {
        for part in parts {
            self.0.push_str(part);
        }
    }

    /// The document's title.
    pub fn title(&mut self, text: &str) {
        self.write(["# ", &escaped(text), "\n"]);
    }

    /// A chapter.
    pub fn chapter(&mut self, text: &str) {
        self.write(["\n## ", &escaped(text), "\n"]);
    }

    /// A section of a chapter.
    pub fn section(&mut self, text: &str) {
        self.write(["\n### ", &escaped(text), "\n"]);
    }

    /// A paragraph.
    pub fn paragraph(&mut self, text: &str) {
        self.write(["\n", &at_the_start(text), "\n"]);
    }

    /// A paragraph that nobody should overlook.
    pub fn strong(&mut self, text: &str) {
        self.write(["\n**", escaped(text).trim(), "**\n"]);
    }

    /// A list.
    pub fn list<T: AsRef<str>>(&mut self, items: impl IntoIterator<Item = T>) {
        self.items(items.into_iter().map(|item| ("- ", item)));
    }

    /// A list of things to tick.
    pub fn ticks<T: AsRef<str>>(&mut self, items: impl IntoIterator<Item = (bool, T)>) {
        self.items(items.into_iter().map(|(ticked, item)| (if ticked { "- [x] " } else { "- [ ] " }, item)));
    }

    fn items<T: AsRef<str>>(&mut self, items: impl IntoIterator<Item = (&'static str, T)>) {
        let mut open = "\n";
        for (mark, text) in items {
            self.0.push_str(open);
            self.write([mark, &at_the_start(text.as_ref()), "\n"]);
            open = "";
        }
    }

    /// A table.
    pub fn table<const N: usize>(&mut self, head: [&str; N], rows: impl IntoIterator<Item = [String; N]>) {
        self.write(["\n", &row(&head), "|"]);
        for _ in head {
            self.0.push_str("---|");
        }
        self.0.push('\n');
        for cells in rows {
            self.0.push_str(&row(&cells.each_ref().map(String::as_str)));
        }
    }

    /// Commands to copy. They are [`super::shell::Command`]s, which hold nothing that could end the block.
    pub fn commands(&mut self, commands: &[String]) {
        if commands.is_empty() {
            return;
        }
        self.0.push_str("\n```sh\n");
        for command in commands {
            self.write([&command.replace(['`', '\n', '\r'], " "), "\n", ""]);
        }
        self.0.push_str("```\n");
    }

    /// The document.
    #[must_use]
    pub fn text(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("- a list", "\n\\- a list\n")]
    #[case("    code", "\ncode\n")]
    #[case("12. a list", "\n12\\. a list\n")]
    #[case("12 events", "\n12 events\n")]
    #[case("# a title", "\n\\# a title\n")]
    #[case("\n===", "\n\\===\n")]
    fn what_a_line_begins_with_is_no_structure(#[case] text: &str, #[case] written: &str) {
        let mut page = Page::default();
        page.paragraph(text);
        assert_eq!(page.text(), written);
    }

    #[test]
    fn a_table_has_a_cell_for_every_text() {
        let mut page = Page::default();
        page.table(["a", "b"], [["1|2".to_owned(), "3\n4".to_owned()]]);
        assert_eq!(page.text(), "\n| a | b |\n|---|---|\n| 1\\|2 | 3 4 |\n");
    }
}
