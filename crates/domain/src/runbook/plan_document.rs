//! A plan as it is stored and shown: the runbook, and everything that approvers weigh it by.

use serde::{Deserialize, Serialize};

use crate::canonical::NotCanonical;
use crate::ids::PlanHash;
use crate::process::record::ProcessRecord;
use crate::risk::assessment::{Assessment, CostEstimate, CostLine};
use crate::runbook::change::{ChangeSections, change_sections};
use crate::runbook::check::Finding;
use crate::runbook::checklist::{self, ChecklistItem};
use crate::runbook::document::Runbook;
use crate::time::Timestamp;

mod shown;

/// A plan: `PROC#<id>`/`PLAN#<nnn>`. Only its runbook is hashed; the rest may change without asking anybody again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Its number within the process; the first is 1.
    pub number: u32,
    /// What is to be approved.
    pub runbook: Runbook,
    /// The runbook's hash.
    pub hash: PlanHash,
    /// When it was made.
    pub made_at: Timestamp,
    /// The number of the assessment that it was made from.
    pub assessment: u32,
    /// The change request (C124).
    pub change: ChangeSections,
    /// The checklist (C36 to C40) as far as it is known before approval.
    pub checklist: Vec<ChecklistItem>,
    /// What it saves.
    pub savings: Savings,
    /// What the checker found, the worst first.
    pub findings: Vec<Finding>,
}

/// What retiring the resource saves a month, at us-east-1's public prices: an estimate, never a bill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Savings {
    /// Line by line.
    pub cost: CostEstimate,
    /// What goes away.
    pub saved_micro_dollars_a_month: u64,
    /// What its backups cost as long as they are kept.
    pub backups_micro_dollars_a_month: u64,
    /// What is left of the savings as long as the backups are kept; below zero where they cost more.
    pub net_micro_dollars_a_month: i64,
    /// How long the backups are kept.
    pub backups_kept_days: u32,
    /// Whether every line has a price: where one has none, the sums leave it out.
    pub complete: bool,
}

impl Savings {
    /// The sums of an estimate.
    #[must_use]
    pub fn of(cost: &CostEstimate, backups_kept_days: u32) -> Self {
        let sum = |lines: &[CostLine]| {
            lines.iter().filter_map(|line| line.micro_dollars_a_month).fold(0u64, u64::saturating_add)
        };
        let (saved, backups) = (sum(&cost.saved), sum(&cost.backups));
        let signed = |amount: u64| i64::try_from(amount).unwrap_or(i64::MAX);
        Self {
            cost: cost.clone(),
            saved_micro_dollars_a_month: saved,
            backups_micro_dollars_a_month: backups,
            net_micro_dollars_a_month: signed(saved).saturating_sub(signed(backups)),
            backups_kept_days,
            complete: cost.saved.iter().chain(&cost.backups).all(|line| line.micro_dollars_a_month.is_some()),
        }
    }
}

/// Writes a plan: fills in what people need to decide about a runbook that was checked.
///
/// # Errors
/// [`NotCanonical`].
pub fn plan_document(
    record: &ProcessRecord,
    assessment: &Assessment,
    runbook: Runbook,
    findings: Vec<Finding>,
    number: u32,
    made_at: Timestamp,
) -> Result<Plan, NotCanonical> {
    Ok(Plan {
        number,
        hash: runbook.hash()?,
        made_at,
        assessment: assessment.number,
        change: change_sections(&runbook, assessment, record, made_at),
        checklist: checklist::when_planned(&runbook, assessment, record, &findings),
        savings: Savings::of(&assessment.cost, runbook.backup_retention_days),
        findings,
        runbook,
    })
}

#[cfg(test)]
mod tests;
