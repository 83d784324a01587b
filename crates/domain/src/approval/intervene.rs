//! What people may do to a process beside voting: end its soak, decide about it when it is held, release its lock.

#[cfg(test)]
mod tests;

use crate::approval::approvers::Approvers;
use crate::approval::tally::{Refusal, is_asked};
use crate::process::record::{Cast, Choice, ProcessRecord};
use crate::process::status::Status;

/// Whether a person may end the soak, or the wait for a change window after it. Anybody whom the policy file knows may, the initiator too: it only ever leads back.
///
/// # Errors
/// [`Refusal`] with 409.
pub fn may_end_soak(record: &ProcessRecord, person: &str) -> Result<Cast, Refusal> {
    if let Some(ended) = &record.soak_ended {
        return if ended.by == person {
            Ok(Cast::Repeated)
        } else {
            Err(Refusal::new(409, format!("{} ended the soak at {}", ended.by, ended.at)))
        };
    }
    let rests = matches!(record.status, Status::Soaking | Status::Scheduled);
    if !rests || record.past_the_point_of_no_return {
        return Err(Refusal::new(409, format!("there is no soak to end: the process is {}", record.status)));
    }
    Ok(Cast::Counted)
}

/// Whether a person may decide about a held process: somebody with a role, or who was asked to approve it.
///
/// # Errors
/// [`Refusal`] with 403 or 409.
pub fn may_resolve(
    record: &ProcessRecord,
    approvers: &Approvers,
    person: &str,
    choice: Choice,
) -> Result<Cast, Refusal> {
    expect_authority(record, approvers, person)?;
    match record.hold.as_ref().and_then(|hold| hold.resolution.as_ref()) {
        // Asked again because no answer came back: the decision is on record, and the process may have gone on since.
        Some(made) if made.by == person && made.choice == choice => Ok(Cast::Repeated),
        Some(made) => Err(Refusal::new(409, format!("{} decided at {}", made.by, made.at))),
        None if record.status == Status::Held && record.hold.is_some() => Ok(Cast::Counted),
        None => Err(Refusal::new(409, format!("there is nothing to decide: the process is {}", record.status))),
    }
}

/// Whether a person may release the lock of a process: somebody with a role, or who was asked to approve it, who types
/// the resource's id, once the execution no longer runs.
///
/// # Errors
/// [`Refusal`] with 403 or 409.
pub fn may_release(
    record: &ProcessRecord,
    approvers: &Approvers,
    person: &str,
    confirm: &str,
    execution_runs: bool,
) -> Result<(), Refusal> {
    expect_authority(record, approvers, person)?;
    let resource_id = record.resource.id();
    if confirm != resource_id {
        let message = format!("confirm must be {resource_id}, the resource whose lock is to be released");
        return Err(Refusal::new(409, message));
    }
    if execution_runs {
        return Err(Refusal::new(409, "the execution still runs: stop it first, or let it end"));
    }
    if record.status.is_end() && !record.status.keeps_the_lock() {
        let message = format!("the process is {}, and released the lock when it ended", record.status);
        return Err(Refusal::new(409, message));
    }
    Ok(())
}

fn expect_authority(record: &ProcessRecord, approvers: &Approvers, person: &str) -> Result<(), Refusal> {
    let asked = record.round.as_ref().is_some_and(|round| is_asked(round, person));
    if asked || approvers.has_a_role(person) {
        Ok(())
    } else {
        Err(Refusal::new(
            403,
            format!("{person} has no role in {}, and was not asked", crate::approval::approvers::PATH),
        ))
    }
}
