//! A step with its inputs resolved: what the driver looks for and carries out.

use std::collections::BTreeMap;

use serde_json::Value;
use sunset_aws::driver::StepCall;
use sunset_domain::process::validation::backups_kept_until;
use sunset_domain::runbook::action::Action;
use sunset_domain::runbook::step::{Input, Step};
use sunset_function::FunctionError;

use crate::work::Work;

/// The step as it goes forward.
pub fn forward(work: &Work<'_>, step: &Step) -> Result<StepCall, FunctionError> {
    call(work, step, step.action, &step.inputs)
}

/// The step as it is taken back; nothing where there is no way back.
pub fn backward(work: &Work<'_>, step: &Step) -> Result<Option<StepCall>, FunctionError> {
    step.rollback.as_ref().map(|rollback| call(work, step, rollback.action, &rollback.inputs)).transpose()
}

fn call(
    work: &Work<'_>,
    step: &Step,
    action: Action,
    inputs: &BTreeMap<String, Input>,
) -> Result<StepCall, FunctionError> {
    let mut resolved = BTreeMap::new();
    for (name, input) in inputs {
        let value = match input {
            Input::Value(value) => value.clone(),
            Input::Output { step: from, name } => work
                .steps
                .get(from)
                .and_then(|record| record.outputs.get(name))
                .cloned()
                .ok_or_else(|| gap(work, step, &format!("{name} of step {from}, which it does not have yet")))?,
        };
        if value == Value::Null {
            return Err(gap(work, step, &format!("{name}, which is empty")));
        }
        resolved.insert(name.clone(), value);
    }
    Ok(StepCall {
        action,
        inputs: resolved,
        process_id: work.process_id().clone(),
        step: step.id.clone(),
        keep_until: backups_kept_until(&work.record),
    })
}

fn gap(work: &Work<'_>, step: &Step, what: &str) -> FunctionError {
    FunctionError::Stale(format!("process {}: step {} needs {what}", work.process_id(), step.id))
}
