//! Waking a state that waits. The token only wakes: what is decided stands in the ledger before it is used.

use sunset_aws::executions::{Woken, wake};
use sunset_aws::ledger::Wait;
use sunset_domain::ids::ProcessId;
use sunset_function::{FunctionError, ProcessContext};

/// Wakes the state that waits, if there is one and it still waits.
pub async fn wake_up(context: &ProcessContext, process_id: &ProcessId, wait: Wait) -> Result<(), FunctionError> {
    match context.processes.token(process_id, wait).await? {
        Some(task_token) => wake_with(context, process_id, wait, &task_token).await,
        None => Ok(()),
    }
}

/// Wakes the state that waits under this token, if it still does.
pub async fn wake_with(
    context: &ProcessContext,
    process_id: &ProcessId,
    wait: Wait,
    task_token: &str,
) -> Result<(), FunctionError> {
    match wake(context.clients.sfn(), task_token).await? {
        Woken::Yes => tracing::info!(%process_id, ?wait, "woken"),
        Woken::NobodyWaits => tracing::info!(%process_id, ?wait, "nobody waits any more"),
    }
    Ok(())
}
