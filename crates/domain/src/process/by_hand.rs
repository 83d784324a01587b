//! What a person's decision makes of a process.

use crate::process::record::{Choice, ProcessRecord, Resolution};
use crate::process::status::{NoSuchTransition, Status};

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
    let acted = matches!(before.status, Status::InProgress | Status::Soaking | Status::Held);
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
    use crate::process::record::Hold;
    use crate::time::Timestamp;

    fn held() -> ProcessRecord {
        let at = Timestamp::from_unix_seconds(0);
        let mut record = record(Status::Held);
        record.hold = Some(Hold { number: 1, because: "refused".into(), since: at, deadline: at, resolution: None });
        record
    }

    fn by(choice: Choice) -> Resolution {
        Resolution { choice, by: "ada".into(), reason: "looked".into(), at: Timestamp::from_unix_seconds(1) }
    }

    #[test]
    fn another_try_and_the_way_back_go_on_and_accepting_ends_it() {
        assert_eq!(resolved(&held(), by(Choice::Retry)).unwrap().status, Status::InProgress);
        assert_eq!(resolved(&held(), by(Choice::Recover)).unwrap().status, Status::InProgress);
        let accepted = resolved(&held(), by(Choice::Accept)).unwrap();
        assert_eq!(accepted.status, Status::Completed);
        assert_eq!(accepted.outcome.unwrap(), "ada accepted it as it is (looked), although: refused");
        assert!(resolved(&record(Status::Soaking), by(Choice::Retry)).is_err());
    }

    #[test]
    fn a_lock_released_by_hand_cancels_what_had_not_begun_and_fails_what_had() {
        let after = |status| given_up(&record(status), "ada", "the execution was stopped").unwrap();
        assert_eq!(after(Status::AwaitingApproval).status, Status::Cancelled);
        assert_eq!(after(Status::Soaking).status, Status::Failed);
        assert_eq!(after(Status::RollbackFailed).status, Status::RollbackFailed);
        assert!(after(Status::Soaking).outcome.unwrap().contains("neither as it was nor gone"));
    }
}
