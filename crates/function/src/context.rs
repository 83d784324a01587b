//! What a function knows of where it runs.

use sunset_aws::bucket::Bucket;
use sunset_aws::clients::Clients;
use sunset_aws::ledger::Ledger;
use sunset_domain::ids::{AccountId, InvalidId, RunId};
use sunset_domain::policy::{InvalidVariable, Policy};
use sunset_domain::run::RunRecord;
use sunset_domain::time::Timestamp;
use time::OffsetDateTime;

use crate::FunctionError;

/// What a function is deployed with.
#[derive(Debug, Clone)]
pub struct Context {
    /// The AWS clients.
    pub clients: Clients,
    /// The ledger.
    pub ledger: Ledger,
    /// The name of the bucket of manifests and reports.
    pub bucket_name: String,
    /// The topic of notices that have no owner's.
    pub topic_arn: String,
    /// The account that is cleaned.
    pub account_id: AccountId,
    /// Whether the stack allows live runs at all.
    pub allow_live: bool,
    /// The deployed policy.
    pub policy: Policy,
    /// The stack's name, the dimension of its metrics.
    pub stack: String,
}

/// A deployment that cannot work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSettings {
    /// A variable is not there.
    #[error("environment variable {0} is missing; the template sets it")]
    Missing(&'static str),
    /// A variable of the policy holds what it cannot hold.
    #[error(transparent)]
    Policy(#[from] InvalidVariable),
    /// The account is none.
    #[error("environment variable SUNSET_ACCOUNT_ID: {0}")]
    Account(#[from] InvalidId),
    /// Not a number of seconds.
    #[error("environment variable SUNSET_SETTLE_SECONDS is {0:?}; it must be a whole number of seconds up to 3600")]
    SettleSeconds(String),
    /// Neither true nor false.
    #[error("environment variable SUNSET_ALLOW_LIVE is {0:?}; it must be true or false")]
    AllowLive(String),
}

impl Context {
    /// Reads an environment.
    ///
    /// # Errors
    /// [`InvalidSettings`] names the variable.
    pub fn from_environment(variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, InvalidSettings> {
        let required =
            |name: &'static str| variable(name).filter(|value| !value.is_empty()).ok_or(InvalidSettings::Missing(name));
        let clients = Clients::from_environment(variable);
        let allow_live = match variable("SUNSET_ALLOW_LIVE").as_deref() {
            Some("true") => true,
            None | Some("" | "false") => false,
            Some(other) => return Err(InvalidSettings::AllowLive(other.to_owned())),
        };
        Ok(Self {
            ledger: Ledger::new(clients.dynamodb.clone(), required("SUNSET_TABLE")?),
            bucket_name: required("SUNSET_BUCKET")?,
            topic_arn: required("SUNSET_TOPIC_ARN")?,
            account_id: AccountId::parse(&required("SUNSET_ACCOUNT_ID")?)?,
            allow_live,
            policy: Policy::from_environment(variable)?,
            stack: variable("SUNSET_STACK").filter(|value| !value.is_empty()).unwrap_or_else(|| "sunset".into()),
            clients,
        })
    }

    /// The bucket of manifests and reports.
    #[must_use]
    pub fn bucket(&self) -> Bucket {
        Bucket::new(self.clients.s3().clone(), &self.bucket_name)
    }

    /// The record of a run that is not closed: the only place where a function learns a run's mode and policy.
    ///
    /// # Errors
    /// [`FunctionError::Unknown`] or [`FunctionError::Stale`].
    pub async fn open_run(&self, run_id: &RunId) -> Result<RunRecord, FunctionError> {
        let run = self.ledger.run(run_id).await?;
        let run = run.ok_or_else(|| FunctionError::Unknown(format!("run_id {run_id}: no such run in the ledger")))?;
        match run.closed_at {
            None => Ok(run),
            Some(closed_at) => Err(FunctionError::Stale(format!("run {run_id} was closed {closed_at}"))),
        }
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        now()
    }
}

/// The time.
#[must_use]
pub fn now() -> Timestamp {
    Timestamp::from_unix_seconds(OffsetDateTime::now_utc().unix_timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(name: &str) -> Option<String> {
        match name {
            "SUNSET_TABLE" | "SUNSET_BUCKET" | "SUNSET_TOPIC_ARN" => Some("x".into()),
            "SUNSET_ACCOUNT_ID" => Some("123456789012".into()),
            _ => None,
        }
    }

    #[test]
    fn a_stack_is_not_live_unless_it_says_so() {
        assert!(!Context::from_environment(&variables).unwrap().allow_live);
        let odd = |name: &str| if name == "SUNSET_ALLOW_LIVE" { Some("yes".into()) } else { variables(name) };
        let error = Context::from_environment(&odd).unwrap_err();
        assert_eq!(error.to_string(), r#"environment variable SUNSET_ALLOW_LIVE is "yes"; it must be true or false"#);
    }

    #[test]
    fn a_missing_variable_is_named() {
        let without = |name: &str| if name == "SUNSET_TABLE" { None } else { variables(name) };
        assert_eq!(Context::from_environment(&without).unwrap_err(), InvalidSettings::Missing("SUNSET_TABLE"));
    }
}
