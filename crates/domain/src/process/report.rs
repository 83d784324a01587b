//! The report of a process, from the ledger alone: how it ended, who decided what, what was done, what is left, what it
//! saves and the exact way back (C8, C40). One is made for every end, and for a process that still goes on.

mod document;
#[cfg(test)]
pub(crate) mod fixtures;
mod markdown;
mod next_steps;
mod outcome;
mod removed;
mod retention;
mod savings;
mod shell;
mod step;
#[cfg(test)]
mod tests;
mod timeline;
mod way_back;

use serde::Serialize;

use crate::approval::vote::Vote;
use crate::policy::Mode;
use crate::process::audit::{AuditEvent, Defect, EventType, Head, verify};
use crate::process::record::{ProcessRecord, StepRecord};
use crate::process::status::Status;
use crate::process::validation::{Leftover, Validation, backups_kept_until, leftovers};
use crate::risk::assessment::Assessment;
use crate::runbook::checklist::{ChecklistItem, ItemState};
use crate::runbook::document::Runbook;
use crate::time::Timestamp;

pub use removed::Removed;
pub use retention::audit_retention_until;
pub use savings::{Fate, Savings, Total, dollars};
pub use step::StepReport;
pub use timeline::{details, what};
pub use way_back::WayBack;

use way_back::Presence;

/// The version of report documents.
pub const REPORT_SCHEMA: u32 = 1;

/// One item of the checklist (C36 to C40), as the report shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChecklistLine {
    /// Its group: `data protection` and so on.
    pub group: String,
    /// What is to be checked.
    pub text: String,
    /// How it stands, for people.
    pub state: String,
    /// Whether nothing is left to do about it.
    pub settled: bool,
    /// What shows it.
    pub evidence: String,
}

impl From<ChecklistItem> for ChecklistLine {
    fn from(item: ChecklistItem) -> Self {
        Self {
            group: item.group.as_str().to_owned(),
            text: item.text,
            state: item.state.as_str().to_owned(),
            settled: matches!(item.state, ItemState::Done | ItemState::NotApplicable),
            evidence: item.evidence,
        }
    }
}

/// What a report is made of: what the ledger holds of a process.
#[derive(Debug, Clone, Copy)]
pub struct Material<'a> {
    /// Its record.
    pub record: &'a ProcessRecord,
    /// The assessment that was approved.
    pub approved: Option<&'a Assessment>,
    /// The newest assessment.
    pub last: Option<&'a Assessment>,
    /// The newest plan.
    pub runbook: Option<&'a Runbook>,
    /// The votes of every round.
    pub votes: &'a [Vote],
    /// The records of its steps.
    pub steps: &'a [StepRecord],
    /// The whole audit trail, as it is stored.
    pub events: &'a [AuditEvent],
    /// What the looking for the resource found.
    pub validation: Option<&'a Validation>,
    /// The items of the checklist (C36 to C40).
    pub checklist: &'a [ChecklistLine],
    /// The time: only the report of a process that goes on depends on it.
    pub now: Timestamp,
}

impl<'a> Material<'a> {
    fn is_dry_run(&self) -> bool {
        self.record.mode == Mode::DryRun
    }

    /// The assessment made before the first step: the one that shows what the resource was.
    fn first_assessment(&self) -> Option<&'a Assessment> {
        self.approved.or(self.last)
    }

    fn newest_assessment(&self) -> Option<&'a Assessment> {
        self.last.or(self.approved)
    }

    /// The newest assessment, where it is another one than the approved.
    fn later_assessment(&self) -> Option<&'a Assessment> {
        self.last.filter(|last| self.approved.is_none_or(|approved| approved.number != last.number))
    }
}

/// What the audit trail shows of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuditReport {
    /// Its end: as the process's record names it, before the report itself was recorded.
    pub head: Head,
    /// How many events there are.
    pub events: usize,
    /// Everything that is wrong with it; empty where nothing is.
    pub defects: Vec<Defect>,
}

