//! Holding a backup against what it backs up (C113): complete, of the same size, no less encrypted.

use aws_sdk_ec2::types::{Snapshot, SnapshotState, Volume};
use sunset_domain::ids::{ImageId, InstanceId, SnapshotId, VolumeId};
use sunset_domain::image::{Image, ImageState};

use super::StepView;
use super::image::{does_not_exist, is_on_its_way, shown, there};
use super::snapshot::failed;
use super::view::{done, impossible, under_way};
use crate::clients::Clients;
use crate::documents::{instances, snapshots, volumes};
use crate::error::AwsError;

pub(super) async fn look_image(
    clients: &Clients,
    image_id: &ImageId,
    instance_id: &InstanceId,
) -> Result<StepView, AwsError> {
    let Some(image) = there(clients, image_id).await? else { return Ok(does_not_exist(image_id)) };
    if is_on_its_way(&image) {
        return Ok(under_way(image.state.as_str()));
    }
    if image.state != ImageState::Available {
        return Ok(impossible(shown(&image)));
    }
    let instance = instances::by_id(clients, instance_id.as_str()).await?;
    if instance.is_none_or(|owned| matches!(instances::state(&owned.instance), "shutting-down" | "terminated")) {
        return Ok(impossible(format!("instance {instance_id} is gone: there is nothing to hold it against")));
    }
    let (volumes, outcome) = volumes::of_instance(clients, instance_id.as_str()).await;
    outcome?;
    if volumes.is_empty() {
        return Ok(impossible(format!("instance {instance_id} has no volume that an image could hold")));
    }
    let mut verified = done();
    for volume in &volumes {
        match look_device(clients, &image, volume, instance_id).await? {
            StepView::Done { .. } => {}
            impossible @ StepView::Impossible { .. } => return Ok(impossible),
            waiting => verified = waiting,
        }
    }
    Ok(verified)
}

/// The snapshot that an image holds of a volume, by the device at which the instance has it.
async fn look_device(
    clients: &Clients,
    image: &Image,
    volume: &Volume,
    instance_id: &InstanceId,
) -> Result<StepView, AwsError> {
    let device = volumes::attachment_to(volume, instance_id.as_str()).and_then(|at| at.device()).unwrap_or_default();
    let held = image.block_devices.iter().find(|held| held.device_name == device);
    let Some(snapshot_id) = held.and_then(|held| held.snapshot_id.as_ref()) else {
        let volume_id = volume.volume_id().unwrap_or_default();
        return Ok(impossible(format!("image {} holds nothing of {volume_id} at {device}", image.id)));
    };
    let Some(snapshot) = snapshots::by_id(clients, snapshot_id.as_str()).await? else {
        return Ok(impossible(format!("snapshot {snapshot_id} of image {} does not exist", image.id)));
    };
    Ok(compare(&snapshot, volume))
}

pub(super) async fn look_snapshot(
    clients: &Clients,
    snapshot_id: &SnapshotId,
    volume_id: &VolumeId,
) -> Result<StepView, AwsError> {
    let Some(snapshot) = snapshots::by_id(clients, snapshot_id.as_str()).await? else {
        return Ok(impossible(format!("snapshot {snapshot_id} does not exist")));
    };
    let Some(volume) = volumes::by_id(clients, volume_id.as_str()).await? else {
        return Ok(impossible(format!("volume {volume_id} is gone: there is nothing to hold it against")));
    };
    Ok(compare(&snapshot, &volume))
}

fn compare(snapshot: &Snapshot, volume: &Volume) -> StepView {
    let (snapshot_id, volume_id) = (snapshot.snapshot_id().unwrap_or_default(), volume.volume_id().unwrap_or_default());
    match snapshot.state() {
        Some(SnapshotState::Completed) => {}
        Some(SnapshotState::Pending) => return under_way(format!("pending as {snapshot_id}")),
        _ => return impossible(failed(snapshot_id, snapshot)),
    }
    let differs = differences(snapshot, volume);
    if differs.is_empty() {
        done()
    } else {
        impossible(format!("snapshot {snapshot_id} is no backup of {volume_id}: {}", differs.join(", ")))
    }
}

/// What EC2 does not say is not known to be the same.
fn differences(snapshot: &Snapshot, volume: &Volume) -> Vec<String> {
    let mut differs = Vec::new();
    if snapshot.volume_id() != volume.volume_id() {
        differs.push(format!("it was made of {}", snapshot.volume_id().unwrap_or("nothing that EC2 names")));
    }
    if snapshot.volume_size().is_none() || snapshot.volume_size() != volume.size() {
        let gib = |size: Option<i32>| size.map_or_else(|| "an unknown size".to_owned(), |gib| format!("{gib} GiB"));
        differs.push(format!("it holds {} of {}", gib(snapshot.volume_size()), gib(volume.size())));
    }
    if volume.encrypted() != Some(false) && snapshot.encrypted() != Some(true) {
        differs.push("it is not encrypted as the volume is".to_owned());
    }
    if let (Some(of_snapshot), Some(of_volume)) = (snapshot.kms_key_id(), volume.kms_key_id())
        && of_snapshot != of_volume
    {
        differs.push(format!("it is encrypted with {of_snapshot}, not with {of_volume}"));
    }
    differs
}
