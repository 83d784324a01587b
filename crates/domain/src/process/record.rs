//! What the ledger holds of a process.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::approval::vote::Round;
use crate::ids::{AccountId, PlanHash, ProcessId};
use crate::input::SCHEMA;
use crate::policy::Mode;
use crate::process::audit::Head;
use crate::process::resource::Resource;
use crate::process::start::{Start, display_id, process_id};
use crate::process::status::{NoSuchTransition, Status};
use crate::process::terms::Terms;
use crate::process::validation::Validation;
use crate::risk::level::Level;
use crate::run::{Execution, ObjectRef};
use crate::runbook::step::StepId;
use crate::time::Timestamp;

/// The record of a process: `PROC#<id>`/`META`. Every change of it is one transaction with the audit event that it is
/// recorded by.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProcessRecord {
    /// The version of this record's form.
    pub schema: u32,
    /// The process.
    pub process_id: ProcessId,
    /// The name for people (C13).
    pub display_id: String,
    /// The execution that it is.
    pub execution_arn: String,
    /// What is to go.
    pub resource: Resource,
    /// The account.
    pub account_id: AccountId,
    /// Who says that they started it.
    pub initiator: String,
    /// Whether that is proved. A start in the console proves nothing.
    pub initiator_verified: bool,
    /// Why it is to go.
    pub reason: String,
    /// Whether it may change anything.
    pub mode: Mode,
    /// Its terms.
    pub terms: Terms,
    /// Where it stands.
    pub status: Status,
    /// Counts the writes of this record; each names the one that it replaces (C60).
    pub version: u64,
    /// The lock's fence: an older holder's writes are refused.
    pub fence: u64,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last written.
    pub updated_at: Timestamp,
    /// The number of its newest assessment; 0 before the first.
    pub assessment: u32,
    /// The number of the assessment that was approved.
    pub approved_assessment: Option<u32>,
    /// The risk as last assessed.
    pub risk_level: Option<Level>,
    /// Whose resource it is (C15, C51).
    pub resource_owner: Option<String>,
    /// The people and roles that it concerns (C63).
    pub stakeholders: Vec<String>,
    /// The number of its newest plan; 0 before the first.
    pub plan: u32,
    /// The hash of the newest plan.
    pub plan_hash: Option<PlanHash>,
    /// The hash that was approved. Nothing irreversible happens under another.
    pub approved_plan_hash: Option<PlanHash>,
    /// The newest asking.
    pub round: Option<Round>,
    /// What the rule approved begins no sooner, so that people can object.
    #[serde(default)]
    pub notice: Option<NoticePeriod>,
    /// When the soak is over.
    pub soak_until: Option<Timestamp>,
    /// Who ended the soak early, and why: the way from there is always back.
    pub soak_ended: Option<EndedSoak>,
    /// What a person has to decide, and did.
    pub hold: Option<Hold>,
    /// Whether an irreversible call was intended.
    pub past_the_point_of_no_return: bool,
    /// Whether the way is back.
    pub rolling_back: bool,
    /// What the last function that failed said.
    pub error: Option<ProcessError>,
    /// What looking for the resource found, once it was to be gone.
    pub validation: Option<Validation>,
    /// How it ended, in a sentence.
    pub outcome: Option<String>,
    /// Where people answer: the Function URL of `approve`, which its own environment cannot hold.
    #[serde(default)]
    pub approve_url: Option<String>,
    /// The notices that went out, by name, so that none goes out twice.
    pub told: Vec<String>,
    /// The end of its audit trail.
    pub audit: Head,
    /// Its report.
    pub report: Option<ObjectRef>,
}

