//! What a person's decision makes of a process.

use crate::process::record::{Choice, Hold, ProcessError, ProcessRecord, Resolution};
use crate::process::status::{NoSuchTransition, Status};
use crate::time::Timestamp;

/// A process that waits for a person. One that waited in vain until its deadline is held anew, so that people hear of it
/// again.
///
/// # Errors
/// [`NoSuchTransition`] where it cannot be held.
pub fn held(
    before: &ProcessRecord,
    because: &str,
    error: Option<ProcessError>,
    now: Timestamp,
) -> Result<ProcessRecord, NoSuchTransition> {
    let mut after = before.clone();
    if before.status != Status::Held {
        after = after.at(Status::Held)?;
        after.error = error.or(after.error);
    } else if before.hold.as_ref().is_some_and(|hold| hold.resolution.is_some() || now < hold.deadline) {
        return Ok(after);
    }
    let because = match (&before.hold, before.status) {
        (Some(hold), Status::Held) => hold.because.clone(),
        _ => because.to_owned(),
    };
    after.hold = Some(Hold {
        number: before.hold.as_ref().map_or(0, |hold| hold.number).saturating_add(1),
        because,
        since: now,
        deadline: now.plus_seconds(before.terms.hold_seconds),
        resolution: None,
    });
    Ok(after)
}

/// A held process after a person decided.
///
/// # Errors
/// [`NoSuchTransition`] where it is not held.
pub fn resolved(before: &ProcessRecord, resolution: Resolution) -> Result<ProcessRecord, NoSuchTransition> {
    let to = match resolution.choice {
        Choice::Retry | Choice::Recover => Status::InProgress,
        Choice::Accept => Status::Completed,
    };
    if before.status != Status::Held {
        return Err(NoSuchTransition { from: before.status, to, mode: before.mode });
    }
    let mut after = before.clone().at(to)?;
    match resolution.choice {
        Choice::Retry => after.error = None,
        Choice::Recover => after.rolling_back = false,
        Choice::Accept => {
            let because = before.hold.as_ref().map_or("it was held", |hold| hold.because.as_str());
            after.outcome =
                Some(format!("{} accepted it as it is ({}), although: {because}", resolution.by, resolution.reason));
        }
    }
    if let Some(hold) = &mut after.hold {
        hold.resolution = Some(resolution);
    }
    Ok(after)
}

/// A process whose lock a person released: cancelled before anything was changed, failed after.
///
/// # Errors
/// [`NoSuchTransition`].
pub fn given_up(before: &ProcessRecord, by: &str, reason: &str) -> Result<ProcessRecord, NoSuchTransition> {
    let acted = before.status.is_under_way();
    let mut after = if before.status.is_end() {
        before.clone()
    } else {
        before.clone().at(if acted { Status::Failed } else { Status::Cancelled })?
    };
    let state = if acted || before.status.is_end() {
        "it is neither as it was nor gone: the report names each step and its way back"
    } else {
        "nothing was changed"
    };
    after.outcome = Some(format!("{by} released the lock by hand ({reason}); {state}"));
    Ok(after)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::fixtures::record;

    fn on_hold() -> ProcessRecord {
        held(&record(Status::InProgress), "refused", None, Timestamp::from_unix_seconds(0)).unwrap()
    }

    fn by(choice: Choice) -> Resolution {
        Resolution { choice, by: "ada".into(), reason: "looked".into(), at: Timestamp::from_unix_seconds(1) }
    }

    #[test]
    fn a_process_is_held_once_until_its_deadline_and_then_people_hear_of_it_again() {
        let first = on_hold();
        let hold = first.hold.clone().unwrap();
        assert_eq!((first.status, hold.number, hold.because.as_str()), (Status::Held, 1, "refused"));
        let early = held(&first, "another reason", None, Timestamp::from_unix_seconds(1)).unwrap();
        assert_eq!(early, first);
        let late = held(&first, "another reason", None, hold.deadline).unwrap().hold.unwrap();
        assert_eq!((late.number, late.because.as_str()), (2, "refused"));
        assert!(late.deadline > hold.deadline);
        assert!(held(&record(Status::Approved), "x", None, hold.deadline).is_err());
    }

    #[test]
    fn another_try_and_the_way_back_go_on_and_accepting_ends_it() {
        assert_eq!(resolved(&on_hold(), by(Choice::Retry)).unwrap().status, Status::InProgress);
        assert_eq!(resolved(&on_hold(), by(Choice::Recover)).unwrap().status, Status::InProgress);
        let accepted = resolved(&on_hold(), by(Choice::Accept)).unwrap();
        assert_eq!(accepted.status, Status::Completed);
        assert_eq!(accepted.outcome.unwrap(), "ada accepted it as it is (looked), although: refused");
        assert!(resolved(&record(Status::Soaking), by(Choice::Retry)).is_err());
    }

    #[test]
    fn a_lock_released_by_hand_cancels_what_had_not_begun_and_fails_what_had() {
        let after = |status| given_up(&record(status), "ada", "the execution was stopped").unwrap();
        assert_eq!(after(Status::AwaitingApproval).status, Status::Cancelled);
        assert_eq!(after(Status::Soaking).status, Status::Failed);
        assert_eq!(after(Status::Scheduled).status, Status::Failed);
        assert_eq!(after(Status::RollbackFailed).status, Status::RollbackFailed);
        assert!(after(Status::Soaking).outcome.unwrap().contains("neither as it was nor gone"));
    }
}
