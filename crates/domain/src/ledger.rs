//! What Sunset remembers of an image: what it did, what it was about to do, and what undoing it needs.

use serde::{Deserialize, Serialize};

use crate::ids::{ImageId, RunId};
use crate::image::{BlockDevice, Image, Tags};
use crate::launch_permission::LaunchPermission;
use crate::time::Timestamp;

/// How far Sunset got with an image. The two that end in -ing are intents: the call may or may not have been made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImageStatus {
    /// About to be disabled.
    Disabling,
    /// Disabled.
    Disabled,
    /// About to be deregistered.
    Deregistering,
    /// Deregistered.
    Deregistered,
    /// About to be brought back.
    Restoring,
    /// Brought back.
    Restored,
}

/// The part of an image's record that a verdict stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quarantine {
    /// How far Sunset got.
    pub status: ImageStatus,
    /// When it was disabled, until it is brought back.
    pub disabled_at: Option<Timestamp>,
    /// When it was deregistered, until it is brought back.
    pub deregistered_at: Option<Timestamp>,
    /// Whether its owner was told that it is disabled.
    pub owner_told: bool,
}

/// The record of one image, `IMAGE#<id>` in the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageRecord {
    /// Which image.
    pub image_id: ImageId,
    /// Counts the writes; each one names the version that it replaces.
    pub version: u64,
    /// How far Sunset got.
    pub status: ImageStatus,
    /// The run that wrote this; `None`: somebody by hand.
    pub run_id: Option<RunId>,
    /// When it was written.
    pub written_at: Timestamp,
    /// When it was disabled.
    pub disabled_at: Option<Timestamp>,
    /// When it was deregistered.
    pub deregistered_at: Option<Timestamp>,
    /// When its owner was told that it is disabled.
    #[serde(default)]
    pub owner_told_at: Option<Timestamp>,
    /// Its name.
    pub name: String,
    /// Its creation date.
    pub created_at: Option<Timestamp>,
    /// Its tags before the first step.
    pub tags: Tags,
    /// Its launch permissions before the first step: disabling wipes them, and enabling does not bring them back.
    pub launch_permissions: Vec<LaunchPermission>,
    /// Its block devices.
    pub block_devices: Vec<BlockDevice>,
}

impl ImageRecord {
    /// The part that verdicts stand on.
    #[must_use]
    pub fn quarantine(&self) -> Quarantine {
        Quarantine {
            status: self.status,
            disabled_at: self.disabled_at,
            deregistered_at: self.deregistered_at,
            owner_told: self.owner_told_at.is_some(),
        }
    }

    /// The intent to take `status` for `image`, as a successor of what is known.
    ///
    /// What undo needs is taken from before the first step: once an image is disabled its launch permissions read as
    /// none, so those of an earlier record stand until it is brought back.
    #[must_use]
    pub fn intent(
        image: &Image,
        launch_permissions: Vec<LaunchPermission>,
        known: Option<&Self>,
        status: ImageStatus,
        run_id: &RunId,
        now: Timestamp,
    ) -> Self {
        let begun = known.filter(|record| {
            record.status != ImageStatus::Restored && image.state == crate::image::ImageState::Disabled
        });
        Self {
            image_id: image.id.clone(),
            version: known.map_or(1, |record| record.version + 1),
            status,
            run_id: Some(run_id.clone()),
            written_at: now,
            // A grace that its owner was not told of begins anew.
            disabled_at: begun
                .filter(|record| status != ImageStatus::Disabling || record.owner_told_at.is_some())
                .and_then(|record| record.disabled_at),
            deregistered_at: None,
            owner_told_at: begun.and_then(|record| record.owner_told_at),
            name: image.name.clone(),
            created_at: image.created_at,
            tags: begun.map_or_else(|| image.tags.clone(), |record| record.tags.clone()),
            launch_permissions: begun.map_or(launch_permissions, |record| record.launch_permissions.clone()),
            block_devices: image.block_devices.clone(),
        }
    }

    /// The record after the call was made.
    #[must_use]
    pub fn done(&self, status: ImageStatus, now: Timestamp) -> Self {
        let mut next = Self { version: self.version + 1, status, written_at: now, ..self.clone() };
        match status {
            ImageStatus::Disabled => next.disabled_at = next.disabled_at.or(Some(now)),
            ImageStatus::Deregistered => next.deregistered_at = Some(now),
            ImageStatus::Restored => {
                next.disabled_at = None;
                next.deregistered_at = None;
                next.owner_told_at = None;
            }
            ImageStatus::Disabling | ImageStatus::Deregistering | ImageStatus::Restoring => {}
        }
        next
    }
}

/// What became of one image or its snapshots in a run: `RUN#<run_id>/IMAGE#<id>` in the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemRecord {
    /// Which image.
    pub image_id: ImageId,
    /// What became of the image; `None`: an intent was stored, and its outcome was not.
    pub outcome: Option<Outcome>,
    /// Why nothing became of the image: the error's name and its message.
    #[serde(default)]
    pub error: Option<ItemError>,
    /// When this was written.
    pub written_at: Timestamp,
}

