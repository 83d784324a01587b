//! How an image can be brought back.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::ids::{ImageId, SnapshotId};
use crate::image::{Image, ImageState, Tags};
use crate::input::{Fields, InvalidInput};
use crate::ledger::{ImageRecord, ImageStatus};
use crate::policy::Mode;

/// The tag that shows when an image was disabled; the ledger decides, not the tag.
pub const DISABLED_AT_TAG: &str = "sunset:disabled-at";

/// The event of restore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestoreEvent {
    /// Which image.
    pub image_id: ImageId,
    /// Dry unless the event says live.
    pub mode: Mode,
    /// Whether to tag it `sunset:keep`, without which the next run would find it as due as before.
    pub keep: bool,
}

impl RestoreEvent {
    /// Reads an event.
    ///
    /// # Errors
    /// [`InvalidInput`] names the field.
    pub fn parse(event: Value, allow_live: bool) -> Result<Self, InvalidInput> {
        let mut fields = Fields::of(event, "")?;
        fields.schema()?;
        let image_id = fields.required_text("image_id", "an image id such as ami-0123456789abcdef0", ImageId::parse)?;
        let mode = fields.text("mode", "dry-run or live", |text| Mode::parse(text).ok_or(()))?.unwrap_or_default();
        if mode == Mode::Live && !allow_live {
            return Err(fields.wrong("mode", "live", "dry-run: this stack is deployed with AllowLive=false"));
        }
        let keep = fields.flag("keep")?.unwrap_or(true);
        fields.finish()?;
        Ok(Self { image_id, mode, keep })
    }
}

/// What the Recycle Bin holds of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecycleBin {
    /// It was read.
    Read {
        /// Whether the image is in it.
        image: bool,
        /// Which of the image's snapshots are in it.
        snapshots: BTreeSet<SnapshotId>,
    },
    /// It could not be read.
    Unread {
        /// Why.
        reason: String,
    },
}

/// The way back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WayBack {
    /// It is available, and Sunset did nothing to it.
    AlreadyAvailable,
    /// It is available: only its launch permissions and tags may still be missing.
    Reapply,
    /// Enable it, then give back its launch permissions and tags.
    Enable,
    /// Restore these snapshots, then the image, then its launch permissions and tags.
    FromRecycleBin {
        /// The snapshots that are in the bin, which must come back first.
        snapshots: Vec<SnapshotId>,
    },
    /// There is none.
    No {
        /// Why, and what could be done instead.
        reason: String,
    },
}

/// Finds the way back. `image` is what EC2 shows now; `bin` is read only where the image is gone.
#[must_use]
pub fn way_back(image: Option<&Image>, record: Option<&ImageRecord>, bin: Option<&RecycleBin>) -> WayBack {
    match image.map(|image| &image.state) {
        Some(ImageState::Available) => match record.map(|record| record.status) {
            None | Some(ImageStatus::Restored) => WayBack::AlreadyAvailable,
            Some(_) => WayBack::Reapply,
        },
        Some(ImageState::Disabled) => WayBack::Enable,
        None | Some(ImageState::Deregistered) => from_bin(record, bin),
        Some(ImageState::Other(state)) => {
            WayBack::No { reason: format!("the image is in state {state}; wait until it is available or disabled") }
        }
    }
}

fn from_bin(record: Option<&ImageRecord>, bin: Option<&RecycleBin>) -> WayBack {
    match bin {
        Some(RecycleBin::Read { image: true, snapshots }) => {
            WayBack::FromRecycleBin { snapshots: snapshots.iter().cloned().collect() }
        }
        Some(RecycleBin::Read { image: false, .. }) => WayBack::No {
            reason: match record {
                Some(record) if record.status == ImageStatus::Deregistered => {
                    "the image is deregistered and not in the Recycle Bin: no retention rule covered it, or its time is \
                     over. Its name, tags, launch permissions and block devices are in the ledger; where its snapshots \
                     still exist, RegisterImage can rebuild it from them under a new id"
                        .into()
                }
                _ => "no such image in this account and region, not in the Recycle Bin either".into(),
            },
        },
        Some(RecycleBin::Unread { reason }) => {
            WayBack::No { reason: format!("the image is gone, and the Recycle Bin could not be read: {reason}") }
        }
        None => WayBack::No { reason: "the image is gone, and the Recycle Bin was not read".into() },
    }
}

