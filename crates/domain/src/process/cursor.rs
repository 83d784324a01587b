//! Where a plan stands, and what one look at the account means for the step that is next.
//!
//! A call whose answer was lost is settled by looking and never by calling again: only when it had time to show and
//! does not, it never arrived, and is intended anew.

use std::collections::BTreeMap;

use crate::process::record::{StepRecord, StepState};
use crate::runbook::document::Runbook;
use crate::runbook::step::{OnFailure, Step, StepId};
use crate::time::Timestamp;

/// How often one call is intended before its step fails: EC2 may throttle for a quarter of an hour.
pub const MAX_ATTEMPTS: u32 = 10;

/// Which part of a plan is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The steps before the soak.
    Reversible,
    /// The steps after it.
    Irreversible,
    /// Everything that was done, backwards.
    Rollback,
}

/// The records of a process's steps.
pub type Steps = BTreeMap<StepId, StepRecord>;

/// The step that is next.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Turn<'a> {
    /// This one, of which the ledger may know something already.
    Step(&'a Step, Option<&'a StepRecord>),
    /// None: everything of this direction is done.
    Done,
    /// None: this one failed.
    Failed(&'a Step, &'a StepRecord),
}

/// The next step of a direction. `retry` is the number of the hold that a person resolved by asking for another try: a
/// step that failed is taken again, once for each such hold.
#[must_use]
pub fn turn<'a>(runbook: &'a Runbook, steps: &'a Steps, direction: Direction, retry: Option<u32>) -> Turn<'a> {
    match direction {
        Direction::Reversible => forward(runbook.before_the_soak(), steps, retry),
        Direction::Irreversible => forward(runbook.after_the_soak(), steps, retry),
        Direction::Rollback => backward(runbook, steps),
    }
}

fn forward<'a>(order: impl Iterator<Item = &'a Step>, steps: &'a Steps, retry: Option<u32>) -> Turn<'a> {
    for step in order {
        let Some(record) = steps.get(&step.id) else { return Turn::Step(step, None) };
        match record.state {
            StepState::Done | StepState::Skipped | StepState::Rehearsed => {}
            StepState::Intended | StepState::Called => return Turn::Step(step, Some(record)),
            StepState::Failed if step.on_failure == OnFailure::Continue => {}
            StepState::Failed if retry.is_some_and(|hold| record.under_hold < hold) => {
                return Turn::Step(step, Some(record));
            }
            // What is being taken back goes forward no more.
            StepState::Failed
            | StepState::UndoIntended
            | StepState::UndoCalled
            | StepState::Undone
            | StepState::UndoFailed => return Turn::Failed(step, record),
        }
    }
    Turn::Done
}

fn backward<'a>(runbook: &'a Runbook, steps: &'a Steps) -> Turn<'a> {
    let open = runbook.steps.iter().rev().filter(|step| step.rollback.is_some()).find_map(|step| {
        let record = steps.get(&step.id)?;
        let undo = matches!(
            record.state,
            StepState::Intended
                | StepState::Called
                | StepState::Done
                | StepState::Failed
                | StepState::UndoIntended
                | StepState::UndoCalled
        );
        (undo && record.attempts > 0).then_some((step, record))
    });
    match open {
        Some((step, record)) => Turn::Step(step, Some(record)),
        None => Turn::Done,
    }
}

/// The steps that could not be taken back.
pub fn not_taken_back(steps: &Steps) -> impl Iterator<Item = &StepRecord> {
    steps.values().filter(|record| record.state == StepState::UndoFailed)
}

/// Whether a step of this process changed anything that has a way back, or may have.
#[must_use]
pub fn anything_to_take_back(runbook: &Runbook, steps: &Steps) -> bool {
    !matches!(backward(runbook, steps), Turn::Done)
}

/// What the account shows of a step: whether its effect is there.
#[derive(Debug, Clone, PartialEq)]
pub enum StepView {
    /// It is not.
    NotDone {
        /// What is there instead.
        now: String,
    },
    /// It is on its way.
    UnderWay {
        /// What is there meanwhile.
        now: String,
    },
    /// It is there.
    Done {
        /// What it gives to later steps.
        outputs: BTreeMap<String, serde_json::Value>,
    },
    /// It cannot come about any more.
    Impossible {
        /// Why.
        why: String,
    },
}

/// What one look means.
#[derive(Debug, Clone, PartialEq)]
pub enum Next {
    /// Intend the call, then make it.
    Call,
    /// Look again later.
    Wait {
        /// What is waited for.
        now: String,
    },
    /// Record that it is done.
    Record {
        /// What it gives to later steps.
        outputs: BTreeMap<String, serde_json::Value>,
        /// Whether this process did it. What was so before is nobody's business to take back.
        ours: bool,
    },
    /// Record that it failed.
    Fail {
        /// Why.
        why: String,
    },
}

