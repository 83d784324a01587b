//! The beginning of a process.

use serde_json::{Value, json};
use sunset_aws::ledger::Admission;
use sunset_domain::input::SCHEMA;
use sunset_domain::policy::Mode;
use sunset_domain::process::audit::Head;
use sunset_domain::process::record::ProcessRecord;
use sunset_domain::process::start::{Start, display_id, process_id};
use sunset_domain::process::status::Status;
use sunset_domain::run::Execution;
use sunset_function::{FunctionError, ProcessContext};

/// Admits a start: once for an execution, and once for a resource.
pub async fn admit(context: &ProcessContext, execution: Execution, start: Start) -> Result<Value, FunctionError> {
    if start.mode == Mode::Live {
        context.approvers()?.check_roles().map_err(|empty| FunctionError::Unknown(empty.to_string()))?;
    }
    let data = json!({
        "resource": start.resource,
        "initiator": start.initiator,
        "reason": start.reason,
        "mode": start.mode,
        "terms": start.terms,
        "execution_arn": execution.arn,
    });
    match context.processes.admit(record(context, &execution, start), data).await? {
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

fn record(context: &ProcessContext, execution: &Execution, start: Start) -> ProcessRecord {
    ProcessRecord {
        schema: SCHEMA,
        process_id: process_id(execution),
        display_id: display_id(&start.resource, execution.started_at),
        execution_arn: execution.arn.clone(),
        resource: start.resource,
        account_id: context.account_id.clone(),
        initiator: start.initiator,
        initiator_verified: false,
        reason: start.reason,
        mode: start.mode,
        terms: start.terms,
        status: Status::Identified,
        version: 0,
        fence: 0,
        created_at: context.now(),
        updated_at: context.now(),
        assessment: 0,
        approved_assessment: None,
        risk_level: None,
        resource_owner: None,
        stakeholders: Vec::new(),
        plan: 0,
        plan_hash: None,
        approved_plan_hash: None,
        round: None,
        soak_until: None,
        soak_ended: None,
        hold: None,
        past_the_point_of_no_return: false,
        rolling_back: false,
        error: None,
        validation: None,
        outcome: None,
        approve_url: context.approve_url.clone(),
        told: Vec::new(),
        audit: Head::default(),
        report: None,
    }
}
