//! Approval by rule: what needs no person, and every reason why something else does (C31, C42, C45).

#[cfg(test)]
mod tests;

use crate::process::terms::{Profile, Terms};
use crate::risk::assessment::{Assessment, Criticality};
use crate::risk::level::Level;
use crate::runbook::action::{Action, Effect};
use crate::runbook::document::Runbook;
use crate::runbook::step::Step;

/// Approves a plan without asking anybody: the risk is low, everything is known, and whatever cannot be taken back can be
/// had again.
///
/// # Errors
/// Every reason why people must be asked.
pub fn approve_by_rule(assessment: &Assessment, runbook: &Runbook, terms: &Terms) -> Result<(), Vec<String>> {
    let mut reasons: Vec<String> = Vec::new();
    let mut unless = |holds: bool, reason: String| {
        if !holds {
            reasons.push(reason);
        }
    };
    unless(terms.auto_approve, "approval by rule is switched off".into());
    unless(
        terms.profile == Profile::V2 && assessment.profile == Profile::V2,
        format!("risk is counted by profile {}, in which unknown counts as nothing", Profile::SeedV1.as_str()),
    );
    unless(assessment.level == Level::Low, format!("the risk is {}", assessment.level));
    unless(assessment.evidence_complete, "the evidence is incomplete".into());
    match assessment.business.criticality {
        Criticality::Low | Criticality::Medium => {}
        Criticality::High => unless(false, "the business would miss it: its criticality is high".into()),
        Criticality::Unknown => unless(false, "nobody knows how much the business would miss it".into()),
    }
    unless(!assessment.technical.has_critical_dependencies, "something depends on it that fails without it".into());
    unless(assessment.blocked.is_empty(), "the assessment blocks it".into());
    unless(assessment.managed_by.is_empty(), "something else manages it".into());
    unless(
        assessment.observation.resource == runbook.resource
            && assessment.fingerprint.as_deref() == Some(runbook.fingerprint.as_str()),
        "the plan was made for something else than was assessed".into(),
    );
    let end = Action::that_ends(runbook.resource.resource_type());
    unless(runbook.steps.iter().any(|step| step.action == end), format!("the plan has no step {end}"));
    for (at, step) in runbook.steps.iter().enumerate() {
        if step.effect == Effect::Irreversible || step.action.spec().effect == Effect::Irreversible {
            let before = runbook.steps.get(..at).unwrap_or_default();
            reasons.extend(no_recovery(step, before));
        }
    }
    if reasons.is_empty() { Ok(()) } else { Err(reasons) }
}

/// Whether an action takes data with it: a record of it does not bring that back, a verified backup does.
fn takes_data(action: Action) -> bool {
    // What is not known to take none is taken for one that does.
    !matches!(action, Action::ReleaseAddress | Action::DeleteSecurityGroup)
}

/// Why nothing sure enough stands behind an irreversible step.
fn no_recovery(step: &Step, before: &[Step]) -> Option<String> {
    let id = &step.id;
    let Some(recovery) = &step.recovery else {
        return Some(format!("nothing brings back what step {id} takes"));
    };
    match &recovery.verified_by {
        None if takes_data(step.action) => Some(format!("no verified backup stands behind step {id}")),
        None => None,
        Some(verification) => {
            let verified = before.iter().any(|one| one.id == *verification && one.action == Action::VerifyBackup);
            (!verified).then(|| format!("step {id} names {verification}, which verifies no backup before it"))
        }
    }
}
