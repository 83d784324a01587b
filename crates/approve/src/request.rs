//! Asking people: the record first, then the notices.

use serde_json::{Value, json};
use sunset_aws::ledger::Change;
use sunset_domain::approval::notice;
use sunset_domain::approval::page::waiting::Waiting;
use sunset_domain::ids::ProcessId;
use sunset_domain::process::audit::EventType;
use sunset_domain::process::record::ProcessRecord;
use sunset_domain::process::status::Status;
use sunset_domain::time::Timestamp;
use sunset_function::plan_documents::publish;
use sunset_function::tell::tell;
use sunset_function::{FunctionError, ProcessContext};

use crate::ACTOR;
use crate::answer::asking as answer;
use crate::asking;
use crate::personal::{Occasion, tell_people};

/// Begins a round, or goes on with telling people of it. Where nobody can be asked the process is blocked.
pub async fn request(context: &ProcessContext, process_id: &ProcessId) -> Result<Value, FunctionError> {
    let before = context.process(process_id).await?;
    let record = match before.status {
        Status::AwaitingApproval | Status::Blocked => before,
        Status::Assessed | Status::Approved => begin(context, &before).await?,
        other => return Err(FunctionError::Stale(format!("process {process_id} is {other}: nobody is to be asked"))),
    };
    if record.status == Status::Blocked {
        return Ok(answer(&record, context.now()));
    }
    let Some(round) = record.round.clone() else {
        return Err(FunctionError::Stale(format!("process {process_id} asks nobody")));
    };
    let assessment = context.assessment(&record, record.assessment).await?;
    let plan = context.plan(&record).await?;
    publish(context, &record, &plan).await?;
    let name = asking::name(&round);
    let shared = notice::approval_requested(&record, &round, &assessment, &plan, record.approve_url.as_deref());
    let record = tell(context, ACTOR, record, &name, shared).await?;
    let occasion = Occasion::of_round(name, &record, &round, context.approvers()?).that_all_were_told();
    let record = tell_people(context, record, &occasion, &asking::people(&round), |record, person, ways| {
        notice::asked(record, &round, &assessment, &plan, person, ways)
    })
    .await?;
    Ok(answer(&record, context.now()))
}

/// What waits for people from now on.
pub fn waits(process_id: &ProcessId, round: u32, deadline: Timestamp, people: &[String]) -> Vec<Waiting> {
    people.iter().map(|person| Waiting::new(person, process_id, round, deadline)).collect()
}

/// A new round, or a blocked process where nobody can be asked.
async fn begin(context: &ProcessContext, before: &ProcessRecord) -> Result<ProcessRecord, FunctionError> {
    let process_id = &before.process_id;
    let stale = |no_way: sunset_domain::process::status::NoSuchTransition| {
        FunctionError::Stale(format!("process {process_id}: {no_way}"))
    };
    let plan = context.plan(before).await?;
    let assessment = context.assessment(before, before.assessment).await?;
    let number = before.round.as_ref().map_or(0, |round| round.number).saturating_add(1);
    let now = context.now();
    let round = match context.approvers()?.round(number, &plan.hash, &assessment, before, now) {
        Ok(round) => round,
        Err(cannot_ask) => {
            let why = cannot_ask.to_string();
            let mut after = before.clone().at(Status::Blocked).map_err(stale)?;
            after.outcome = Some(why.clone());
            let change = Change::to(after, EventType::ProcessBlocked, ACTOR, now, json!({"reason": why}));
            return Ok(context.processes.commit(before, change).await?);
        }
    };
    let mut after = before.clone().at(Status::AwaitingApproval).map_err(stale)?;
    after.approved_plan_hash = None;
    after.approved_assessment = None;
    let data = json!({
        "round": round.number,
        "plan_hash": round.plan_hash,
        "required": round.required,
        "minimum_approvers": round.minimum_approvers,
        "deadline": round.deadline,
        "reminders": round.reminders,
        "escalations": round.escalations,
        "risk_level": assessment.level,
    });
    let waits = waits(process_id, round.number, round.deadline, &asking::people(&round));
    after.round = Some(round);
    let change = Change::to(after, EventType::ApprovalRequested, ACTOR, now, data).waits(&waits)?;
    Ok(context.processes.commit(before, change).await?)
}
