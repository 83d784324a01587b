//! One event.

use serde_json::Value;
use sunset_domain::process::event::ValidateEvent;
use sunset_function::{FunctionError, ProcessContext};

use crate::{audit, check, report};

/// Handles one event.
pub async fn handle(context: &ProcessContext, event: Value) -> Result<Value, FunctionError> {
    match ValidateEvent::parse(event)? {
        ValidateEvent::Check(process_id) => check::check(context, &process_id).await,
        ValidateEvent::Report(process_id) => report::report(context, &process_id).await,
        ValidateEvent::VerifyAudit(process_id) => audit::verify_audit(context, &process_id).await,
    }
}
