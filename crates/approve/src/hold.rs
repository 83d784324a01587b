//! A process that failed after the point of no return waits for a person.

use serde_json::{Value, json};
use sunset_aws::ledger::{Change, Wait};
use sunset_domain::approval::notice;
use sunset_domain::ids::ProcessId;
use sunset_domain::process::audit::EventType;
use sunset_domain::process::by_hand::held;
use sunset_domain::process::record::{Choice, ProcessError};
use sunset_function::tell::tell;
use sunset_function::{FunctionError, ProcessContext};

use crate::ACTOR;
use crate::wake::wake_up;

/// Holds a process, or goes on holding it under another token.
pub async fn hold(
    context: &ProcessContext,
    process_id: &ProcessId,
    task_token: &str,
    error: Option<ProcessError>,
) -> Result<Value, FunctionError> {
    let before = context.process(process_id).await?;
    let now = context.now();
    let because = error
        .as_ref()
        .map(|error| format!("{}: {}", error.error, error.cause))
        .or_else(|| before.outcome.clone())
        .unwrap_or_else(|| "a step failed after the point of no return".into());
    let after = held(&before, &because, error, now)
        .map_err(|no_way| FunctionError::Stale(format!("process {process_id}: {no_way}")))?;
    let begins = after.hold != before.hold;
    let number = after.hold.as_ref().map_or(1, |hold| hold.number);
    let decided = after.hold.as_ref().is_some_and(|hold| hold.resolution.is_some());
    let data = json!({"hold": number, "because": because});
    let change = Change::to(after, EventType::Held, ACTOR, now, data).token(Wait::Hold, task_token)?;
    let record = context.processes.commit(&before, change).await?;
    if decided {
        wake_up(context, process_id, Wait::Hold).await?;
    }
    let notice = notice::held(&record, record.approve_url.as_deref());
    let record = tell(context, ACTOR, record, &format!("held-{number}"), notice).await?;
    tracing::error!(%process_id, because, "held for a person");
    sunset_function::metrics::emit(context, &[("ProcessesHeld", u64::from(begins))]);
    Ok(json!({"process_id": process_id, "status": record.status, "hold": number}))
}

/// Says what the person decided. The decision itself was written down when it was made.
pub async fn resolution(context: &ProcessContext, process_id: &ProcessId) -> Result<Value, FunctionError> {
    let record = context.process(process_id).await?;
    let resolution = record.hold.as_ref().and_then(|hold| hold.resolution.as_ref());
    let (choice, reason) = match resolution {
        None => ("none", "nobody has decided yet".to_owned()),
        Some(made) => {
            let choice = match made.choice {
                Choice::Retry => "retry",
                Choice::Accept => "accept",
                Choice::Recover => "recover",
            };
            (choice, format!("{}: {}", made.by, made.reason))
        }
    };
    Ok(json!({"process_id": process_id, "choice": choice, "reason": reason}))
}
