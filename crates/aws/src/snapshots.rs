//! Snapshots, and what holds them.

use std::collections::BTreeMap;

use aws_sdk_ec2::types::{Filter, LockState, Snapshot as Document, SnapshotAttributeName, StorageTier};
use sunset_domain::ids::{AccountId, ImageId, SnapshotId};
use sunset_domain::launch_permission::LaunchPermission;
use sunset_domain::snapshot::Snapshot;

use crate::account::on_snapshots;
use crate::account::pages::Pages;
use crate::account::{group_permission, tags};
use crate::clients::Clients;
use crate::error::AwsError;

const DESCRIBE: &str = "DescribeSnapshots";
const ATTRIBUTE: &str = "DescribeSnapshotAttribute";
const LOCKED: &str = "DescribeLockedSnapshots";
/// The most ids that one call, or one filter, takes.
const IDS_AT_ONCE: usize = 200;

/// Reads these snapshots; those that do not exist are left out.
///
/// # Errors
/// What AWS answered.
pub async fn read(clients: &Clients, snapshot_ids: &[SnapshotId]) -> Result<Vec<Snapshot>, AwsError> {
    let mut snapshots = Vec::with_capacity(snapshot_ids.len());
    for ids in snapshot_ids.chunks(IDS_AT_ONCE) {
        let ids: Vec<String> = ids.iter().map(|id| id.as_str().to_owned()).collect();
        match read_pages(clients, Wanted::Ids(ids.clone())).await {
            Ok(documents) => snapshots.extend(documents),
            // One id that does not exist fails them all; a filter leaves it out.
            Err(error) if error.is_not_found() => {
                snapshots.extend(read_pages(clients, Wanted::Filtered(ids)).await?);
            }
            Err(error) => return Err(error),
        }
    }
    snapshots.retain(|snapshot| snapshot_ids.contains(&snapshot.id));
    Ok(snapshots)
}

enum Wanted {
    Ids(Vec<String>),
    Filtered(Vec<String>),
}

async fn read_pages(clients: &Clients, wanted: Wanted) -> Result<Vec<Snapshot>, AwsError> {
    // EC2 takes ids or a page's size, not both.
    let (ids, filters, size) = match wanted {
        Wanted::Ids(ids) => (Some(ids), None, None),
        Wanted::Filtered(ids) => {
            (None, Some(vec![Filter::builder().name("snapshot-id").set_values(Some(ids)).build()]), Some(1000))
        }
    };
    let mut snapshots = Vec::new();
    let mut pages = Pages::of(DESCRIBE);
    while let Some(token) = pages.turn() {
        let page = clients
            .ec2()
            .describe_snapshots()
            .set_snapshot_ids(ids.clone())
            .set_filters(filters.clone())
            .set_max_results(size)
            .set_next_token(token)
            .send()
            .await
            .map_err(|error| AwsError::of(DESCRIBE, &error))?;
        for document in page.snapshots.into_iter().flatten() {
            snapshots.push(compact(document)?);
        }
        pages.turned(page.next_token)?;
    }
    Ok(snapshots)
}

fn compact(document: Document) -> Result<Snapshot, AwsError> {
    let id = SnapshotId::parse(document.snapshot_id.as_deref().unwrap_or_default())
        .map_err(|error| AwsError::refused(DESCRIBE, error.to_string()))?;
    Ok(Snapshot {
        id,
        owner_id: document.owner_id.and_then(|id| AccountId::parse(&id).ok()),
        tags: tags(document.tags),
        size_gib: document.volume_size.and_then(|gib| u32::try_from(gib).ok()),
        full_size_bytes: document.full_snapshot_size_in_bytes.and_then(|bytes| u64::try_from(bytes).ok()),
        archived: document.storage_tier == Some(StorageTier::Archive),
    })
}

/// Reads who beside the owner may create volumes from a snapshot.
///
/// # Errors
/// What AWS answered.
pub async fn create_volume_permissions(
    clients: &Clients,
    snapshot_id: &SnapshotId,
) -> Result<Vec<LaunchPermission>, AwsError> {
    let answer = clients
        .ec2()
        .describe_snapshot_attribute()
        .snapshot_id(snapshot_id.as_str())
        .attribute(SnapshotAttributeName::CreateVolumePermission)
        .send()
        .await
        .map_err(|error| AwsError::of(ATTRIBUTE, &error))?;
    let mut permissions = Vec::new();
    for permission in answer.create_volume_permissions.into_iter().flatten() {
        permissions.push(
            group_permission(permission.group.as_ref())
                .or_else(|| permission.user_id.map(LaunchPermission::Account))
                .ok_or_else(|| AwsError::refused(ATTRIBUTE, "a permission for nobody known"))?,
        );
    }
    Ok(permissions)
}

/// Reads a snapshot's lock, as EC2 names its state; nothing, where none is on or it has expired.
///
/// # Errors
/// What AWS answered. EC2 itself refuses to delete a locked snapshot, so a caller may go on without.
pub async fn lock_state(clients: &Clients, snapshot_id: &SnapshotId) -> Result<Option<String>, AwsError> {
    let answer = clients
        .ec2()
        .describe_locked_snapshots()
        .snapshot_ids(snapshot_id.as_str())
        .send()
        .await
        .map_err(|error| AwsError::of(LOCKED, &error));
    let locks = match answer {
        Ok(page) => page.snapshots.unwrap_or_default(),
        Err(error) if error.is_not_found() => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut locks = locks.into_iter().filter(|lock| lock.snapshot_id.as_deref() == Some(snapshot_id.as_str()));
    let on = locks.find(|lock| lock.lock_state != Some(LockState::Expired));
    Ok(on.map(|lock| lock.lock_state.as_ref().map_or("locked", LockState::as_str).to_owned()))
}

/// The images that stand on each of these snapshots, disabled ones included: a snapshot of a disabled image is in use.
/// Every snapshot has an entry.
///
/// # Errors
/// What AWS answered; then nothing is known of any of them.
pub async fn images_on(
    clients: &Clients,
    snapshot_ids: &[SnapshotId],
) -> Result<BTreeMap<SnapshotId, Vec<ImageId>>, AwsError> {
    on_snapshots(clients, snapshot_ids).await
}
