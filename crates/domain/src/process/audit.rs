//! The audit trail of a process: events that are only ever added, each chained to the one before (C57, C58, C59).

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::canonical::{NotCanonical, sha256};
use crate::ids::ProcessId;
use crate::time::Timestamp;

/// What an event records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EventType {
    /// A process began (C19).
    ProcessInitiated,
    /// Its risk is known (C19).
    AssessmentCompleted,
    /// It must not go this way.
    ProcessBlocked,
    /// A plan was made.
    PlanDrafted,
    /// The plan was made again, and is the approved one.
    PlanConfirmed,
    /// The plan was made again, and is another one.
    PlanChanged,
    /// People are asked (C19).
    ApprovalRequested,
    /// The notice about it went out.
    ApproversNotified,
    /// Who was asked and has not answered was reminded.
    ApproversReminded,
    /// More people are asked, because the first did not decide.
    ApprovalEscalated,
    /// Somebody answered.
    VoteCast,
    /// The rule approved.
    AutoApproved,
    /// Nobody objected to what the rule approved.
    NoticeOver,
    /// Somebody objected to what the rule approved, before anything was done.
    OptedOut,
    /// The votes approve.
    Approved,
    /// The votes reject.
    Rejected,
    /// Nobody decided in time.
    Expired,
    /// A step is about to be taken.
    StepIntended,
    /// A step's call was answered.
    StepCalled,
    /// A step is proved done.
    StepDone,
    /// A step was found done, and nothing was called.
    StepSkipped,
    /// A step failed for good.
    StepFailed,
    /// Waits for a change window.
    Scheduled,
    /// The soak began.
    SoakStarted,
    /// Somebody ended the soak early.
    SoakEnded,
    /// The resource was looked at again before the irreversible steps.
    Reassessed,
    /// The way back began.
    RollbackStarted,
    /// A step is about to be taken back.
    UndoIntended,
    /// A step's undo was answered.
    UndoCalled,
    /// A step is proved taken back.
    UndoDone,
    /// A step could not be taken back.
    UndoFailed,
    /// Everything is as it was.
    RolledBack,
    /// Something is not as it was.
    RollbackFailed,
    /// A person must decide.
    Held,
    /// A person decided.
    Resolved,
    /// The resource is proved gone, or not.
    Validated,
    /// The process is over, and its end is good.
    ProcessCompleted,
    /// The process is over before anything was changed.
    ProcessFailed,
    /// Somebody released the lock by hand.
    LockReleased,
    /// The report was written.
    Reported,
}

/// One event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AuditEvent {
    /// The process.
    pub process_id: ProcessId,
    /// Its place; the first is 1.
    pub seq: u64,
    /// What it records.
    #[serde(rename = "type")]
    pub event_type: EventType,
    /// Who did it: `person:<name>`, `function:<name>` or the initiator.
    pub actor: String,
    /// When.
    pub at: Timestamp,
    /// What else there is to say.
    pub data: Value,
    /// The hash of the event before; [`GENESIS`] for the first.
    pub previous_hash: String,
    /// The SHA-256 of the canonical JSON of everything above.
    pub hash: String,
}

/// What the first event names as the one before.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The end of the trail as the process's own record holds it: a trail that is cut off does not reach it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The place of the last event; 0 before the first.
    pub seq: u64,
    /// Its hash.
    pub hash: String,
}

impl Default for Head {
    fn default() -> Self {
        Self { seq: 0, hash: GENESIS.to_owned() }
    }
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.seq, self.hash)
    }
}

fn digest(event: &AuditEvent) -> Result<String, NotCanonical> {
    sha256(&serde_json::json!([
        event.process_id,
        event.seq,
        event.event_type,
        event.actor,
        event.at,
        event.data,
        event.previous_hash
    ]))
}

impl Head {
    /// The event that comes after this head.
    ///
    /// # Errors
    /// [`NotCanonical`].
    pub fn next(
        &self,
        process_id: &ProcessId,
        event_type: EventType,
        actor: &str,
        at: Timestamp,
        data: Value,
    ) -> Result<AuditEvent, NotCanonical> {
        let mut event = AuditEvent {
            process_id: process_id.clone(),
            seq: self.seq.saturating_add(1),
            event_type,
            actor: actor.to_owned(),
            at,
            data,
            previous_hash: self.hash.clone(),
            hash: String::new(),
        };
        event.hash = digest(&event)?;
        Ok(event)
    }
}

impl AuditEvent {
    /// The head once this event is written.
    #[must_use]
    pub fn head(&self) -> Head {
        Head { seq: self.seq, hash: self.hash.clone() }
    }
}

