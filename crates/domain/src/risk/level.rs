//! The levels of risk.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A level of risk (C26).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Below 3 points.
    Low,
    /// From 3 points.
    Medium,
    /// From 5 points.
    High,
    /// From 7 points.
    Critical,
}

impl Level {
    /// The level of a score (C26).
    #[must_use]
    pub fn of_score(score: u32) -> Self {
        match score {
            7.. => Self::Critical,
            5..7 => Self::High,
            3..5 => Self::Medium,
            _ => Self::Low,
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
