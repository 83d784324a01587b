//! What people are told.

use crate::ledger::ImageRecord;
use crate::never_touch::KEEP_TAG;
use crate::policy::Policy;

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::RunId;
    use crate::ledger::ImageStatus;
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
}
