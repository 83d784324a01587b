//! The only calls that change EC2.
//!
//! Each asks for a permit, which neither a dry run nor an act without a stored intent can make, and refuses one that
//! is for something else before anything is sent. None is repeated here, whatever it is answered: after a timeout the
//! call may have been carried out, so the caller looks first.

use aws_sdk_ec2::types::{LaunchPermission as Grant, LaunchPermissionModifications, PermissionGroup, Tag};
use sunset_domain::ids::{ImageId, SnapshotId};
use sunset_domain::image::Tags;
use sunset_domain::launch_permission::LaunchPermission;
use sunset_domain::permit::{NotPermitted, Permit};

use crate::clients::Clients;
use crate::error::{AwsError, AwsErrorKind};

const DISABLE_IMAGE: &str = "DisableImage";
const ENABLE_IMAGE: &str = "EnableImage";
const DEREGISTER_IMAGE: &str = "DeregisterImage";
const MODIFY_IMAGE_ATTRIBUTE: &str = "ModifyImageAttribute";
const CREATE_TAGS: &str = "CreateTags";
const DELETE_TAGS: &str = "DeleteTags";
const DELETE_SNAPSHOT: &str = "DeleteSnapshot";
const RESTORE_IMAGE: &str = "RestoreImageFromRecycleBin";
const RESTORE_SNAPSHOT: &str = "RestoreSnapshotFromRecycleBin";

/// Why a change was not made, or is not known to have been made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActError {
    /// Nothing was sent: the permit is for something else.
    #[error(transparent)]
    NotPermitted(#[from] NotPermitted),
    /// What AWS answered. [`AwsErrorKind::Transient`]: it may have been done all the same.
    #[error(transparent)]
    Aws(#[from] AwsError),
}

/// When what was asked for was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// By this call.
    Now,
    /// Before it: what was to go is gone.
    Before,
}

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

