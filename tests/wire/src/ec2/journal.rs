//! What was called, in order, and how it ended.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

/// A service of the loopback AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// EC2.
    Ec2,
    /// Auto Scaling.
    AutoScaling,
    /// Elastic Load Balancing.
    LoadBalancing,
    /// Systems Manager.
    Ssm,
}

impl Service {
    /// The service whose query protocol has this version; EC2 where no other has it.
    pub(super) fn of_version(version: Option<&str>) -> Self {
        match version {
            Some("2011-01-01") => Self::AutoScaling,
            Some("2015-12-01") => Self::LoadBalancing,
            _ => Self::Ec2,
        }
    }

    /// The namespace of its XML; SSM speaks JSON and has none.
    pub(super) fn namespace(self) -> &'static str {
        match self {
            Self::Ec2 => "http://ec2.amazonaws.com/doc/2016-11-15/",
            Self::AutoScaling => "http://autoscaling.amazonaws.com/doc/2011-01-01/",
            Self::LoadBalancing => "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/",
            Self::Ssm => "",
        }
    }

    /// The prefix of its IAM actions.
    #[must_use]
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Ec2 => "ec2",
            Self::AutoScaling => "autoscaling",
            Self::LoadBalancing => "elasticloadbalancing",
            Self::Ssm => "ssm",
        }
    }
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was answered.
    Answered,
    /// It was answered with an error: `DryRunOperation` too.
    Refused {
        /// The HTTP status.
        status: u16,
        /// The error code.
        code: String,
    },
    /// The connection was closed with no answer.
    Lost {
        /// Whether the account was changed first.
        applied: bool,
    },
    /// Only a part of the answer was sent.
    Truncated,
}

/// One call.
#[derive(Debug, Clone)]
pub struct Call {
    /// The service.
    pub service: Service,
    /// The action.
    pub action: String,
    /// The parameters as sent, lists numbered from 1 (`ImageId.1`), SSM's JSON in the same form (`Names.1`).
    pub params: BTreeMap<String, String>,
    /// How it ended.
    pub outcome: Outcome,
}

impl Call {
    /// A parameter.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params.get(name).map(String::as_str)
    }

    /// A list's members, such as those of `ImageId`.
    #[must_use]
    pub fn list(&self, name: &str) -> Vec<&str> {
        (1..).map_while(|n| self.param(&format!("{name}.{n}"))).collect()
    }

    /// Whether any parameter has this value.
    #[must_use]
    pub fn names(&self, value: &str) -> bool {
        self.params.values().any(|found| found == value)
    }

    /// Whether it was EC2's own dry run.
    #[must_use]
    pub fn is_dry_run(&self) -> bool {
        self.param("DryRun") == Some("true")
    }

    /// Whether it would change the account: no Describe, Get or List, and no dry run.
    #[must_use]
    pub fn is_mutation(&self) -> bool {
        !self.is_dry_run() && !["Describe", "Get", "List"].iter().any(|read| self.action.starts_with(read))
    }
}

#[derive(Debug, Default)]
pub(super) struct Journal(Mutex<Entries>);

#[derive(Debug, Default)]
struct Entries {
    calls: Vec<Call>,
    /// How often the journal was begun anew: an outcome of an earlier one is not written into a later.
    era: usize,
}

/// Where a call stands in the journal.
pub(super) struct Entry {
    era: usize,
    index: usize,
}

impl Journal {
    pub(super) fn begin(&self, service: Service, action: &str, params: BTreeMap<String, String>) -> Entry {
        let mut entries = self.lock();
        let outcome = Outcome::Lost { applied: false };
        entries.calls.push(Call { service, action: action.to_owned(), params, outcome });
        Entry { era: entries.era, index: entries.calls.len() - 1 }
    }

    pub(super) fn end(&self, entry: &Entry, outcome: Outcome) {
        let mut entries = self.lock();
        if entries.era == entry.era
            && let Some(call) = entries.calls.get_mut(entry.index)
        {
            call.outcome = outcome;
        }
    }

    pub(super) fn calls(&self) -> Vec<Call> {
        self.lock().calls.clone()
    }

    pub(super) fn count(&self, action: &str) -> usize {
        self.lock().calls.iter().filter(|call| call.action == action).count()
    }

    pub(super) fn clear(&self) {
        let mut entries = self.lock();
        entries.calls.clear();
        entries.era += 1;
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().expect("no panic while the journal is held")
    }
}
