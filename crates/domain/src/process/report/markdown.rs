//! A Markdown document into which only escaped text can be written: names, tags, reasons and errors are other people's
//! text, and must neither break out of their line or cell nor pass for a link or a heading.

/// A document. Every text that comes in is escaped and kept on one line.
#[derive(Debug, Default)]
pub struct Page(String);

/// Text that stands for itself wherever it is put, on one line.
fn escaped(text: &str, into: &mut String) {
    for c in text.chars() {
        match c {
            '\\' | '|' | '`' | '*' | '[' | ']' | '~' => {
                into.push('\\');
                into.push(c);
            }
            '<' => into.push_str("&lt;"),
            '>' => into.push_str("&gt;"),
            '&' => into.push_str("&amp;"),
            // What hides, reorders or breaks text: a name could otherwise read as another one.
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' => into.push(' '),
            c if c.is_control() => into.push(' '),
            c => into.push(c),
        }
    }
}

impl Page {
    fn write(&mut self, before: &str, text: &str, after: &str) {
        self.0.push_str(before);
        escaped(text, &mut self.0);
        self.0.push_str(after);
    }

    /// The document's title.
    pub fn title(&mut self, text: &str) {
        self.write("# ", text, "\n");
    }

    /// A chapter.
    pub fn chapter(&mut self, text: &str) {
        self.write("\n## ", text, "\n");
    }

    /// A section of a chapter.
    pub fn section(&mut self, text: &str) {
        self.write("\n### ", text, "\n");
    }

    /// A paragraph.
    pub fn paragraph(&mut self, text: &str) {
        self.write("\n", text, "\n");
    }

    /// A paragraph that nobody should overlook.
    pub fn strong(&mut self, text: &str) {
        self.write("\n**", text.trim(), "**\n");
    }

    /// A list.
    pub fn list<T: AsRef<str>>(&mut self, items: impl IntoIterator<Item = T>) {
        let mut open = "\n";
        for item in items {
            self.0.push_str(open);
            self.write("- ", item.as_ref(), "\n");
            open = "";
        }
    }

    /// A list of things to tick.
    pub fn ticks<T: AsRef<str>>(&mut self, items: impl IntoIterator<Item = (bool, T)>) {
        let mut open = "\n";
        for (ticked, text) in items {
            self.0.push_str(open);
            self.write(if ticked { "- [x] " } else { "- [ ] " }, text.as_ref(), "\n");
            open = "";
        }
    }

    /// A table.
    pub fn table<const N: usize>(&mut self, head: [&str; N], rows: impl IntoIterator<Item = [String; N]>) {
        self.0.push('\n');
        self.row(head.iter());
        self.0.push('|');
        for _ in head {
            self.0.push_str("---|");
        }
        self.0.push('\n');
        for row in rows {
            self.row(row.iter());
        }
    }

    fn row<T: AsRef<str>>(&mut self, cells: impl Iterator<Item = T>) {
        for cell in cells {
            self.write("| ", cell.as_ref(), " ");
        }
        self.0.push_str("|\n");
    }

    /// Commands to copy. They are [`super::shell::Command`]s, which hold nothing that could end the block.
    pub fn commands(&mut self, commands: &[String]) {
        if commands.is_empty() {
            return;
        }
        self.0.push_str("\n```sh\n");
        for command in commands {
            self.0.push_str(&command.replace(['`', '\n', '\r'], " "));
            self.0.push('\n');
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
    use proptest::prelude::*;

    #[test]
    fn a_name_stays_in_its_cell_and_is_no_link_and_no_element() {
        let mut page = Page::default();
        page.table(["name"], [["a|b\n<img src=x>[c](http://d)`e`".to_owned()]]);
        assert_eq!(page.text(), "\n| name |\n|---|\n| a\\|b &lt;img src=x&gt;\\[c\\](http://d)\\`e\\` |\n");
    }

    proptest! {
        #[test]
        fn whatever_is_written_stays_on_its_line_and_in_its_cell(text in any::<String>()) {
            let mut page = Page::default();
            page.table(["a", "b"], [[text.clone(), text]]);
            let document = page.text();
            prop_assert_eq!(document.lines().count(), 4);
            let row = document.lines().last().unwrap_or_default();
            let mut bars = 0;
            let mut escaped = false;
            for c in row.chars() {
                bars += u32::from(c == '|' && !escaped);
                escaped = c == '\\' && !escaped;
            }
            prop_assert_eq!(bars, 3, "{}", row);
            prop_assert!(!row.contains('<') && !row.contains('>'));
        }
    }
}
