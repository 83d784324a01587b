//! The way forward: look, record, permit, call, record.

use serde_json::{Value, json};
use sunset_aws::act::ActError;
use sunset_aws::driver::{self, StepCall};
use sunset_domain::ids::ProcessId;
use sunset_domain::permit::Permit;
use sunset_domain::policy::Mode;
use sunset_domain::process::audit::EventType;
use sunset_domain::process::cursor::{Direction, Next, StepView, Turn, going_forward, turn};
use sunset_domain::process::record::{Choice, ProcessRecord, StepRecord, StepState};
use sunset_domain::runbook::action::Effect;
use sunset_domain::runbook::step::Step;
use sunset_function::{FunctionError, ProcessContext};

use crate::irreversible::{self, Gate};
use crate::work::Work;
use crate::{approved, rehearsal, step_call};

/// Takes the steps of a direction, as far as this call's time allows.
pub async fn forward(
    context: &ProcessContext,
    process_id: &ProcessId,
    direction: Direction,
) -> Result<Value, FunctionError> {
    let record = context.process(process_id).await?;
    let mut work = Work::read(context, record)
        .await?
        .ok_or_else(|| FunctionError::Stale(format!("process {process_id} has no plan")))?;
    approved::check(&work, direction)?;
    if work.record.mode == Mode::DryRun {
        return rehearsal::rehearse(&mut work, direction).await;
    }
    let retry = retry(&work.record);
    loop {
        let plan = work.plan.clone();
        let steps = work.steps.clone();
        let (step, record) = match turn(&plan.runbook, &steps, direction, retry) {
            Turn::Done => return Ok(work.answer("done", "", "")),
            Turn::Failed(step, record) => {
                let why = record.error.clone().unwrap_or_default();
                return Ok(work.answer("failed", step.id.as_str(), &why));
            }
            Turn::Step(step, record) => (step, record),
        };
        if work.is_late() {
            return Ok(work.waiting(step.id.as_str(), "this call's time is up", 1));
        }
        if let Some(answer) = take(&mut work, step, record).await? {
            return Ok(answer);
        }
    }
}

/// The hold after which a person asked for another try.
fn retry(record: &ProcessRecord) -> Option<u32> {
    let hold = record.hold.as_ref()?;
    (hold.resolution.as_ref()?.choice == Choice::Retry).then_some(hold.number)
}

/// Takes one step as far as it goes; an answer where this call can do no more.
async fn take(work: &mut Work<'_>, step: &Step, known: Option<&StepRecord>) -> Result<Option<Value>, FunctionError> {
    let call = step_call::forward(work, step)?;
    let view = driver::look(&work.context.clients, &call).await?;
    match going_forward(step, known, view, work.context.now(), work.context.settle_seconds) {
        Next::Wait { now } => {
            called(work, step, known).await?;
            let known = work.steps.get(&step.id).cloned();
            work.wait(step, known.as_ref(), &now).await.map(Some)
        }
        Next::Record { outputs, ours } => {
            let mut done = next_record(work, step, known, &call);
            // A step that calls nothing is done by being looked at; what calls something and was done before is skipped.
            let calls = !step.action.spec().iam_actions.is_empty();
            done.state = if ours || !calls { StepState::Done } else { StepState::Skipped };
            done.outputs.extend(outputs);
            done.error = None;
            let event = if done.state == StepState::Done { EventType::StepDone } else { EventType::StepSkipped };
            write(work, event, step, done).await?;
            Ok(None)
        }
        Next::Fail { why } => {
            fail(work, step, known, &call, why).await?;
            Ok(None)
        }
        Next::Call => match irreversible::gate(work, step, known.is_some_and(|known| known.attempts > 0)).await? {
            Gate::Open => {
                carry_out(work, step, known, call).await?;
                Ok(None)
            }
            Gate::Kept(why) => {
                let mut kept = next_record(work, step, known, &call);
                kept.state = StepState::Skipped;
                kept.error = Some(why);
                write(work, EventType::StepSkipped, step, kept).await?;
                Ok(None)
            }
            Gate::Closed(why) => Ok(Some(work.answer("closed", step.id.as_str(), &why))),
            Gate::Shut(why) => irreversible::shut(work, step, why).await.map(Some),
        },
    }
}

