//! What a function of decommission knows of where it runs, and what they all do with a process.

use std::ops::Deref;
use std::path::PathBuf;

use sunset_aws::ledger::Processes;
use sunset_aws::observe::{TeamTables, observe};
use sunset_domain::approval::approvers::{self, Approvers};
use sunset_domain::ids::ProcessId;
use sunset_domain::process::record::ProcessRecord;
use sunset_domain::process::terms::Terms;
use sunset_domain::risk::assess::assess;
use sunset_domain::risk::assessment::Assessment;
use sunset_domain::runbook::plan_document::Plan;
use sunset_domain::windows::{self, Windows};

use crate::context::InvalidSettings;
use crate::policy_file::PolicyFile;
use crate::{Context, FunctionError};

/// What a function of decommission is deployed with, beside what every function is.
#[derive(Debug, Clone)]
pub struct ProcessContext {
    context: Context,
    /// The processes and their audit trail.
    pub processes: Processes,
    /// The deployed terms.
    pub terms: Terms,
    /// A team's own tables.
    pub teams: TeamTables,
    /// How long a call whose answer was lost may take to show.
    pub settle_seconds: u32,
    /// Where people answer, where the deployment says it.
    pub approve_url: Option<String>,
    /// What personal links are made with, where the deployment has the approval page.
    pub links: Option<LinkSettings>,
    task_root: PathBuf,
    approvers: Option<PolicyFile<Approvers>>,
    windows: Option<PolicyFile<Windows>>,
}

/// What personal links to the approval page are made with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkSettings {
    /// Where the page is.
    pub page_url: String,
    /// The name of the SSM parameter that holds the keys.
    pub keys_parameter: String,
}

impl Deref for ProcessContext {
    type Target = Context;

    fn deref(&self) -> &Context {
        &self.context
    }
}

const DEFAULT_SETTLE_SECONDS: u32 = 90;

