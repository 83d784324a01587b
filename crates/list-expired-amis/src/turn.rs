//! Whether it is this run's turn: not paused, its tick not served before, and no other run at work.

use sunset_aws::executions;
use sunset_aws::ledger::{Acquired, LockHolder};
use sunset_domain::policy::Mode;
use sunset_domain::run::RunRecord;
use sunset_domain::time::Timestamp;
use sunset_function::{Context, FunctionError};

/// Takes this run's turn.
///
/// # Errors
/// Whether it is its turn could not be found out.
pub async fn take(
    context: &Context,
    run: &RunRecord,
    scheduled_time: Option<Timestamp>,
) -> Result<Result<(), String>, FunctionError> {
    if let Some(scheduled) = scheduled_time
        && let Some(other) = context.ledger.claim_tick(scheduled, &run.run_id).await?
        && other != run.run_id
    {
        return Ok(Err(format!("the tick of {scheduled} was served by run {other}")));
    }
    // A dry run changes nothing, so that neither the kill switch nor the lock concern it.
    let (Mode::Live, Some(execution_arn)) = (run.mode, &run.execution_arn) else { return Ok(Ok(())) };
    if context.ledger.is_paused().await? {
        return Ok(Err("paused: item PAUSE is in the ledger; delete it to resume".into()));
    }
    let wanted =
        LockHolder { run_id: run.run_id.clone(), execution_arn: execution_arn.clone(), acquired_at: context.now() };
    let Acquired::HeldBy(holder) = context.ledger.acquire_lock(&wanted, None).await? else { return Ok(Ok(())) };
    if executions::is_running(context.clients.sfn(), &holder.execution_arn).await? {
        return Ok(Err(format!("run {} is still at work since {}", holder.run_id, holder.acquired_at)));
    }
    tracing::warn!(given_up = %holder.run_id, "the lock's run is over and left it; taken over");
    Ok(match context.ledger.acquire_lock(&wanted, Some(&holder)).await? {
        Acquired::Yes => Ok(()),
        Acquired::HeldBy(other) => Err(format!("run {} took the lock first", other.run_id)),
    })
}
