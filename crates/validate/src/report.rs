//! The report of a process at its end, and the notice about it.

use serde_json::{Value, json};
use sunset_aws::ledger::Change;
use sunset_domain::approval::notice;
use sunset_domain::approval::vote::{Answer, Vote};
use sunset_domain::ids::ProcessId;
use sunset_domain::process::audit::EventType;
use sunset_domain::process::record::{ProcessRecord, StepRecord};
use sunset_domain::process::report::{ChecklistLine, Material, ProcessReport};
use sunset_domain::process::rollback::given_up_on;
use sunset_domain::process::status::Status;
use sunset_domain::process::validation::Gone;
use sunset_domain::risk::assessment::Assessment;
use sunset_domain::run::ObjectRef;
use sunset_domain::runbook::checklist::{Aftermath, Removal, when_reported};
use sunset_domain::runbook::plan_document::Plan;
use sunset_function::metrics;
use sunset_function::plan_documents::publish;
use sunset_function::tell::tell;
use sunset_function::{FunctionError, ProcessContext};

use crate::ACTOR;

/// Writes the report, and tells people once.
pub async fn report(context: &ProcessContext, process_id: &ProcessId) -> Result<Value, FunctionError> {
    let before = ended(context, context.process(process_id).await?).await?;
    let approved = document(context, &before, before.approved_assessment).await?;
    let last = document(context, &before, Some(before.assessment)).await?;
    let plan = context.processes.plan(process_id, before.plan).await?;
    let votes = context.processes.all_votes(process_id).await?;
    let steps: Vec<StepRecord> = context.processes.steps(process_id).await?.into_values().collect();
    let events = context.processes.audit_events(process_id).await?;
    let place = ObjectRef { bucket: context.bucket_name.clone(), key: format!("processes/{process_id}/report.md") };
    let checklist = checklist(&before, approved.as_ref().or(last.as_ref()), plan.as_ref(), &votes, &steps, &place);
    let report = ProcessReport::of(&Material {
        record: &before,
        approved: approved.as_ref(),
        last: last.as_ref(),
        runbook: plan.as_ref().map(|plan| &plan.runbook),
        votes: &votes,
        steps: &steps,
        events: &events,
        validation: before.validation.as_ref(),
        checklist: &checklist,
        now: context.now(),
    });
    let json = serde_json::to_vec_pretty(&report)
        .map_err(|error| FunctionError::Document { what: "report", cause: error.to_string() })?;
    if let Some(plan) = &plan {
        publish(context, &before, plan).await?;
    }
    let bucket = context.bucket();
    bucket.put(format!("processes/{process_id}/report.json"), "application/json", json).await?;
    let written = bucket.put(place.key, "text/markdown; charset=utf-8", report.markdown().into_bytes()).await?;
    let outcome = report.outcome.clone();
    let record = if before.report.is_none() && before.status.is_end() {
        let mut after = before.clone();
        after.report = Some(written.clone());
        let data = json!({"report": written, "status": before.status, "outcome": outcome});
        let change = Change::to(after, EventType::Reported, ACTOR, context.now(), data);
        let after = context.processes.commit(&before, change).await?;
        count(context, after.status);
        after
    } else {
        before
    };
    let record = tell(context, ACTOR, record.clone(), "ended", notice::ended(&record, &outcome)).await?;
    tracing::info!(%process_id, status = %record.status, outcome, "reported");
    // The execution fails with this: whoever sees it there reads why, and not only how it ended.
    let why = record.outcome.as_deref().filter(|why| !outcome.contains(*why)).unwrap_or_default();
    let reason: String = format!("{outcome} {why}").trim_end().chars().take(1000).collect();
    Ok(json!({
        "process_id": process_id,
        "display_id": record.display_id,
        "status": record.status,
        "mode": record.mode,
        "outcome": record.status,
        "reason": reason,
        "error": record.error,
        "report": written,
        "audit_head": record.audit,
    }))
}

/// A process that its execution gave up on has an end too.
async fn ended(context: &ProcessContext, before: ProcessRecord) -> Result<ProcessRecord, FunctionError> {
    let Some((status, outcome)) = given_up_on(&before) else { return Ok(before) };
    let process_id = before.process_id.clone();
    let mut after =
        before.clone().at(status).map_err(|no_way| FunctionError::Stale(format!("process {process_id}: {no_way}")))?;
    after.outcome = Some(outcome);
    let event = if status == Status::RollbackFailed { EventType::RollbackFailed } else { EventType::ProcessFailed };
    let data = json!({"outcome": after.outcome});
    let change = Change::to(after, event, ACTOR, context.now(), data);
    Ok(context.processes.commit(&before, change).await?)
}

async fn document(
    context: &ProcessContext,
    record: &ProcessRecord,
    number: Option<u32>,
) -> Result<Option<Assessment>, FunctionError> {
    match number {
        None | Some(0) => Ok(None),
        Some(number) => Ok(context.processes.assessment(&record.process_id, number).await?),
    }
}

fn checklist(
    record: &ProcessRecord,
    assessment: Option<&Assessment>,
    plan: Option<&Plan>,
    votes: &[Vote],
    steps: &[StepRecord],
    place: &ObjectRef,
) -> Vec<ChecklistLine> {
    let (Some(assessment), Some(plan)) = (assessment, plan) else { return Vec::new() };
    let round = record.round.as_ref().map(|round| round.number);
    let approved_by: Vec<String> = votes
        .iter()
        .filter(|vote| Some(vote.round) == round && vote.answer == Answer::Approve)
        .map(|vote| vote.person.clone())
        .collect();
    let looked = record.validation.as_ref().map(|validation| &validation.gone);
    let removal = match looked {
        Some(Gone::Yes { how }) => Removal::Proved(how),
        Some(Gone::NotYet { why } | Gone::Unknown { why }) => Removal::NotProved(why),
        None => Removal::NotTried,
    };
    let aftermath = Aftermath { steps, approved_by: &approved_by, removal, report: Some(place) };
    when_reported(&plan.runbook, assessment, record, &plan.findings, aftermath)
        .into_iter()
        .map(ChecklistLine::from)
        .collect()
}

/// One metric for every kind of end (C72).
fn count(context: &ProcessContext, status: Status) {
    let name = match status {
        Status::Completed => "ProcessesCompleted",
        Status::Rejected => "ProcessesRejected",
        Status::Expired => "ProcessesExpired",
        Status::Blocked => "ProcessesBlocked",
        Status::RolledBack => "ProcessesRolledBack",
        Status::RollbackFailed => "RollbackFailed",
        Status::Cancelled => "ProcessesCancelled",
        _ => "ProcessesFailed",
    };
    metrics::emit(context, &[(name, 1)]);
}
