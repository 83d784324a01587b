//! A whole runbook: canonical JSON for its hash, YAML for people.

use serde::{Deserialize, Serialize};

use crate::canonical::{NotCanonical, sha256};
use crate::ids::PlanHash;
use crate::process::resource::Resource;
use crate::runbook::action::{Action, Effect};
use crate::runbook::step::{Step, StepId};

/// The version of runbook documents.
pub const RUNBOOK_SCHEMA: u32 = 1;

/// A runbook: what approvers approve. It holds the target, the fingerprint of its configuration and the steps; times,
/// prices and evidence stand outside it, so that the same steps always have the same hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Runbook {
    /// The version of this document's form.
    pub schema: u32,
    /// What it is for, in a line.
    pub name: String,
    /// The resource that it retires.
    pub resource: Resource,
    /// The digest of what the resource is made of.
    pub fingerprint: String,
    /// How long the soak is.
    pub soak_seconds: u32,
    /// How long its backups are kept.
    pub backup_retention_days: u32,
    /// The steps, in order.
    pub steps: Vec<Step>,
}

impl Runbook {
    /// The plan hash.
    ///
    /// # Errors
    /// [`NotCanonical`].
    pub fn hash(&self) -> Result<PlanHash, NotCanonical> {
        Ok(PlanHash::built(sha256(self)?))
    }

    /// The runbook as YAML.
    ///
    /// # Errors
    /// [`NotYaml`].
    pub fn yaml(&self) -> Result<String, NotYaml> {
        serde_saphyr::to_string(self).map_err(|error| NotYaml(error.to_string()))
    }

    /// The step of this name.
    #[must_use]
    pub fn step(&self, id: &StepId) -> Option<&Step> {
        self.steps.iter().find(|step| step.id == *id)
    }

    /// The steps before the soak: what can be taken back.
    pub fn before_the_soak(&self) -> impl DoubleEndedIterator<Item = &Step> {
        let soak = self.soak_at();
        self.steps.iter().take(soak)
    }

    /// The steps after the soak.
    pub fn after_the_soak(&self) -> impl DoubleEndedIterator<Item = &Step> {
        let soak = self.soak_at();
        self.steps.iter().skip(soak.saturating_add(1))
    }

    fn soak_at(&self) -> usize {
        self.steps.iter().position(|step| step.action == Action::Soak).unwrap_or(self.steps.len())
    }

    /// Whether every irreversible step has a recovery.
    #[must_use]
    pub fn is_recoverable(&self) -> bool {
        self.steps.iter().filter(|step| step.effect == Effect::Irreversible).all(|step| step.recovery.is_some())
    }
}

/// A runbook that YAML cannot write.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot be written as YAML: {0}")]
pub struct NotYaml(String);
