//! One event: the state machine's, the ledger's stream, or a person's through the Function URL.

use serde_json::Value;
use sunset_domain::approval::request::is_http;
use sunset_domain::process::event::ApproveEvent;
use sunset_function::{FunctionError, ProcessContext};

use crate::{auto, escalate, hold, notice_over, people, remind, request, soak, stream, tally, waits};

/// Handles one event.
pub async fn handle(context: &ProcessContext, event: Value) -> Result<Value, FunctionError> {
    if is_http(&event) {
        return people::answer(context, &event).await;
    }
    if stream::is_batch(&event) {
        return Ok(stream::woken(context, &event).await);
    }
    match ApproveEvent::parse(event)? {
        ApproveEvent::Auto(process_id) => auto::auto(context, &process_id).await,
        ApproveEvent::AwaitNotice(process_id, task_token) => waits::notice(context, &process_id, &task_token).await,
        ApproveEvent::NoticeOver(process_id) => notice_over::notice_over(context, &process_id).await,
        ApproveEvent::Request(process_id) => request::request(context, &process_id).await,
        ApproveEvent::Await(process_id, task_token) => waits::approval(context, &process_id, &task_token).await,
        ApproveEvent::Remind(process_id) => remind::remind(context, &process_id).await,
        ApproveEvent::Escalate(process_id) => escalate::escalate(context, &process_id).await,
        ApproveEvent::Tally(process_id) => tally::tally(context, &process_id).await,
        ApproveEvent::Soak(process_id, task_token) => soak::soak(context, &process_id, &task_token).await,
        ApproveEvent::AwaitWindow(process_id, task_token) => waits::window(context, &process_id, &task_token).await,
        ApproveEvent::Hold { process_id, task_token, error } => {
            hold::hold(context, &process_id, &task_token, error).await
        }
        ApproveEvent::Resolution(process_id) => hold::resolution(context, &process_id).await,
    }
}
