//! One event.

use serde_json::Value;
use sunset_domain::process::event::AssessEvent;
use sunset_function::{FunctionError, ProcessContext};

use crate::{admit, look, reassess};

/// Handles one event.
pub async fn handle(context: &ProcessContext, event: Value) -> Result<Value, FunctionError> {
    match AssessEvent::parse(event, &context.terms, context.allow_live)? {
        AssessEvent::Admit { execution, start } => admit::admit(context, execution, *start).await,
        AssessEvent::Assess(process_id) => look::assess(context, &process_id).await,
        AssessEvent::Reassess(process_id) => reassess::reassess(context, &process_id).await,
    }
}
