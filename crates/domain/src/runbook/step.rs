//! One step of a runbook.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::runbook::action::{Action, Effect};

/// A step's name within its runbook: `stop-instance`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StepId(String);

impl StepId {
    /// Takes a name of lower-case letters, digits and hyphens; every other character becomes a hyphen.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let fit = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
        Self(name.chars().map(fit).collect())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StepId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where an input comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Input {
    /// It is known when the runbook is made.
    Value(Value),
    /// An earlier step gives it.
    Output {
        /// Which step.
        step: StepId,
        /// Which of its outputs.
        name: String,
    },
}

/// What happens when a step fails for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnFailure {
    /// Everything that was taken is taken back.
    Rollback,
    /// A person decides.
    Hold,
    /// The next step is taken, and the report says so.
    Continue,
}

/// The way back from a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rollback {
    /// What takes it back.
    pub action: Action,
    /// With what.
    pub inputs: BTreeMap<String, Input>,
    /// What it does not bring back, in a sentence; nothing where all comes back.
    pub does_not_bring_back: Option<String>,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Its name.
    pub id: StepId,
    /// What it does.
    pub action: Action,
    /// How far that can be taken back.
    pub effect: Effect,
    /// What it does, for people.
    pub description: String,
    /// With what.
    pub inputs: BTreeMap<String, Input>,
    /// The steps that must be done before it.
    pub after: Vec<StepId>,
    /// What must hold right before it, for people: the driver looks for exactly this.
    pub preconditions: Vec<String>,
    /// What proves that it is done, for people: the driver looks for exactly this.
    pub verification: String,
    /// The way back; nothing where there is none or none is needed.
    pub rollback: Option<Rollback>,
    /// What is lost by it although it can be taken back, in a sentence.
    pub loses: Option<String>,
    /// How long it may take until it is proved done.
    pub timeout_seconds: u32,
    /// What happens when it fails.
    pub on_failure: OnFailure,
    /// For an irreversible step: how the resource can be had again; nothing where it cannot.
    pub recovery: Option<Recovery>,
}

/// How something irreversible can be made up for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recovery {
    /// In a sentence, as exact as a person needs it.
    pub how: String,
    /// The verification step that stands behind it; nothing where the record alone suffices.
    pub verified_by: Option<StepId>,
}

impl Step {
    /// A literal text among the inputs.
    #[must_use]
    pub fn literal(&self, name: &str) -> Option<&str> {
        match self.inputs.get(name) {
            Some(Input::Value(Value::String(text))) => Some(text),
            _ => None,
        }
    }
}
