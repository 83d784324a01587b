//! States that wait. Their token is stored first, and then what they wait for is looked at: whoever answers writes the
//! answer first and looks for the token then, so that one of the two sees the other.

use serde_json::{Value, json};
use sunset_aws::ledger::Wait;
use sunset_domain::approval::opt_out::{Objection, objections};
use sunset_domain::approval::vote::NOTICE_ROUND;
use sunset_domain::ids::ProcessId;
use sunset_domain::process::record::ProcessRecord;
use sunset_domain::process::status::Status;
use sunset_function::{FunctionError, ProcessContext};

use crate::asking::Asking;
use crate::wake::wake_with;

/// Waits for votes. What is decided, or never was a question, is not waited for.
pub async fn approval(context: &ProcessContext, process_id: &ProcessId, token: &str) -> Result<Value, FunctionError> {
    use Status::{Approved, AwaitingApproval, Blocked, Expired, Rejected};
    let record = context.process(process_id).await?;
    let decided = match record.status {
        AwaitingApproval => {
            context.processes.await_under(process_id, Wait::Approval, token).await?;
            Asking::of(context, &record, context.now()).await?.is_none()
        }
        Approved | Rejected | Expired | Blocked => true,
        other => return Err(FunctionError::Stale(format!("process {process_id} is {other}: nobody is asked"))),
    };
    answer(context, &record, Wait::Approval, token, decided).await
}

/// Waits for objections.
pub async fn notice(context: &ProcessContext, process_id: &ProcessId, token: &str) -> Result<Value, FunctionError> {
    let record = context.process(process_id).await?;
    let decided = match (record.status, &record.notice) {
        (Status::Approved, Some(notice)) if !notice.over => {
            context.processes.await_under(process_id, Wait::Notice, token).await?;
            let votes = context.processes.votes(process_id, NOTICE_ROUND).await?;
            !matches!(objections(notice, &votes, context.now()), Objection::Waiting { .. })
        }
        (Status::Approved | Status::Cancelled, Some(_)) => true,
        (other, _) => {
            return Err(FunctionError::Stale(format!(
                "process {process_id} is {other}: there is nothing to object to"
            )));
        }
    };
    answer(context, &record, Wait::Notice, token, decided).await
}

/// Waits for a change window, or for somebody to end the soak.
pub async fn window(context: &ProcessContext, process_id: &ProcessId, token: &str) -> Result<Value, FunctionError> {
    let record = context.process(process_id).await?;
    if !matches!(record.status, Status::Soaking | Status::Scheduled | Status::InProgress) {
        let status = record.status;
        return Err(FunctionError::Stale(format!("process {process_id} is {status}: it waits for no change window")));
    }
    context.processes.await_under(process_id, Wait::Window, token).await?;
    let record = context.process(process_id).await?;
    let decided = record.soak_ended.is_some();
    answer(context, &record, Wait::Window, token, decided).await
}

async fn answer(
    context: &ProcessContext,
    record: &ProcessRecord,
    wait: Wait,
    token: &str,
    decided: bool,
) -> Result<Value, FunctionError> {
    let process_id = &record.process_id;
    if decided {
        wake_with(context, process_id, wait, token).await?;
    }
    Ok(json!({"process_id": process_id, "status": record.status, "woken": decided}))
}
