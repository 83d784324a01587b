//! One event.

use serde_json::Value;
use sunset_domain::process::event::PlanEvent;
use sunset_function::{FunctionError, ProcessContext};

use crate::{confirm, draft};

/// Handles one event.
pub async fn handle(context: &ProcessContext, event: Value) -> Result<Value, FunctionError> {
    match PlanEvent::parse(event)? {
        PlanEvent::Draft(process_id) => draft::draft(context, &process_id).await,
        PlanEvent::Confirm(process_id) => confirm::confirm(context, &process_id).await,
    }
}
