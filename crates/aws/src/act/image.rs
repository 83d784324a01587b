//! Images.

use aws_sdk_ec2::operation::modify_image_attribute::builders::ModifyImageAttributeFluentBuilder;
use aws_sdk_ec2::types::{LaunchPermission as Grant, LaunchPermissionModifications, PermissionGroup};
use sunset_domain::ids::ImageId;
use sunset_domain::launch_permission::LaunchPermission;
use sunset_domain::permit::Permit;

use super::{ActError, Done, Permission, done};
use crate::clients::Clients;
use crate::error::AwsError;

const DISABLE_IMAGE: &str = "DisableImage";
const ENABLE_IMAGE: &str = "EnableImage";
const DEREGISTER_IMAGE: &str = "DeregisterImage";
const MODIFY_IMAGE_ATTRIBUTE: &str = "ModifyImageAttribute";
const RESTORE_IMAGE: &str = "RestoreImageFromRecycleBin";

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
        .ec2_once()
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
        .ec2_once()
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
        .ec2_once()
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
    granting(clients.ec2_once(), image_id, permissions)
        .send()
        .await
        .map_err(|error| AwsError::of(MODIFY_IMAGE_ATTRIBUTE, &error))?;
    Ok(Done::Now)
}

fn granting(
    ec2: &aws_sdk_ec2::Client,
    image_id: &ImageId,
    permissions: &[LaunchPermission],
) -> ModifyImageAttributeFluentBuilder {
    let grants = permissions.iter().map(grant).collect();
    ec2.modify_image_attribute()
        .image_id(image_id.as_str())
        .launch_permission(LaunchPermissionModifications::builder().set_add(Some(grants)).build())
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
        .ec2_once()
        .restore_image_from_recycle_bin()
        .image_id(image_id.as_str())
        .send()
        .await
        .map_err(|error| AwsError::of(RESTORE_IMAGE, &error))?;
    done(RESTORE_IMAGE, answer.r#return)
}

/// Asks EC2 whether [`disable_image`] would be allowed. Changes nothing.
pub async fn would_disable(clients: &Clients, image_id: &ImageId) -> Permission {
    let answer = clients.ec2().disable_image().image_id(image_id.as_str()).dry_run(true).send().await;
    Permission::of(answer.map_err(|error| AwsError::of(DISABLE_IMAGE, &error)))
}

/// Asks EC2 whether [`deregister_image`] would be allowed. Changes nothing.
pub async fn would_deregister(clients: &Clients, image_id: &ImageId) -> Permission {
    let answer = clients.ec2().deregister_image().image_id(image_id.as_str()).dry_run(true).send().await;
    Permission::of(answer.map_err(|error| AwsError::of(DEREGISTER_IMAGE, &error)))
}

/// Asks EC2 whether [`enable_image`] would be allowed. Changes nothing.
pub async fn would_enable(clients: &Clients, image_id: &ImageId) -> Permission {
    let answer = clients.ec2().enable_image().image_id(image_id.as_str()).dry_run(true).send().await;
    Permission::of(answer.map_err(|error| AwsError::of(ENABLE_IMAGE, &error)))
}

/// Asks EC2 whether [`add_launch_permissions`] would be allowed. Changes nothing.
pub async fn would_add_launch_permissions(
    clients: &Clients,
    image_id: &ImageId,
    permissions: &[LaunchPermission],
) -> Permission {
    if permissions.is_empty() {
        return Permission::Granted;
    }
    let answer = granting(clients.ec2(), image_id, permissions).dry_run(true).send().await;
    Permission::of(answer.map_err(|error| AwsError::of(MODIFY_IMAGE_ATTRIBUTE, &error)))
}
