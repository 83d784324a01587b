//! One event: `list` or `report`.

use serde_json::Value;
use sunset_domain::run::ListEvent;
use sunset_function::run::Call;
use sunset_function::{Context, FunctionError};

/// Handles one event.
pub async fn handle(context: &Context, call: Call) -> Result<Value, FunctionError> {
    let answer = match ListEvent::parse(call.event, &context.policy, context.allow_live)? {
        ListEvent::List { execution, input } => {
            serde_json::to_value(crate::list::list(context, execution, input, &call.request_id).await?)
        }
        ListEvent::Report { run_id } => serde_json::to_value(crate::report::report(context, &run_id).await?),
    };
    answer.map_err(|error| FunctionError::Document { what: "the answer", cause: error.to_string() })
}
