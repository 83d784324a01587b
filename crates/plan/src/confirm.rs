//! The plan made again after the approval: another plan, or another risk, asks again.

use serde_json::{Value, json};
use sunset_aws::ledger::Change;
use sunset_domain::approval::opt_out::notice_allows;
use sunset_domain::approval::vote::MAX_ROUNDS;
use sunset_domain::ids::ProcessId;
use sunset_domain::process::audit::EventType;
use sunset_domain::process::record::ProcessRecord;
use sunset_domain::process::status::Status;
use sunset_domain::risk::reassess::{Reassessment, compare};
use sunset_function::{FunctionError, ProcessContext};

use crate::made::{Made, make};

/// Confirms the approved plan, or takes the approval back.
pub async fn confirm(context: &ProcessContext, process_id: &ProcessId) -> Result<Value, FunctionError> {
    let before = context.process(process_id).await?;
    match before.status {
        Status::Planned => return Ok(answer(&before, "confirmed", "")),
        Status::Approved if before.approved_plan_hash.is_some() => {}
        // An earlier delivery found the plan changed and took the approval back.
        Status::Approved => return Ok(answer(&before, "changed", "the plan is another one than was approved")),
        Status::Blocked => return Ok(answer(&before, "blocked", before.outcome.as_deref().unwrap_or_default())),
        Status::Failed => return Ok(answer(&before, "given_up", before.outcome.as_deref().unwrap_or_default())),
        other => return Err(FunctionError::Stale(format!("process {process_id} is {other}, not approved"))),
    }
    notice_allows(&before).map_err(|why| FunctionError::Stale(format!("process {process_id}: {why}")))?;
    let approved = context.assessment(&before, before.approved_assessment.unwrap_or_default()).await?;
    let fresh = context.look(&before).await;
    let now = context.now();
    let stale = |no_way: sunset_domain::process::status::NoSuchTransition| {
        FunctionError::Stale(format!("process {process_id}: {no_way}"))
    };
    let mut after = before.clone();
    after.assessment = fresh.number;
    after.risk_level = Some(fresh.level);
    let blocked = fresh.blocked.iter().map(|blocker| blocker.detail.as_str()).collect::<Vec<_>>().join("; ");
    let made = if blocked.is_empty() {
        make(context, &before, &fresh, before.plan.saturating_add(1))?
    } else {
        Made::None(blocked)
    };
    let plan = match made {
        Made::Plan(plan) => plan,
        Made::None(why) => {
            let mut after = after.at(Status::Blocked).map_err(stale)?;
            after.outcome = Some(why.clone());
            let change = Change::to(after, EventType::ProcessBlocked, "function:plan", now, json!({"reason": why}));
            let after = context.processes.commit(&before, change.assessment(&fresh)?).await?;
            return Ok(answer(&after, "blocked", &why));
        }
    };
    let mut reasons = match compare(&approved, &fresh, false) {
        Reassessment::Proceed => Vec::new(),
        Reassessment::Worse { reasons } => reasons,
    };
    if Some(&plan.hash) != before.approved_plan_hash.as_ref() {
        reasons.push("the plan is another one than was approved".to_owned());
    }
    if reasons.is_empty() {
        let after = after.at(Status::Planned).map_err(stale)?;
        let data = json!({"plan_hash": plan.hash, "assessment": fresh.number});
        let change = Change::to(after, EventType::PlanConfirmed, "function:plan", now, data).assessment(&fresh)?;
        let after = context.processes.commit(&before, change).await?;
        return Ok(answer(&after, "confirmed", ""));
    }
    let why = reasons.join("; ");
    let asked = before.round.as_ref().map_or(0, |round| round.number);
    let (verdict, event) = if asked >= MAX_ROUNDS {
        after = after.at(Status::Failed).map_err(stale)?;
        after.outcome = Some(format!("nothing was changed: asked {asked} times, and again {why}"));
        ("given_up", EventType::ProcessFailed)
    } else {
        ("changed", EventType::PlanChanged)
    };
    after.plan = plan.number;
    after.plan_hash = Some(plan.hash.clone());
    after.approved_plan_hash = None;
    after.approved_assessment = None;
    let data = json!({"plan": plan.number, "plan_hash": plan.hash, "reasons": reasons});
    let change = Change::to(after, event, "function:plan", now, data).assessment(&fresh)?.plan(&plan)?;
    let after = context.processes.commit(&before, change).await?;
    tracing::warn!(%process_id, verdict, why, "the approved plan no longer stands");
    Ok(answer(&after, verdict, &why))
}

fn answer(record: &ProcessRecord, verdict: &str, reason: &str) -> Value {
    let reason: String = reason.chars().take(1000).collect();
    json!({
        "process_id": record.process_id,
        "verdict": verdict,
        "plan_hash": record.plan_hash,
        "risk_level": record.risk_level,
        "mode": record.mode,
        "reason": reason,
    })
}
