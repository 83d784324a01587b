//! One event: the state machine's, or a person's through the Function URL.

use serde_json::Value;
use sunset_domain::approval::request::is_http;
use sunset_domain::process::event::ApproveEvent;
use sunset_function::{FunctionError, ProcessContext};

use crate::{auto, hold, people, request, soak, tally};

/// Handles one event.
pub async fn handle(context: &ProcessContext, event: Value) -> Result<Value, FunctionError> {
    if is_http(&event) {
        return people::answer(context, &event).await;
    }
    match ApproveEvent::parse(event)? {
        ApproveEvent::Auto(process_id) => auto::auto(context, &process_id).await,
        ApproveEvent::Request(process_id, task_token) => request::request(context, &process_id, &task_token).await,
        ApproveEvent::Tally(process_id) => tally::tally(context, &process_id).await,
        ApproveEvent::Soak(process_id, task_token) => soak::soak(context, &process_id, &task_token).await,
        ApproveEvent::Hold { process_id, task_token, error } => {
            hold::hold(context, &process_id, &task_token, error).await
        }
        ApproveEvent::Resolution(process_id) => hold::resolution(context, &process_id).await,
    }
}