impl ProcessContext {
    /// Reads an environment.
    ///
    /// # Errors
    /// [`InvalidSettings`] names the variable.
    pub fn from_environment(variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, InvalidSettings> {
        let given = |name: &'static str| variable(name).filter(|value| !value.is_empty());
        let required = |name: &'static str| given(name).ok_or(InvalidSettings::Missing(name));
        let context = Context::from_environment(variable)?;
        let settle_seconds = match given("SUNSET_SETTLE_SECONDS") {
            None => DEFAULT_SETTLE_SECONDS,
            Some(text) => {
                text.parse().ok().filter(|seconds| *seconds <= 3600).ok_or(InvalidSettings::SettleSeconds(text))?
            }
        };
        let links = given("SUNSET_PAGE_URL")
            .zip(given("SUNSET_LINK_KEYS_PARAMETER"))
            .map(|(page_url, keys_parameter)| LinkSettings { page_url, keys_parameter });
        Ok(Self {
            processes: Processes::new(context.ledger.clone(), required("SUNSET_AUDIT_TABLE")?),
            terms: Terms::from_environment(variable)?,
            teams: TeamTables {
                tracking: required("SUNSET_TRACKING_TABLE")?,
                dependencies: required("SUNSET_DEPENDENCIES_TABLE")?,
            },
            settle_seconds,
            approve_url: given("SUNSET_APPROVE_URL"),
            links,
            task_root: PathBuf::from(given("LAMBDA_TASK_ROOT").unwrap_or_else(|| ".".into())),
            approvers: None,
            windows: None,
            context,
        })
    }

    /// For a function that asks who may approve: reads that at its start.
    #[must_use]
    pub fn reading_approvers(mut self) -> Self {
        self.approvers = Some(PolicyFile::read(&self.task_root, approvers::PATH, Approvers::parse));
        self
    }

    /// For a function that asks when something irreversible may begin: reads that at its start.
    #[must_use]
    pub fn reading_windows(mut self) -> Self {
        self.windows = Some(PolicyFile::read(&self.task_root, windows::PATH, Windows::parse));
        self
    }

    /// The record of a process.
    ///
    /// # Errors
    /// [`FunctionError::Unknown`] where there is none.
    pub async fn process(&self, process_id: &ProcessId) -> Result<ProcessRecord, FunctionError> {
        let found = self.processes.process(process_id).await?;
        found.ok_or_else(|| FunctionError::Unknown(format!("process_id {process_id}: no such process in the ledger")))
    }

    /// Looks at a process's resource, and counts the risk anew.
    pub async fn look(&self, record: &ProcessRecord) -> Assessment {
        let now = self.now();
        let observation = observe(&self.clients, &record.resource, &self.teams, now).await;
        let own = Some(&record.process_id);
        assess(observation, &record.terms, &self.account_id, own, record.assessment.saturating_add(1), now)
    }

    /// Who may approve, as the policy file beside the function says.
    ///
    /// # Errors
    /// [`FunctionError::Unknown`] names the file, and in it the line and the field.
    pub fn approvers(&self) -> Result<&Approvers, FunctionError> {
        self.approvers.as_ref().ok_or_else(|| never_read(approvers::PATH))?.get()
    }

    /// When something irreversible may begin, as the policy file beside the function says.
    ///
    /// # Errors
    /// [`FunctionError::Unknown`] names the file, and in it the line and the field.
    pub fn windows(&self) -> Result<&Windows, FunctionError> {
        self.windows.as_ref().ok_or_else(|| never_read(windows::PATH))?.get()
    }

    /// An assessment of a process that must exist.
    ///
    /// # Errors
    /// [`FunctionError::Stale`] where it does not.
    pub async fn assessment(&self, record: &ProcessRecord, number: u32) -> Result<Assessment, FunctionError> {
        let found = self.processes.assessment(&record.process_id, number).await?;
        found.ok_or_else(|| FunctionError::Stale(format!("process {} has no assessment {number}", record.process_id)))
    }

    /// The newest plan of a process that must have one.
    ///
    /// # Errors
    /// [`FunctionError::Stale`] where it has none.
    pub async fn plan(&self, record: &ProcessRecord) -> Result<Plan, FunctionError> {
        let found = self.processes.plan(&record.process_id, record.plan).await?;
        found.ok_or_else(|| FunctionError::Stale(format!("process {} has no plan", record.process_id)))
    }
}

/// A function that does not read a file at its start has no code for it either.
fn never_read(path: &str) -> FunctionError {
    FunctionError::Unknown(format!("{path}: this function does not read it"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(name: &str) -> Option<String> {
        match name {
            "SUNSET_ACCOUNT_ID" => Some("123456789012".into()),
            "SUNSET_TABLE"
            | "SUNSET_BUCKET"
            | "SUNSET_TOPIC_ARN"
            | "SUNSET_AUDIT_TABLE"
            | "SUNSET_TRACKING_TABLE"
            | "SUNSET_DEPENDENCIES_TABLE" => Some("x".into()),
            _ => None,
        }
    }

    #[test]
    fn a_lost_answer_has_ninety_seconds_to_show_unless_the_deployment_says_otherwise() {
        assert_eq!(ProcessContext::from_environment(&variables).unwrap().settle_seconds, 90);
        let quick = |name: &str| if name == "SUNSET_SETTLE_SECONDS" { Some("0".into()) } else { variables(name) };
        assert_eq!(ProcessContext::from_environment(&quick).unwrap().settle_seconds, 0);
        let odd = |name: &str| if name == "SUNSET_SETTLE_SECONDS" { Some("soon".into()) } else { variables(name) };
        assert!(ProcessContext::from_environment(&odd).is_err());
    }

    #[test]
    fn links_need_the_page_and_its_keys() {
        let links = |given: &'static [&'static str]| {
            let with = |name: &str| if given.contains(&name) { Some(name.to_lowercase()) } else { variables(name) };
            ProcessContext::from_environment(&with).unwrap().links
        };
        let settings =
            LinkSettings { page_url: "sunset_page_url".into(), keys_parameter: "sunset_link_keys_parameter".into() };
        assert_eq!(links(&["SUNSET_PAGE_URL", "SUNSET_LINK_KEYS_PARAMETER"]), Some(settings));
        assert_eq!((links(&["SUNSET_PAGE_URL"]), links(&["SUNSET_LINK_KEYS_PARAMETER"])), (None, None));
    }
}
