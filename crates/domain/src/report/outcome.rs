//! What became of a run's lines, counted from the ledger and not from what the functions said.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error_name;
use crate::ids::{ImageId, RunId};
use crate::ledger::{ItemRecord, Outcome, SnapshotFate, SnapshotRecord};
use crate::line::LineAction;
use crate::policy::Mode;

/// How many of each.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutcomeCounts {
    /// Lines of the manifest.
    pub items: u64,
    /// Disabled.
    pub disabled: u64,
    /// Disabled before.
    pub already_disabled: u64,
    /// Deregistered.
    pub deregistered: u64,
    /// Gone before.
    pub already_gone: u64,
    /// A dry run would have disabled them.
    pub would_disable: u64,
    /// A dry run would have deregistered them.
    pub would_deregister: u64,
    /// Kept, because a fresh look no longer agreed.
    pub stale: u64,
    /// Failed.
    pub failed: u64,
    /// Snapshots deleted.
    pub snapshots_deleted: u64,
    /// Snapshots gone before.
    pub snapshots_already_gone: u64,
    /// Snapshots kept for a reason.
    pub snapshots_kept: u64,
    /// Snapshots that a dry run would have deleted.
    pub snapshots_would_delete: u64,
}

/// Micro-dollars a month, at us-east-1's prices, at most: snapshots are incremental.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Savings {
    /// By what was deleted.
    pub deleted_at_most_micro_dollars_a_month: u64,
    /// By what a dry run would have deleted.
    pub would_delete_at_most_micro_dollars_a_month: u64,
}

/// An image that failed or was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedItem {
    /// Which.
    pub image_id: ImageId,
    /// The error's name.
    pub error: String,
    /// Its message.
    pub message: String,
}

/// What became of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunSummary {
    /// The run.
    pub run_id: RunId,
    /// Whether it could change anything.
    pub mode: Mode,
    /// How many of each.
    pub counts: OutcomeCounts,
    /// What it saves.
    pub savings: Savings,
    /// What failed, and what was kept by the fresh look.
    pub failed: Vec<FailedItem>,
}

/// Counts the lines of a manifest by what the ledger holds of them. A line without an outcome has failed, whatever the
/// reason that nothing was recorded.
#[must_use]
pub fn summarize(
    run_id: &RunId,
    mode: Mode,
    lines: &[(ImageId, LineAction)],
    items: &[ItemRecord],
    snapshots: &[SnapshotRecord],
) -> RunSummary {
    let by_image: BTreeMap<&ImageId, &ItemRecord> = items.iter().map(|item| (&item.image_id, item)).collect();
    let mut counts = OutcomeCounts { items: lines.len() as u64, ..OutcomeCounts::default() };
    let mut savings = Savings::default();
    let mut failed = Vec::new();
    for (image_id, action) in lines {
        let item = by_image.get(image_id).copied();
        let outcome = item.and_then(|item| item.outcome);
        let error = item.and_then(|item| item.error.as_ref());
        match (outcome, error) {
            (_, Some(error)) if error.name == error_name::STALE => counts.stale += 1,
            (_, Some(_)) | (None, None) => counts.failed += 1,
            (Some(outcome), None) => {
                *match outcome {
                    Outcome::Disabled => &mut counts.disabled,
                    Outcome::AlreadyDisabled => &mut counts.already_disabled,
                    Outcome::Deregistered => &mut counts.deregistered,
                    Outcome::AlreadyGone => &mut counts.already_gone,
                    Outcome::WouldDisable => &mut counts.would_disable,
                    Outcome::WouldDeregister => &mut counts.would_deregister,
                } += 1;
            }
        }
        if outcome.is_none() || error.is_some() {
            failed.push(FailedItem {
                image_id: image_id.clone(),
                error: error.map_or_else(|| error_name::INTERNAL.to_owned(), |error| error.name.clone()),
                message: error.map_or_else(
                    || {
                        format!(
                            "to {}: no outcome was recorded; the execution's map run shows its error",
                            action.as_str()
                        )
                    },
                    |error| error.message.clone(),
                ),
            });
        }
    }
    for SnapshotRecord { result, .. } in snapshots {
        match result.outcome {
            SnapshotFate::Deleted => {
                counts.snapshots_deleted += 1;
                savings.deleted_at_most_micro_dollars_a_month += result.saves_at_most_micro_dollars_a_month;
            }
            SnapshotFate::AlreadyGone => counts.snapshots_already_gone += 1,
            SnapshotFate::Kept => counts.snapshots_kept += 1,
            SnapshotFate::WouldDelete => {
                counts.snapshots_would_delete += 1;
                savings.would_delete_at_most_micro_dollars_a_month += result.saves_at_most_micro_dollars_a_month;
            }
        }
    }
    RunSummary { run_id: run_id.clone(), mode, counts, savings, failed }
}

