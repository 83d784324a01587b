//! What people are told.

use crate::ledger::ImageRecord;
use crate::never_touch::KEEP_TAG;
use crate::policy::{Mode, Policy};
use crate::report::RunSummary;
use crate::run::ListResult;

/// The tag that names the SNS topic of an image's owner.
pub const OWNER_TAG: &str = "sunset:owner";

/// A notice: one line, and what follows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// One line.
    pub subject: String,
    /// The rest.
    pub body: String,
}

/// Tells an owner that an image was disabled: what, why, until when it can be kept, and by which tag.
#[must_use]
pub fn disabled(record: &ImageRecord, policy: &Policy) -> Notice {
    let id = &record.image_id;
    let created = record.created_at.map_or_else(|| "at an unknown time".to_owned(), |at| at.to_string());
    let until = record.disabled_at.map_or_else(
        || format!("{} days after it was disabled", policy.grace_days),
        |at| at.plus_days(policy.grace_days).to_string(),
    );
    Notice {
        subject: format!("{id} is disabled and will be deregistered after {until}"),
        body: format!(
            "Image {id} ({}) can no longer be launched. Instances that run from it go on, and nothing is deleted yet.\n\n\
             Why: it was created {created}, more than {} hours ago, and nothing that Sunset can read uses it.\n\n\
             To keep it, before {until}: tag it {KEEP_TAG}, and bring it back with the restore function \
             ({{\"schema\": 1, \"image_id\": \"{id}\", \"mode\": \"live\"}}), which also gives back its launch \
             permissions.\n\nIf you do nothing it is deregistered after {until}, and its snapshots are deleted with it.\n",
            record.name, policy.valid_hours
        ),
    }
}

/// Tells that the breaker halted a run.
#[must_use]
pub fn halted(result: &ListResult) -> Notice {
    let report = result.report.as_ref().map(|report| format!("\n\nReport: s3://{}/{}", report.bucket, report.key));
    Notice {
        subject: format!("ami-cleanup is halted: run {}", result.run_id),
        body: format!("{}\n\nNothing was changed.{}\n", result.reason, report.unwrap_or_default()),
    }
}

/// Tells how a run ended. Nobody is told of a dry run, nor of one that changed nothing and failed at nothing.
#[must_use]
pub fn ended(summary: &RunSummary, failed: bool) -> Option<Notice> {
    let counts = &summary.counts;
    let changed = counts.disabled + counts.deregistered + counts.snapshots_deleted;
    if summary.mode == Mode::DryRun || (changed == 0 && counts.failed == 0) {
        return None;
    }
    let subject = format!(
        "ami-cleanup{}: {} disabled, {} deregistered, {} failed",
        if failed { " FAILED" } else { "" },
        counts.disabled,
        counts.deregistered,
        counts.failed
    );
    Some(Notice { subject, body: summary.text() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::RunId;
    use crate::ledger::ImageStatus;
    use crate::report::{OutcomeCounts, Savings};
    use crate::verdict::fixtures::{image, now};

    #[test]
    fn the_owner_reads_what_why_until_when_and_by_which_tag() {
        let run_id = RunId::parse("r").unwrap();
        let image = image("ami-1").named("web-1").image();
        let record = ImageRecord::intent(&image, vec![], None, ImageStatus::Disabling, &run_id, now())
            .done(ImageStatus::Disabled, now());
        let notice = disabled(&record, &Policy::default());
        for part in ["ami-1", "web-1", "2160 hours", "2026-11-27T09:00:00Z", "sunset:keep", "restore"] {
            assert!(notice.body.contains(part), "{part}: {}", notice.body);
        }
    }

    fn summary(mode: Mode, disabled: u64, failed: u64) -> RunSummary {
        RunSummary {
            run_id: RunId::parse("r").unwrap(),
            mode,
            counts: OutcomeCounts { disabled, failed, ..OutcomeCounts::default() },
            savings: Savings::default(),
            failed: vec![],
        }
    }

    #[test]
    fn people_hear_of_what_changed_or_failed_and_of_nothing_else() {
        assert_eq!(ended(&summary(Mode::DryRun, 3, 3), true), None);
        assert_eq!(ended(&summary(Mode::Live, 0, 0), false), None);
        let subject = |summary, failed| ended(&summary, failed).unwrap().subject;
        assert_eq!(subject(summary(Mode::Live, 3, 0), false), "ami-cleanup: 3 disabled, 0 deregistered, 0 failed");
        assert_eq!(
            subject(summary(Mode::Live, 0, 1), true),
            "ami-cleanup FAILED: 0 disabled, 0 deregistered, 1 failed"
        );
    }
}
