//! How plans write their steps down: what the actions' table already says of a step is not said again.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::process::resource::Resource;
use crate::process::terms::Terms;
use crate::runbook::action::{Action, Effect};
use crate::runbook::document::{RUNBOOK_SCHEMA, Runbook};
use crate::runbook::duration::in_words;
use crate::runbook::step::{Input, OnFailure, Recovery, Rollback, Step, StepId};

/// A runbook in the making.
pub(super) struct Draft {
    resource: Resource,
    soak_seconds: u32,
    backup_retention_days: u32,
    tagged: StepId,
    steps: Vec<Step>,
}

impl Draft {
    /// Begins as every plan begins: the record first, then the tag that tells everybody.
    pub(super) fn begin(resource: &Resource, terms: &Terms) -> Self {
        let recorded = StepId::new("record-configuration");
        let tagged = StepId::new("tag-resource");
        let mut draft = Self {
            resource: resource.clone(),
            soak_seconds: terms.soak_seconds,
            backup_retention_days: terms.backup_retention_days,
            tagged: tagged.clone(),
            steps: Vec::new(),
        };
        draft.add(
            step(
                &recorded,
                Action::RecordConfiguration,
                format!("Stores what {resource} is made of, for the way back."),
            )
            .requires("the assessment that confirmed this plan found the fingerprint of this runbook")
            .proved_by("the ledger holds the assessment of this fingerprint, with the whole configuration"),
            &[],
        );
        draft.add(
            step(
                &tagged,
                Action::TagResource,
                format!("Tags {resource} as this process's own, for everybody to see that it is on its way out."),
            )
            .with("resource_id", resource.id())
            .requires("it has no tag sunset:process of another process")
            .proved_by("its tag sunset:process names this process")
            .undone_by(Action::UntagResource, [], None),
            &[&recorded],
        );
        draft
    }

    /// The resource's id.
    pub(super) fn id(&self) -> String {
        self.resource.id().to_owned()
    }

    /// The step that every plan's own steps come after.
    pub(super) fn tagged(&self) -> StepId {
        self.tagged.clone()
    }

    /// How long backups are kept, in words.
    pub(super) fn kept_for(&self) -> String {
        in_words(u64::from(self.backup_retention_days).saturating_mul(86_400))
    }

    /// Adds a step that comes after these.
    pub(super) fn add(&mut self, writing: Writing, after: &[&StepId]) -> StepId {
        let Writing(mut step) = writing;
        step.after = after.iter().map(|id| (*id).clone()).collect();
        let id = step.id.clone();
        self.steps.push(step);
        id
    }

    /// Adds the soak; `meanwhile` says what the resource is like until it ends.
    pub(super) fn soak(&mut self, meanwhile: &str, after: &[&StepId]) -> StepId {
        let id = StepId::new("soak");
        let mut soak =
            step(&id, Action::Soak, format!("Leaves it alone for {}: {meanwhile}", in_words(self.soak_seconds.into())))
                .requires("every step before it is done")
                .proved_by(format!(
                    "{} have passed since it began, and nobody ended it early",
                    in_words(self.soak_seconds.into())
                ));
        soak.0.timeout_seconds = self.soak_seconds;
        self.add(soak, after)
    }

    /// The finished runbook.
    pub(super) fn runbook(self, fingerprint: String) -> Runbook {
        Runbook {
            schema: RUNBOOK_SCHEMA,
            name: format!("Retire {}", self.resource),
            resource: self.resource,
            fingerprint,
            soak_seconds: self.soak_seconds,
            backup_retention_days: self.backup_retention_days,
            steps: self.steps,
        }
    }
}

/// A step in the making.
pub(super) struct Writing(Step);

/// Begins a step. Before the soak everything is taken back when it fails; an irreversible step is held for a person.
pub(super) fn step(id: &StepId, action: Action, description: impl Into<String>) -> Writing {
    let effect = action.spec().effect;
    let mut preconditions = Vec::new();
    if effect == Effect::Irreversible {
        preconditions.push("the soak is over, and nobody ended it early".to_owned());
        preconditions.push(
            "an assessment made right before it is no worse than the approved one, and finds the same fingerprint"
                .to_owned(),
        );
    }
    Writing(Step {
        id: id.clone(),
        action,
        effect,
        description: description.into(),
        inputs: BTreeMap::new(),
        after: Vec::new(),
        preconditions,
        verification: String::new(),
        rollback: None,
        loses: None,
        timeout_seconds: action.timeout_seconds(),
        on_failure: if effect == Effect::Irreversible { OnFailure::Hold } else { OnFailure::Rollback },
        recovery: None,
    })
}

impl Writing {
    /// An input that is known now.
    pub(super) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.inputs.insert(name.to_owned(), Input::Value(value.into()));
        self
    }

    /// An input that an earlier step gives.
    pub(super) fn with_output(mut self, name: &str, of: &StepId, output: &str) -> Self {
        self.0.inputs.insert(name.to_owned(), Input::Output { step: of.clone(), name: output.to_owned() });
        self
    }

    /// What must hold right before it.
    pub(super) fn requires(mut self, precondition: impl Into<String>) -> Self {
        self.0.preconditions.push(precondition.into());
        self
    }

    /// What proves that it is done.
    pub(super) fn proved_by(mut self, verification: impl Into<String>) -> Self {
        self.0.verification = verification.into();
        self
    }

    /// The way back: with the step's own inputs where they have the same name, and with these.
    pub(super) fn undone_by<const N: usize>(
        mut self,
        action: Action,
        more: [(&str, Value); N],
        does_not_bring_back: Option<String>,
    ) -> Self {
        let mut inputs: BTreeMap<String, Input> = self
            .0
            .inputs
            .iter()
            .filter(|(name, _)| action.spec().inputs.contains(&name.as_str()))
            .map(|(name, input)| (name.clone(), input.clone()))
            .collect();
        inputs.extend(more.map(|(name, value)| (name.to_owned(), Input::Value(value))));
        self.0.rollback = Some(Rollback { action, inputs, does_not_bring_back });
        self
    }

    /// What is lost by it although it can be taken back.
    pub(super) fn loses(mut self, what: impl Into<String>) -> Self {
        self.0.loses = Some(what.into());
        self
    }

    /// How the resource can be had again.
    pub(super) fn recovered_by(mut self, how: impl Into<String>, verified_by: Option<&StepId>) -> Self {
        self.0.recovery = Some(Recovery { how: how.into(), verified_by: verified_by.cloned() });
        self
    }
}