/// Micro-dollars as dollars and cents.
fn dollars(micro_dollars: u64) -> String {
    format!("${}.{:02}", micro_dollars / 1_000_000, micro_dollars % 1_000_000 / 10_000)
}

impl RunSummary {
    /// The summary for people: the notice's body, and `summary.md`.
    #[must_use]
    pub fn text(&self) -> String {
        let counts = &self.counts;
        let mut lines = vec![format!("ami-cleanup {} ({})", self.run_id, self.mode), String::new()];
        let mut count = |number: u64, what: &str| {
            if number > 0 {
                lines.push(format!("- {number} {what}"));
            }
        };
        count(counts.disabled, "images disabled; each can be enabled again until its grace is over");
        count(counts.already_disabled, "images were disabled before");
        count(counts.deregistered, "images deregistered");
        count(counts.already_gone, "images were gone before");
        count(counts.would_disable, "images would be disabled");
        count(counts.would_deregister, "images would be deregistered");
        count(counts.stale, "images kept, because a fresh look no longer agreed");
        count(counts.failed, "images failed");
        count(counts.snapshots_deleted, "snapshots deleted");
        count(counts.snapshots_already_gone, "snapshots were gone before");
        count(counts.snapshots_kept, "snapshots kept, each for a reason");
        count(counts.snapshots_would_delete, "snapshots would be deleted");
        let deleted = self.savings.deleted_at_most_micro_dollars_a_month;
        let would = self.savings.would_delete_at_most_micro_dollars_a_month;
        if deleted > 0 {
            lines.push(format!("- saves at most {} a month", dollars(deleted)));
        }
        if would > 0 {
            lines.push(format!("- would save at most {} a month", dollars(would)));
        }
        if !self.failed.is_empty() {
            lines.push(String::new());
        }
        for item in &self.failed {
            lines.push(format!("{} {}: {}", item.image_id, item.error, item.message.replace(['\n', '\r'], " ")));
        }
        lines.push(String::new());
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::SnapshotId;
    use crate::ledger::{ItemError, SnapshotOutcome};
    use crate::verdict::fixtures::now;

    fn item(id: &str, outcome: Option<Outcome>, error: Option<&str>) -> ItemRecord {
        ItemRecord {
            image_id: ImageId::parse(id).unwrap(),
            outcome,
            error: error.map(|name| ItemError { name: name.into(), message: "why".into() }),
            written_at: now(),
        }
    }

    fn deleted(id: &str) -> SnapshotRecord {
        SnapshotRecord {
            image_id: ImageId::parse("ami-1").unwrap(),
            result: SnapshotOutcome {
                snapshot_id: SnapshotId::parse(id).unwrap(),
                outcome: SnapshotFate::Deleted,
                reason: None,
                size_gib: Some(8),
                saves_at_most_micro_dollars_a_month: 400_000,
            },
            written_at: now(),
        }
    }

    #[test]
    fn a_line_without_an_outcome_has_failed_and_a_stale_one_has_not() {
        let line = |id: &str| (ImageId::parse(id).unwrap(), LineAction::Deregister);
        let lines = [line("ami-1"), line("ami-2"), line("ami-3"), line("ami-4")];
        let items = [
            item("ami-1", Some(Outcome::Deregistered), None),
            item("ami-2", None, Some(error_name::STALE)),
            item("ami-3", None, Some(error_name::DENIED)),
        ];
        let summary = summarize(
            &RunId::parse("r").unwrap(),
            Mode::Live,
            &lines,
            &items,
            &[deleted("snap-1"), deleted("snap-2"), deleted("snap-3")],
        );
        assert_eq!((summary.counts.deregistered, summary.counts.stale, summary.counts.failed), (1, 1, 2));
        assert_eq!(summary.failed.len(), 3);
        assert_eq!(summary.counts.snapshots_deleted, 3);
        let text = summary.text();
        assert!(text.contains("saves at most $1.20 a month"), "{text}");
        assert!(text.contains("ami-4 Sunset.Internal: to deregister: no outcome was recorded"), "{text}");
    }
}
