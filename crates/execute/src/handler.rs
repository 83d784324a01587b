//! One event.

use serde_json::Value;
use sunset_domain::process::cursor::Direction;
use sunset_domain::process::event::ExecuteEvent;
use sunset_function::{FunctionError, ProcessContext};

use crate::{back, forward};

/// Handles one event.
pub async fn handle(context: &ProcessContext, event: Value) -> Result<Value, FunctionError> {
    match ExecuteEvent::parse(event)? {
        ExecuteEvent::Reversible(process_id) => forward::forward(context, &process_id, Direction::Reversible).await,
        ExecuteEvent::Irreversible(process_id) => forward::forward(context, &process_id, Direction::Irreversible).await,
        ExecuteEvent::Rollback { process_id, error } => back::back(context, &process_id, error).await,
    }
}
