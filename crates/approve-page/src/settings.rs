//! What the page is deployed with: less than any other function.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use sunset_aws::clients::Clients;
use sunset_aws::ledger::{Ledger, Processes};
use sunset_domain::approval::approvers::{self, Approvers};
use sunset_domain::time::Timestamp;
use sunset_function::context::{InvalidSettings, now};

use crate::keys::Keys;

/// What the page knows of where it runs.
#[derive(Debug)]
pub struct PageContext {
    /// The processes and their audit trail.
    pub processes: Processes,
    /// What signs links.
    pub keys: Keys,
    /// Who may approve, as the policy file beside the function says; else what is wrong with it.
    pub approvers: Result<Approvers, String>,
    /// The stack's name, the dimension of its metrics.
    pub stack: String,
}

impl PageContext {
    /// Reads an environment, and the policy file.
    ///
    /// # Errors
    /// [`InvalidSettings`] names the variable.
    pub fn from_environment(variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, InvalidSettings> {
        let given = |name: &'static str| variable(name).filter(|value| !value.is_empty());
        let required = |name: &'static str| given(name).ok_or(InvalidSettings::Missing(name));
        let clients = Clients::for_somebody_who_waits(variable);
        let ledger = Ledger::new(clients.dynamodb.clone(), required("SUNSET_TABLE")?);
        let folder = PathBuf::from(given("LAMBDA_TASK_ROOT").unwrap_or_else(|| ".".into()));
        let approvers = std::fs::read_to_string(folder.join(approvers::PATH))
            .map_err(|error| error.to_string())
            .and_then(|text| Approvers::parse(&text).map_err(|error| error.to_string()))
            .map_err(|error| format!("{}: {error}", approvers::PATH));
        if let Err(broken) = &approvers {
            tracing::error!(broken, "nobody can be recognised");
        }
        Ok(Self {
            processes: Processes::new(ledger, required("SUNSET_AUDIT_TABLE")?),
            keys: Keys::new(clients, required("SUNSET_LINK_KEYS_PARAMETER")?),
            approvers,
            stack: given("SUNSET_STACK").unwrap_or_else(|| "sunset".into()),
        })
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        now()
    }

    /// The nanoseconds since 1970.
    pub fn nanos(&self) -> u128 {
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_needs_its_tables_and_the_name_of_its_keys_and_nothing_more() {
        let variable = |name: &str| match name {
            "SUNSET_TABLE" | "SUNSET_AUDIT_TABLE" | "SUNSET_LINK_KEYS_PARAMETER" => Some("x".to_owned()),
            _ => None,
        };
        assert!(PageContext::from_environment(&variable).is_ok());
        for missing in ["SUNSET_TABLE", "SUNSET_AUDIT_TABLE", "SUNSET_LINK_KEYS_PARAMETER"] {
            let without = |name: &str| if name == missing { None } else { variable(name) };
            assert_eq!(PageContext::from_environment(&without).unwrap_err(), InvalidSettings::Missing(missing));
        }
    }

    #[test]
    fn without_its_policy_file_it_starts_and_says_what_is_missing() {
        let variable = |name: &str| Some(if name == "LAMBDA_TASK_ROOT" { "/nowhere" } else { "x" }.to_owned());
        let context = PageContext::from_environment(&variable).unwrap();
        assert!(context.approvers.unwrap_err().starts_with("policy/approvers.yaml: "));
    }
}
