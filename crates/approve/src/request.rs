//! Asking people: the record first, then the notice.

use serde_json::{Value, json};
use sunset_aws::ledger::{Change, Wait};
use sunset_domain::approval::notice;
use sunset_domain::ids::ProcessId;
use sunset_domain::process::audit::EventType;
use sunset_domain::process::record::ProcessRecord;
use sunset_domain::process::status::Status;
use sunset_function::plan_documents::publish;
use sunset_function::tell::tell;
use sunset_function::{FunctionError, ProcessContext};

use crate::ACTOR;
use crate::wake::wake_up;

/// Begins a round, or goes on with it where its state was woken without a decision.
pub async fn request(
    context: &ProcessContext,
    process_id: &ProcessId,
    task_token: &str,
) -> Result<Value, FunctionError> {
    let before = context.process(process_id).await?;
    let record = match before.status {
        Status::AwaitingApproval => again(context, &before, task_token).await?,
        Status::Assessed | Status::Approved => match begin(context, &before, task_token).await? {
            Some(record) => record,
            // Nobody can be asked: the process is blocked, and the state that waits hears it at once.
            None => {
                wake_up(context, process_id, Wait::Approval).await?;
                return Ok(json!({"process_id": process_id, "status": Status::Blocked}));
            }
        },
        other => return Err(FunctionError::Stale(format!("process {process_id} is {other}: nobody is to be asked"))),
    };
    let Some(round) = record.round.clone() else {
        return Err(FunctionError::Stale(format!("process {process_id} asks nobody")));
    };
    let assessment = context.assessment(&record, record.assessment).await?;
    let plan = context.plan(&record).await?;
    publish(context, &record, &plan).await?;
    let notice = notice::approval_requested(&record, &round, &assessment, &plan, record.approve_url.as_deref());
    let record = tell(context, ACTOR, record, &format!("round-{}", round.number), notice).await?;
    Ok(json!({"process_id": process_id, "status": record.status, "round": round.number, "deadline": round.deadline}))
}

/// The same round, another token.
async fn again(
    context: &ProcessContext,
    before: &ProcessRecord,
    task_token: &str,
) -> Result<ProcessRecord, FunctionError> {
    let round = before.round.as_ref().map(|round| round.number);
    let data = json!({"round": round, "again": true});
    let change = Change::to(before.clone(), EventType::ApprovalRequested, ACTOR, context.now(), data)
        .token(Wait::Approval, task_token)?;
    Ok(context.processes.commit(before, change).await?)
}

/// A new round; nothing where nobody can be asked.
async fn begin(
    context: &ProcessContext,
    before: &ProcessRecord,
    task_token: &str,
) -> Result<Option<ProcessRecord>, FunctionError> {
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
            let change = Change::to(after, EventType::ProcessBlocked, ACTOR, now, json!({"reason": why}))
                .token(Wait::Approval, task_token)?;
            context.processes.commit(before, change).await?;
            return Ok(None);
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
        "risk_level": assessment.level,
    });
    after.round = Some(round);
    let change = Change::to(after, EventType::ApprovalRequested, ACTOR, now, data).token(Wait::Approval, task_token)?;
    Ok(Some(context.processes.commit(before, change).await?))
}
