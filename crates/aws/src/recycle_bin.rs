//! What the Recycle Bin still holds of an image.

use std::collections::BTreeSet;

use sunset_domain::ids::{ImageId, SnapshotId};
use sunset_domain::restore::RecycleBin;

use crate::clients::Clients;
use crate::error::AwsError;

const IMAGES: &str = "ListImagesInRecycleBin";
const SNAPSHOTS: &str = "ListSnapshotsInRecycleBin";

/// Looks for an image and its snapshots.
pub async fn look(clients: &Clients, image_id: &ImageId, snapshot_ids: &[SnapshotId]) -> RecycleBin {
    match read(clients, image_id, snapshot_ids).await {
        Ok((image, snapshots)) => RecycleBin::Read { image, snapshots },
        Err(error) => RecycleBin::Unread { reason: error.to_string() },
    }
}

async fn read(
    clients: &Clients,
    image_id: &ImageId,
    snapshot_ids: &[SnapshotId],
) -> Result<(bool, BTreeSet<SnapshotId>), AwsError> {
    let image = holds_image(clients, image_id).await?;
    let mut snapshots = BTreeSet::new();
    // One by one, because one that is not there may fail them all.
    for snapshot_id in snapshot_ids {
        if holds_snapshot(clients, snapshot_id).await? {
            snapshots.insert(snapshot_id.clone());
        }
    }
    Ok((image, snapshots))
}

async fn holds_image(clients: &Clients, image_id: &ImageId) -> Result<bool, AwsError> {
    let answer = clients
        .ec2()
        .list_images_in_recycle_bin()
        .image_ids(image_id.as_str())
        .send()
        .await
        .map_err(|error| AwsError::of(IMAGES, &error));
    Ok(there(answer)?.is_some_and(|page| page.images().iter().any(|image| image.image_id() == Some(image_id.as_str()))))
}

async fn holds_snapshot(clients: &Clients, snapshot_id: &SnapshotId) -> Result<bool, AwsError> {
    let answer = clients
        .ec2()
        .list_snapshots_in_recycle_bin()
        .snapshot_ids(snapshot_id.as_str())
        .send()
        .await
        .map_err(|error| AwsError::of(SNAPSHOTS, &error));
    Ok(there(answer)?.is_some_and(|page| {
        page.snapshots().iter().any(|snapshot| snapshot.snapshot_id() == Some(snapshot_id.as_str()))
    }))
}

/// What is not in the bin may be answered as an error.
fn there<T>(answer: Result<T, AwsError>) -> Result<Option<T>, AwsError> {
    match answer {
        Ok(page) => Ok(Some(page)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}
