//! Is it gone? What is proved by looking, how long the looking goes on, and what stays behind.

mod gone;
mod leftover;

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

pub use gone::{Gone, gone};
pub use leftover::{Kind, Leftover, backups_kept_until, leftovers};

/// How long EC2 may take to show that something is gone. It shows most within seconds; an instance with much to shut
/// down takes minutes.
pub const VALIDATION_SECONDS: i64 = 3600;

/// What the looking found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validation {
    /// When the last look was taken.
    pub at: Timestamp,
    /// What it showed.
    pub gone: Gone,
    /// What stays behind.
    pub leftovers: Vec<Leftover>,
}

/// Until when the looking goes on once the last irreversible step was called. What is not proved gone by then is a
/// person's to judge.
#[must_use]
pub fn validation_deadline(called_at: Timestamp) -> Timestamp {
    Timestamp::from_unix_seconds(called_at.unix_seconds().saturating_add(VALIDATION_SECONDS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_looking_ends_an_hour_after_the_call_and_never_beyond_the_calendar() {
        let called_at = Timestamp::parse("2026-11-20T23:30:00Z").unwrap();
        assert_eq!(validation_deadline(called_at).to_string(), "2026-11-21T00:30:00Z");
        let last = Timestamp::from_unix_seconds(i64::MAX);
        assert_eq!(validation_deadline(last), last);
    }
}