fn over(since: Timestamp, now: Timestamp, seconds: u32) -> bool {
    now.seconds_since(since) >= i64::from(seconds)
}

/// What a look means for a step that goes forward. `retried`: a person asked for another try after it failed.
#[must_use]
pub fn going_forward(
    step: &Step,
    record: Option<&StepRecord>,
    view: StepView,
    now: Timestamp,
    settle_seconds: u32,
) -> Next {
    let called = record.is_some_and(|record| record.attempts > 0);
    let view = match view {
        StepView::Done { outputs } => return Next::Record { outputs, ours: called },
        StepView::Impossible { why } => return Next::Fail { why },
        other => other,
    };
    let Some(record) = record else {
        return match view {
            StepView::UnderWay { now } => Next::Wait { now },
            _ => Next::Call,
        };
    };
    match (record.state, view) {
        (StepState::Failed, StepView::NotDone { .. }) => Next::Call,
        (StepState::Intended, StepView::NotDone { now: is }) => {
            again(record.intended_at, record.attempts, is, now, settle_seconds)
        }
        (_, StepView::NotDone { now: is } | StepView::UnderWay { now: is }) => {
            if over(record.begun_at, now, step.timeout_seconds) {
                Next::Fail { why: format!("not done after {} seconds: {is}", step.timeout_seconds) }
            } else {
                Next::Wait { now: is }
            }
        }
        (_, StepView::Done { .. } | StepView::Impossible { .. }) => Next::Wait { now: String::new() },
    }
}

/// What a look at the way back (has it been taken?) means for a step that is taken back.
#[must_use]
pub fn going_back(step: &Step, record: &StepRecord, view: StepView, now: Timestamp, settle_seconds: u32) -> Next {
    let undoing = matches!(record.state, StepState::UndoIntended | StepState::UndoCalled);
    // A call of the way forward whose answer was lost may still show.
    let unsettled = record.state == StepState::Intended && !over(record.intended_at, now, settle_seconds);
    match view {
        StepView::Done { .. } if unsettled => Next::Wait { now: "a call whose answer was lost may still show".into() },
        StepView::Done { outputs } => Next::Record { outputs, ours: undoing },
        StepView::Impossible { why } => Next::Fail { why },
        StepView::UnderWay { now: is } | StepView::NotDone { now: is }
            if undoing && over(record.begun_at, now, step.timeout_seconds) =>
        {
            Next::Fail { why: format!("not taken back after {} seconds: {is}", step.timeout_seconds) }
        }
        StepView::UnderWay { now } => Next::Wait { now },
        StepView::NotDone { now: is } => match record.state {
            StepState::UndoIntended => again(record.intended_at, record.undo_attempts, is, now, settle_seconds),
            StepState::UndoCalled => Next::Wait { now: is },
            _ => Next::Call,
        },
    }
}

fn again(intended_at: Timestamp, attempts: u32, is: String, now: Timestamp, settle_seconds: u32) -> Next {
    if !over(intended_at, now, settle_seconds) {
        Next::Wait { now: is }
    } else if attempts >= MAX_ATTEMPTS {
        Next::Fail { why: format!("called {attempts} times, and still {is}") }
    } else {
        Next::Call
    }
}

/// How long to wait before the next look: 5 seconds, doubling to 900.
#[must_use]
pub fn wait_seconds(looks: u32) -> u32 {
    5u32.saturating_mul(2u32.saturating_pow(looks.min(10))).min(900)
}

