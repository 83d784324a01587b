//! Whether a process may go back, and what it ended as when it did.

use crate::process::cursor::{Steps, anything_to_take_back, not_taken_back};
use crate::process::record::{Choice, ProcessRecord, StepState};
use crate::process::resource::Resource;
use crate::process::status::Status;
use crate::runbook::action::Effect;
use crate::runbook::document::Runbook;

/// How the way back ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// Nothing had been done.
    Failed,
    /// Everything is as it was.
    RolledBack,
    /// Some steps could not be taken back.
    RollbackFailed {
        /// Which, and why.
        steps: Vec<String>,
    },
    /// Something irreversible was done: what could be taken back was.
    GoneForGood,
}

/// Whether the way back is open: before anything irreversible was intended, or when a person asked for it.
#[must_use]
pub fn may_go_back(record: &ProcessRecord, runbook: &Runbook, steps: &Steps) -> bool {
    let asked = record
        .hold
        .as_ref()
        .and_then(|hold| hold.resolution.as_ref())
        .is_some_and(|resolution| resolution.choice == Choice::Recover);
    let touched = runbook
        .steps
        .iter()
        .filter(|step| step.effect == Effect::Irreversible)
        .any(|step| steps.get(&step.id).is_some_and(|record| record.attempts > 0));
    asked || record.rolling_back || !(record.past_the_point_of_no_return || touched)
}

/// Whether the process ended before its first step: there is no way to go back.
#[must_use]
pub fn nothing_was_changed(record: &ProcessRecord, runbook: &Runbook, steps: &Steps) -> bool {
    !record.status.is_under_way() && !anything_to_take_back(runbook, steps)
}

/// How the way back ended, once nothing more can be taken back.
#[must_use]
pub fn end(record: &ProcessRecord, runbook: &Runbook, steps: &Steps) -> End {
    debug_assert!(!anything_to_take_back(runbook, steps));
    let failed: Vec<String> = not_taken_back(steps)
        .map(|step| format!("{}: {}", step.step, step.error.as_deref().unwrap_or("no reason was given")))
        .collect();
    let gone = runbook
        .steps
        .iter()
        .filter(|step| step.effect == Effect::Irreversible)
        .any(|step| steps.get(&step.id).is_some_and(|record| record.state == StepState::Done));
    if !failed.is_empty() {
        End::RollbackFailed { steps: failed }
    } else if gone {
        End::GoneForGood
    } else if record.status.is_under_way() {
        End::RolledBack
    } else {
        End::Failed
    }
}

/// What a process ends as that its execution gave up on, and why; nothing where it has an end, or waits for a person.
#[must_use]
pub fn given_up_on(record: &ProcessRecord) -> Option<(Status, String)> {
    if record.status.is_end() || record.status == Status::Held {
        return None;
    }
    let because = record.outcome.as_deref().unwrap_or("its execution gave up on it");
    Some(if record.status.is_under_way() {
        (Status::RollbackFailed, format!("{} is not known to be as it was: {because}", record.resource))
    } else {
        (Status::Failed, format!("nothing was changed: {because}"))
    })
}

impl End {
    /// The outcome, in a sentence.
    #[must_use]
    pub fn in_words(&self, resource: &Resource, because: Option<&str>) -> String {
        let because = because.unwrap_or("no reason was given");
        match self {
            Self::Failed => format!("nothing was changed: {because}"),
            Self::RolledBack => format!("{resource} is as it was: {because}"),
            Self::RollbackFailed { steps } => {
                format!("{resource} is not as it was ({}); the way back began because: {because}", steps.join("; "))
            }
            Self::GoneForGood => {
                format!("what could be taken back was, but something of {resource} is gone for good: {because}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::fixtures::{record, runbook};
    use crate::process::record::{Hold, Resolution, StepRecord};
    use crate::runbook::step::StepId;
    use crate::time::Timestamp;

    fn step(name: &str, state: StepState, attempts: u32) -> (StepId, StepRecord) {
        let at = Timestamp::from_unix_seconds(0);
        let record = StepRecord {
            step: StepId::new(name),
            state,
            attempts,
            undo_attempts: 0,
            intended_at: at,
            begun_at: at,
            inputs: Default::default(),
            outputs: Default::default(),
            looks: 0,
            under_hold: 0,
            error: Some("capacity".into()),
        };
        (record.step.clone(), record)
    }

    #[test]
    fn after_something_irreversible_was_intended_only_a_person_opens_the_way_back() {
        let mut process = record(Status::InProgress);
        let steps = Steps::from([step("terminate", StepState::Intended, 1)]);
        assert!(may_go_back(&process, &runbook(), &Steps::new()));
        assert!(!may_go_back(&process, &runbook(), &steps));
        process.past_the_point_of_no_return = true;
        assert!(!may_go_back(&process, &runbook(), &Steps::new()));
        let at = Timestamp::from_unix_seconds(0);
        let resolution = Resolution { choice: Choice::Recover, by: "ada".into(), reason: "x".into(), at };
        process.hold =
            Some(Hold { number: 1, because: "x".into(), since: at, deadline: at, resolution: Some(resolution) });
        assert!(may_go_back(&process, &runbook(), &steps));
    }

    #[test]
    fn a_process_that_its_execution_gave_up_on_ends_and_keeps_its_lock_where_something_was_changed() {
        let end = |status| given_up_on(&record(status)).map(|(status, _)| status);
        assert_eq!(end(Status::InProgress), Some(Status::RollbackFailed));
        assert_eq!(end(Status::Soaking), Some(Status::RollbackFailed));
        assert_eq!(end(Status::Scheduled), Some(Status::RollbackFailed));
        assert_eq!(end(Status::AwaitingApproval), Some(Status::Failed));
        assert_eq!((end(Status::Held), end(Status::Completed)), (None, None));
        for status in Status::ALL {
            assert!(end(status).is_none_or(|to| status.to(to, crate::policy::Mode::Live).is_ok()), "{status}");
        }
    }

    #[test]
    fn the_end_says_what_the_account_shows() {
        let process = record(Status::InProgress);
        let undone = Steps::from([step("stop", StepState::Undone, 1)]);
        assert_eq!(end(&process, &runbook(), &undone), End::RolledBack);
        let stuck = Steps::from([step("stop", StepState::UndoFailed, 1), step("tag", StepState::Undone, 1)]);
        assert_eq!(end(&process, &runbook(), &stuck), End::RollbackFailed { steps: vec!["stop: capacity".into()] });
        let gone = Steps::from([step("stop", StepState::Undone, 1), step("terminate", StepState::Done, 1)]);
        assert_eq!(end(&process, &runbook(), &gone), End::GoneForGood);
        assert_eq!(end(&record(Status::Planned), &runbook(), &Steps::new()), End::Failed);
        assert_eq!(end(&record(Status::Scheduled), &runbook(), &undone), End::RolledBack);
        assert!(!nothing_was_changed(&record(Status::Scheduled), &runbook(), &Steps::new()));
    }
}
