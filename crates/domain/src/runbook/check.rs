//! What is wrong with a runbook, whoever wrote it: checked apart from the planning, so that a mistake there shows here.

mod form;
mod order;
mod safety;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::process::terms::MIN_QUIET_SOAK_SECONDS;
use crate::runbook::action::Effect;
use crate::runbook::document::{RUNBOOK_SCHEMA, Runbook};
use crate::runbook::step::{Step, StepId};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The runbook must not be carried out.
    Error,
    /// People should know before they approve it.
    Warning,
    /// What it is.
    Info,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        })
    }
}

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// The step that it is about; nothing where it is about the whole.
    pub step: Option<StepId>,
    /// What, in a sentence without its subject.
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.step {
            Some(step) => write!(f, "{}: {step}: {}", self.severity, self.message),
            None => write!(f, "{}: {}", self.severity, self.message),
        }
    }
}

/// What the checks found so far.
#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, severity: Severity, step: Option<&Step>, message: impl Into<String>) {
        self.0.push(Finding { severity, step: step.map(|step| step.id.clone()), message: message.into() });
    }

    fn error(&mut self, step: &Step, message: impl Into<String>) {
        self.add(Severity::Error, Some(step), message);
    }

    fn warning(&mut self, step: &Step, message: impl Into<String>) {
        self.add(Severity::Warning, Some(step), message);
    }
}

/// Checks a runbook against the actions' table, against itself, and against what the role that carries it out may do.
/// The worst comes first; a runbook with an error must not be carried out.
#[must_use]
pub fn check(runbook: &Runbook, granted_iam_actions: &[&str]) -> Vec<Finding> {
    let mut findings = Findings::default();
    if runbook.schema != RUNBOOK_SCHEMA {
        let message = format!("is of schema {}, and only {RUNBOOK_SCHEMA} is known", runbook.schema);
        findings.add(Severity::Error, None, message);
    }
    order::check(runbook, &mut findings);
    for (at, step) in runbook.steps.iter().enumerate() {
        form::check(runbook, at, step, granted_iam_actions, &mut findings);
    }
    safety::check(runbook, &mut findings);
    if runbook.soak_seconds < MIN_QUIET_SOAK_SECONDS {
        let message = format!(
            "soaks for {} seconds; what a change breaks often shows only after {MIN_QUIET_SOAK_SECONDS}",
            runbook.soak_seconds
        );
        findings.add(Severity::Warning, None, message);
    }
    for step in runbook.steps.iter().filter(|step| step.effect == Effect::Irreversible) {
        let message = match &step.recovery {
            Some(recovery) => format!("cannot be taken back. The way to have it again: {}", recovery.how),
            None => "cannot be taken back, and nothing brings back what it ends".to_owned(),
        };
        findings.add(Severity::Info, Some(step), message);
    }
    findings.0.sort_by_key(|finding| finding.severity);
    findings.0
}

/// Whether a runbook with these findings may be carried out.
#[must_use]
pub fn is_fit(findings: &[Finding]) -> bool {
    findings.iter().all(|finding| finding.severity != Severity::Error)
}

#[cfg(test)]
mod tests;
