//! Is it gone? Looked at until it is proved, or until nobody should wait any longer.

use serde_json::{Value, json};
use sunset_aws::ledger::Change;
use sunset_aws::observe::glance;
use sunset_domain::ids::ProcessId;
use sunset_domain::policy::Mode;
use sunset_domain::process::audit::EventType;
use sunset_domain::process::cursor::{Steps, wait_after};
use sunset_domain::process::record::ProcessRecord;
use sunset_domain::process::status::{NoSuchTransition, Status};
use sunset_domain::process::validation::{Gone, Validation, gone, leftovers, validation_deadline};
use sunset_domain::risk::assessment::Assessment;
use sunset_domain::runbook::action::Effect;
use sunset_domain::runbook::document::Runbook;
use sunset_domain::time::Timestamp;
use sunset_function::{FunctionError, ProcessContext};

use crate::ACTOR;

/// Looks, and completes the process once its resource is proved gone.
pub async fn check(context: &ProcessContext, process_id: &ProcessId) -> Result<Value, FunctionError> {
    let before = context.process(process_id).await?;
    if before.status == Status::Completed {
        return Ok(answer(&before, "done", before.outcome.as_deref().unwrap_or_default(), 0));
    }
    if before.mode == Mode::DryRun {
        return rehearsed(context, &before).await;
    }
    if before.status != Status::InProgress || before.rolling_back {
        return Err(FunctionError::Stale(format!("process {process_id} is {}: nothing is to be gone", before.status)));
    }
    let plan = context.plan(&before).await?;
    let steps = context.processes.steps(process_id).await?;
    let Some(called_at) = last_irreversible_call(&plan.runbook, &steps) else {
        return Err(FunctionError::Stale(format!("process {process_id} has called nothing irreversible yet")));
    };
    let now = context.now();
    let observation = glance(&context.clients, &before.resource, now).await;
    let found = gone(&observation);
    match &found {
        Gone::Yes { how } => {
            let approved = approved(context, &before).await?;
            let left = leftovers(&plan.runbook, &approved.observation, &steps.into_values().collect::<Vec<_>>());
            let how = how.clone();
            let validated = Validation { at: now, gone: found, leftovers: left };
            complete(context, &before, validated, &how).await
        }
        Gone::NotYet { why } | Gone::Unknown { why } => {
            if now < validation_deadline(called_at) {
                return Ok(answer(&before, "waiting", why, wait_after(called_at, now)));
            }
            let why = format!("not proved gone until {}: {why}", validation_deadline(called_at));
            let mut after = before.clone();
            after.outcome = Some(why.clone());
            after.validation = Some(Validation { at: now, gone: found.clone(), leftovers: Vec::new() });
            let change = Change::to(after, EventType::Validated, ACTOR, now, json!({"gone": found}));
            let after = context.processes.commit(&before, change).await?;
            Ok(answer(&after, "failed", &why, 0))
        }
    }
}

fn last_irreversible_call(runbook: &Runbook, steps: &Steps) -> Option<Timestamp> {
    let irreversible = runbook.steps.iter().filter(|step| step.effect == Effect::Irreversible);
    irreversible.filter_map(|step| steps.get(&step.id)).map(|record| record.intended_at).max()
}

async fn approved(context: &ProcessContext, record: &ProcessRecord) -> Result<Assessment, FunctionError> {
    context.assessment(record, record.approved_assessment.unwrap_or(record.assessment)).await
}

async fn complete(
    context: &ProcessContext,
    before: &ProcessRecord,
    validated: Validation,
    how: &str,
) -> Result<Value, FunctionError> {
    let now = context.now();
    let mut after = before.clone();
    let data = json!({"gone": validated.gone, "leftovers": validated.leftovers});
    after.validation = Some(validated);
    let change = Change::to(after, EventType::Validated, ACTOR, now, data);
    let proved = context.processes.commit(before, change).await?;
    let mut after = proved.clone().at(Status::Completed).map_err(|no_way| stale(&proved, &no_way))?;
    after.outcome = Some(format!("{} is gone: {how}", proved.resource));
    let data = json!({"outcome": after.outcome});
    let change = Change::to(after, EventType::ProcessCompleted, ACTOR, now, data);
    let after = context.processes.commit(&proved, change).await?;
    tracing::info!(process_id = %after.process_id, outcome = after.outcome, "completed");
    Ok(answer(&after, "done", after.outcome.as_deref().unwrap_or_default(), 0))
}

/// A dry run ends without having changed anything.
async fn rehearsed(context: &ProcessContext, before: &ProcessRecord) -> Result<Value, FunctionError> {
    let mut after = before.clone().at(Status::Completed).map_err(|no_way| stale(before, &no_way))?;
    after.outcome = Some(format!("dry run: {} was looked at and nothing was changed", before.resource));
    let data = json!({"outcome": after.outcome});
    let change = Change::to(after, EventType::ProcessCompleted, ACTOR, context.now(), data);
    let after = context.processes.commit(before, change).await?;
    Ok(answer(&after, "done", after.outcome.as_deref().unwrap_or_default(), 0))
}

fn stale(record: &ProcessRecord, no_way: &NoSuchTransition) -> FunctionError {
    FunctionError::Stale(format!("process {}: {no_way}", record.process_id))
}

fn answer(record: &ProcessRecord, state: &str, reason: &str, wait_seconds: u32) -> Value {
    let reason: String = reason.chars().take(1000).collect();
    json!({
        "process_id": record.process_id,
        "state": state,
        "wait_seconds": wait_seconds,
        "mode": record.mode,
        "reason": reason,
    })
}
