//! The beginning of a process.

use serde_json::{Value, json};
use sunset_aws::ledger::Admission;
use sunset_domain::policy::Mode;
use sunset_domain::process::record::ProcessRecord;
use sunset_domain::process::start::Start;
use sunset_domain::run::Execution;
use sunset_function::{FunctionError, ProcessContext};

/// Admits a start: once for an execution, and once for a resource.
pub async fn admit(context: &ProcessContext, execution: Execution, start: Start) -> Result<Value, FunctionError> {
    if start.mode == Mode::Live {
        context.approvers()?.check_roles().map_err(|empty| FunctionError::Unknown(empty.to_string()))?;
        context.windows()?.check(context.now()).map_err(|never| FunctionError::Unknown(never.to_string()))?;
    }
    let data = json!({
        "resource": start.resource,
        "initiator": start.initiator,
        "reason": start.reason,
        "mode": start.mode,
        "terms": start.terms,
        "execution_arn": execution.arn,
    });
    let record =
        ProcessRecord::begin(&execution, start, context.account_id.clone(), context.approve_url.clone(), context.now());
    match context.processes.admit(record, data).await? {
        Admission::Admitted(record) => {
            tracing::info!(process_id = %record.process_id, resource = %record.resource, mode = %record.mode, "admitted");
            Ok(json!({
                "verdict": "admitted",
                "process_id": record.process_id,
                "display_id": record.display_id,
                "mode": record.mode,
                "status": record.status,
            }))
        }
        Admission::HeldBy(first) => {
            let holder = context.process(&first).await?;
            tracing::info!(process_id = %first, resource = %holder.resource, status = %holder.status, "duplicate start");
            Ok(json!({
                "verdict": "duplicate",
                "process_id": first,
                "display_id": holder.display_id,
                "mode": holder.mode,
                "status": holder.status,
                "reason": format!("process {first} holds {} since {}: it is {}", holder.resource, holder.created_at, holder.status),
            }))
        }
    }
}