impl ProcessRecord {
    /// The record of a process that begins: named by its execution, so that a start delivered twice is one process.
    #[must_use]
    pub fn begin(
        execution: &Execution,
        start: Start,
        account_id: AccountId,
        approve_url: Option<String>,
        now: Timestamp,
    ) -> Self {
        Self {
            schema: SCHEMA,
            process_id: process_id(execution),
            display_id: display_id(&start.resource, execution.started_at),
            execution_arn: execution.arn.clone(),
            resource: start.resource,
            account_id,
            initiator: start.initiator,
            // Whoever starts an execution writes the initiator's name themselves.
            initiator_verified: false,
            reason: start.reason,
            mode: start.mode,
            terms: start.terms,
            status: Status::Identified,
            version: 0,
            fence: 0,
            created_at: now,
            updated_at: now,
            assessment: 0,
            approved_assessment: None,
            risk_level: None,
            resource_owner: None,
            stakeholders: Vec::new(),
            plan: 0,
            plan_hash: None,
            approved_plan_hash: None,
            round: None,
            notice: None,
            soak_until: None,
            soak_ended: None,
            hold: None,
            past_the_point_of_no_return: false,
            rolling_back: false,
            error: None,
            validation: None,
            outcome: None,
            approve_url,
            told: Vec::new(),
            audit: Head::default(),
            report: None,
        }
    }

    /// The same process at another status.
    ///
    /// # Errors
    /// [`NoSuchTransition`].
    pub fn at(mut self, status: Status) -> Result<Self, NoSuchTransition> {
        self.status = self.status.to(status, self.mode)?;
        Ok(self)
    }

    /// Whether its newest plan is the approved one.
    #[must_use]
    pub fn is_approved(&self) -> bool {
        self.plan_hash.is_some() && self.plan_hash == self.approved_plan_hash
    }
}

/// The time between an approval by rule and the first act (C71).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticePeriod {
    /// Until when people can object.
    pub until: Timestamp,
    /// Whether it ended without anybody's objection.
    pub over: bool,
}

/// A soak that somebody ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndedSoak {
    /// Who.
    pub by: String,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

/// A process that waits for a person after the point of no return.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// How often it was held; the first is 1.
    pub number: u32,
    /// What failed.
    pub because: String,
    /// Since when.
    pub since: Timestamp,
    /// Until when somebody should decide.
    pub deadline: Timestamp,
    /// What was decided.
    pub resolution: Option<Resolution>,
}

/// A person's decision about a held process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolution {
    /// What is to happen.
    pub choice: Choice,
    /// Who decided.
    pub by: String,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

/// What can be done about a held process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// Look again, and go on from there.
    Retry,
    /// Leave it as it is and report.
    Accept,
    /// Take back what can be taken back, and report the rest.
    Recover,
}

/// What a failed function said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessError {
    /// The name that the state machine matched.
    pub error: String,
    /// In its words.
    pub cause: String,
}

/// How far a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// About to be called: the call may or may not have been made.
    Intended,
    /// Called and answered; not yet proved.
    Called,
    /// Proved done.
    Done,
    /// Found done before anything was called: taking it back is nobody's business.
    Skipped,
    /// Failed for good.
    Failed,
    /// About to be taken back.
    UndoIntended,
    /// Its undo was called and answered.
    UndoCalled,
    /// Proved taken back.
    Undone,
    /// Could not be taken back.
    UndoFailed,
    /// A dry run: looked at, and EC2 was asked whether it would be allowed.
    Rehearsed,
}

/// The record of a step: `PROC#<id>`/`STEP#<step>`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepRecord {
    /// Which step.
    pub step: StepId,
    /// How far it is.
    pub state: StepState,
    /// How often its call was intended.
    pub attempts: u32,
    /// How often its undo was intended.
    pub undo_attempts: u32,
    /// When the newest call was intended.
    pub intended_at: Timestamp,
    /// When it was first intended: its timeout counts from there.
    pub begun_at: Timestamp,
    /// Its inputs, resolved.
    pub inputs: BTreeMap<String, Value>,
    /// What it gives to later steps.
    pub outputs: BTreeMap<String, Value>,
    /// How often somebody looked since the call without seeing it done: the waits double by it.
    pub looks: u32,
    /// The number of the hold whose resolution allowed the newest try; 0 for the first.
    #[serde(default)]
    pub under_hold: u32,
    /// What went wrong.
    pub error: Option<String>,
}

/// What becomes of a vote that may be cast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cast {
    /// It counts from now on.
    Counted,
    /// The same person said the same before.
    Repeated,
}
