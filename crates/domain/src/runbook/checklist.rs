//! The items of the decommissioning checklist (C36 to C40), each checked by the machine or attested by a person.

mod facts;
mod items;

use serde::{Deserialize, Serialize};

use items::ITEMS;

use crate::process::record::{ProcessRecord, StepRecord};
use crate::risk::assessment::Assessment;
use crate::run::ObjectRef;
use crate::runbook::check::Finding;
use crate::runbook::checklist::facts::Facts;
use crate::runbook::document::Runbook;

/// The five groups, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// C36.
    PreDecommissioning,
    /// C37.
    DataProtection,
    /// C38.
    DependencyManagement,
    /// C39.
    Execution,
    /// C40.
    PostDecommissioning,
}

impl Group {
    /// The name for people.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PreDecommissioning => "pre-decommissioning",
            Self::DataProtection => "data protection",
            Self::DependencyManagement => "dependency management",
            Self::Execution => "execution",
            Self::PostDecommissioning => "post-decommissioning",
        }
    }
}

/// Who says whether an item is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckedBy {
    /// The machine: from what it read and recorded.
    Machine,
    /// A person, who approves the plan knowing what they attest by it, or who does it afterwards.
    Person,
}

/// How far an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemState {
    /// Proved, or attested.
    Done,
    /// Not proved, or not yet.
    Open,
    /// There is nothing to do here.
    NotApplicable,
    /// Only a person can say.
    AttestedNeeded,
}

impl ItemState {
    /// The name for people.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Open => "open",
            Self::NotApplicable => "not applicable",
            Self::AttestedNeeded => "a person attests",
        }
    }
}

/// An item of the list, the same for every process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ItemSpec {
    /// `pre-1` to `post-5`.
    pub id: &'static str,
    /// Its group.
    pub group: Group,
    /// What is to be done.
    pub text: &'static str,
    /// Who says whether it is.
    pub checked_by: CheckedBy,
    /// How the machine checks it, or what a person attests.
    pub how: &'static str,
}

/// An item of one process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChecklistItem {
    /// `pre-1` to `post-5`.
    pub id: String,
    /// Its group.
    pub group: Group,
    /// What is to be done.
    pub text: String,
    /// Who says whether it is.
    pub checked_by: CheckedBy,
    /// How the machine checks it, or what a person attests.
    pub how: String,
    /// How far it is.
    pub state: ItemState,
    /// What that stands on, in a sentence.
    pub evidence: String,
}

/// What is known once a process is over.
#[derive(Debug, Clone, Copy)]
pub struct Aftermath<'a> {
    /// The records of the steps that were begun.
    pub steps: &'a [StepRecord],
    /// Who approved, by name; nobody where the rule did.
    pub approved_by: &'a [String],
    /// What looking for the resource found.
    pub removal: Removal<'a>,
    /// Where the report is kept.
    pub report: Option<&'a ObjectRef>,
}

/// Whether the resource is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removal<'a> {
    /// Proved, by this.
    Proved(&'a str),
    /// Not proved, because of this.
    NotProved(&'a str),
    /// Nobody tried to remove it.
    NotTried,
}

/// The checklist as far as it is known when a plan is made.
#[must_use]
pub fn when_planned(
    runbook: &Runbook,
    assessment: &Assessment,
    record: &ProcessRecord,
    findings: &[Finding],
) -> Vec<ChecklistItem> {
    list(&Facts { runbook, assessment, record, findings, aftermath: None })
}

/// The checklist once the process is over.
#[must_use]
pub fn when_reported(
    runbook: &Runbook,
    assessment: &Assessment,
    record: &ProcessRecord,
    findings: &[Finding],
    aftermath: Aftermath<'_>,
) -> Vec<ChecklistItem> {
    list(&Facts { runbook, assessment, record, findings, aftermath: Some(aftermath) })
}

fn list(facts: &Facts<'_>) -> Vec<ChecklistItem> {
    ITEMS
        .iter()
        .map(|(spec, look)| {
            let (state, evidence) = look(facts);
            ChecklistItem {
                id: spec.id.into(),
                group: spec.group,
                text: spec.text.into(),
                checked_by: spec.checked_by,
                how: spec.how.into(),
                state,
                evidence,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests;
