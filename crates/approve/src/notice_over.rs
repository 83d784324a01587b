//! The end of the time in which people may object to what the rule approved (C71).

use serde_json::{Value, json};
use sunset_aws::ledger::Change;
use sunset_domain::approval::opt_out::{Objection, objections};
use sunset_domain::approval::vote::NOTICE_ROUND;
use sunset_domain::ids::ProcessId;
use sunset_domain::process::audit::EventType;
use sunset_domain::process::record::ProcessRecord;
use sunset_domain::process::status::Status;
use sunset_function::{FunctionError, ProcessContext};

use crate::ACTOR;
use crate::answer::{seconds_until, short};

/// Says whether anybody objected, and writes it down. It is computed from the objections, whatever woke the state machine.
pub async fn notice_over(context: &ProcessContext, process_id: &ProcessId) -> Result<Value, FunctionError> {
    let before = context.process(process_id).await?;
    let stale = |why: String| FunctionError::Stale(format!("process {process_id} {why}"));
    let Some(notice) = &before.notice else {
        return Err(stale(format!("is {}, and the rule approved nothing", before.status)));
    };
    if notice.over {
        return Ok(answer(&before, "over", "nobody objected", 0));
    }
    let votes = context.processes.votes(process_id, NOTICE_ROUND).await?;
    let now = context.now();
    let objection = objections(notice, &votes, now);
    let mut after = before.clone();
    let (event, word, reason, data) = match (before.status, objection) {
        (Status::Cancelled, Objection::OptedOut { .. }) => {
            return Ok(answer(&before, "opted_out", before.outcome.as_deref().unwrap_or_default(), 0));
        }
        (Status::Approved, Objection::Waiting { .. }) => {
            let reason = format!("people can object until {}", notice.until);
            return Ok(answer(&before, "waiting", &reason, seconds_until(notice.until, now)));
        }
        (Status::Approved, Objection::Over) => {
            if let Some(notice) = &mut after.notice {
                notice.over = true;
            }
            let data = json!({"until": notice.until});
            (EventType::NoticeOver, "over", "nobody objected".to_owned(), data)
        }
        (Status::Approved, Objection::OptedOut { by, reason }) => {
            after = after.at(Status::Cancelled).map_err(|no_way| stale(no_way.to_string()))?;
            let why = format!("{by} objected before anything was done: {reason}; nothing was changed");
            after.outcome = Some(why.clone());
            (EventType::OptedOut, "opted_out", why, json!({"by": by, "reason": reason, "votes": votes}))
        }
        (other, _) => return Err(stale(format!("is {other}: there is nothing to object to"))),
    };
    let change = Change::to(after, event, ACTOR, now, data);
    let record = context.processes.commit(&before, change).await?;
    tracing::info!(%process_id, decision = word, reason, "notice ended");
    Ok(answer(&record, word, &reason, 0))
}

fn answer(record: &ProcessRecord, decision: &str, reason: &str, wait_seconds: i64) -> Value {
    json!({
        "process_id": record.process_id,
        "decision": decision,
        "reason": short(reason),
        "wait_seconds": wait_seconds,
    })
}
