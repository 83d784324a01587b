//! Personal links to the approval page: signed, bound and expiring (C53).

#[cfg(test)]
pub(crate) mod fixtures;
mod form;
pub mod keys;
#[cfg(test)]
mod tests;
pub mod token;

use serde::{Deserialize, Serialize};

use crate::approval::vote::NOTICE_ROUND;
use crate::ids::{PlanHash, ProcessId};
use crate::time::Timestamp;

pub use form::FORM_SECONDS;
pub use keys::LinkKeys;
pub use token::{BadLink, CannotSign, Token};

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Read what is asked and answer it, once.
    Decide,
    /// Read what the rule approved and object to it, once.
    OptOut,
    /// Read a process with its audit trail.
    Timeline,
    /// Read what waits for the person.
    Waiting,
}

/// What a link stands for. It names no task token, and nothing in it is secret but its signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// What it is for.
    pub purpose: Purpose,
    /// The person, by the policy file's name.
    pub person: String,
    /// The process; none for [`Purpose::Waiting`].
    pub process_id: Option<ProcessId>,
    /// The round that is answered; 0 where none is.
    pub round: u32,
    /// The plan that is answered; none where none is.
    pub plan_hash: Option<PlanHash>,
    /// Until when it works.
    pub expires_at: Timestamp,
}

impl Link {
    /// A link that answers a round about a plan.
    #[must_use]
    pub fn decide(person: &str, process_id: &ProcessId, round: u32, plan: &PlanHash, expires_at: Timestamp) -> Self {
        Self {
            purpose: Purpose::Decide,
            person: person.to_owned(),
            process_id: Some(process_id.clone()),
            round,
            plan_hash: Some(plan.clone()),
            expires_at,
        }
    }

    /// A link that objects to a plan that the rule approved.
    #[must_use]
    pub fn opt_out(person: &str, process_id: &ProcessId, plan: &PlanHash, expires_at: Timestamp) -> Self {
        Self { purpose: Purpose::OptOut, ..Self::decide(person, process_id, NOTICE_ROUND, plan, expires_at) }
    }

    /// A link that shows a process with its audit trail.
    #[must_use]
    pub fn timeline(person: &str, process_id: &ProcessId, expires_at: Timestamp) -> Self {
        Self { purpose: Purpose::Timeline, process_id: Some(process_id.clone()), ..Self::waiting(person, expires_at) }
    }

    /// A link that shows what waits for the person.
    #[must_use]
    pub fn waiting(person: &str, expires_at: Timestamp) -> Self {
        Self {
            purpose: Purpose::Waiting,
            person: person.to_owned(),
            process_id: None,
            round: NOTICE_ROUND,
            plan_hash: None,
            expires_at,
        }
    }

    /// Whether it binds all that its purpose needs, and nothing else.
    fn is_whole(&self) -> bool {
        let binds = (self.process_id.is_some(), self.plan_hash.is_some(), self.round != NOTICE_ROUND);
        let expected = match self.purpose {
            Purpose::Decide => (true, true, true),
            Purpose::OptOut => (true, true, false),
            Purpose::Timeline => (true, false, false),
            Purpose::Waiting => (false, false, false),
        };
        !self.person.is_empty() && binds == expected
    }
}

/// Where a link leads: the page's address with the token as its only query field.
#[must_use]
pub fn url(page_url: &str, token: &str) -> String {
    format!("{}/?l={token}", page_url.trim_end_matches('/'))
}