/// The same doubling without a count: as long again as the waiting has lasted, from 5 seconds to 900.
#[must_use]
pub fn wait_after(since: Timestamp, now: Timestamp) -> u32 {
    u32::try_from(now.seconds_since(since)).unwrap_or_default().clamp(5, 900)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::fixtures::{runbook, step};
    use crate::runbook::action::Action;
    use proptest::prelude::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix_seconds(1_790_000_000 + seconds)
    }

    fn record(name: &str, state: StepState) -> StepRecord {
        StepRecord {
            step: StepId::new(name),
            state,
            attempts: 1,
            undo_attempts: 0,
            intended_at: at(0),
            begun_at: at(0),
            inputs: BTreeMap::new(),
            outputs: BTreeMap::new(),
            looks: 0,
            under_hold: 0,
            error: None,
        }
    }

    fn steps(records: &[StepRecord]) -> Steps {
        records.iter().map(|record| (record.step.clone(), record.clone())).collect()
    }

    fn named(turn: Turn<'_>) -> String {
        match turn {
            Turn::Step(step, _) => step.id.to_string(),
            Turn::Done => "done".into(),
            Turn::Failed(step, _) => format!("failed {}", step.id),
        }
    }

    #[test]
    fn steps_are_taken_in_order_and_the_soak_parts_them() {
        let runbook = runbook();
        let next = |steps: &Steps, direction| named(turn(&runbook, steps, direction, None));
        assert_eq!(next(&steps(&[]), Direction::Reversible), "tag");
        assert_eq!(next(&steps(&[record("tag", StepState::Done)]), Direction::Reversible), "stop");
        let all = steps(&["tag", "stop", "image", "verify"].map(|name| record(name, StepState::Done)));
        assert_eq!(next(&all, Direction::Reversible), "done");
        assert_eq!(next(&all, Direction::Irreversible), "terminate");
    }

    #[test]
    fn what_was_done_is_taken_back_in_reverse_and_what_was_found_done_is_not() {
        let runbook = runbook();
        let next = |steps: &Steps| named(turn(&runbook, steps, Direction::Rollback, None));
        let mut done = steps(&["tag", "stop", "image"].map(|name| record(name, StepState::Done)));
        assert_eq!(next(&done), "stop");
        done.insert(StepId::new("stop"), record("stop", StepState::UndoFailed));
        assert_eq!(next(&done), "tag", "one failing step does not stop the others");
        done.insert(StepId::new("stop"), record("stop", StepState::Skipped));
        assert_eq!(next(&done), "tag");
        done.insert(StepId::new("tag"), record("tag", StepState::Undone));
        assert_eq!(next(&done), "done");
    }

    #[test]
    fn a_failed_step_stops_the_way_forward_until_a_person_asks_for_another_try() {
        let runbook = runbook();
        let failed = steps(&[record("terminate", StepState::Failed)]);
        assert_eq!(named(turn(&runbook, &failed, Direction::Irreversible, None)), "failed terminate");
        assert_eq!(named(turn(&runbook, &failed, Direction::Irreversible, Some(1))), "terminate");
        let again = steps(&[StepRecord { under_hold: 1, ..record("terminate", StepState::Failed) }]);
        assert_eq!(named(turn(&runbook, &again, Direction::Irreversible, Some(1))), "failed terminate");
        assert_eq!(named(turn(&runbook, &again, Direction::Irreversible, Some(2))), "terminate");
    }

    fn not_done() -> StepView {
        StepView::NotDone { now: "running".into() }
    }

    fn done() -> StepView {
        StepView::Done { outputs: BTreeMap::new() }
    }

    #[test]
    fn a_lost_answer_is_settled_by_looking() {
        let stop = step("stop", Action::StopInstance);
        let intended = record("stop", StepState::Intended);
        let next = |view, seconds| going_forward(&stop, Some(&intended), view, at(seconds), 90);
        assert!(matches!(next(done(), 1), Next::Record { ours: true, .. }));
        assert!(matches!(next(not_done(), 89), Next::Wait { .. }), "it may still show");
        assert_eq!(next(not_done(), 90), Next::Call, "it never arrived");
    }

    #[test]
    fn what_was_done_before_any_call_is_not_ours() {
        let stop = step("stop", Action::StopInstance);
        assert!(matches!(going_forward(&stop, None, done(), at(0), 90), Next::Record { ours: false, .. }));
    }

    #[test]
    fn a_call_is_intended_only_so_often_and_waited_for_only_so_long() {
        let stop = step("stop", Action::StopInstance);
        let often = StepRecord { attempts: MAX_ATTEMPTS, ..record("stop", StepState::Intended) };
        assert!(matches!(going_forward(&stop, Some(&often), not_done(), at(100), 90), Next::Fail { .. }));
        let called = record("stop", StepState::Called);
        assert!(matches!(going_forward(&stop, Some(&called), not_done(), at(599), 90), Next::Wait { .. }));
        assert!(matches!(going_forward(&stop, Some(&called), not_done(), at(600), 90), Next::Fail { .. }));
    }

    #[test]
    fn the_way_back_waits_for_a_call_that_may_still_arrive() {
        let stop = step("stop", Action::StopInstance);
        let intended = record("stop", StepState::Intended);
        assert!(matches!(going_back(&stop, &intended, done(), at(10), 90), Next::Wait { .. }));
        assert!(matches!(going_back(&stop, &intended, done(), at(90), 90), Next::Record { ours: false, .. }));
        assert_eq!(going_back(&stop, &record("stop", StepState::Done), not_done(), at(0), 90), Next::Call);
    }

    #[test]
    fn waits_double_from_5_to_900_seconds() {
        let waits: Vec<u32> = (0..10).map(wait_seconds).collect();
        assert_eq!(waits, [5, 10, 20, 40, 80, 160, 320, 640, 900, 900]);
    }

    proptest! {
        #[test]
        fn nothing_is_called_again_while_the_last_call_may_still_show(
            seconds in 0i64..90, attempts in 1u32..10, state in prop::sample::select(vec![StepState::Intended, StepState::Called]),
        ) {
            let stop = step("stop", Action::StopInstance);
            let record = StepRecord { attempts, ..record("stop", state) };
            let next = going_forward(&stop, Some(&record), not_done(), at(seconds), 90);
            prop_assert_ne!(next, Next::Call);
        }
    }
}
