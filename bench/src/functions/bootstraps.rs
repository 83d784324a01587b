//! The functions, and where their release builds are.

use std::path::PathBuf;

use crate::error::BenchError;
use crate::options::Options;
use crate::sandbox::Program;

/// A function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// `list-expired-amis`.
    List,
    /// `deregister`.
    Deregister,
    /// `delete-snapshot`.
    DeleteSnapshot,
    /// `restore`.
    Restore,
    /// `assess`.
    Assess,
    /// `plan`.
    Plan,
    /// `approve`.
    Approve,
    /// `approve-page`.
    ApprovePage,
    /// `execute`.
    Execute,
    /// `validate`.
    Validate,
}

impl Function {
    /// All of them: first those of ami-cleanup, then those of decommission.
    pub const ALL: [Self; 10] = [
        Self::List,
        Self::Deregister,
        Self::DeleteSnapshot,
        Self::Restore,
        Self::Assess,
        Self::Plan,
        Self::Approve,
        Self::ApprovePage,
        Self::Execute,
        Self::Validate,
    ];

    /// The crate's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::List => "list-expired-amis",
            Self::Deregister => "deregister",
            Self::DeleteSnapshot => "delete-snapshot",
            Self::Restore => "restore",
            Self::Assess => "assess",
            Self::Plan => "plan",
            Self::Approve => "approve",
            Self::ApprovePage => "approve-page",
            Self::Execute => "execute",
            Self::Validate => "validate",
        }
    }

    /// The function of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|function| function.name() == name)
    }

    /// Whether it belongs to decommission.
    #[must_use]
    pub fn is_of_decommission(self) -> bool {
        matches!(self, Self::Assess | Self::Plan | Self::Approve | Self::ApprovePage | Self::Execute | Self::Validate)
    }

    /// Whether its zip holds the policy files too.
    #[must_use]
    pub fn reads_policy(self) -> bool {
        matches!(self, Self::Assess | Self::Approve | Self::ApprovePage | Self::Execute)
    }
}

/// Where the release builds of the functions are.
#[derive(Debug, Clone)]
pub struct Bootstraps(PathBuf);

impl Bootstraps {
    /// Finds them all.
    ///
    /// # Errors
    /// One is missing.
    pub fn find(options: &Options) -> Result<Self, BenchError> {
        let found = Self(options.bootstraps.clone());
        for function in Function::ALL {
            let path = found.path(function);
            if !path.exists() {
                let hint = "build the functions for release (make build), or say --bootstraps DIR".into();
                return Err(BenchError::Missing { what: path.display().to_string(), hint });
            }
        }
        Ok(found)
    }

    /// The executable of a function.
    #[must_use]
    pub fn path(&self, function: Function) -> PathBuf {
        self.0.join(function.name()).join("bootstrap")
    }

    /// A function under the policy of the comparisons, changed by these variables.
    #[must_use]
    pub fn program(&self, function: Function, policy: &[(&str, &str)]) -> Program {
        Program::new(function.name(), self.path(function)).environment(policy.iter().copied())
    }
}
