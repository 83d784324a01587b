//! Reminding those who have not answered.

use serde_json::{Value, json};
use sunset_aws::ledger::Change;
use sunset_domain::approval::{notice, schedule};
use sunset_domain::ids::ProcessId;
use sunset_domain::process::audit::EventType;
use sunset_function::{FunctionError, ProcessContext};

use crate::ACTOR;
use crate::answer::asking as answer;
use crate::asking::{self, Asking};
use crate::personal::{Occasion, tell_people};

/// Reminds, if it is time to. It counts as done once everybody was told, so that a reminder that failed is tried again.
pub async fn remind(context: &ProcessContext, process_id: &ProcessId) -> Result<Value, FunctionError> {
    let before = context.process(process_id).await?;
    let now = context.now();
    let Some(Asking { round, votes, missing }) = Asking::of(context, &before, now).await? else {
        return Ok(answer(&before, now));
    };
    let number = schedule::reminded(round.clone(), now).reminded;
    if number == round.reminded {
        return Ok(answer(&before, now));
    }
    let assessment = context.assessment(&before, before.assessment).await?;
    let plan = context.plan(&before).await?;
    let people = schedule::unanswered(&round, &votes);
    let name = format!("{}-reminder-{number}", asking::name(&round));
    let occasion = Occasion::of_round(name, &before, &round, context.approvers()?);
    let record = tell_people(context, before, &occasion, &people, |record, person, ways| {
        notice::reminder(record, &round, &assessment, &plan, person, &missing, ways)
    })
    .await?;
    let mut after = record.clone();
    after.round = after.round.map(|round| schedule::reminded(round, now));
    let data = json!({"round": round.number, "reminder": number, "people": people, "missing": missing});
    let change = Change::to(after, EventType::ApproversReminded, ACTOR, now, data);
    let record = context.processes.commit(&record, change).await?;
    tracing::info!(%process_id, number, ?people, "reminded");
    Ok(answer(&record, now))
}
