//! Counting: the decision is computed from the votes, whatever woke the state machine.

use serde_json::{Value, json};
use sunset_aws::ledger::Change;
use sunset_domain::approval::schedule::{self, Due};
use sunset_domain::approval::tally::tally as count;
use sunset_domain::approval::vote::{Decision, Round, Vote};
use sunset_domain::ids::ProcessId;
use sunset_domain::process::audit::EventType;
use sunset_domain::process::record::ProcessRecord;
use sunset_domain::process::status::Status;
use sunset_domain::time::Timestamp;
use sunset_function::{FunctionError, ProcessContext};

use crate::ACTOR;
use crate::answer::{seconds_until, short};
use crate::asking::untold;

/// Says what the votes decide, and writes it down.
pub async fn tally(context: &ProcessContext, process_id: &ProcessId) -> Result<Value, FunctionError> {
    let before = context.process(process_id).await?;
    let known = |decision: &str| Ok(answer(&before, decision, before.outcome.as_deref().unwrap_or_default()));
    match before.status {
        Status::AwaitingApproval => {}
        Status::Approved if before.approved_plan_hash.is_some() => return known("approved"),
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
            let seconds = seconds_until(schedule::next_at(round, now), now);
            return Ok(waiting(&before, &missing, due(&before, round, &votes, now), seconds));
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
    let change = Change::to(after, event, ACTOR, now, data);
    let after = context.processes.commit(&before, change).await?;
    tracing::info!(%process_id, decision = word, reason, "counted");
    Ok(answer(&after, word, &reason))
}

/// What is to be done before anybody is waited for.
fn due(record: &ProcessRecord, round: &Round, votes: &[Vote], now: Timestamp) -> &'static str {
    // Whoever is asked and does not know it is told first, although that was tried before.
    if !untold(record, round, votes).is_empty() {
        return "escalate";
    }
    match schedule::due(round, now) {
        Due::Escalate => "escalate",
        Due::Remind => "remind",
        Due::Nothing => "nothing",
    }
}

fn answer(record: &ProcessRecord, decision: &str, reason: &str) -> Value {
    json!({
        "process_id": record.process_id,
        "decision": decision,
        "reason": short(reason),
        "due": "nothing",
        "wait_seconds": 0,
        "risk_level": record.risk_level,
    })
}

fn waiting(record: &ProcessRecord, missing: &str, due: &str, wait_seconds: i64) -> Value {
    json!({
        "process_id": record.process_id,
        "decision": "waiting",
        "reason": short(missing),
        "due": due,
        "wait_seconds": wait_seconds,
        "risk_level": record.risk_level,
    })
}
