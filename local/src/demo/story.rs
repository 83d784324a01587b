//! The story as it goes on, and what did not hold of it.

use crate::error::Result;
use crate::screen::{Look, Screen, wrap};
use crate::stack::Stack;
use crate::table::Table;

const NOTICE_LINES: usize = 12;

pub(super) struct Story {
    pub(super) screen: Screen,
    pub(super) stack: Stack,
    pub(super) broken: Vec<String>,
    heard: Vec<String>,
}

impl Story {
    pub(super) fn new(screen: Screen, stack: Stack) -> Self {
        Self { screen, stack, broken: Vec::new(), heard: Vec::new() }
    }

    /// Holds a claim of the story.
    pub(super) fn expect(&mut self, holds: bool, otherwise: &str) {
        if !holds {
            self.screen.say(&format!("  {} {otherwise}", self.screen.paint(Look::Red, "✗")));
            self.broken.push(otherwise.to_owned());
        }
    }

    /// Shows a table with space around it.
    pub(super) fn show<const COLUMNS: usize>(&self, table: &Table<COLUMNS>) {
        self.screen.say("");
        for line in table.lines(self.screen) {
            self.screen.say(&line);
        }
        self.screen.say("");
    }

    /// Shows the newest notice about something, which somebody must have been sent.
    pub(super) fn show_the_notice_about(&mut self, what: &str) -> Result<()> {
        self.heard.extend(self.stack.notices()?);
        let about = self.heard.iter().rev().find(|notice| notice.contains(what)).cloned();
        self.expect(about.is_some(), &format!("nobody was told about {what}"));
        self.screen.say(&format!("  The topic heard {} notices. The newest about {what}:", self.heard.len()));
        let width = self.screen.width().saturating_sub(6);
        for line in about.iter().flat_map(|notice| wrap(notice, width)).take(NOTICE_LINES) {
            self.screen.say(&format!("    {}", self.screen.paint(Look::Dim, &line)));
        }
        Ok(())
    }
}
