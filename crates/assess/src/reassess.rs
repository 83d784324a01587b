//! The look after the soak: only what is not worse than what was approved goes on.

use serde_json::{Value, json};
use sunset_aws::ledger::Change;
use sunset_domain::ids::ProcessId;
use sunset_domain::process::audit::EventType;
use sunset_domain::process::record::ProcessRecord;
use sunset_domain::process::status::Status;
use sunset_domain::risk::assessment::Assessment;
use sunset_domain::risk::reassess::{Reassessment, compare};
use sunset_function::{FunctionError, ProcessContext};

use crate::look::summary;

/// Looks again.
pub async fn reassess(context: &ProcessContext, process_id: &ProcessId) -> Result<Value, FunctionError> {
    let before = context.process(process_id).await?;
    if !matches!(before.status, Status::Soaking | Status::Scheduled) {
        return Err(FunctionError::Stale(format!("process {process_id} is {}, not soaking", before.status)));
    }
    if let Some(ended) = &before.soak_ended {
        return Ok(answer(&before, "roll_back", &format!("{} ended the soak: {}", ended.by, ended.reason), 0));
    }
    let now = context.now();
    match before.soak_until {
        None => return Err(FunctionError::Stale(format!("process {process_id} has no soak"))),
        Some(until) if now < until => {
            let seconds = until.seconds_since(now).clamp(1, 900);
            return Ok(answer(&before, "waiting", &format!("the soak goes on until {until}"), seconds));
        }
        Some(_) => {}
    }
    let fresh = context.look(&before).await;
    let approved = approved(context, &before).await?;
    let (verdict, reasons) = match compare(&approved, &fresh, true) {
        Reassessment::Proceed => ("proceed", Vec::new()),
        Reassessment::Worse { reasons } => ("roll_back", reasons),
    };
    let mut after = before.clone();
    after.assessment = fresh.number;
    after.risk_level = Some(fresh.level);
    if verdict == "roll_back" {
        after.outcome = Some(reasons.join("; "));
    }
    let data = json!({"verdict": verdict, "reasons": reasons, "assessment": summary(&fresh)});
    let change = Change::to(after, EventType::Reassessed, "function:assess", now, data).assessment(&fresh)?;
    let after = context.processes.commit(&before, change).await?;
    tracing::info!(%process_id, verdict, reasons = reasons.join("; "), "reassessed");
    Ok(answer(&after, verdict, &reasons.join("; "), 0))
}

async fn approved(context: &ProcessContext, record: &ProcessRecord) -> Result<Assessment, FunctionError> {
    let number = record
        .approved_assessment
        .ok_or_else(|| FunctionError::Stale(format!("process {} has no approved assessment", record.process_id)))?;
    context.assessment(record, number).await
}

fn answer(record: &ProcessRecord, verdict: &str, reason: &str, wait_seconds: i64) -> Value {
    let reason: String = reason.chars().take(1000).collect();
    json!({"process_id": record.process_id, "verdict": verdict, "reason": reason, "wait_seconds": wait_seconds})
}
