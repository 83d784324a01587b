//! The way back: in reverse, each step by itself, so that one that fails does not stop the others.

use serde_json::{Value, json};
use sunset_aws::act::ActError;
use sunset_aws::driver::{self, StepCall};
use sunset_aws::ledger::Change;
use sunset_domain::ids::ProcessId;
use sunset_domain::permit::Permit;
use sunset_domain::process::audit::EventType;
use sunset_domain::process::cursor::{Direction, Next, StepView, Turn, going_back, turn};
use sunset_domain::process::record::{ProcessError, ProcessRecord, StepRecord, StepState};
use sunset_domain::process::rollback::{End, end, may_go_back, nothing_was_changed};
use sunset_domain::process::status::Status;
use sunset_domain::runbook::step::Step;
use sunset_function::{FunctionError, ProcessContext};

use crate::step_call;
use crate::work::Work;

/// Takes back what was done, as far as this call's time allows.
pub async fn back(
    context: &ProcessContext,
    process_id: &ProcessId,
    error: Option<ProcessError>,
) -> Result<Value, FunctionError> {
    let record = context.process(process_id).await?;
    if record.status.is_end() {
        return Ok(ended(&record));
    }
    let Some(mut work) = Work::read(context, record.clone()).await? else {
        return finish(context, &record, End::Failed, error).await;
    };
    if !may_go_back(&work.record, &work.plan.runbook, &work.steps) {
        let why = error.map_or_else(|| "it is past the point of no return".to_owned(), |error| error.cause);
        return Ok(work.answer("held", "", &why));
    }
    if nothing_was_changed(&work.record, &work.plan.runbook, &work.steps) {
        return finish(context, &record, End::Failed, error).await;
    }
    begin(&mut work, error).await?;
    loop {
        let plan = work.plan.clone();
        let steps = work.steps.clone();
        let (step, record) = match turn(&plan.runbook, &steps, Direction::Rollback, None) {
            Turn::Step(step, Some(record)) => (step, record),
            _ => break,
        };
        if work.is_late() {
            return Ok(work.waiting(step.id.as_str(), "this call's time is up", 1));
        }
        if let Some(answer) = take_back(&mut work, step, record).await? {
            return Ok(answer);
        }
    }
    let end = end(&work.record, &work.plan.runbook, &work.steps);
    finish(context, &work.record, end, None).await
}

/// Writes down, once, that the way is back.
async fn begin(work: &mut Work<'_>, error: Option<ProcessError>) -> Result<(), FunctionError> {
    if work.record.rolling_back {
        return Ok(());
    }
    let mut after = match work.record.status {
        Status::Soaking | Status::Scheduled => work.at_work()?,
        _ => work.record.clone(),
    };
    after.rolling_back = true;
    if after.error.is_none() {
        after.error = error.clone();
    }
    let why = after.soak_ended.as_ref().map(|ended| format!("{} ended the soak: {}", ended.by, ended.reason));
    if let Some(why) = why {
        after.outcome = Some(why);
    } else if after.outcome.is_none() {
        after.outcome = error.as_ref().map(|error| format!("{}: {}", error.error, error.cause));
    }
    let data = json!({"error": error, "because": after.outcome});
    let change = Change::to(after, EventType::RollbackStarted, "function:execute", work.context.now(), data);
    work.record = work.context.processes.commit(&work.record, change).await?;
    Ok(())
}

async fn take_back(work: &mut Work<'_>, step: &Step, known: &StepRecord) -> Result<Option<Value>, FunctionError> {
    let Some(call) = step_call::backward(work, step)? else { return Ok(None) };
    let view = driver::look(&work.context.clients, &call).await?;
    match going_back(step, known, view, work.context.now(), work.context.settle_seconds) {
        Next::Wait { now } => {
            if known.state == StepState::UndoCalled && known.looks == 0 {
                write(work, EventType::UndoCalled, step, StepRecord { looks: 1, ..known.clone() }).await?;
            }
            let known = work.steps.get(&step.id).cloned();
            work.wait(step, known.as_ref(), &now).await.map(Some)
        }
        Next::Record { .. } => {
            write(work, EventType::UndoDone, step, StepRecord { state: StepState::Undone, ..known.clone() }).await?;
            Ok(None)
        }
        Next::Fail { why } => fail(work, step, known, why).await.map(|()| None),
        Next::Call => carry_back(work, step, known, call).await.map(|()| None),
    }
}

