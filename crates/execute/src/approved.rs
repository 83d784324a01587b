//! Whether a process may be carried out at all.

use sunset_domain::policy::Mode;
use sunset_domain::process::cursor::Direction;
use sunset_domain::process::status::Status;
use sunset_function::FunctionError;

use crate::work::Work;

/// The process stands where this direction begins or goes on, under the very plan that was approved.
pub fn check(work: &Work<'_>, direction: Direction) -> Result<(), FunctionError> {
    let record = &work.record;
    let stale = |why: String| Err(FunctionError::Stale(format!("process {}: {why}", record.process_id)));
    if record.mode == Mode::DryRun {
        return if record.status == Status::Assessed { Ok(()) } else { stale(format!("it is {}", record.status)) };
    }
    if record.rolling_back {
        return stale("it is on its way back".into());
    }
    let expected: &[Status] = match direction {
        Direction::Reversible => &[Status::Planned, Status::InProgress],
        _ => &[Status::Soaking, Status::Scheduled, Status::InProgress],
    };
    if !expected.contains(&record.status) {
        return stale(format!("it is {}", record.status));
    }
    let hash =
        work.plan.runbook.hash().map_err(|error| FunctionError::Document { what: "plan", cause: error.to_string() })?;
    if !record.is_approved() || Some(&hash) != record.approved_plan_hash.as_ref() {
        return stale(format!("plan {hash} is not the approved one"));
    }
    Ok(())
}
