//! Approval by rule, with notice.

use serde_json::{Value, json};
use sunset_aws::ledger::Change;
use sunset_domain::approval::notice;
use sunset_domain::approval::rule::approve_by_rule;
use sunset_domain::ids::ProcessId;
use sunset_domain::process::audit::EventType;
use sunset_domain::process::record::ProcessRecord;
use sunset_domain::process::status::Status;
use sunset_function::plan_documents::publish;
use sunset_function::tell::tell;
use sunset_function::{FunctionError, ProcessContext};

use crate::ACTOR;

/// Approves what needs no person, or says why it needs one.
pub async fn auto(context: &ProcessContext, process_id: &ProcessId) -> Result<Value, FunctionError> {
    let before = context.process(process_id).await?;
    let assessment = context.assessment(&before, before.assessment).await?;
    let plan = context.plan(&before).await?;
    let record = match before.status {
        Status::Approved if before.round.is_none() => before,
        Status::Assessed => {
            if let Err(reasons) = approve_by_rule(&assessment, &plan.runbook, &before.terms) {
                let why = reasons.join("; ");
                tracing::info!(%process_id, why, "people are asked");
                return Ok(answer(&before, "ask", &why));
            }
            let mut after = before
                .clone()
                .at(Status::Approved)
                .map_err(|no_way| FunctionError::Stale(format!("process {process_id}: {no_way}")))?;
            after.approved_plan_hash = Some(plan.hash.clone());
            after.approved_assessment = Some(assessment.number);
            let data = json!({"plan_hash": plan.hash, "assessment": assessment.number, "level": assessment.level});
            let change = Change::to(after, EventType::AutoApproved, ACTOR, context.now(), data);
            context.processes.commit(&before, change).await?
        }
        other => return Err(FunctionError::Stale(format!("process {process_id} is {other}, not assessed"))),
    };
    publish(context, &record, &plan).await?;
    let notice = notice::auto_approved(&record, &assessment, &plan, record.approve_url.as_deref());
    let record = tell(context, ACTOR, record, "auto_approved", notice).await?;
    Ok(answer(&record, "approved", "approved by rule"))
}

fn answer(record: &ProcessRecord, decision: &str, reason: &str) -> Value {
    let reason: String = reason.chars().take(1000).collect();
    json!({"process_id": record.process_id, "decision": decision, "reason": reason})
}