async fn carry_back(work: &mut Work<'_>, step: &Step, known: &StepRecord, call: StepCall) -> Result<(), FunctionError> {
    let now = work.context.now();
    let first = known.state != StepState::UndoIntended;
    let intent = StepRecord {
        state: StepState::UndoIntended,
        undo_attempts: known.undo_attempts.saturating_add(1),
        intended_at: now,
        begun_at: if first { now } else { known.begun_at },
        looks: 0,
        ..known.clone()
    };
    let change = work.change_to(work.record.clone(), EventType::UndoIntended, step, &intent, json!(call.inputs))?;
    let subject = driver::subject(&call);
    let (record, stored) = work.context.processes.intend(&work.record, change, &subject).await?;
    work.record = record;
    work.steps.insert(step.id.clone(), intent.clone());
    let permit = Permit::new(work.record.mode, stored)?;
    match driver::act(&permit, &work.context.clients, &call).await {
        Ok(_) => {
            work.steps.insert(step.id.clone(), StepRecord { state: StepState::UndoCalled, ..intent });
            Ok(())
        }
        // As forward: a call delivered twice is refused the second time.
        Err(ActError::Aws(error)) if error.is_final() => match driver::look(&work.context.clients, &call).await? {
            StepView::Done { .. } | StepView::UnderWay { .. } => {
                work.steps.insert(step.id.clone(), StepRecord { state: StepState::UndoCalled, ..intent });
                Ok(())
            }
            StepView::NotDone { .. } | StepView::Impossible { .. } => {
                fail(work, step, &intent, error.to_string()).await
            }
        },
        Err(error) => Err(error.into()),
    }
}

async fn fail(work: &mut Work<'_>, step: &Step, known: &StepRecord, why: String) -> Result<(), FunctionError> {
    tracing::error!(process_id = %work.process_id(), step = %step.id, why, "step could not be taken back");
    let failed = StepRecord { state: StepState::UndoFailed, error: Some(why), ..known.clone() };
    write(work, EventType::UndoFailed, step, failed).await
}

async fn write(work: &mut Work<'_>, event: EventType, step: &Step, record: StepRecord) -> Result<(), FunctionError> {
    let change = work.change_to(work.record.clone(), event, step, &record, Value::Null)?;
    work.commit(change, record).await
}

/// Ends the process, and gives its resource back unless it is neither as it was nor gone.
async fn finish(
    context: &ProcessContext,
    before: &ProcessRecord,
    end: End,
    error: Option<ProcessError>,
) -> Result<Value, FunctionError> {
    let (status, event) = match &end {
        End::Failed => (Status::Failed, EventType::ProcessFailed),
        End::RolledBack => (Status::RolledBack, EventType::RolledBack),
        End::RollbackFailed { .. } => (Status::RollbackFailed, EventType::RollbackFailed),
        End::GoneForGood => (Status::Failed, EventType::ProcessFailed),
    };
    let process_id = before.process_id.clone();
    let mut after =
        before.clone().at(status).map_err(|no_way| FunctionError::Stale(format!("process {process_id}: {no_way}")))?;
    if after.error.is_none() {
        after.error = error.clone();
    }
    let because = after.outcome.clone().or_else(|| error.map(|error| format!("{}: {}", error.error, error.cause)));
    after.outcome = Some(end.in_words(&before.resource, because.as_deref()));
    let data = json!({"outcome": after.outcome, "error": after.error});
    let change = Change::to(after, event, "function:execute", context.now(), data);
    let after = context.processes.commit(before, change).await?;
    tracing::warn!(%process_id, status = %after.status, outcome = after.outcome, "ended");
    Ok(ended(&after))
}

fn ended(record: &ProcessRecord) -> Value {
    let state = match record.status {
        Status::RolledBack => "rolled_back",
        Status::RollbackFailed => "rollback_failed",
        _ => "failed",
    };
    let reason: String = record.outcome.clone().unwrap_or_default().chars().take(1000).collect();
    json!({
        "process_id": record.process_id,
        "state": state,
        "wait_seconds": 0,
        "mode": record.mode,
        "status": record.status,
        "step": "",
        "reason": reason,
    })
}
