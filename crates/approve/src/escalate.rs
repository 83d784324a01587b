//! Asking more people, because the first have not decided.

use serde_json::{Value, json};
use sunset_aws::ledger::Change;
use sunset_domain::approval::{notice, schedule};
use sunset_domain::ids::ProcessId;
use sunset_domain::process::audit::EventType;
use sunset_domain::process::record::ProcessRecord;
use sunset_function::{FunctionError, ProcessContext};

use crate::ACTOR;
use crate::answer::asking as answer;
use crate::asking::{self, Asking, untold};
use crate::personal::{Occasion, tell_people};
use crate::request::waits;

/// Asks the next in the chain, if it is their time: the record first, because a link is good for nothing before its person
/// is asked, then the notices, also those that failed before.
pub async fn escalate(context: &ProcessContext, process_id: &ProcessId) -> Result<Value, FunctionError> {
    let before = context.process(process_id).await?;
    let now = context.now();
    let Some(Asking { round, votes, .. }) = Asking::of(context, &before, now).await? else {
        return Ok(answer(&before, now));
    };
    let (escalated, new) = schedule::escalated(round.clone(), now);
    let mut record: ProcessRecord = before;
    if escalated.escalated != round.escalated {
        let mut after = record.clone();
        after.round = Some(escalated.clone());
        let data = json!({"round": escalated.number, "escalation": escalated.escalated, "people": new});
        let change = Change::to(after, EventType::ApprovalEscalated, ACTOR, now, data).waits(&waits(
            process_id,
            escalated.number,
            escalated.deadline,
            &new,
        ))?;
        record = context.processes.commit(&record, change).await?;
        tracing::info!(%process_id, people = ?new, "more people are asked");
    }
    let people = untold(&record, &escalated, &votes);
    if !people.is_empty() {
        let assessment = context.assessment(&record, record.assessment).await?;
        let plan = context.plan(&record).await?;
        let occasion = Occasion::of_round(asking::name(&escalated), &record, &escalated, context.approvers()?);
        record = tell_people(context, record, &occasion, &people, |record, person, ways| {
            notice::escalation(record, &escalated, &assessment, &plan, person, ways)
        })
        .await?;
    }
    Ok(answer(&record, now))
}
