//! How a notice is put together: short, plain, and never longer than what carries it.

use crate::approval::text::{is_printable, one_line};
use crate::notice::Notice;
use crate::process::record::ProcessRecord;

/// The longest subject: SNS refuses one of more than 100 characters, or one that is not printable ASCII (C55).
pub const LONGEST_SUBJECT: usize = 99;

/// The longest body in bytes: far below what SNS takes, and more than anybody reads.
pub const LONGEST_BODY: usize = 16 * 1024;

/// The longest line that a text of somebody else's may fill.
const LONGEST_LINE: usize = 300;

/// How many items a list shows.
const MOST_ITEMS: usize = 30;

/// A subject that SNS takes whatever it says: it begins with a letter, has one line, and is ASCII.
pub(super) fn subject(text: &str) -> String {
    let ascii: String = text.chars().map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '?' }).collect();
    let line: String = ascii.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.len() <= LONGEST_SUBJECT {
        return line;
    }
    let mut cut: String = line.chars().take(LONGEST_SUBJECT.saturating_sub(3)).collect();
    cut.push_str("...");
    cut
}

/// A body as it grows.
#[derive(Debug, Default)]
pub(super) struct Body(String);

impl Body {
    /// A line of ours.
    pub(super) fn line(&mut self, text: &str) -> &mut Self {
        self.0.push_str(text);
        self.0.push('\n');
        self
    }

    /// An empty line and a heading.
    pub(super) fn heading(&mut self, text: &str) -> &mut Self {
        self.line("").line(text)
    }

    /// A line of a list: whatever it holds, it stays one line.
    pub(super) fn item(&mut self, text: &str) -> &mut Self {
        self.0.push_str("  ");
        let line = one_line(text, LONGEST_LINE);
        self.line(&line)
    }

    /// A list that is cut where nobody reads on.
    pub(super) fn items(&mut self, items: impl ExactSizeIterator<Item = String>) -> &mut Self {
        let more = items.len().saturating_sub(MOST_ITEMS);
        for item in items.take(MOST_ITEMS) {
            self.item(&item);
        }
        if more > 0 {
            self.item(&format!("… and {more} more"));
        }
        self
    }

    /// Who the process is, at the head of every notice.
    pub(super) fn process(&mut self, record: &ProcessRecord) -> &mut Self {
        self.item(&format!("process: {} ({})", record.process_id, record.display_id));
        self.item(&format!("resource: {} in account {}", record.resource, record.account_id))
    }

    /// The end of the audit trail, at the foot of every notice: a trail that is cut off later does not reach it.
    pub(super) fn notice(&mut self, subject_line: &str, record: &ProcessRecord) -> Notice {
        let foot = format!("\nAudit trail: {} events, head {}\n", record.audit.seq, record.audit);
        let body = cut(&self.0, LONGEST_BODY.saturating_sub(foot.len()));
        Notice { subject: subject(subject_line), body: body + &foot }
    }
}

/// A text of at most `longest` bytes, cut at a line.
fn cut(text: &str, longest: usize) -> String {
    const MARK: &str = "… cut: ask for the process to read the rest\n";
    let printable: String = text.chars().filter(|c| *c == '\n' || is_printable(*c)).collect();
    if printable.len() <= longest {
        return printable;
    }
    let mut kept = String::new();
    for line in printable.split_inclusive('\n') {
        if kept.len() + line.len() + MARK.len() > longest {
            break;
        }
        kept.push_str(line);
    }
    kept + MARK
}
