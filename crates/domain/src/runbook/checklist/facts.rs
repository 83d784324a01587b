//! What the items look at.

use crate::policy::Mode;
use crate::process::record::{ProcessRecord, StepRecord, StepState};
use crate::process::resource::ResourceType;
use crate::risk::assessment::Assessment;
use crate::runbook::action::Action;
use crate::runbook::check::Finding;
use crate::runbook::checklist::{Aftermath, ItemState};
use crate::runbook::document::Runbook;
use crate::runbook::step::Step;

/// An item's state, and what it stands on.
pub(super) type Answer = (ItemState, String);

pub(super) struct Facts<'a> {
    pub(super) runbook: &'a Runbook,
    pub(super) assessment: &'a Assessment,
    pub(super) record: &'a ProcessRecord,
    pub(super) findings: &'a [Finding],
    pub(super) aftermath: Option<Aftermath<'a>>,
}

impl<'a> Facts<'a> {
    pub(super) fn is_dry(&self) -> bool {
        self.record.mode == Mode::DryRun
    }

    /// An Elastic IP and a security group hold none.
    pub(super) fn holds_data(&self) -> bool {
        !matches!(self.runbook.resource.resource_type(), ResourceType::Address | ResourceType::SecurityGroup)
    }

    /// Who approved the newest plan; nothing where nobody and no rule did.
    pub(super) fn approved(&self) -> Option<Approved> {
        if !self.record.is_approved() {
            return None;
        }
        if let Some(names) = self.aftermath.map(|after| after.approved_by).filter(|names| !names.is_empty()) {
            return Some(Approved::ByPeople(names.join(", ")));
        }
        let asked = self.record.round.as_ref().map(|round| &round.plan_hash);
        if asked.is_some() && asked == self.record.approved_plan_hash.as_ref() {
            Some(Approved::ByPeople("those who were asked".into()))
        } else {
            Some(Approved::ByRule)
        }
    }

    /// An item that whoever approves the plan attests by it.
    pub(super) fn attested_by_approval(&self, what: impl std::fmt::Display) -> Answer {
        match (self.approved(), self.aftermath) {
            (Some(Approved::ByPeople(who)), _) => (ItemState::Done, format!("{what}: attested by {who} with the plan")),
            (Some(Approved::ByRule), _) => {
                (ItemState::AttestedNeeded, format!("{what}: the plan was approved by rule, and nobody attested it"))
            }
            (None, Some(_)) if self.is_dry() => (ItemState::NotApplicable, format!("{what}: a dry run asks nobody")),
            (None, Some(_)) => (ItemState::AttestedNeeded, format!("{what}: nobody approved the plan")),
            (None, None) => (ItemState::AttestedNeeded, format!("{what}: who approves the plan attests it")),
        }
    }

    /// An item that a person does once the process is over.
    pub(super) fn attested_afterwards(&self, what: &str) -> Answer {
        match self.aftermath {
            None => (ItemState::Open, "comes after the process".into()),
            Some(after) if self.is_dry() || after.steps.is_empty() => {
                (ItemState::NotApplicable, "nothing was changed".into())
            }
            Some(_) => (ItemState::AttestedNeeded, what.into()),
        }
    }

    /// The step that makes the backup, where there is one.
    pub(super) fn backup(&self) -> Option<&'a Step> {
        self.step_that(|action| matches!(action, Action::CreateImage | Action::CreateSnapshot))
    }

    pub(super) fn step_that(&self, does: impl Fn(Action) -> bool) -> Option<&'a Step> {
        self.runbook.steps.iter().find(|step| does(step.action))
    }

    pub(super) fn record_of(&self, step: &Step) -> Option<&'a StepRecord> {
        self.aftermath?.steps.iter().find(|record| record.step == step.id)
    }

    /// What an item of the execution says while there was none; nothing where steps were taken.
    pub(super) fn not_carried_out(&self) -> Option<Answer> {
        match self.aftermath {
            None => Some((ItemState::Open, "the ledger will show it".into())),
            Some(_) if self.is_dry() => Some((ItemState::NotApplicable, "a dry run takes no step".into())),
            Some(after) if after.steps.is_empty() => {
                Some((ItemState::NotApplicable, "no step of the plan was taken".into()))
            }
            Some(_) => None,
        }
    }

    /// The plan's steps that leave a record, with the record of each that was begun. A soak is no call and leaves none.
    pub(super) fn begun(&self) -> Vec<(&'a Step, Option<&'a StepRecord>)> {
        self.runbook
            .steps
            .iter()
            .filter(|step| step.action != Action::Soak)
            .map(|step| (step, self.record_of(step)))
            .collect()
    }
}

/// How a plan was approved.
pub(super) enum Approved {
    /// By these.
    ByPeople(String),
    /// By the rule for low risk.
    ByRule,
}

/// Whether a step was proved done, or found done, whatever happened to it afterwards.
pub(super) fn was_proved(state: StepState) -> bool {
    match state {
        StepState::Done
        | StepState::Skipped
        | StepState::UndoIntended
        | StepState::UndoCalled
        | StepState::Undone
        | StepState::UndoFailed => true,
        StepState::Intended | StepState::Called | StepState::Failed | StepState::Rehearsed => false,
    }
}
