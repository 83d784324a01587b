//! A dry run: every step is looked at, and EC2 is asked whether it would be allowed. Nothing is changed.

use serde_json::{Value, json};
use sunset_aws::driver;
use sunset_aws::ledger::Change;
use sunset_domain::process::audit::EventType;
use sunset_domain::process::cursor::{Direction, StepView};
use sunset_domain::process::record::{StepRecord, StepState};
use sunset_domain::runbook::step::{Input, Step};
use sunset_function::FunctionError;

use crate::step_call;
use crate::work::Work;

/// Rehearses the steps of a direction.
pub async fn rehearse(work: &mut Work<'_>, direction: Direction) -> Result<Value, FunctionError> {
    let plan = work.plan.clone();
    let steps: Vec<&Step> = match direction {
        Direction::Irreversible => plan.runbook.after_the_soak().collect(),
        _ => plan.runbook.before_the_soak().collect(),
    };
    for step in steps {
        if work.steps.contains_key(&step.id) {
            continue;
        }
        let rehearsed = one(work, step).await?;
        let data = json!({"step": step.id, "action": step.action, "rehearsed": rehearsed.outputs});
        let change =
            Change::to(work.record.clone(), EventType::StepSkipped, "function:execute", work.context.now(), data)
                .step(&rehearsed)?;
        work.commit(change, rehearsed).await?;
        if work.is_late() {
            return Ok(work.waiting(step.id.as_str(), "this call's time is up", 1));
        }
    }
    Ok(work.answer("done", "", "rehearsed"))
}

async fn one(work: &Work<'_>, step: &Step) -> Result<StepRecord, FunctionError> {
    let now = work.context.now();
    let mut record = StepRecord {
        step: step.id.clone(),
        state: StepState::Rehearsed,
        attempts: 0,
        undo_attempts: 0,
        intended_at: now,
        begun_at: now,
        inputs: Default::default(),
        outputs: Default::default(),
        looks: 0,
        under_hold: 0,
        error: None,
    };
    // What an earlier step would have made does not exist in a rehearsal.
    if step.inputs.values().any(|input| matches!(input, Input::Output { .. })) {
        record.outputs.insert("would".into(), json!("depends on what an earlier step makes"));
        return Ok(record);
    }
    let call = step_call::forward(work, step)?;
    record.inputs = call.inputs.clone();
    let would = match driver::look(&work.context.clients, &call).await? {
        StepView::Done { .. } => "nothing: it is so already".to_owned(),
        StepView::UnderWay { now } => format!("wait: it is {now}"),
        StepView::Impossible { why } => format!("fail: {why}"),
        StepView::NotDone { now } => format!("{}: it is {now}", step.action),
    };
    record.outputs.insert("would".into(), json!(would));
    let permission = driver::rehearse(&work.context.clients, &call).await;
    record.outputs.insert("permission".into(), json!(permission.as_str()));
    Ok(record)
}
