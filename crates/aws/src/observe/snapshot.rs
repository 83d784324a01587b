//! A snapshot, the images on it, and who else may use it.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::{Snapshot as Document, StorageTier};
use sunset_domain::coverage::Source;
use sunset_domain::ids::{AccountId, ImageId, SnapshotId, VolumeId};
use sunset_domain::process::observation::{Configuration, Dependency, Found, Snapshot};

use super::sight::{Sight, name, number};
use crate::account::tags;
use crate::clients::Clients;
use crate::documents::snapshots::{self, OPERATION};
use crate::documents::{moment, optional_id};
use crate::error::AwsError;
use crate::snapshots::{create_volume_permissions, images_on, lock_state};

pub(super) async fn look(clients: &Clients, snapshot_id: &SnapshotId) -> Sight {
    let mut sight = Sight::default();
    let read = snapshots::by_id(clients, snapshot_id.as_str()).await;
    let Some(snapshot) = sight.resource(read) else { return sight };

    let images = images_on(clients, std::slice::from_ref(snapshot_id)).await;
    let images = images.map(|mut images| images.remove(snapshot_id).unwrap_or_default());
    let images: BTreeSet<ImageId> = match images {
        Ok(images) => {
            sight.read(Source::Images, images.len(), Ok(()));
            images.into_iter().collect()
        }
        Err(error) => {
            sight.read(Source::Images, 0, Err(error));
            BTreeSet::new()
        }
    };
    for image_id in &images {
        sight.depends(Source::Images, "image", image_id.as_str(), "stands on it", Dependency::Critical);
    }

    let permissions = create_volume_permissions(clients, snapshot_id).await;
    let permissions = sight.take_one(Source::LaunchPermissions, permissions);
    sight.shared_with(&permissions, "may make volumes from it");

    if let Some(state) = sight.take_one(Source::Attributes, lock_state(clients, snapshot_id).await) {
        sight.protects("snapshot_lock", format!("it is locked ({state}); EC2 deletes no locked snapshot"));
    }
    sight.found(found(&snapshot, images));
    sight
}

/// Only the snapshot itself.
pub(super) async fn glance(clients: &Clients, snapshot_id: &SnapshotId) -> Sight {
    let mut sight = Sight::default();
    if let Some(snapshot) = sight.resource(snapshots::by_id(clients, snapshot_id.as_str()).await) {
        sight.found(found(&snapshot, BTreeSet::new()));
    }
    sight
}

fn found(snapshot: &Document, image_ids: BTreeSet<ImageId>) -> Result<Found, AwsError> {
    let tags = tags(snapshot.tags.clone());
    let configuration = Snapshot {
        state: snapshots::state(snapshot).to_owned(),
        size_gib: number(snapshot.volume_size()),
        encrypted: snapshot.encrypted().unwrap_or_default(),
        kms_key_id: snapshot.kms_key_id().map(str::to_owned),
        volume_id: optional_id(OPERATION, snapshot.volume_id(), VolumeId::parse)?,
        storage_tier: snapshot.storage_tier().map(|tier: &StorageTier| tier.as_str().to_owned()),
        image_ids,
    };
    Ok(Found {
        owner_id: snapshot.owner_id().and_then(|id| AccountId::parse(id).ok()),
        name: name(&tags, None),
        tags,
        created_at: moment(snapshot.start_time()),
        configuration: Configuration::Snapshot(configuration),
    })
}
