//! Each step against the actions' table: effect, inputs, way back, time and permissions.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Findings;
use crate::launch_permission::LaunchPermission;
use crate::runbook::action::{Action, Effect};
use crate::runbook::document::Runbook;
use crate::runbook::step::{Input, Step};

pub(super) fn check(runbook: &Runbook, at: usize, step: &Step, granted: &[&str], findings: &mut Findings) {
    let spec = step.action.spec();
    if step.effect != spec.effect {
        findings.error(
            step,
            format!("says that {} is {}, and it is {}", step.action, word(step.effect), word(spec.effect)),
        );
    }
    if step.timeout_seconds == 0 {
        findings.error(step, "has no time to be done in: its timeout is 0");
    }
    inputs(runbook, at, step, "", step.action, &step.inputs, findings);
    rollback(runbook, at, step, findings);
    permissions(step, granted, findings);
}

fn word(effect: Effect) -> &'static str {
    match effect {
        Effect::Additive => "additive",
        Effect::Reversible => "reversible",
        Effect::Irreversible => "irreversible",
    }
}

fn inputs(
    runbook: &Runbook,
    at: usize,
    step: &Step,
    of: &str,
    action: Action,
    inputs: &BTreeMap<String, Input>,
    findings: &mut Findings,
) {
    let known = action.spec().inputs;
    for name in known.iter().filter(|name| !inputs.contains_key(**name)) {
        findings.error(step, format!("{of}lacks the input {name} of {action}"));
    }
    for (name, input) in inputs {
        if !known.contains(&name.as_str()) {
            findings.error(step, format!("{of}has the input {name}, which {action} does not take"));
            continue;
        }
        match input {
            Input::Value(value) if has_form(name, value) => {}
            Input::Value(value) => findings.error(step, format!("{of}has {value} as {name}, which cannot be right")),
            Input::Output { step: giver, name: output } => {
                let place = runbook.steps.iter().position(|step| step.id == *giver);
                match place.and_then(|place| runbook.steps.get(place).map(|giver| (place, giver))) {
                    None => findings.error(step, format!("{of}takes {name} from {giver}, which is no step")),
                    Some((place, _)) if place >= at => {
                        findings.error(step, format!("{of}takes {name} from {giver}, which is not done before it"));
                    }
                    Some((_, giver)) if !giver.action.spec().outputs.contains(&output.as_str()) => {
                        findings.error(step, format!("{of}takes {name} from {}, which gives no {output}", giver.id));
                    }
                    Some(_) => {}
                }
            }
        }
    }
}

/// Whether a literal is what the driver can read under this name.
fn has_form(name: &str, value: &Value) -> bool {
    match name {
        "group_ids_before" => value
            .as_array()
            .is_some_and(|ids| !ids.is_empty() && ids.iter().all(|id| id.as_str().is_some_and(|id| !id.is_empty()))),
        "launch_permissions" => serde_json::from_value::<Vec<LaunchPermission>>(value.clone()).is_ok(),
        _ => value.as_str().is_some_and(|text| !text.is_empty()),
    }
}

fn rollback(runbook: &Runbook, at: usize, step: &Step, findings: &mut Findings) {
    let spec = step.action.spec();
    let Some(rollback) = &step.rollback else {
        if spec.effect == Effect::Reversible || spec.rollback.is_some() {
            findings.error(step, format!("has no rollback, and {} can be taken back", step.action));
        }
        return;
    };
    if spec.rollback != Some(rollback.action) {
        let right = spec.rollback.map_or_else(|| "nothing".to_owned(), |action| action.to_string());
        findings.error(
            step,
            format!("is to be taken back by {}, and what takes back {} is {right}", rollback.action, step.action),
        );
        return;
    }
    inputs(runbook, at, step, "its rollback ", rollback.action, &rollback.inputs, findings);
    for (name, input) in &rollback.inputs {
        if step.inputs.get(name).is_some_and(|own| own != input) {
            findings.error(step, format!("its rollback has another {name} than the step itself"));
        }
    }
    if spec.action.loses_something() && step.loses.as_deref().is_none_or(|loses| loses.trim().is_empty()) {
        findings.warning(step, format!("does not say what {} loses although it can be taken back", step.action));
    }
}

fn permissions(step: &Step, granted: &[&str], findings: &mut Findings) {
    let back = step.rollback.as_ref().map_or(&[][..], |rollback| rollback.action.spec().iam_actions);
    for (needed, way) in [(step.action.spec().iam_actions, "to be done"), (back, "to be taken back")] {
        for action in needed {
            if !granted.iter().any(|granted| granted.eq_ignore_ascii_case(action)) {
                findings.error(step, format!("needs {action} {way}, and the role does not have it"));
            }
        }
    }
}
