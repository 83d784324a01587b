//! The sections of a change request (C124), made from what a process knows.

use serde::{Deserialize, Serialize};

use crate::policy::Mode;
use crate::process::record::ProcessRecord;
use crate::risk::assessment::{Assessment, RequiredRole};
use crate::runbook::action::Effect;
use crate::runbook::document::Runbook;
use crate::runbook::duration::in_words;
use crate::runbook::step::Step;
use crate::time::Timestamp;

/// The sections of a change request (C124). They hold other people's text: whoever shows them escapes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeSections {
    /// The name that people know the process by.
    pub id: String,
    /// Who started it, and whether that is proved.
    pub requester: String,
    /// When the plan was made.
    pub date: Timestamp,
    /// The environment, or `unknown`.
    pub environment: String,
    /// What is to be done.
    pub description: String,
    /// Why.
    pub justification: String,
    /// What it means for others.
    pub impact: Impact,
    /// How it is done.
    pub implementation: Implementation,
    /// How it is taken back.
    pub rollback: RollbackSection,
    /// What shows that it went well.
    pub testing: Vec<String>,
    /// The roles that have to agree, and why.
    pub approvals: Vec<RequiredRole>,
}

/// What a change means for others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Impact {
    /// The resource, and every dependent.
    pub systems: Vec<String>,
    /// Who may notice.
    pub users: Vec<String>,
    /// The level of risk, and every reason for it.
    pub risk: Vec<String>,
}

/// How a change is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Implementation {
    /// When it begins.
    pub start: String,
    /// How long it will take, soak included: an estimate.
    pub estimated_seconds: u64,
    /// How long it may take at most.
    pub at_most_seconds: u64,
    /// The steps, in order.
    pub steps: Vec<String>,
}

/// How a change is taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RollbackSection {
    /// What sets it off.
    pub triggers: Vec<String>,
    /// Until when it is possible.
    pub until: String,
    /// The steps back, in order.
    pub steps: Vec<String>,
    /// How long they will take: an estimate.
    pub estimated_seconds: u64,
    /// What is lost although it is taken back.
    pub losses: Vec<String>,
    /// How the resource can be had again once it is gone.
    pub recovery: Vec<String>,
}

/// Fills in the sections.
#[must_use]
pub fn change_sections(
    runbook: &Runbook,
    assessment: &Assessment,
    record: &ProcessRecord,
    made_at: Timestamp,
) -> ChangeSections {
    let shown = assessment.observation.shown();
    let proved = if record.initiator_verified { "proved" } else { "as they say, not proved" };
    ChangeSections {
        id: record.display_id.clone(),
        requester: format!("{} ({proved})", record.initiator),
        date: made_at,
        environment: assessment.business.environment.clone(),
        description: format!("Retire {shown} of account {}", record.account_id),
        justification: record.reason.clone(),
        impact: impact(&shown, assessment, record),
        implementation: implementation(runbook, record.mode),
        rollback: rollback(runbook, assessment),
        testing: testing(runbook),
        approvals: assessment.roles.clone(),
    }
}

fn impact(shown: &str, assessment: &Assessment, record: &ProcessRecord) -> Impact {
    let mut systems = vec![shown.to_owned()];
    systems.extend(assessment.observation.dependents.iter().map(|it| format!("{} {} {}", it.kind, it.id, it.relation)));
    let business = &assessment.business;
    let mut users = vec![format!("owner: {}", record.resource_owner.as_deref().unwrap_or(&business.owner))];
    users.push(format!("project: {}", business.project));
    users.extend(record.stakeholders.iter().map(|who| format!("concerned: {who}")));
    if business.business_hours_impact {
        users.push("whoever uses it in business hours".into());
    }
    if assessment.technical.service_disruption_risk {
        users.push("whoever uses a service that stops with it".into());
    }
    let mut risk = vec![format!("{}, with {} points", assessment.level, assessment.score)];
    risk.extend(assessment.points.iter().map(|point| format!("{} for {}", point.points, point.reason)));
    risk.extend(assessment.floors.iter().map(|floor| format!("never below {}: {}", floor.level, floor.reason)));
    if !assessment.evidence_complete {
        risk.push("not every source could be read".into());
    }
    Impact { systems, users, risk }
}

fn numbered<'a>(steps: impl Iterator<Item = &'a Step>) -> Vec<String> {
    steps.map(|step| format!("{}: {}", step.id, step.description)).collect()
}

fn implementation(runbook: &Runbook, mode: Mode) -> Implementation {
    let sum = |seconds: fn(&Step) -> u32| runbook.steps.iter().map(|step| u64::from(seconds(step))).sum::<u64>();
    Implementation {
        start: match mode {
            Mode::Live => "as soon as this plan is approved; what cannot be taken back, in a change window".into(),
            Mode::DryRun => "never: this is a dry run, which looks at everything and changes nothing".into(),
        },
        estimated_seconds: sum(|step| step.action.usual_seconds()).saturating_add(runbook.soak_seconds.into()),
        at_most_seconds: sum(|step| step.timeout_seconds),
        steps: numbered(runbook.steps.iter()),
    }
}

fn rollback(runbook: &Runbook, assessment: &Assessment) -> RollbackSection {
    let undone: Vec<&Step> = runbook.before_the_soak().rev().filter(|step| step.rollback.is_some()).collect();
    let back = |step: &&Step| step.rollback.as_ref().map(|rollback| rollback.action);
    let mut losses: Vec<String> =
        runbook.steps.iter().filter_map(|step| Some(format!("{}: {}", step.id, step.loses.as_deref()?))).collect();
    if let Some(address) = public_address(assessment) {
        losses.push(format!("the public address that it has now is {address}"));
    }
    losses.extend(runbook.steps.iter().filter_map(|step| {
        let kept_away = step.rollback.as_ref()?.does_not_bring_back.as_deref()?;
        Some(format!("the rollback of {} does not bring back {kept_away}", step.id))
    }));
    RollbackSection {
        triggers: vec![
            "a step before the soak fails for good".into(),
            "somebody ends the soak early".into(),
            "the resource is looked at again after the soak, and the risk is higher, something new depends on it, somebody \
             tagged it to be kept, or it is no longer made of what was approved"
                .into(),
        ],
        until: format!(
            "until the first irreversible call, {} after the soak begins at the earliest",
            in_words(runbook.soak_seconds.into())
        ),
        steps: undone
            .iter()
            .filter_map(|step| Some(format!("{} takes back {}", back(step)?, step.id)))
            .collect(),
        estimated_seconds: undone.iter().filter_map(back).map(|action| u64::from(action.usual_seconds())).sum(),
        losses,
        recovery: runbook
            .steps
            .iter()
            .filter(|step| step.effect == Effect::Irreversible)
            .map(|step| match &step.recovery {
                Some(recovery) => format!("{}: {}", step.id, recovery.how),
                None => format!("{}: nothing brings back what it ends", step.id),
            })
            .collect(),
    }
}

/// Known only while the instance runs, and so no part of the runbook.
fn public_address(assessment: &Assessment) -> Option<&str> {
    match &assessment.observation.found.as_ref()?.configuration {
        crate::process::observation::Configuration::Instance(instance) => instance.auto_assigned_public_ip.as_deref(),
        _ => None,
    }
}

fn testing(runbook: &Runbook) -> Vec<String> {
    let mut testing: Vec<String> =
        runbook.steps.iter().map(|step| format!("{} is done when {}", step.id, step.verification)).collect();
    testing.push("what breaks without the resource shows during the soak, while it can still be taken back".into());
    testing
}