/// What is wrong with a trail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "defect", rename_all = "snake_case")]
pub enum Defect {
    /// An event's content does not have its hash.
    #[error("event {seq} was edited: its content does not have its hash")]
    Edited {
        /// Which.
        seq: u64,
    },
    /// Events are not there.
    #[error("events {from} to {to} are missing")]
    Missing {
        /// The first.
        from: u64,
        /// The last.
        to: u64,
    },
    /// An event stands twice, or before an earlier one.
    #[error("event {seq} is out of order")]
    OutOfOrder {
        /// Which.
        seq: u64,
    },
    /// An event does not name the one before.
    #[error("event {seq} is not chained to the one before it")]
    Unchained {
        /// Which.
        seq: u64,
    },
    /// An event of another process.
    #[error("event {seq} belongs to process {process_id}")]
    Foreign {
        /// Which.
        seq: u64,
        /// Whose.
        process_id: String,
    },
    /// The trail ends before the head that the process's record, a notice or a report names, or with another hash.
    #[error("the trail ends at {found}, and its head is {expected}")]
    CutOff {
        /// Where it ends.
        found: String,
        /// Where it should.
        expected: String,
    },
}

/// Everything that is wrong with a trail, given in the order in which it is stored.
#[must_use]
pub fn verify(process_id: &ProcessId, events: &[AuditEvent], head: &Head) -> Vec<Defect> {
    let mut defects = Vec::new();
    let mut last = Head::default();
    for event in events {
        let seq = event.seq;
        if event.process_id != *process_id {
            defects.push(Defect::Foreign { seq, process_id: event.process_id.to_string() });
        }
        let expected = last.seq.saturating_add(1);
        if seq < expected {
            defects.push(Defect::OutOfOrder { seq });
            continue;
        }
        if seq > expected {
            defects.push(Defect::Missing { from: expected, to: seq - 1 });
        } else if event.previous_hash != last.hash {
            defects.push(Defect::Unchained { seq });
        }
        if digest(event).map_or(true, |digest| digest != event.hash) {
            defects.push(Defect::Edited { seq });
        }
        last = event.head();
    }
    if last != *head {
        defects.push(Defect::CutOff { found: last.to_string(), expected: head.to_string() });
    }
    defects
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn id() -> ProcessId {
        ProcessId::parse("01KAG3V7Q4M2ZD9X5T8R6W0B1C").unwrap()
    }

    fn trail(length: u64) -> (Vec<AuditEvent>, Head) {
        let mut head = Head::default();
        let mut events = Vec::new();
        for n in 0..length {
            let at = Timestamp::from_unix_seconds(1_790_000_000 + i64::try_from(n).unwrap());
            let event = head.next(&id(), EventType::StepDone, "function:execute", at, json!({"n": n})).unwrap();
            head = event.head();
            events.push(event);
        }
        (events, head)
    }

    #[test]
    fn an_untouched_trail_is_sound_and_an_empty_one_too() {
        for length in [0, 1, 2, 30] {
            let (events, head) = trail(length);
            assert_eq!(verify(&id(), &events, &head), [], "{length}");
        }
    }

    #[test]
    fn two_events_of_one_second_are_two_events() {
        let head = Head::default();
        let at = Timestamp::from_unix_seconds(0);
        let first = head.next(&id(), EventType::AssessmentCompleted, "a", at, json!({})).unwrap();
        let second = first.head().next(&id(), EventType::ApprovalRequested, "a", at, json!({})).unwrap();
        assert_ne!((first.seq, &first.hash), (second.seq, &second.hash));
    }

    proptest! {
        #[test]
        fn an_edited_event_is_found(length in 1u64..20, at in 0usize..20, field in 0usize..5) {
            let (mut events, head) = trail(length);
            let at = at % events.len();
            let event = &mut events[at];
            match field {
                0 => event.data = json!({"n": "another"}),
                1 => event.actor = "somebody".into(),
                2 => event.at = event.at.plus_hours(1),
                3 => event.event_type = EventType::VoteCast,
                _ => event.previous_hash = "f".repeat(64),
            }
            let seq = event.seq;
            let found = verify(&id(), &events, &head).contains(&Defect::Edited { seq });
            prop_assert!(found);
        }

        #[test]
        fn an_edited_event_with_a_hash_made_anew_is_found(length in 2u64..20, at in 0usize..20) {
            let (mut events, head) = trail(length);
            let at = at % events.len();
            events[at].data = json!({"n": "another"});
            events[at].hash = digest(&events[at]).unwrap();
            prop_assert!(!verify(&id(), &events, &head).is_empty());
        }

        #[test]
        fn a_missing_event_is_found_wherever_it_was(length in 1u64..20, at in 0usize..20) {
            let (mut events, head) = trail(length);
            let at = at % events.len();
            events.remove(at);
            prop_assert!(!verify(&id(), &events, &head).is_empty());
        }

        #[test]
        fn a_cut_off_tail_is_found(length in 1u64..20, keep in 0usize..20) {
            let (mut events, head) = trail(length);
            events.truncate(keep % events.len());
            let found = verify(&id(), &events, &head);
            let cut = matches!(found.last(), Some(Defect::CutOff { .. }));
            prop_assert!(cut);
        }

        #[test]
        fn swapped_events_are_found(length in 2u64..20, at in 0usize..20) {
            let (mut events, head) = trail(length);
            let at = at % (events.len() - 1);
            events.swap(at, at + 1);
            prop_assert!(!verify(&id(), &events, &head).is_empty());
        }
    }
}
