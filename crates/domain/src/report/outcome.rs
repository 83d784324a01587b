//! What became of a run's lines, counted from the ledger and not from what the functions said.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error_name;
use crate::ids::{ImageId, RunId, SnapshotId};
use crate::ledger::{ItemRecord, Outcome, SnapshotFate, SnapshotOutcome, SnapshotRecord};
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
    /// Snapshots whose deletion failed.
    pub snapshots_failed: u64,
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
    let by_snapshot: Snapshots<'_> =
        snapshots.iter().map(|record| ((&record.image_id, &record.result.snapshot_id), &record.result)).collect();
    let mut counts = OutcomeCounts { items: lines.len() as u64, ..OutcomeCounts::default() };
    let mut savings = Savings::default();
    let mut failed = Vec::new();
    for due in lines {
        let item = by_image.get(&due.image_id).copied();
        match (item.and_then(|item| item.outcome), item.and_then(|item| item.error.as_ref())) {
            (_, Some(error)) => {
                *if error.name == error_name::STALE { &mut counts.stale } else { &mut counts.failed } += 1;
                failed.push(failure(due, &error.name, error.message.clone()));
            }
            (None, None) => {
                counts.failed += 1;
                let message = format!(
                    "to {}: no outcome was recorded; the execution's map run shows its error",
                    due.action.as_str()
                );
                failed.push(failure(due, error_name::INTERNAL, message));
            }
            (Some(outcome), None) => {
                *match outcome {
                    Outcome::Disabled => &mut counts.disabled,
                    Outcome::AlreadyDisabled => &mut counts.already_disabled,
                    Outcome::Deregistered => &mut counts.deregistered,
                    Outcome::AlreadyGone => &mut counts.already_gone,
                    Outcome::WouldDisable => &mut counts.would_disable,
                    Outcome::WouldDeregister => &mut counts.would_deregister,
                } += 1;
                let left = snapshots_left(due, outcome, &by_snapshot);
                counts.failed += u64::from(left.is_some());
                failed.extend(left);
            }
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
            SnapshotFate::Failed => counts.snapshots_failed += 1,
            SnapshotFate::WouldDelete => {
                counts.snapshots_would_delete += 1;
                savings.would_delete_at_most_micro_dollars_a_month += result.saves_at_most_micro_dollars_a_month;
            }
        }
    }
    RunSummary { run_id: run_id.clone(), mode, counts, savings, failed }
}

type Snapshots<'a> = BTreeMap<(&'a ImageId, &'a SnapshotId), &'a SnapshotOutcome>;

fn failure(due: &Due, error: &str, message: String) -> FailedItem {
    FailedItem { image_id: due.image_id.clone(), error: error.to_owned(), message }
}

/// What is wrong with an image that went while one of its snapshots, which were to follow, did not and for no reason.
fn snapshots_left(due: &Due, outcome: Outcome, by_snapshot: &Snapshots<'_>) -> Option<FailedItem> {
    if !snapshots_follow(outcome, due.action) {
        return None;
    }
    let left = |id: &SnapshotId| match by_snapshot.get(&(&due.image_id, id)) {
        None => Some(format!("{id}: no outcome was recorded; the execution's map run shows its error")),
        Some(SnapshotOutcome { outcome: SnapshotFate::Failed, reason, .. }) => {
            Some(format!("{id}: {}", reason.as_deref().unwrap_or("failed")))
        }
        Some(_) => None,
    };
    let left: Vec<String> = due.snapshot_ids.iter().filter_map(left).collect();
    (!left.is_empty()).then(|| {
        let message =
            format!("{}, but not all its snapshots; the next run takes up {}", outcome.as_str(), left.join("; "));
        failure(due, error_name::INTERNAL, message)
    })
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
        count(counts.snapshots_failed, "snapshots failed; the next run takes them up");
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
    use crate::ledger::ItemError;
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
        let named = summary.failed.iter().filter(|it| it.message.contains("snap-2: no outcome was recorded"));
        assert_eq!(named.count() as u64, failed, "{:?}", summary.failed);
    }

    #[test]
    fn a_snapshot_that_failed_fails_its_image_and_says_why() {
        let lines = [due("ami-1", LineAction::Deregister, &["snap-1"])];
        let items = [item("ami-1", Some(Outcome::Deregistered), None)];
        let mut record = deleted("snap-1");
        record.result.outcome = SnapshotFate::Failed;
        record.result.reason = Some("Sunset.Denied: no right".into());
        let summary = summarize(&RunId::parse("r").unwrap(), Mode::Live, &lines, &items, &[record]);
        assert_eq!((summary.counts.failed, summary.counts.snapshots_failed), (1, 1));
        assert!(summary.failed[0].message.ends_with("snap-1: Sunset.Denied: no right"), "{:?}", summary.failed);
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
