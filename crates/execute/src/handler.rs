//! One event.

use serde_json::{Value, json};
use sunset_aws::ledger::LedgerError;
use sunset_domain::process::cursor::Direction;
use sunset_domain::process::event::ExecuteEvent;
use sunset_function::{FunctionError, ProcessContext};

use crate::{back, forward, window};

/// While somebody has paused everything a process neither goes on nor back: it looks again after this.
const PAUSED_WAIT_SECONDS: u32 = 300;

/// Handles one event.
pub async fn handle(context: &ProcessContext, event: Value) -> Result<Value, FunctionError> {
    let event = ExecuteEvent::parse(event)?;
    let process_id = event.process_id().clone();
    let answer = match event {
        ExecuteEvent::Reversible(process_id) => forward::forward(context, &process_id, Direction::Reversible).await,
        ExecuteEvent::Window(process_id) => window::window(context, &process_id).await,
        ExecuteEvent::Irreversible(process_id) => forward::forward(context, &process_id, Direction::Irreversible).await,
        ExecuteEvent::Rollback { process_id, error } => back::back(context, &process_id, error).await,
    };
    match answer {
        Err(FunctionError::Ledger(paused @ LedgerError::Paused)) => {
            tracing::warn!(%process_id, %paused, "waiting");
            Ok(json!({
                "process_id": process_id,
                "state": "waiting",
                "wait_seconds": PAUSED_WAIT_SECONDS,
                "step": "",
                "reason": paused.to_string(),
            }))
        }
        answer => answer,
    }
}