/// Makes an image impossible to launch.
///
/// Lost: its launch permissions, which enabling it does not bring back. Kept: running instances, tags, snapshots.
///
/// # Errors
/// [`ActError`]. An image that is gone, or not in a state to be disabled, is an error too: EC2's codes do not tell
/// "disabled before" from "deregistered before", so the caller looks.
pub async fn disable_image(permit: &Permit, clients: &Clients, image_id: &ImageId) -> Result<Done, ActError> {
    permit.covers(image_id.as_str())?;
    let answer = clients
        .ec2_once
        .disable_image()
        .image_id(image_id.as_str())
        .send()
        .await
        .map_err(|error| AwsError::of(DISABLE_IMAGE, &error))?;
    done(DISABLE_IMAGE, answer.r#return)
}

/// Deregisters an image.
///
/// Lost: the image, for good unless a Recycle Bin rule keeps it: its id, launch permissions, tags and the mapping of
/// its snapshots. Kept: running instances and the snapshots.
///
/// # Errors
/// [`ActError`].
pub async fn deregister_image(permit: &Permit, clients: &Clients, image_id: &ImageId) -> Result<Done, ActError> {
    permit.covers(image_id.as_str())?;
    let answer = clients
        .ec2_once
        .deregister_image()
        .image_id(image_id.as_str())
        .send()
        .await
        .map_err(|error| AwsError::of(DEREGISTER_IMAGE, &error));
    match answer {
        Ok(answer) => done(DEREGISTER_IMAGE, answer.r#return),
        Err(error) if error.is_not_found() => Ok(Done::Before),
        Err(error) => Err(error.into()),
    }
}

/// Makes a disabled image launchable again.
///
/// Lost: nothing.
///
/// # Errors
/// [`ActError`].
pub async fn enable_image(permit: &Permit, clients: &Clients, image_id: &ImageId) -> Result<Done, ActError> {
    permit.covers(image_id.as_str())?;
    let answer = clients
        .ec2_once
        .enable_image()
        .image_id(image_id.as_str())
        .send()
        .await
        .map_err(|error| AwsError::of(ENABLE_IMAGE, &error))?;
    done(ENABLE_IMAGE, answer.r#return)
}

/// Lets others launch an image, beside those who may already. Nothing is sent for nobody.
///
/// Lost: nothing; the image is as widely shared as it was recorded to be.
///
/// # Errors
/// [`ActError`].
pub async fn add_launch_permissions(
    permit: &Permit,
    clients: &Clients,
    image_id: &ImageId,
    permissions: &[LaunchPermission],
) -> Result<Done, ActError> {
    permit.covers(image_id.as_str())?;
    if permissions.is_empty() {
        return Ok(Done::Before);
    }
    let grants = permissions.iter().map(grant).collect();
    clients
        .ec2_once
        .modify_image_attribute()
        .image_id(image_id.as_str())
        .launch_permission(LaunchPermissionModifications::builder().set_add(Some(grants)).build())
        .send()
        .await
        .map_err(|error| AwsError::of(MODIFY_IMAGE_ATTRIBUTE, &error))?;
    Ok(Done::Now)
}

fn grant(permission: &LaunchPermission) -> Grant {
    let grant = Grant::builder();
    match permission {
        LaunchPermission::Account(id) => grant.user_id(id),
        LaunchPermission::Everybody => grant.group(PermissionGroup::All),
        LaunchPermission::Organization(arn) => grant.organization_arn(arn),
        LaunchPermission::OrganizationalUnit(arn) => grant.organizational_unit_arn(arn),
    }
    .build()
}

/// Sets tags of an image. Nothing is sent for none.
///
/// Lost: the former values of the same keys.
///
/// # Errors
/// [`ActError`].
pub async fn create_tags(
    permit: &Permit,
    clients: &Clients,
    image_id: &ImageId,
    tags: &Tags,
) -> Result<Done, ActError> {
    permit.covers(image_id.as_str())?;
    if tags.is_empty() {
        return Ok(Done::Before);
    }
    let tags = tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect();
    clients
        .ec2_once
        .create_tags()
        .resources(image_id.as_str())
        .set_tags(Some(tags))
        .send()
        .await
        .map_err(|error| AwsError::of(CREATE_TAGS, &error))?;
    Ok(Done::Now)
}

/// Takes tags from an image, whatever their values. Nothing is sent for none.
///
/// Lost: the tags and their values.
///
/// # Errors
/// [`ActError`].
pub async fn delete_tags(
    permit: &Permit,
    clients: &Clients,
    image_id: &ImageId,
    keys: &[&str],
) -> Result<Done, ActError> {
    permit.covers(image_id.as_str())?;
    if keys.is_empty() {
        return Ok(Done::Before);
    }
    let tags = keys.iter().map(|key| Tag::builder().key(*key).build()).collect();
    clients
        .ec2_once
        .delete_tags()
        .resources(image_id.as_str())
        .set_tags(Some(tags))
        .send()
        .await
        .map_err(|error| AwsError::of(DELETE_TAGS, &error))?;
    Ok(Done::Now)
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
        .ec2_once
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

/// Brings an image back from the Recycle Bin. Its snapshots come first.
///
/// Lost: nothing.
///
/// # Errors
/// [`ActError`].
pub async fn restore_image_from_recycle_bin(
    permit: &Permit,
    clients: &Clients,
    image_id: &ImageId,
) -> Result<Done, ActError> {
    permit.covers(image_id.as_str())?;
    let answer = clients
        .ec2_once
        .restore_image_from_recycle_bin()
        .image_id(image_id.as_str())
        .send()
        .await
        .map_err(|error| AwsError::of(RESTORE_IMAGE, &error))?;
    done(RESTORE_IMAGE, answer.r#return)
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
        .ec2_once
        .restore_snapshot_from_recycle_bin()
        .snapshot_id(snapshot_id.as_str())
        .send()
        .await
        .map_err(|error| AwsError::of(RESTORE_SNAPSHOT, &error))?;
    Ok(Done::Now)
}

fn done(operation: &'static str, returned: Option<bool>) -> Result<Done, ActError> {
    match returned {
        Some(false) => Err(AwsError::refused(operation, "answered false").into()),
        _ => Ok(Done::Now),
    }
}

/// What EC2 says of a call that it was asked not to carry out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Permission {
    /// It would be allowed.
    Granted,
    /// It would not be allowed.
    Denied,
    /// EC2 did not say, and why.
    Unknown(String),
}

impl Permission {
    /// The name in results.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Granted => "granted",
            Self::Denied => "denied",
            Self::Unknown(_) => "unknown",
        }
    }

    fn of<T>(answer: Result<T, AwsError>) -> Self {
        match answer {
            Ok(_) => Self::Unknown("EC2 answered a dry run as if it were none".into()),
            Err(error) if error.has_code("DryRunOperation") => Self::Granted,
            Err(error) if error.kind == AwsErrorKind::Denied => Self::Denied,
            Err(error) => Self::Unknown(error.to_string()),
        }
    }
}

/// Asks EC2 whether [`disable_image`] would be allowed. Changes nothing.
pub async fn would_disable(clients: &Clients, image_id: &ImageId) -> Permission {
    let answer = clients.ec2.disable_image().image_id(image_id.as_str()).dry_run(true).send().await;
    Permission::of(answer.map_err(|error| AwsError::of(DISABLE_IMAGE, &error)))
}

/// Asks EC2 whether [`deregister_image`] would be allowed. Changes nothing.
pub async fn would_deregister(clients: &Clients, image_id: &ImageId) -> Permission {
    let answer = clients.ec2.deregister_image().image_id(image_id.as_str()).dry_run(true).send().await;
    Permission::of(answer.map_err(|error| AwsError::of(DEREGISTER_IMAGE, &error)))
}

/// Asks EC2 whether [`delete_snapshot`] would be allowed. Changes nothing.
pub async fn would_delete_snapshot(clients: &Clients, snapshot_id: &SnapshotId) -> Permission {
    let answer = clients.ec2.delete_snapshot().snapshot_id(snapshot_id.as_str()).dry_run(true).send().await;
    Permission::of(answer.map_err(|error| AwsError::of(DELETE_SNAPSHOT, &error)))
}