/// The dangerous call. Everything that must hold was looked at a moment ago; the intent is written, and only then is
/// there a permit to call with.
async fn carry_out(
    work: &mut Work<'_>,
    step: &Step,
    known: Option<&StepRecord>,
    call: StepCall,
) -> Result<(), FunctionError> {
    let now = work.context.now();
    let mut intent = next_record(work, step, known, &call);
    if intent.state != StepState::Intended {
        intent.begun_at = now;
    }
    intent.state = StepState::Intended;
    intent.attempts = intent.attempts.saturating_add(1);
    intent.intended_at = now;
    intent.looks = 0;
    intent.error = None;
    let mut after = work.at_work()?;
    after.past_the_point_of_no_return |= step.effect == Effect::Irreversible;
    let change = work.change_to(after, EventType::StepIntended, step, &intent, Value::Null)?;
    let subject = driver::subject(&call);
    let (record, stored) = work.context.processes.intend(&work.record, change, &subject).await?;
    work.record = record;
    work.steps.insert(step.id.clone(), intent.clone());
    let permit = Permit::new(work.record.mode, stored)?;
    match driver::act(&permit, &work.context.clients, &call).await {
        Ok(acted) => {
            let mut answered = intent;
            answered.outputs.extend(acted.outputs);
            if let Some(why) = acted.kept {
                answered.state = StepState::Skipped;
                answered.error = Some(why);
                write(work, EventType::StepSkipped, step, answered).await
            } else {
                answered.state = StepState::Called;
                // Written by whoever looks next: as done, or as called where it takes its time.
                work.steps.insert(step.id.clone(), answered);
                Ok(())
            }
        }
        // A call that the network delivered twice is refused the second time: what EC2 shows now settles it.
        Err(ActError::Aws(error)) if error.is_final() => match driver::look(&work.context.clients, &call).await? {
            StepView::Done { .. } | StepView::UnderWay { .. } => {
                work.steps.insert(step.id.clone(), StepRecord { state: StepState::Called, ..intent });
                Ok(())
            }
            StepView::NotDone { .. } | StepView::Impossible { .. } => {
                fail(work, step, Some(&intent), &call, error.to_string()).await
            }
        },
        Err(error) => Err(error.into()),
    }
}

/// Writes down that a call was answered, unless that is written already.
async fn called(work: &mut Work<'_>, step: &Step, known: Option<&StepRecord>) -> Result<(), FunctionError> {
    match known {
        Some(record) if record.state == StepState::Called && record.looks == 0 => {
            let record = record.clone();
            write(work, EventType::StepCalled, step, StepRecord { looks: 1, ..record }).await
        }
        _ => Ok(()),
    }
}

async fn fail(
    work: &mut Work<'_>,
    step: &Step,
    known: Option<&StepRecord>,
    call: &StepCall,
    why: String,
) -> Result<(), FunctionError> {
    tracing::warn!(process_id = %work.process_id(), step = %step.id, action = %step.action, why, "step failed");
    let mut failed = next_record(work, step, known, call);
    failed.state = StepState::Failed;
    failed.error = Some(why);
    write(work, EventType::StepFailed, step, failed).await
}

async fn write(work: &mut Work<'_>, event: EventType, step: &Step, record: StepRecord) -> Result<(), FunctionError> {
    tracing::info!(process_id = %work.process_id(), step = %step.id, action = %step.action, state = ?record.state, "step");
    let change = work.change(event, step, &record, json!({"effect": step.effect}))?;
    work.commit(change, record).await
}

fn next_record(work: &Work<'_>, step: &Step, known: Option<&StepRecord>, call: &StepCall) -> StepRecord {
    let now = work.context.now();
    let mut record = known.cloned().unwrap_or_else(|| StepRecord {
        step: step.id.clone(),
        state: StepState::Called,
        attempts: 0,
        undo_attempts: 0,
        intended_at: now,
        begun_at: now,
        inputs: Default::default(),
        outputs: Default::default(),
        looks: 0,
        under_hold: 0,
        error: None,
    });
    record.inputs = call.inputs.clone();
    record.under_hold = retry(&work.record).unwrap_or(record.under_hold);
    record
}
