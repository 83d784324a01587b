//! The story as it goes on, and what did not hold of it.

use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::error::Result;
use crate::screen::{Look, Screen, wrap};
use crate::stack::Stack;
use crate::table::Table;

const NOTICE_LINES: usize = 12;
const LOOK_AGAIN: Duration = Duration::from_millis(50);
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) struct Story {
    pub(super) screen: Screen,
    pub(super) stack: Stack,
    pub(super) broken: Vec<String>,
    /// Whether people at this machine answer on the page.
    pub(super) waits: bool,
    heard: Vec<String>,
}

impl Story {
    pub(super) fn new(screen: Screen, stack: Stack, waits: bool) -> Self {
        Self { screen, stack, broken: Vec::new(), waits, heard: Vec::new() }
    }

    /// Holds a claim of the story.
    pub(super) fn expect(&mut self, holds: bool, otherwise: &str) {
        if !holds {
            self.screen.say(&format!("  {} {otherwise}", self.screen.paint(Look::Red, "✗")));
            self.broken.push(otherwise.to_owned());
        }
    }

    /// Says something, in as many lines as it takes.
    pub(super) fn say(&self, text: &str) {
        self.say_as(Look::Plain, 2, text);
    }

    /// Says something that looks like this, so far from the left.
    pub(super) fn say_as(&self, look: Look, indent: usize, text: &str) {
        for line in wrap(text, self.screen.width().saturating_sub(indent)) {
            self.screen.say(&format!("{:indent$}{}", "", self.screen.paint(look, &line)));
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
        let start = Instant::now();
        let about = loop {
            self.heard.extend(self.stack.notices()?);
            let about = self.heard.iter().rev().find(|notice| notice.contains(what)).cloned();
            // What is asked stands in the ledger before anybody is told.
            if about.is_some() || start.elapsed() > PATIENCE {
                break about;
            }
            sleep(LOOK_AGAIN);
        };
        self.expect(about.is_some(), &format!("nobody was told about {what}"));
        self.say(&format!("The topic heard {} notices. The newest about {what}:", self.heard.len()));
        self.show_notice(about.as_deref().unwrap_or_default());
        Ok(())
    }

    /// Shows how a notice begins.
    pub(super) fn show_notice(&self, notice: &str) {
        let width = self.screen.width().saturating_sub(6);
        let lines = wrap(notice.trim_end(), width);
        for line in lines.iter().take(NOTICE_LINES) {
            self.say_as(Look::Dim, 4, line);
        }
        if lines.len() > NOTICE_LINES {
            self.say_as(Look::Dim, 4, &format!("… and {} lines more", lines.len() - NOTICE_LINES));
        }
    }
}
