//! Counting: the decision is computed from the votes, whatever woke the state machine.

use serde_json::{Value, json};
use sunset_aws::ledger::Change;
use sunset_domain::approval::tally::tally as count;
use sunset_domain::approval::vote::Decision;
use sunset_domain::ids::ProcessId;
use sunset_domain::process::audit::EventType;
use sunset_domain::process::record::ProcessRecord;
use sunset_domain::process::status::Status;
use sunset_function::{FunctionError, ProcessContext};

/// Says what the votes decide, and writes it down.
pub async fn tally(context: &ProcessContext, process_id: &ProcessId) -> Result<Value, FunctionError> {
    let before = context.process(process_id).await?;
    let known = |decision: &str| Ok(answer(&before, decision, before.outcome.as_deref().unwrap_or_default(), 0));
    match before.status {
        Status::AwaitingApproval => {}
        Status::Approved if before.approved_plan_hash.is_some() => return known("approved"),
        // Woken before the request was written down: it is asked again.
        Status::Assessed | Status::Approved => return known("waiting"),
        Status::Rejected => return known("rejected"),
        Status::Expired => return known("expired"),
        Status::Blocked => return known("blocked"),
        other => {
            return Err(FunctionError::Stale(format!("process {process_id} is {other}: there is nothing to count")));
        }
    }
    let Some(round) = &before.round else {
        return Err(FunctionError::Stale(format!("process {process_id} asks nobody")));
    };
    let votes = context.processes.votes(process_id, round.number).await?;
    let now = context.now();
    let stale = |no_way: sunset_domain::process::status::NoSuchTransition| {
        FunctionError::Stale(format!("process {process_id}: {no_way}"))
    };
    let (after, event, word, reason) = match count(round, &votes, now) {
        Decision::Waiting { missing } => {
            let left = round.deadline.seconds_since(now).clamp(1, 31_536_000);
            return Ok(answer(&before, "waiting", &missing, left));
        }
        Decision::Approved { by } => {
            let mut after = before.clone().at(Status::Approved).map_err(stale)?;
            after.approved_plan_hash = Some(round.plan_hash.clone());
            after.approved_assessment = Some(before.assessment);
            (after, EventType::Approved, "approved", format!("approved by {}", by.join(", ")))
        }
        Decision::Rejected { by, reason } => {
            let mut after = before.clone().at(Status::Rejected).map_err(stale)?;
            let why = format!("rejected by {by}: {reason}");
            after.outcome = Some(why.clone());
            (after, EventType::Rejected, "rejected", why)
        }
        Decision::Expired => {
            let mut after = before.clone().at(Status::Expired).map_err(stale)?;
            let why = format!("nobody decided before {}; nothing was changed", round.deadline);
            after.outcome = Some(why.clone());
            (after, EventType::Expired, "expired", why)
        }
    };
    let data = json!({"round": round.number, "plan_hash": round.plan_hash, "votes": votes, "reason": reason});
    let change = Change::to(after, event, "function:approve", now, data);
    let after = context.processes.commit(&before, change).await?;
    tracing::info!(%process_id, decision = word, reason, "counted");
    Ok(answer(&after, word, &reason, 0))
}

fn answer(record: &ProcessRecord, decision: &str, reason: &str, wait_seconds: i64) -> Value {
    let reason: String = reason.chars().take(1000).collect();
    json!({
        "process_id": record.process_id,
        "decision": decision,
        "reason": reason,
        "wait_seconds": wait_seconds,
        "risk_level": record.risk_level,
    })
}
