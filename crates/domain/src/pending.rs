//! Snapshots that wait for their image to go. They are written down before the image is deregistered, because after
//! it nobody knows any more which they were (C162).

use serde::{Deserialize, Serialize};

use crate::ids::{ImageId, RunId, SnapshotId};
use crate::image::{Image, ImageState};
use crate::time::Timestamp;

/// One snapshot of one image: `PENDING#snapshots` in the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingSnapshot {
    /// The image that goes first.
    pub image_id: ImageId,
    /// The snapshot that goes after it.
    pub snapshot_id: SnapshotId,
    /// Its device.
    pub device_name: String,
    /// Its provisioned size.
    pub size_gib: Option<u32>,
    /// The run that wrote this.
    pub run_id: RunId,
    /// When.
    pub written_at: Timestamp,
    /// When its deletion was begun; a snapshot that is gone after that was deleted by Sunset.
    #[serde(default)]
    pub deleting_at: Option<Timestamp>,
    /// What deleting it saves a month at most, known when its deletion is begun.
    #[serde(default)]
    pub saves_at_most_micro_dollars_a_month: u64,
    /// When it was last kept for a reason.
    #[serde(default)]
    pub kept_at: Option<Timestamp>,
}

/// The pending snapshots of an image that is about to go.
#[must_use]
pub fn pending_snapshots(image: &Image, run_id: &RunId, now: Timestamp) -> Vec<PendingSnapshot> {
    image
        .snapshot_ids()
        .into_iter()
        .filter_map(|snapshot_id| {
            let device = image.block_devices.iter().find(|device| device.snapshot_id.as_ref() == Some(&snapshot_id))?;
            Some(PendingSnapshot {
                image_id: image.id.clone(),
                device_name: device.device_name.clone(),
                size_gib: device.size_gib,
                snapshot_id,
                run_id: run_id.clone(),
                written_at: now,
                deleting_at: None,
                saves_at_most_micro_dollars_a_month: 0,
                kept_at: None,
            })
        })
        .collect()
}

/// What the next run does with an image's pending snapshots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settlement {
    /// The image is gone: finish what was begun.
    Drain,
    /// The image is still there: EC2 may only lag.
    Wait,
    /// The image is there to stay: forget the intent, so that nobody's later deregistration deletes these snapshots.
    Forget,
}

/// How long a snapshot that was kept for a reason is left alone before it is looked at again.
const KEPT_HOURS: u32 = 24;
/// How long EC2 may go on showing an image that is gone.
const LAG_HOURS: u32 = 1;

/// Settles the pending snapshots of one image by looking: `state` is the image's in a complete reading, `None` if it
/// is not there.
#[must_use]
pub fn settle(pending: &PendingSnapshot, state: Option<&ImageState>, now: Timestamp) -> Settlement {
    match state {
        None | Some(ImageState::Deregistered) => match pending.kept_at {
            Some(kept_at) if now < kept_at.plus_hours(KEPT_HOURS) => Settlement::Wait,
            _ => Settlement::Drain,
        },
        Some(_) if now < pending.written_at.plus_hours(LAG_HOURS) => Settlement::Wait,
        Some(_) => Settlement::Forget,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::fixtures::{image, now};

    #[test]
    fn a_gone_image_drains_a_lagging_one_waits_and_one_that_stayed_is_forgotten() {
        let pending = pending_snapshots(&image("ami-1").image(), &RunId::parse("r").unwrap(), now()).remove(0);
        assert_eq!(settle(&pending, None, now()), Settlement::Drain);
        assert_eq!(settle(&pending, Some(&ImageState::Deregistered), now()), Settlement::Drain);
        assert_eq!(settle(&pending, Some(&ImageState::Available), now()), Settlement::Wait);
        assert_eq!(settle(&pending, Some(&ImageState::Disabled), now().plus_hours(2)), Settlement::Forget);
        let kept = PendingSnapshot { kept_at: Some(now()), ..pending };
        assert_eq!(settle(&kept, None, now()), Settlement::Wait);
        assert_eq!(settle(&kept, None, now().plus_hours(24)), Settlement::Drain);
    }

    #[test]
    fn a_snapshot_behind_two_devices_is_pending_once_and_a_device_without_one_not_at_all() {
        let mut image = image("ami-1").image();
        let device = image.block_devices[0].clone();
        image.block_devices.push(device.clone());
        image.block_devices.push(crate::image::BlockDevice { snapshot_id: None, ..device });
        assert_eq!(pending_snapshots(&image, &RunId::parse("r").unwrap(), now()).len(), 1);
    }
}
