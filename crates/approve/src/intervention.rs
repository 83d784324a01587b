//! What people may do beside voting: look, end a soak, decide about a held process, release a lock.

use serde_json::{Value, json};
use sunset_aws::executions::is_running;
use sunset_aws::ledger::{Change, Wait};
use sunset_domain::approval::answer;
use sunset_domain::approval::approvers::Approvers;
use sunset_domain::approval::intervene::{may_end_soak, may_release, may_resolve};
use sunset_domain::ids::ProcessId;
use sunset_domain::process::audit::EventType;
use sunset_domain::process::by_hand::{given_up, resolved};
use sunset_domain::process::record::{Cast, Choice, EndedSoak, Resolution};
use sunset_function::{FunctionError, ProcessContext};

use crate::people::{Person, refused};
use crate::wake::wake_up;

/// How a process stands, with everything that an approver needs.
pub async fn status(context: &ProcessContext, process_id: &ProcessId) -> Result<Value, FunctionError> {
    let record = context.process(process_id).await?;
    let assessment = context.processes.assessment(process_id, record.assessment).await?;
    let plan = context.processes.plan(process_id, record.plan).await?;
    let votes = context.processes.all_votes(process_id).await?;
    let runbook = plan.as_ref().map(|plan| &plan.runbook);
    Ok(answer::process(&record, assessment.as_ref(), runbook, &votes, context.now()))
}

/// Ends the soak early, or the wait for a change window after it.
pub async fn end_soak(
    context: &ProcessContext,
    person: &Person,
    process_id: &ProcessId,
    reason: String,
) -> Result<Value, FunctionError> {
    let before = context.process(process_id).await?;
    let (mut record, mut repeated) = (before.clone(), false);
    match may_end_soak(&before, &person.name) {
        Err(refusal) => return Ok(refused(refusal.status, &refusal.to_string())),
        Ok(Cast::Repeated) => repeated = true,
        Ok(Cast::Counted) => {
            let now = context.now();
            let mut after = before.clone();
            after.soak_ended = Some(EndedSoak { by: person.name.clone(), reason: reason.clone(), at: now });
            let actor = format!("person:{}", person.name);
            let change = Change::to(after, EventType::SoakEnded, actor, now, json!({"reason": reason}));
            record = context.processes.commit(&before, change).await?;
        }
    }
    // The soak may be over already, and the process wait for a change window.
    wake_up(context, process_id, Wait::Soak).await?;
    wake_up(context, process_id, Wait::Window).await?;
    Ok(answer::done(&record, None, repeated))
}

/// Decides about a held process.
pub async fn resolve(
    context: &ProcessContext,
    approvers: &Approvers,
    person: &Person,
    process_id: &ProcessId,
    choice: Choice,
    reason: String,
) -> Result<Value, FunctionError> {
    let before = context.process(process_id).await?;
    let (mut record, mut repeated) = (before.clone(), false);
    match may_resolve(&before, approvers, &person.name, choice) {
        Err(refusal) => return Ok(refused(refusal.status, &refusal.to_string())),
        Ok(Cast::Repeated) => repeated = true,
        Ok(Cast::Counted) => {
            let now = context.now();
            let resolution = Resolution { choice, by: person.name.clone(), reason: reason.clone(), at: now };
            let after = resolved(&before, resolution)
                .map_err(|no_way| FunctionError::Stale(format!("process {process_id}: {no_way}")))?;
            let data = json!({"choice": choice, "reason": reason});
            let change = Change::to(after, EventType::Resolved, format!("person:{}", person.name), now, data);
            record = context.processes.commit(&before, change).await?;
        }
    }
    wake_up(context, process_id, Wait::Hold).await?;
    Ok(answer::done(&record, None, repeated))
}

/// Releases the lock of a process that nobody carries out any more. On record, and never by the clock.
pub async fn release(
    context: &ProcessContext,
    approvers: &Approvers,
    person: &Person,
    process_id: &ProcessId,
    confirm: &str,
    reason: String,
) -> Result<Value, FunctionError> {
    let before = context.process(process_id).await?;
    let runs = is_running(context.clients.sfn(), &before.execution_arn).await?;
    if let Err(refusal) = may_release(&before, approvers, &person.name, confirm, runs) {
        return Ok(refused(refusal.status, &refusal.to_string()));
    }
    let now = context.now();
    let actor = format!("person:{}", person.name);
    let data = json!({"reason": reason, "status": before.status, "fence": before.fence});
    let after = given_up(&before, &person.name, &reason)
        .map_err(|no_way| FunctionError::Stale(format!("process {process_id}: {no_way}")))?;
    let change = Change::to(after, EventType::LockReleased, actor, now, data);
    let after = if before.status.is_end() {
        context.processes.release(&before, change).await?
    } else {
        context.processes.commit(&before, change).await?
    };
    tracing::warn!(%process_id, person = person.name, reason, status = %after.status, "lock released by hand");
    Ok(answer::done(&after, None, false))
}
