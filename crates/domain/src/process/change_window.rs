//! What a process does before its irreversible steps: wait for its change window, look again, go on, or go back (C71).

use crate::policy::Mode;
use crate::process::record::ProcessRecord;
use crate::process::status::Status;
use crate::time::Timestamp;
use crate::windows::WindowState;

/// The longest wait before somebody looks again: a policy or a calendar may change meanwhile.
const LONGEST_WAIT_SECONDS: i64 = 86_400;

/// What follows from the window as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turn {
    /// It is open.
    Open {
        /// Whether the resource is looked at again first: always, until something irreversible was intended.
        reassess: bool,
        /// The window, in words.
        why: String,
    },
    /// Not yet: the soak goes on.
    Soaking {
        /// How long to wait.
        seconds: i64,
        /// Until when it soaks.
        why: String,
    },
    /// Not yet: the window is closed.
    Closed {
        /// How long to wait before the next look.
        seconds: i64,
        /// When it opens, where that is known.
        opens_at: Timestamp,
        /// Why it is closed.
        why: String,
    },
    /// No window is in sight.
    Never {
        /// Why.
        why: String,
    },
    /// Somebody ended the soak: the way is back.
    RollBack {
        /// Who and why.
        why: String,
    },
}

/// A process that stands where no window is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is {0}, and waits for no change window")]
pub struct NotWaiting(pub Status);

/// What a process does next.
///
/// # Errors
/// [`NotWaiting`] where it neither soaks, nor is scheduled, nor is half way.
pub fn turn(record: &ProcessRecord, window: &WindowState, now: Timestamp) -> Result<Turn, NotWaiting> {
    let half_way = record.status == Status::InProgress && record.past_the_point_of_no_return;
    let before = matches!(record.status, Status::Soaking | Status::Scheduled);
    if record.mode != Mode::Live || record.rolling_back || !(half_way || before) {
        return Err(NotWaiting(record.status));
    }
    if before {
        if let Some(ended) = &record.soak_ended {
            return Ok(Turn::RollBack { why: format!("{} ended the soak: {}", ended.by, ended.reason) });
        }
        match record.soak_until {
            None => return Err(NotWaiting(record.status)),
            Some(until) if now < until => {
                let seconds = until.seconds_since(now).clamp(1, LONGEST_WAIT_SECONDS);
                return Ok(Turn::Soaking { seconds, why: format!("the soak goes on until {until}") });
            }
            Some(_) => {}
        }
    }
    Ok(match window {
        WindowState::Open { window, .. } => Turn::Open { reassess: before, why: window.clone() },
        WindowState::Closed { opens_at: Some(opens_at), because } => Turn::Closed {
            seconds: opens_at.seconds_since(now).clamp(1, LONGEST_WAIT_SECONDS),
            opens_at: *opens_at,
            why: because.clone(),
        },
        WindowState::Closed { opens_at: None, because } => Turn::Never { why: because.clone() },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::fixtures::record;
    use crate::process::record::EndedSoak;

    fn now() -> Timestamp {
        Timestamp::from_unix_seconds(1_800_000_000)
    }

    fn soaked(status: Status) -> ProcessRecord {
        let mut record = record(status);
        record.mode = Mode::Live;
        record.soak_until = Some(now());
        record
    }

    fn open() -> WindowState {
        WindowState::Open { until: None, window: "nights".into() }
    }

    fn closed(opens_at: Option<Timestamp>) -> WindowState {
        WindowState::Closed { opens_at, because: "it is day".into() }
    }

    #[test]
    fn inside_a_window_the_resource_is_looked_at_again_before_anything_irreversible() {
        for status in [Status::Soaking, Status::Scheduled] {
            let turn = turn(&soaked(status), &open(), now()).unwrap();
            assert_eq!(turn, Turn::Open { reassess: true, why: "nights".into() });
        }
    }

    #[test]
    fn what_is_half_way_goes_on_without_another_look_that_could_send_it_back() {
        let mut record = soaked(Status::InProgress);
        record.past_the_point_of_no_return = true;
        assert!(matches!(turn(&record, &open(), now()), Ok(Turn::Open { reassess: false, .. })));
        record.past_the_point_of_no_return = false;
        assert_eq!(turn(&record, &open(), now()), Err(NotWaiting(Status::InProgress)));
    }

    #[test]
    fn outside_a_window_it_waits_until_one_opens_and_at_most_a_day_before_it_looks_again() {
        let soon = now().plus_hours(2);
        let late = now().plus_days(20);
        let seconds = |opens_at| match turn(&soaked(Status::Soaking), &closed(Some(opens_at)), now()) {
            Ok(Turn::Closed { seconds, opens_at: found, .. }) if found == opens_at => seconds,
            other => panic!("{other:?}"),
        };
        assert_eq!((seconds(soon), seconds(late), seconds(now())), (7200, 86_400, 1));
    }

    #[test]
    fn where_no_window_is_in_sight_it_says_so() {
        let turn = turn(&soaked(Status::Scheduled), &closed(None), now());
        assert_eq!(turn, Ok(Turn::Never { why: "it is day".into() }));
    }

    #[test]
    fn the_soak_goes_before_the_window_and_a_person_before_both() {
        let mut record = soaked(Status::Soaking);
        record.soak_until = Some(now().plus_seconds(30));
        assert!(matches!(turn(&record, &open(), now()), Ok(Turn::Soaking { seconds: 30, .. })));
        record.soak_ended = Some(EndedSoak { by: "ada".into(), reason: "still used".into(), at: now() });
        assert_eq!(turn(&record, &open(), now()), Ok(Turn::RollBack { why: "ada ended the soak: still used".into() }));
    }

    #[test]
    fn a_process_that_never_soaked_or_is_on_its_way_back_waits_for_no_window() {
        let mut record = soaked(Status::Soaking);
        record.rolling_back = true;
        assert!(turn(&record, &open(), now()).is_err());
        let mut record = soaked(Status::Soaking);
        record.soak_until = None;
        assert!(turn(&record, &open(), now()).is_err());
        assert!(turn(&soaked(Status::Approved), &open(), now()).is_err());
    }
}
