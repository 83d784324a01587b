//! Change windows: when something irreversible may begin (C71).
//!
//! The rules stand in a file and count by the wall clock of its time zone; SSM Change Calendars may close what the rules
//! leave open, and never open what they close. Whatever is not known is closed.

mod calendar;
#[cfg(test)]
mod daylight;
mod file;
#[cfg(test)]
mod properties;
mod stretches;
#[cfg(test)]
mod tests;
mod wall;

use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

pub use crate::policy_file::InvalidPolicy;
use crate::time::Timestamp;
pub use crate::windows::calendar::{Calendar, LOOK_AGAIN_SECONDS, with_calendars};

/// The policy file, beside each function that reads it.
pub const PATH: &str = "policy/windows.yaml";

/// The version of the policy file that this release reads.
pub const WINDOWS_SCHEMA: u32 = 1;

/// How far ahead anybody looks for a window. Every day of the week and every date of a year comes within it.
pub const HORIZON_DAYS: u32 = 366;

/// Whether something irreversible may begin at a moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum WindowState {
    /// It may.
    Open {
        /// Until when, where that is known.
        until: Option<Timestamp>,
        /// The window, in words.
        window: String,
    },
    /// It may not.
    Closed {
        /// When to look again: the next moment at which it may be open. Nothing where no such moment is in sight.
        opens_at: Option<Timestamp>,
        /// Why, in words.
        because: String,
    },
}

impl WindowState {
    /// Whether it may.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Open { .. })
    }
}

/// The policy file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Windows {
    zone: TimeZone,
    windows: Vec<Window>,
    holidays: Vec<Date>,
    freezes: Vec<Freeze>,
    calendars: Vec<String>,
}

/// Hours on days of the week. Where `to` is not after `from`, it is the day after.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Window {
    name: String,
    days: Vec<Weekday>,
    from: Time,
    to: Time,
}

/// Time in which no window is open, from one reading of the wall clock to another.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Freeze {
    from: DateTime,
    to: DateTime,
    because: String,
}

/// A file by which nothing could ever begin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no window in {PATH} is open at any time from {from} to {until}: add one, or end a freeze")]
pub struct NeverOpen {
    /// From when it was looked for.
    pub from: Timestamp,
    /// To when.
    pub until: Timestamp,
}

impl Windows {
    /// The SSM Change Calendars that must all be open as well: names, or ARNs.
    #[must_use]
    pub fn calendars(&self) -> &[String] {
        &self.calendars
    }

    /// What the rules alone say of a moment; [`with_calendars`] has the last word.
    #[must_use]
    pub fn at(&self, now: Timestamp) -> WindowState {
        let closures = self.closures();
        let stretches = self.stretches(now, &closures);
        match stretches.first() {
            Some(open) if open.from <= now => WindowState::Open {
                until: (open.until < now.plus_days(HORIZON_DAYS)).then_some(open.until),
                window: self.in_words(&open.windows),
            },
            next => WindowState::Closed {
                opens_at: next.map(|stretch| stretch.from),
                because: match closures.iter().find(|closure| closure.holds(now)) {
                    Some(closure) => format!("{closure} ({})", self.zone_name()),
                    None if self.windows.is_empty() => format!("{PATH} has no window"),
                    None => {
                        let local = wall::reading(&self.zone, now).strftime("%A %H:%M");
                        format!(
                            "it is {local} in {}, outside {}",
                            self.zone_name(),
                            self.windows.iter().map(Window::to_string).collect::<Vec<_>>().join(" and ")
                        )
                    }
                },
            },
        }
    }

    /// Whether there is a window at all: asked before a process begins, not when it is half way.
    ///
    /// # Errors
    /// [`NeverOpen`] where none is open within [`HORIZON_DAYS`].
    pub fn check(&self, now: Timestamp) -> Result<(), NeverOpen> {
        match self.at(now) {
            WindowState::Closed { opens_at: None, .. } => {
                Err(NeverOpen { from: now, until: now.plus_days(HORIZON_DAYS) })
            }
            WindowState::Open { .. } | WindowState::Closed { .. } => Ok(()),
        }
    }

    fn zone_name(&self) -> &str {
        self.zone.iana_name().unwrap_or("an unknown time zone")
    }

    fn in_words(&self, windows: &[&Window]) -> String {
        let names: Vec<String> = windows.iter().map(|window| window.to_string()).collect();
        format!("{}, {}", names.join(" and "), self.zone_name())
    }
}