/// What became of one snapshot in a run: `RUN#<run_id>/SNAPSHOT#<image id>#<snapshot id>` in the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotRecord {
    /// The image that it belonged to.
    pub image_id: ImageId,
    /// What became of it.
    pub result: SnapshotOutcome,
    /// When this was written.
    pub written_at: Timestamp,
}

/// The error with which a function refused or failed an image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemError {
    /// Its name, as the state machine sees it.
    pub name: String,
    /// Its message.
    pub message: String,
}

/// What `deregister` did with an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was disabled.
    Disabled,
    /// It was disabled before; its grace was noted if it had not begun.
    AlreadyDisabled,
    /// It was deregistered.
    Deregistered,
    /// It was gone before.
    AlreadyGone,
    /// A dry run would have disabled it.
    WouldDisable,
    /// A dry run would have deregistered it.
    WouldDeregister,
}

impl Outcome {
    /// The name in results and reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Disabled => "disabled",
            Self::AlreadyDisabled => "already_disabled",
            Self::Deregistered => "deregistered",
            Self::AlreadyGone => "already_gone",
            Self::WouldDisable => "would_disable",
            Self::WouldDeregister => "would_deregister",
        }
    }
}

/// What `delete-snapshot` did with one snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SnapshotFate {
    /// It was deleted.
    Deleted,
    /// It was gone before.
    AlreadyGone,
    /// It stays, for a reason.
    Kept,
    /// A dry run would have deleted it.
    WouldDelete,
    /// Its deletion failed, for a reason; the next run takes it up.
    Failed,
}

/// What became of one snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotOutcome {
    /// Which.
    pub snapshot_id: crate::ids::SnapshotId,
    /// What became of it.
    pub outcome: SnapshotFate,
    /// Why it stays, what failed, or what a live run would meet.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
    /// Its provisioned size.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub size_gib: Option<u32>,
    /// What deleting it saves a month, at most: snapshots are incremental, so the true figure is not known before.
    #[serde(default)]
    pub saves_at_most_micro_dollars_a_month: u64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::fixtures::{image, now};

    fn run() -> RunId {
        RunId::parse("run-1").unwrap()
    }

    #[test]
    fn launch_permissions_of_a_disabled_image_are_those_recorded_before() {
        let permissions = vec![LaunchPermission::Account("999999999999".into())];
        let available = image("ami-1").image();
        let disabling =
            ImageRecord::intent(&available, permissions.clone(), None, ImageStatus::Disabling, &run(), now());
        let disabled = image("ami-1").in_state("disabled").image();
        for known in [disabling.clone(), disabling.done(ImageStatus::Disabled, now())] {
            let next = ImageRecord::intent(&disabled, vec![], Some(&known), ImageStatus::Deregistering, &run(), now());
            assert_eq!(next.launch_permissions, permissions);
            assert_eq!(next.version, known.version + 1);
        }
    }

    #[test]
    fn a_restored_image_is_recorded_anew() {
        let old = image("ami-1").tag("v", "1").image();
        let record = ImageRecord::intent(&old, vec![], None, ImageStatus::Disabling, &run(), now())
            .done(ImageStatus::Disabled, now())
            .done(ImageStatus::Restored, now());
        assert_eq!((record.disabled_at, record.deregistered_at), (None, None));
        let changed = image("ami-1").tag("v", "2").image();
        let next = ImageRecord::intent(&changed, vec![], Some(&record), ImageStatus::Disabling, &run(), now());
        assert_eq!(next.tags.get("v"), Some("2"));
        assert_eq!(next.disabled_at, None);
    }

    #[test]
    fn a_grace_that_nobody_was_told_of_begins_anew() {
        let disabled = image("ami-1").in_state("disabled").image();
        let untold = ImageRecord::intent(&image("ami-1").image(), vec![], None, ImageStatus::Disabling, &run(), now())
            .done(ImageStatus::Disabled, now());
        let told = ImageRecord { owner_told_at: Some(now()), ..untold.clone() };
        let later = now().plus_days(3);
        for (known, disabled_at) in [(untold, later), (told, now())] {
            let again = ImageRecord::intent(&disabled, vec![], Some(&known), ImageStatus::Disabling, &run(), later);
            assert_eq!(again.done(ImageStatus::Disabled, later).disabled_at, Some(disabled_at));
        }
    }

    #[test]
    fn disabling_twice_does_not_begin_the_grace_again() {
        let record = ImageRecord::intent(&image("ami-1").image(), vec![], None, ImageStatus::Disabling, &run(), now())
            .done(ImageStatus::Disabled, now());
        let again = record.done(ImageStatus::Disabled, now().plus_days(3));
        assert_eq!(again.disabled_at, Some(now()));
    }
}
