//! The first plan, made before anybody is asked (C74).

use serde_json::{Value, json};
use sunset_aws::ledger::Change;
use sunset_domain::ids::ProcessId;
use sunset_domain::process::audit::EventType;
use sunset_domain::process::record::ProcessRecord;
use sunset_domain::process::status::Status;
use sunset_function::{FunctionError, ProcessContext};

use crate::made::{Made, make};

/// Drafts the plan of an assessed process once; asked again it answers the same.
pub async fn draft(context: &ProcessContext, process_id: &ProcessId) -> Result<Value, FunctionError> {
    let before = context.process(process_id).await?;
    if before.plan > 0 || before.status == Status::Blocked {
        return Ok(answer(&before));
    }
    if before.status != Status::Assessed {
        return Err(FunctionError::Stale(format!("process {process_id} is {}, not assessed", before.status)));
    }
    let assessment = context.assessment(&before, before.assessment).await?;
    let after = match make(context, &before, &assessment, 1)? {
        Made::None(why) => {
            let mut after = before
                .clone()
                .at(Status::Blocked)
                .map_err(|no_way| FunctionError::Stale(format!("process {process_id}: {no_way}")))?;
            after.outcome = Some(why.clone());
            let change =
                Change::to(after, EventType::ProcessBlocked, "function:plan", context.now(), json!({"reason": why}));
            context.processes.commit(&before, change).await?
        }
        Made::Plan(plan) => {
            let mut after = before.clone();
            after.plan = plan.number;
            after.plan_hash = Some(plan.hash.clone());
            let data = json!({"plan": plan.number, "plan_hash": plan.hash, "steps": plan.runbook.steps.len()});
            let change = Change::to(after, EventType::PlanDrafted, "function:plan", context.now(), data).plan(&plan)?;
            context.processes.commit(&before, change).await?
        }
    };
    tracing::info!(%process_id, status = %after.status, plan_hash = after.plan_hash.as_ref().map(ToString::to_string), "drafted");
    Ok(answer(&after))
}

fn answer(record: &ProcessRecord) -> Value {
    json!({
        "process_id": record.process_id,
        "verdict": if record.status == Status::Blocked { "blocked" } else { "drafted" },
        "plan_hash": record.plan_hash,
        "risk_level": record.risk_level,
        "mode": record.mode,
        "approval_seconds": record.terms.approval_seconds,
        "soak_seconds": record.terms.soak_seconds,
        "hold_seconds": record.terms.hold_seconds,
        "reason": record.outcome,
    })
}
