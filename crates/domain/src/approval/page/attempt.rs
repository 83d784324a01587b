//! What was refused, for the audit: every attempt stands beside the trails of the processes.

use serde::{Deserialize, Serialize};

use crate::approval::link::{Link, Purpose};
use crate::approval::page::refused::{Kind, Refused};
use crate::approval::text::one_line;
use crate::ids::ProcessId;
use crate::time::Timestamp;

/// One refused request. Person, process and purpose are those of a link whose signature is right, and of no other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// When.
    pub at: Timestamp,
    /// What it was about.
    pub kind: Kind,
    /// The HTTP status that answered it.
    pub status: u16,
    /// The address that it came from, as AWS saw it.
    pub source: String,
    /// Whose link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// About which process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process_id: Option<ProcessId>,
    /// What the link was for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<Purpose>,
    /// The answer in words.
    pub detail: String,
}

impl Attempt {
    /// The record of a refusal; `link` only where its signature was verified.
    #[must_use]
    pub fn of(refused: &Refused, source: &str, link: Option<&Link>, at: Timestamp) -> Self {
        Self {
            at,
            kind: refused.kind,
            status: refused.status,
            source: one_line(source, 45),
            person: link.map(|link| link.person.clone()),
            process_id: link.and_then(|link| link.process_id.clone()),
            purpose: link.map(|link| link.purpose),
            detail: one_line(&refused.message, 500),
        }
    }
}

/// Where the attempts of a day stand in the audit table, in the place of a process's id.
#[must_use]
pub fn partition(at: Timestamp) -> String {
    let day: String = at.to_string().chars().take_while(|c| *c != 'T').collect();
    format!("approve-page#{day}")
}

/// The place of an attempt within its day: the nanoseconds since 1970, so that attempts sort by time.
#[must_use]
pub fn seq(at_nanos: u128) -> u64 {
    u64::try_from(at_nanos).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::approval::fixtures::now;
    use crate::approval::link::fixtures::link_of;
    use serde_json::json;

    #[test]
    fn an_attempt_says_who_where_and_what_as_far_as_that_is_proved() {
        let attempt = Attempt::of(&Refused::link(Kind::Used), "203.0.113.24", Some(&link_of("ada")), now());
        assert_eq!(
            serde_json::to_value(&attempt).unwrap(),
            json!({
                "at": "2026-11-20T09:00:00Z",
                "kind": "used",
                "status": 404,
                "source": "203.0.113.24",
                "person": "ada",
                "process_id": "01KAG3V7Q4M2ZD9X5T8R6W0B1C",
                "purpose": "decide",
                "detail": "this link does not work: it is incomplete, was used already, is too old, or belongs to something else",
            })
        );
        let forged = serde_json::to_value(Attempt::of(&Refused::link(Kind::Forged), "unknown", None, now())).unwrap();
        assert_eq!(forged.get("person"), None);
        assert_eq!(forged["detail"], attempt.detail);
    }

    #[test]
    fn the_attempts_of_a_day_stand_together_and_sort_by_time() {
        assert_eq!(partition(now()), "approve-page#2026-11-20");
        assert!(seq(1_795_165_500_000_000_001) > seq(1_795_165_500_000_000_000));
        assert_eq!(seq(u128::MAX), u64::MAX);
    }
}
