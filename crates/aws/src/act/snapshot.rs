//! Snapshots.

use aws_sdk_ec2::operation::create_snapshot::builders::CreateSnapshotFluentBuilder;
use aws_sdk_ec2::types::ResourceType;
use sunset_domain::ids::{SnapshotId, VolumeId};
use sunset_domain::image::Tags;
use sunset_domain::permit::Permit;

use super::tags::specification;
use super::{ActError, Done, Permission};
use crate::clients::Clients;
use crate::documents::id;
use crate::error::{AwsError, AwsErrorKind};

const CREATE_SNAPSHOT: &str = "CreateSnapshot";
const DELETE_SNAPSHOT: &str = "DeleteSnapshot";
const RESTORE_SNAPSHOT: &str = "RestoreSnapshotFromRecycleBin";

/// What became of a snapshot that was to be deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SnapshotDeletion {
    /// This call deleted it.
    Deleted,
    /// It did not exist any more.
    AlreadyGone,
    /// EC2 keeps it.
    Refused {
        /// For which reason.
        because: SnapshotRefusal,
        /// In EC2's words.
        message: String,
    },
}

/// Why EC2 keeps a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SnapshotRefusal {
    /// An image stands on it; also for a moment after its last image was deregistered.
    InUse,
    /// The AWS Backup service manages it.
    ManagedByBackup,
    /// It is locked.
    Locked,
    /// It is protected in another way.
    Protected,
}

/// Begins a snapshot of a volume, which carries its tags from its first moment. The permit is for the volume.
///
/// Lost: nothing. Kept: the volume, attached or not, as it is at this moment. Called twice it makes two.
///
/// # Errors
/// [`ActError`].
pub async fn create_snapshot(
    permit: &Permit,
    clients: &Clients,
    volume_id: &VolumeId,
    description: &str,
    tags: &Tags,
) -> Result<SnapshotId, ActError> {
    permit.covers(volume_id.as_str())?;
    let answer = creating(clients.ec2_once(), volume_id, description, tags)
        .send()
        .await
        .map_err(|error| AwsError::of(CREATE_SNAPSHOT, &error))?;
    Ok(id(CREATE_SNAPSHOT, answer.snapshot_id(), SnapshotId::parse)?)
}

fn creating(
    ec2: &aws_sdk_ec2::Client,
    volume_id: &VolumeId,
    description: &str,
    tags: &Tags,
) -> CreateSnapshotFluentBuilder {
    ec2.create_snapshot()
        .volume_id(volume_id.as_str())
        .description(description)
        .tag_specifications(specification(ResourceType::Snapshot, tags))
}

/// Deletes a snapshot.
///
/// Lost: its data, for good unless a Recycle Bin rule keeps it.
///
/// # Errors
/// [`ActError`]. What EC2 keeps for a reason that it names is no error.
pub async fn delete_snapshot(
    permit: &Permit,
    clients: &Clients,
    snapshot_id: &SnapshotId,
) -> Result<SnapshotDeletion, ActError> {
    permit.covers(snapshot_id.as_str())?;
    let answer = clients
        .ec2_once()
        .delete_snapshot()
        .snapshot_id(snapshot_id.as_str())
        .send()
        .await
        .map_err(|error| AwsError::of(DELETE_SNAPSHOT, &error));
    match answer {
        Ok(_) => Ok(SnapshotDeletion::Deleted),
        Err(error) if error.is_not_found() => Ok(SnapshotDeletion::AlreadyGone),
        Err(error) => match refusal(&error) {
            Some(because) => Ok(SnapshotDeletion::Refused { because, message: error.message }),
            None => Err(error.into()),
        },
    }
}

/// EC2 has no code of its own for most of these; what it says is all there is to tell them apart.
fn refusal(error: &AwsError) -> Option<SnapshotRefusal> {
    if error.kind != AwsErrorKind::Refused {
        return None;
    }
    let code = error.code.as_deref().unwrap_or_default().to_ascii_lowercase();
    let says = error.message.to_ascii_lowercase();
    if code == "invalidsnapshot.inuse" {
        Some(SnapshotRefusal::InUse)
    } else if says.contains("managed by the aws backup service") {
        Some(SnapshotRefusal::ManagedByBackup)
    } else if code.contains("locked") || says.contains("is locked") || says.contains("locked snapshot") {
        Some(SnapshotRefusal::Locked)
    } else if code == "operationnotpermitted" {
        Some(SnapshotRefusal::Protected)
    } else {
        None
    }
}

/// Brings a snapshot back from the Recycle Bin. The permit is for the snapshot.
///
/// Lost: nothing.
///
/// # Errors
/// [`ActError`].
pub async fn restore_snapshot_from_recycle_bin(
    permit: &Permit,
    clients: &Clients,
    snapshot_id: &SnapshotId,
) -> Result<Done, ActError> {
    permit.covers(snapshot_id.as_str())?;
    clients
        .ec2_once()
        .restore_snapshot_from_recycle_bin()
        .snapshot_id(snapshot_id.as_str())
        .send()
        .await
        .map_err(|error| AwsError::of(RESTORE_SNAPSHOT, &error))?;
    Ok(Done::Now)
}

/// Asks EC2 whether [`delete_snapshot`] would be allowed. Changes nothing.
pub async fn would_delete_snapshot(clients: &Clients, snapshot_id: &SnapshotId) -> Permission {
    let answer = clients.ec2().delete_snapshot().snapshot_id(snapshot_id.as_str()).dry_run(true).send().await;
    Permission::of(answer.map_err(|error| AwsError::of(DELETE_SNAPSHOT, &error)))
}

/// Asks EC2 whether [`create_snapshot`] would be allowed, tags and all. Changes nothing.
pub async fn would_create_snapshot(
    clients: &Clients,
    volume_id: &VolumeId,
    description: &str,
    tags: &Tags,
) -> Permission {
    let answer = creating(clients.ec2(), volume_id, description, tags).dry_run(true).send().await;
    Permission::of(answer.map_err(|error| AwsError::of(CREATE_SNAPSHOT, &error)))
}
