//! The change window: whether something irreversible may begin now.

use serde_json::{Value, json};
use sunset_aws::calendar;
use sunset_aws::ledger::Change;
use sunset_domain::ids::ProcessId;
use sunset_domain::process::audit::EventType;
use sunset_domain::process::change_window::{Turn, turn};
use sunset_domain::process::status::Status;
use sunset_domain::windows::{WindowState, with_calendars};
use sunset_function::{FunctionError, ProcessContext};

/// The window as it is now: the policy file's, and every calendar that it names.
pub async fn state(context: &ProcessContext) -> Result<WindowState, FunctionError> {
    let windows = context.windows()?;
    let calendars = calendar::read(&context.clients, windows.calendars()).await;
    let now = context.now();
    Ok(with_calendars(windows.at(now), &calendars, now))
}

/// Says what a process does next, and writes down that it waits.
pub async fn window(context: &ProcessContext, process_id: &ProcessId) -> Result<Value, FunctionError> {
    let before = context.process(process_id).await?;
    let state = state(context).await?;
    let now = context.now();
    let stale = |why: String| FunctionError::Stale(format!("process {process_id}: {why}"));
    let answer = |state: &str, next: &str, seconds: i64, why: &str| {
        let reason: String = why.chars().take(1000).collect();
        json!({"process_id": process_id, "state": state, "next": next, "wait_seconds": seconds, "reason": reason})
    };
    Ok(match turn(&before, &state, now).map_err(|not| stale(not.to_string()))? {
        Turn::Open { reassess, why } => answer("open", if reassess { "reassess" } else { "execute" }, 0, &why),
        Turn::Soaking { seconds, why } => answer("waiting", "", seconds, &why),
        Turn::RollBack { why } => answer("roll_back", "", 0, &why),
        Turn::Never { why } => answer("never", "", 0, &format!("no change window is in sight: {why}")),
        Turn::Closed { seconds, opens_at, why } => {
            if before.status == Status::Soaking {
                let after = before.clone().at(Status::Scheduled).map_err(|no_way| stale(no_way.to_string()))?;
                let data = json!({"because": why, "opens_at": opens_at});
                let change = Change::to(after, EventType::Scheduled, "function:execute", now, data);
                context.processes.commit(&before, change).await?;
            }
            tracing::info!(%process_id, %opens_at, why, "waits for a change window");
            let mut answer = answer("closed", "", seconds, &format!("{why}; it opens {opens_at}"));
            if let Some(fields) = answer.as_object_mut() {
                fields.insert("opens_at".into(), json!(opens_at));
            }
            answer
        }
    })
}
