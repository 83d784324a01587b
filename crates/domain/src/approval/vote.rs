//! What people are asked, and what they answer.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ids::PlanHash;
use crate::risk::level::Level;
use crate::time::Timestamp;

/// A role that must agree, and how many of its people.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Required {
    /// `infrastructure-manager`, or `owner:<name>`.
    pub role: String,
    /// The names of its people, as the policy file has them, without the initiator.
    pub people: Vec<String>,
    /// How many of them must approve.
    pub quorum: u32,
    /// Why this role is asked.
    pub because: String,
    /// Who of its people stands in for whom, by delegation.
    #[serde(default)]
    pub standing_in: BTreeMap<String, String>,
}

/// How often people are asked about one process before it is given up.
pub const MAX_ROUNDS: u32 = 3;

/// One asking: for one plan, with one deadline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Round {
    /// The first is 1.
    pub number: u32,
    /// What is to be approved.
    pub plan_hash: PlanHash,
    /// The roles that must agree.
    pub required: Vec<Required>,
    /// How many different people must approve at least.
    pub minimum_approvers: u32,
    /// When the asking began.
    pub requested_at: Timestamp,
    /// Until when answers count.
    pub deadline: Timestamp,
    /// The risk that it was asked at.
    #[serde(default)]
    pub risk_level: Option<Level>,
    /// When those who have not answered are reminded, in order.
    #[serde(default)]
    pub reminders: Vec<Timestamp>,
    /// When more people are asked, in order.
    #[serde(default)]
    pub escalations: Vec<Escalation>,
    /// How many of `reminders` are done.
    #[serde(default)]
    pub reminded: u32,
    /// How many of `escalations` are done.
    #[serde(default)]
    pub escalated: u32,
}

/// People who are asked beside a role's own once these have not decided in time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Escalation {
    /// From when.
    pub at: Timestamp,
    /// For which role: their answers count as those of its people.
    pub role: String,
    /// Who, without the initiator.
    pub people: Vec<String>,
    /// Who of them stands in for whom, by delegation.
    #[serde(default)]
    pub standing_in: BTreeMap<String, String>,
}

/// The round of objections to what the rule approved: those of asking people count from 1.
pub const NOTICE_ROUND: u32 = 0;

/// Yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Yes.
    Approve,
    /// No: any one ends the process.
    Reject,
}

/// One person's answer in one round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vote {
    /// The round.
    pub round: u32,
    /// The person, by the policy file's name.
    pub person: String,
    /// Who AWS said it was.
    pub identity: String,
    /// Yes or no.
    pub answer: Answer,
    /// Why.
    pub reason: Option<String>,
    /// For which plan.
    pub plan_hash: PlanHash,
    /// When it came.
    pub at: Timestamp,
}

/// What the votes of a round decide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "decision", rename_all = "snake_case")]
pub enum Decision {
    /// Every role and enough people agree.
    Approved {
        /// By whom.
        by: Vec<String>,
    },
    /// Somebody said no.
    Rejected {
        /// Who.
        by: String,
        /// Why.
        reason: String,
    },
    /// The deadline passed without a decision.
    Expired,
    /// Not decided yet.
    Waiting {
        /// What is still missing, in a sentence.
        missing: String,
    },
}