/// The recorded tags that an image lacks or that differ. AWS's own keys are left out, which nobody may set, and so is
/// the mark of the disabling.
#[must_use]
pub fn tags_to_restore(recorded: &Tags, present: &Tags) -> Tags {
    recorded
        .iter()
        .filter(|(key, value)| !key.starts_with("aws:") && *key != DISABLED_AT_TAG && present.get(key) != Some(*value))
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::RunId;
    use crate::verdict::fixtures::{image, now};
    use serde_json::json;

    fn record(status: ImageStatus) -> ImageRecord {
        let run = RunId::parse("r").unwrap();
        ImageRecord::intent(&image("ami-1").image(), vec![], None, ImageStatus::Disabling, &run, now())
            .done(status, now())
    }

    #[test]
    fn the_event_is_dry_and_keeps_unless_it_says_otherwise() {
        let event = RestoreEvent::parse(json!({"schema": 1, "image_id": "ami-1"}), true).unwrap();
        assert_eq!((event.mode, event.keep), (Mode::DryRun, true));
        let error = RestoreEvent::parse(json!({"schema": 1, "image_id": "ami-1", "mode": "live"}), false).unwrap_err();
        assert!(error.to_string().contains("AllowLive=false"));
        assert!(RestoreEvent::parse(json!({"schema": 1, "image_id": "ami-1", "Mode": "live"}), true).is_err());
    }

    #[test]
    fn a_disabled_image_is_enabled_and_a_half_restored_one_is_finished() {
        let disabled = image("ami-1").in_state("disabled").image();
        assert_eq!(way_back(Some(&disabled), None, None), WayBack::Enable);
        let available = image("ami-1").image();
        assert_eq!(way_back(Some(&available), Some(&record(ImageStatus::Restoring)), None), WayBack::Reapply);
        assert_eq!(way_back(Some(&available), Some(&record(ImageStatus::Restored)), None), WayBack::AlreadyAvailable);
        assert_eq!(way_back(Some(&available), None, None), WayBack::AlreadyAvailable);
    }

    #[test]
    fn a_deregistered_image_comes_from_the_recycle_bin_or_the_answer_says_why_not() {
        let snapshot = SnapshotId::parse("snap-1").unwrap();
        let bin = RecycleBin::Read { image: true, snapshots: BTreeSet::from([snapshot.clone()]) };
        let deregistered = record(ImageStatus::Deregistered);
        assert_eq!(
            way_back(None, Some(&deregistered), Some(&bin)),
            WayBack::FromRecycleBin { snapshots: vec![snapshot] }
        );
        let empty = RecycleBin::Read { image: false, snapshots: BTreeSet::new() };
        let unread = RecycleBin::Unread { reason: "denied".into() };
        for (record, bin, expected) in [
            (Some(&deregistered), Some(&empty), "RegisterImage can rebuild it"),
            (None, Some(&empty), "no such image"),
            (Some(&deregistered), Some(&unread), "could not be read: denied"),
            (Some(&deregistered), None, "was not read"),
        ] {
            let WayBack::No { reason } = way_back(None, record, bin) else { panic!() };
            assert!(reason.contains(expected), "{reason}");
        }
    }

    #[test]
    fn only_tags_that_are_missing_or_changed_come_back_and_never_awss_own() {
        let recorded = Tags::from([("a", "1"), ("b", "2"), ("aws:x", "y"), (DISABLED_AT_TAG, "z")]);
        let present = Tags::from([("a", "1"), ("b", "3")]);
        assert_eq!(tags_to_restore(&recorded, &present), Tags::from([("b", "2")]));
    }
}
