//! What must hold before anything irreversible: its own target, a soak, a verified backup.

use super::{Findings, Severity};
use crate::ids::SnapshotId;
use crate::process::resource::ResourceType;
use crate::runbook::action::{Action, Effect};
use crate::runbook::document::Runbook;
use crate::runbook::step::{Input, OnFailure, Step};

pub(super) fn check(runbook: &Runbook, findings: &mut Findings) {
    the_soak(runbook, findings);
    the_end(runbook, findings);
    for (at, step) in runbook.steps.iter().enumerate() {
        target(runbook, at, step, findings);
        failure(runbook, at, step, findings);
        if is_irreversible(step) {
            backup(runbook, at, step, findings);
        }
    }
}

/// By the table, not by what the step says of itself.
fn is_irreversible(step: &Step) -> bool {
    step.action.spec().effect == Effect::Irreversible
}

fn earlier(runbook: &Runbook, at: usize) -> impl Iterator<Item = &Step> {
    runbook.steps.iter().take(at)
}

fn the_soak(runbook: &Runbook, findings: &mut Findings) {
    for soak in runbook.steps.iter().filter(|step| step.action == Action::Soak).skip(1) {
        findings.error(soak, "is a second soak: there is one between what can be taken back and what cannot");
    }
    for (at, step) in runbook.steps.iter().enumerate().filter(|(_, step)| is_irreversible(step)) {
        if !earlier(runbook, at).any(|step| step.action == Action::Soak) {
            findings.error(step, "is irreversible, and no soak comes before it");
        }
    }
}

fn the_end(runbook: &Runbook, findings: &mut Findings) {
    let resource_type = runbook.resource.resource_type();
    let end = Action::that_ends(resource_type);
    let mut ends = runbook.steps.iter().filter(|step| step.action == end);
    if ends.next().is_none() {
        let message = format!("holds no {end}: nothing in it ends {}", runbook.resource);
        findings.add(Severity::Error, None, message);
    }
    for step in ends {
        findings.error(step, format!("is a second {end}"));
    }
    for step in runbook.steps.iter().filter(|step| is_irreversible(step) && step.action != end) {
        let follows_an_image = resource_type == ResourceType::Image && step.action == Action::DeleteSnapshot;
        if !follows_an_image {
            findings.error(step, format!("{} ends no {resource_type}", step.action));
        }
    }
}

/// A step acts on the runbook's resource and on nothing else; the snapshots of an image go after it. That they are its
/// own is for the driver to look up: a runbook does not hold the image's configuration.
fn target(runbook: &Runbook, at: usize, step: &Step, findings: &mut Findings) {
    let Some(name) = step.action.target() else { return };
    let Some(input) = step.inputs.get(name) else { return };
    let literal = step.literal(name);
    let shown = || match input {
        Input::Value(value) => value.to_string(),
        Input::Output { step, name } => format!("the {name} of {step}"),
    };
    if runbook.resource.resource_type() == ResourceType::Image && step.action == Action::DeleteSnapshot {
        if literal.is_none_or(|id| SnapshotId::parse(id).is_err()) {
            findings.error(step, format!("acts on {}, and must name a snapshot", shown()));
        }
        if !earlier(runbook, at).any(|step| step.action == Action::DeregisterImage) {
            findings.error(step, "deletes a snapshot before its image is deregistered");
        }
    } else if literal != Some(runbook.resource.id()) {
        findings.error(step, format!("acts on {}, and this runbook is for {}", shown(), runbook.resource));
    }
}

/// Before the soak a failure takes everything back; after it there is nothing to go back to.
fn failure(runbook: &Runbook, at: usize, step: &Step, findings: &mut Findings) {
    let soaked = earlier(runbook, at).any(|step| step.action == Action::Soak);
    let may_stay = step.action == Action::DeleteSnapshot && runbook.resource.resource_type() == ResourceType::Image;
    match step.on_failure {
        OnFailure::Rollback if soaked && is_irreversible(step) => {
            findings.error(step, "is to be rolled back when it fails, and cannot be taken back");
        }
        OnFailure::Hold if !soaked => {
            findings.error(step, "waits for a person when it fails, and everything can still be taken back");
        }
        OnFailure::Continue if !may_stay => {
            findings.error(step, "goes on when it fails, and what follows stands on it");
        }
        _ => {}
    }
}

fn backup(runbook: &Runbook, at: usize, step: &Step, findings: &mut Findings) {
    let verified_by = step.recovery.as_ref().and_then(|recovery| recovery.verified_by.as_ref());
    let Some(verified_by) = verified_by else {
        match step.action.backed_up_by() {
            Some(backup) => findings.error(step, format!("stands on no verified backup; {backup} makes one")),
            None if step.recovery.is_none() => {
                findings.warning(step, "has no recovery: what it ends is gone for good");
            }
            None => {}
        }
        return;
    };
    let Some((place, verify)) = runbook.steps.iter().enumerate().find(|(_, other)| other.id == *verified_by) else {
        findings.error(step, format!("names {verified_by} as what verifies its backup, which is no step"));
        return;
    };
    if place >= at {
        findings.error(step, format!("comes before {verified_by}, which verifies its backup"));
    }
    if verify.action != Action::VerifyBackup {
        findings.error(step, format!("names {verified_by} as what verifies its backup, which is {}", verify.action));
        return;
    }
    let of = step.action.target().and_then(|name| step.literal(name));
    if verify.literal("of") != of {
        findings.error(step, format!("stands on {verified_by}, which verifies the backup of something else"));
    }
    let makes = |giver: &&Step| Some(giver.action) == step.action.backed_up_by();
    let backup = match verify.inputs.get("backup") {
        Some(Input::Output { step: giver, .. }) => {
            earlier(runbook, place).find(|other| other.id == *giver).filter(makes)
        }
        _ => None,
    };
    let of_the_same = |backup: &Step| backup.action.target().and_then(|name| backup.literal(name)) == of;
    if !backup.is_some_and(of_the_same) {
        findings.error(
            step,
            format!(
                "stands on {verified_by}, which verifies no backup that a step before it makes of the same resource"
            ),
        );
    }
}
