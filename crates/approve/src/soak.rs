//! The soak: nothing happens, and everybody may end it. Its normal end is that nobody did.

use serde_json::{Value, json};
use sunset_aws::ledger::{Change, Wait};
use sunset_domain::ids::ProcessId;
use sunset_domain::process::audit::EventType;
use sunset_domain::process::status::Status;
use sunset_function::{FunctionError, ProcessContext};

/// Begins the soak, or goes on with it under another token.
pub async fn soak(context: &ProcessContext, process_id: &ProcessId, task_token: &str) -> Result<Value, FunctionError> {
    let before = context.process(process_id).await?;
    let now = context.now();
    let mut after = match before.status {
        Status::Soaking => before.clone(),
        Status::InProgress if !before.rolling_back => before
            .clone()
            .at(Status::Soaking)
            .map_err(|no_way| FunctionError::Stale(format!("process {process_id}: {no_way}")))?,
        other => return Err(FunctionError::Stale(format!("process {process_id} is {other}: it cannot soak"))),
    };
    let until = *after.soak_until.get_or_insert(now.plus_seconds(before.terms.soak_seconds));
    let change = Change::to(after, EventType::SoakStarted, "function:approve", now, json!({"until": until}))
        .token(Wait::Soak, task_token)?;
    context.processes.commit(&before, change).await?;
    tracing::info!(%process_id, %until, "soaking");
    Ok(json!({"process_id": process_id, "until": until}))
}
