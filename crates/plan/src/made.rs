//! A plan made of an assessment, and checked.

use sunset_domain::process::record::ProcessRecord;
use sunset_domain::risk::assessment::Assessment;
use sunset_domain::runbook::check::{Severity, check, is_fit};
use sunset_domain::runbook::plan::plan;
use sunset_domain::runbook::plan_document::{Plan, plan_document};
use sunset_function::{FunctionError, ProcessContext};

/// What came of planning.
pub enum Made {
    /// A plan without errors.
    Plan(Box<Plan>),
    /// None: why there is none, or what its checker says against it.
    None(String),
}

/// The IAM actions that `execute` holds in a live stack; the deployment's tests hold this list against its role.
pub const GRANTED: &str = include_str!("../../execute/iam-actions.txt");

fn granted() -> Vec<&'static str> {
    GRANTED
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| line.rsplit(' ').next().unwrap_or(line))
        .collect()
}

/// Makes the plan of a process, as number `number`.
pub fn make(
    context: &ProcessContext,
    record: &ProcessRecord,
    assessment: &Assessment,
    number: u32,
) -> Result<Made, FunctionError> {
    let runbook = match plan(assessment, &record.terms) {
        Ok(runbook) => runbook,
        Err(no_plan) => return Ok(Made::None(no_plan.to_string())),
    };
    let findings = check(&runbook, &granted());
    let document = plan_document(record, assessment, runbook, findings, number, context.now())
        .map_err(|error| FunctionError::Document { what: "plan", cause: error.to_string() })?;
    if is_fit(&document.findings) {
        return Ok(Made::Plan(Box::new(document)));
    }
    let errors = document.findings.iter().filter(|finding| finding.severity == Severity::Error);
    let errors: Vec<&str> = errors.map(|finding| finding.message.as_str()).collect();
    Ok(Made::None(format!("the checker found errors in the plan: {}", errors.join("; "))))
}
