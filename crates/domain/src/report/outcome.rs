//! What became of a run's lines, counted from the ledger and not from what the functions said.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::error_name;
use crate::ids::{ImageId, RunId, SnapshotId};
use crate::ledger::{ItemRecord, Outcome, SnapshotFate, SnapshotRecord};
use crate::line::LineAction;
use crate::manifest::Due;
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
    /// Failed; an image that went is among them where its snapshots did not follow and nothing says why.
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
/// reason that nothing was recorded; so has one whose image went and one of whose snapshots has none.
#[must_use]
pub fn summarize(
    run_id: &RunId,
    mode: Mode,
    lines: &[Due],
    items: &[ItemRecord],
    snapshots: &[SnapshotRecord],
) -> RunSummary {
    let by_image: BTreeMap<&ImageId, &ItemRecord> = items.iter().map(|item| (&item.image_id, item)).collect();
    let settled: BTreeSet<(&ImageId, &SnapshotId)> =
        snapshots.iter().map(|record| (&record.image_id, &record.result.snapshot_id)).collect();
    let mut counts = OutcomeCounts { items: lines.len() as u64, ..OutcomeCounts::default() };
    let mut savings = Savings::default();
    let mut failed = Vec::new();
    for Due { image_id, action, snapshot_ids } in lines {
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
                let left = || snapshot_ids.iter().filter(|id| !settled.contains(&(image_id, id)));
                if snapshots_follow(outcome, *action) && left().next().is_some() {
                    counts.failed += 1;
                    failed.push(FailedItem {
                        image_id: image_id.clone(),
                        error: error_name::INTERNAL.to_owned(),
                        message: format!(
                            "{}, and what became of {} was not recorded; the execution's map run shows the error, and \
                             the next run takes up what is left",
                            outcome.as_str(),
                            left().map(SnapshotId::as_str).collect::<Vec<_>>().join(", ")
                        ),
                    });
                }
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

/// Whether this run itself lets the snapshots go after the image. Those of an image that somebody else took are theirs.
fn snapshots_follow(outcome: Outcome, action: LineAction) -> bool {
    match outcome {
        Outcome::Deregistered | Outcome::WouldDeregister => true,
        Outcome::AlreadyGone => action == LineAction::Drain,
        Outcome::Disabled | Outcome::AlreadyDisabled | Outcome::WouldDisable => false,
    }
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

    fn due(id: &str, action: LineAction, snapshots: &[&str]) -> Due {
        Due {
            image_id: ImageId::parse(id).unwrap(),
            action,
            snapshot_ids: snapshots.iter().map(|id| SnapshotId::parse(id).unwrap()).collect(),
        }
    }

    #[rstest::rstest]
    #[case::gone(LineAction::Deregister, Outcome::Deregistered, &["snap-1", "snap-2"], 1)]
    #[case::dry(LineAction::Deregister, Outcome::WouldDeregister, &["snap-2"], 1)]
    #[case::left_by_an_earlier_run(LineAction::Drain, Outcome::AlreadyGone, &["snap-2"], 1)]
    #[case::taken_by_somebody_else(LineAction::Deregister, Outcome::AlreadyGone, &["snap-2"], 0)]
    #[case::only_disabled(LineAction::Disable, Outcome::Disabled, &["snap-2"], 0)]
    #[case::all_recorded(LineAction::Deregister, Outcome::Deregistered, &["snap-1"], 0)]
    fn an_image_that_went_has_failed_while_one_of_its_snapshots_has_no_outcome(
        #[case] action: LineAction,
        #[case] outcome: Outcome,
        #[case] snapshots: &[&str],
        #[case] failed: u64,
    ) {
        let lines = [due("ami-1", action, snapshots)];
        let items = [item("ami-1", Some(outcome), None)];
        let summary = summarize(&RunId::parse("r").unwrap(), Mode::Live, &lines, &items, &[deleted("snap-1")]);
        assert_eq!((summary.counts.failed, summary.failed.len() as u64), (failed, failed));
        let named = summary.failed.iter().filter(|it| it.message.contains("what became of snap-2 was not recorded"));
        assert_eq!(named.count() as u64, failed, "{:?}", summary.failed);
    }

    #[test]
    fn a_line_without_an_outcome_has_failed_and_a_stale_one_has_not() {
        let lines = ["ami-1", "ami-2", "ami-3", "ami-4"].map(|id| due(id, LineAction::Deregister, &[]));
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
