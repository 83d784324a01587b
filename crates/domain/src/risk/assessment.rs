//! The assessment of a process (C21).

use serde::{Deserialize, Serialize};

use crate::process::observation::{Blocker, Manager, Observation};
use crate::process::terms::Profile;
use crate::risk::level::Level;
use crate::time::Timestamp;

/// How much the business would miss a resource (C22, C23).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Criticality {
    /// Development, sandboxes, what is temporary.
    Low,
    /// Staging, internal tools.
    Medium,
    /// Production.
    High,
    /// Nobody knows.
    Unknown,
}

/// The business side (C23).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BusinessImpact {
    /// How much the business would miss it.
    pub criticality: Criticality,
    /// The environment as a team wrote it, or `unknown`.
    pub environment: String,
    /// The project, or `unknown`.
    pub project: String,
    /// The owner, or `unknown`.
    pub owner: String,
    /// Whether it is missed in business hours; true where nobody knows.
    pub business_hours_impact: bool,
}

/// The technical side (C24).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TechnicalImpact {
    /// How many depend on it.
    pub dependency_count: u32,
    /// Whether one of them needs it.
    pub has_critical_dependencies: bool,
    /// Whether data goes with it.
    pub data_loss_risk: bool,
    /// Whether a service stops with it.
    pub service_disruption_risk: bool,
}

/// Points, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point {
    /// How many.
    pub points: u32,
    /// Why.
    pub reason: String,
}

/// A level that the risk is never below, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Floor {
    /// The level.
    pub level: Level,
    /// Why.
    pub reason: String,
}

/// A role that has to agree, and why (C29).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RequiredRole {
    /// `infrastructure-manager`, or `owner:<name>`.
    pub role: String,
    /// Why.
    pub because: String,
}

/// What keeping something costs a month. Prices are the public ones of us-east-1: an estimate, never a bill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CostLine {
    /// What.
    pub what: String,
    /// How much; nothing where no price is known.
    pub micro_dollars_a_month: Option<u64>,
}

/// A cost estimate.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CostEstimate {
    /// What goes away with the resource.
    pub saved: Vec<CostLine>,
    /// What its backups cost as long as they are kept.
    pub backups: Vec<CostLine>,
}

/// An assessment: what was seen, what that means, and every reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assessment {
    /// Its number within the process; the first is 1.
    pub number: u32,
    /// When.
    pub assessed_at: Timestamp,
    /// How risk was counted.
    pub profile: Profile,
    /// What was seen.
    pub observation: Observation,
    /// The digest of what the resource is made of; nothing where it does not exist.
    pub fingerprint: Option<String>,
    /// The business side.
    pub business: BusinessImpact,
    /// The technical side.
    pub technical: TechnicalImpact,
    /// Every point.
    pub points: Vec<Point>,
    /// Their sum.
    pub score: u32,
    /// What the level is never below.
    pub floors: Vec<Floor>,
    /// The level: that of the score, or the highest floor.
    pub level: Level,
    /// The roles that have to agree.
    pub roles: Vec<RequiredRole>,
    /// What to do about it.
    pub recommendations: Vec<String>,
    /// What it costs.
    pub cost: CostEstimate,
    /// Whether every source was read completely.
    pub evidence_complete: bool,
    /// What manages the resource: that is to be changed instead (C49).
    pub managed_by: Vec<Manager>,
    /// Everything that forbids going on; empty where nothing does.
    pub blocked: Vec<Blocker>,
}