/// The report. As JSON it holds everything that it was made of.
#[derive(Debug, Clone, Serialize)]
pub struct ProcessReport<'a> {
    /// The version of this document.
    pub schema: u32,
    /// How it ended, or how it stands, in a sentence.
    pub outcome: String,
    /// Every reason for it that is on record.
    pub reasons: Vec<String>,
    /// What this report shows: the moment of the last event, or now where the process goes on.
    pub as_of: Timestamp,
    /// Until when the report and the audit trail are kept.
    pub keep_until: Timestamp,
    /// The process.
    pub process: &'a ProcessRecord,
    /// The assessment that was approved; before an approval, and in a dry run, the newest.
    pub assessment: Option<&'a Assessment>,
    /// The newest assessment, where it is another one.
    pub later_assessment: Option<&'a Assessment>,
    /// The plan.
    pub plan: Option<&'a Runbook>,
    /// Whether the plan has the hash that was approved.
    pub plan_is_the_approved_one: bool,
    /// Every answer.
    pub votes: &'a [Vote],
    /// Every step.
    pub steps: Vec<StepReport<'a>>,
    /// What the looking for the resource found.
    pub validation: Option<&'a Validation>,
    /// What is gone.
    pub removed: Vec<Removed>,
    /// What was kept on purpose.
    pub kept: Vec<Removed>,
    /// What stays behind: backups, and what nobody has taken care of.
    pub leftovers: Vec<Leftover>,
    /// What it saves.
    pub savings: Savings,
    /// The way back.
    pub way_back: Vec<WayBack>,
    /// What is left for people to do.
    pub next_steps: Vec<String>,
    /// The checklist.
    pub checklist: &'a [ChecklistLine],
    /// The audit trail's end and soundness.
    pub audit: AuditReport,
    /// The audit trail.
    pub trail: &'a [AuditEvent],
}

impl<'a> ProcessReport<'a> {
    /// Makes the report. The same material gives the same report, to the byte.
    #[must_use]
    pub fn of(material: &Material<'a>) -> Self {
        let record = material.record;
        let steps = StepReport::all(material.runbook, material.steps, material.events, record.mode);
        // Counted anew: since the last look a person may have decided, and steps may have followed.
        let leftovers = match (material.runbook, material.first_assessment()) {
            (Some(runbook), Some(first)) => leftovers(runbook, &first.observation, material.steps),
            _ => material.validation.map(|validation| validation.leftovers.clone()).unwrap_or_default(),
        };
        let presence = way_back::presence(material, &steps);
        let fate = match (record.mode, record.status, presence) {
            (Mode::DryRun, Status::Completed, _) => Fate::WouldGo,
            (Mode::Live, _, Presence::Gone) => Fate::Gone,
            _ => Fate::Stays,
        };
        let seen = material.first_assessment().filter(|assessment| assessment.observation.found.is_some());
        let estimate = seen.map(|assessment| &assessment.cost);
        let until = backups_kept_until(record);
        let told = told(material);
        let hash = material.runbook.and_then(|runbook| runbook.hash().ok());
        Self {
            schema: REPORT_SCHEMA,
            outcome: outcome::outcome(material, &steps),
            reasons: outcome::reasons(material),
            as_of: as_of(material),
            keep_until: audit_retention_until(record.created_at),
            process: record,
            assessment: material.first_assessment(),
            later_assessment: material.approved.and_then(|_| material.later_assessment()),
            plan: material.runbook,
            plan_is_the_approved_one: hash.is_some() && hash == record.approved_plan_hash,
            votes: material.votes,
            validation: material.validation,
            removed: removed::removed(material, &steps, presence),
            kept: removed::kept(material, presence, &leftovers),
            savings: Savings::of(fate, estimate, &leftovers, until),
            way_back: way_back::way_back(material, &steps, &leftovers),
            next_steps: next_steps::next_steps(material, presence, &leftovers),
            steps,
            leftovers,
            checklist: material.checklist,
            audit: AuditReport {
                head: match told.last() {
                    Some(last) if told.len() < material.events.len() => last.head(),
                    _ => record.audit.clone(),
                },
                events: told.len(),
                defects: verify(&record.process_id, material.events, &record.audit),
            },
            trail: told,
        }
    }

    /// The report for people.
    #[must_use]
    pub fn markdown(&self) -> String {
        document::markdown(self)
    }
}

/// What the report tells of: everything before the first report was recorded, so that one made again is the same.
fn told<'a>(material: &Material<'a>) -> &'a [AuditEvent] {
    let reported = material.events.iter().position(|event| event.event_type == EventType::Reported);
    reported.and_then(|at| material.events.get(..at)).unwrap_or(material.events)
}

/// When the process ended, by its trail; now, where it has not.
fn as_of(material: &Material<'_>) -> Timestamp {
    if !material.record.status.is_end() {
        return material.now;
    }
    told(material).last().map_or(material.record.updated_at, |event| event.at)
}
