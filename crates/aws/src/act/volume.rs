//! Volumes.

use aws_sdk_ec2::operation::attach_volume::builders::AttachVolumeFluentBuilder;
use aws_sdk_ec2::operation::detach_volume::builders::DetachVolumeFluentBuilder;
use sunset_domain::ids::{InstanceId, VolumeId};
use sunset_domain::permit::Permit;

use super::{ActError, Done, Permission, gone};
use crate::clients::Clients;
use crate::error::AwsError;

const DETACH_VOLUME: &str = "DetachVolume";
const ATTACH_VOLUME: &str = "AttachVolume";
const DELETE_VOLUME: &str = "DeleteVolume";
const NOT_ATTACHED: &str = "InvalidAttachment.NotFound";

/// Begins to detach a volume from an instance, never by force. The permit is for the volume.
///
/// Lost: that it is deleted with the instance, where it was. Kept: its data. A volume that the instance holds open
/// stays `busy` until it lets go.
///
/// # Errors
/// [`ActError`]. A root volume of a running instance is `OperationNotPermitted`.
pub async fn detach_volume(
    permit: &Permit,
    clients: &Clients,
    volume_id: &VolumeId,
    instance_id: &InstanceId,
    device: &str,
) -> Result<Done, ActError> {
    permit.covers(volume_id.as_str())?;
    let answer = detaching(clients.ec2_once(), volume_id, instance_id, device).send().await;
    match answer.map_err(|error| AwsError::of(DETACH_VOLUME, &error)) {
        Ok(_) => Ok(Done::Now),
        Err(error) if error.has_code(NOT_ATTACHED) => Ok(Done::Before),
        Err(error) => Err(error.into()),
    }
}

/// Begins to attach a volume to an instance. The permit is for the volume.
///
/// Lost: nothing. It stays when the instance goes, whatever it did before.
///
/// # Errors
/// [`ActError`]. A volume that is attached is `VolumeInUse`.
pub async fn attach_volume(
    permit: &Permit,
    clients: &Clients,
    volume_id: &VolumeId,
    instance_id: &InstanceId,
    device: &str,
) -> Result<Done, ActError> {
    permit.covers(volume_id.as_str())?;
    let answer = attaching(clients.ec2_once(), volume_id, instance_id, device).send().await;
    answer.map_err(|error| AwsError::of(ATTACH_VOLUME, &error))?;
    Ok(Done::Now)
}

/// Deletes a volume that is attached to nothing.
///
/// Lost, for good unless a Recycle Bin rule keeps it: its data. Kept: its snapshots.
///
/// # Errors
/// [`ActError`]. A volume that is attached is `VolumeInUse`.
pub async fn delete_volume(permit: &Permit, clients: &Clients, volume_id: &VolumeId) -> Result<Done, ActError> {
    permit.covers(volume_id.as_str())?;
    let answer = clients.ec2_once().delete_volume().volume_id(volume_id.as_str()).send().await;
    gone(answer.map_err(|error| AwsError::of(DELETE_VOLUME, &error)))
}

fn detaching(
    ec2: &aws_sdk_ec2::Client,
    volume_id: &VolumeId,
    instance_id: &InstanceId,
    device: &str,
) -> DetachVolumeFluentBuilder {
    ec2.detach_volume().volume_id(volume_id.as_str()).instance_id(instance_id.as_str()).device(device)
}

fn attaching(
    ec2: &aws_sdk_ec2::Client,
    volume_id: &VolumeId,
    instance_id: &InstanceId,
    device: &str,
) -> AttachVolumeFluentBuilder {
    ec2.attach_volume().volume_id(volume_id.as_str()).instance_id(instance_id.as_str()).device(device)
}

/// Asks EC2 whether [`detach_volume`] would be allowed. Changes nothing.
pub async fn would_detach_volume(
    clients: &Clients,
    volume_id: &VolumeId,
    instance_id: &InstanceId,
    device: &str,
) -> Permission {
    let answer = detaching(clients.ec2(), volume_id, instance_id, device).dry_run(true).send().await;
    Permission::of(answer.map_err(|error| AwsError::of(DETACH_VOLUME, &error)))
}

/// Asks EC2 whether [`attach_volume`] would be allowed. Changes nothing.
pub async fn would_attach_volume(
    clients: &Clients,
    volume_id: &VolumeId,
    instance_id: &InstanceId,
    device: &str,
) -> Permission {
    let answer = attaching(clients.ec2(), volume_id, instance_id, device).dry_run(true).send().await;
    Permission::of(answer.map_err(|error| AwsError::of(ATTACH_VOLUME, &error)))
}

/// Asks EC2 whether [`delete_volume`] would be allowed. Changes nothing.
pub async fn would_delete_volume(clients: &Clients, volume_id: &VolumeId) -> Permission {
    let answer = clients.ec2().delete_volume().volume_id(volume_id.as_str()).dry_run(true).send().await;
    Permission::of(answer.map_err(|error| AwsError::of(DELETE_VOLUME, &error)))
}
