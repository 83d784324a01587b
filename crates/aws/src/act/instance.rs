//! Instances.

use aws_sdk_ec2::operation::create_image::builders::CreateImageFluentBuilder;
use aws_sdk_ec2::types::ResourceType;
use sunset_domain::ids::{ImageId, InstanceId};
use sunset_domain::image::Tags;
use sunset_domain::permit::Permit;

use super::tags::specification;
use super::{ActError, Done, Permission, gone};
use crate::clients::Clients;
use crate::documents::id;
use crate::error::AwsError;

const STOP_INSTANCES: &str = "StopInstances";
const START_INSTANCES: &str = "StartInstances";
const TERMINATE_INSTANCES: &str = "TerminateInstances";
const CREATE_IMAGE: &str = "CreateImage";

/// Begins to stop an instance, as its operating system shuts down.
///
/// Lost: its memory, the data of its instance-store volumes, its auto-assigned public address. Kept: its EBS volumes,
/// private addresses, Elastic IPs.
///
/// # Errors
/// [`ActError`].
pub async fn stop_instance(permit: &Permit, clients: &Clients, instance_id: &InstanceId) -> Result<Done, ActError> {
    permit.covers(instance_id.as_str())?;
    let answer = clients.ec2_once().stop_instances().instance_ids(instance_id.as_str()).send().await;
    answer.map_err(|error| AwsError::of(STOP_INSTANCES, &error))?;
    Ok(Done::Now)
}

/// Begins to start a stopped instance.
///
/// Lost: nothing. It has another auto-assigned public address than before, and runs on another host.
///
/// # Errors
/// [`ActError`].
pub async fn start_instance(permit: &Permit, clients: &Clients, instance_id: &InstanceId) -> Result<Done, ActError> {
    permit.covers(instance_id.as_str())?;
    let answer = clients.ec2_once().start_instances().instance_ids(instance_id.as_str()).send().await;
    answer.map_err(|error| AwsError::of(START_INSTANCES, &error))?;
    Ok(Done::Now)
}

/// Begins to terminate an instance.
///
/// Lost, for good: the instance, and every volume and network interface of it that is deleted on termination. Kept: its
/// other volumes, its Elastic IPs, snapshots and images.
///
/// # Errors
/// [`ActError`]. Termination protection is `OperationNotPermitted`.
pub async fn terminate_instance(
    permit: &Permit,
    clients: &Clients,
    instance_id: &InstanceId,
) -> Result<Done, ActError> {
    permit.covers(instance_id.as_str())?;
    let answer = clients.ec2_once().terminate_instances().instance_ids(instance_id.as_str()).send().await;
    gone(answer.map_err(|error| AwsError::of(TERMINATE_INSTANCES, &error)))
}

/// Begins an image of an instance, with a snapshot of each of its EBS volumes; all carry their tags from their first
/// moment. The permit is for the instance.
///
/// Lost: nothing; the instance is not restarted, so what it had not written to its volumes yet is not in the image.
/// Kept: the instance. The name is the image's own in its account: called twice it makes one.
///
/// # Errors
/// [`ActError`]. A name that is taken is `InvalidAMIName.Duplicate`.
pub async fn create_image(
    permit: &Permit,
    clients: &Clients,
    instance_id: &InstanceId,
    name: &str,
    tags: &Tags,
) -> Result<ImageId, ActError> {
    permit.covers(instance_id.as_str())?;
    let answer = creating(clients.ec2_once(), instance_id, name, tags)
        .send()
        .await
        .map_err(|error| AwsError::of(CREATE_IMAGE, &error))?;
    Ok(id(CREATE_IMAGE, answer.image_id(), ImageId::parse)?)
}

fn creating(ec2: &aws_sdk_ec2::Client, instance_id: &InstanceId, name: &str, tags: &Tags) -> CreateImageFluentBuilder {
    ec2.create_image()
        .instance_id(instance_id.as_str())
        .name(name)
        .no_reboot(true)
        .tag_specifications(specification(ResourceType::Image, tags))
        .tag_specifications(specification(ResourceType::Snapshot, tags))
}

/// Asks EC2 whether [`stop_instance`] would be allowed. Changes nothing.
pub async fn would_stop_instance(clients: &Clients, instance_id: &InstanceId) -> Permission {
    let answer = clients.ec2().stop_instances().instance_ids(instance_id.as_str()).dry_run(true).send().await;
    Permission::of(answer.map_err(|error| AwsError::of(STOP_INSTANCES, &error)))
}

/// Asks EC2 whether [`start_instance`] would be allowed. Changes nothing.
pub async fn would_start_instance(clients: &Clients, instance_id: &InstanceId) -> Permission {
    let answer = clients.ec2().start_instances().instance_ids(instance_id.as_str()).dry_run(true).send().await;
    Permission::of(answer.map_err(|error| AwsError::of(START_INSTANCES, &error)))
}

/// Asks EC2 whether [`terminate_instance`] would be allowed. Changes nothing.
pub async fn would_terminate_instance(clients: &Clients, instance_id: &InstanceId) -> Permission {
    let answer = clients.ec2().terminate_instances().instance_ids(instance_id.as_str()).dry_run(true).send().await;
    Permission::of(answer.map_err(|error| AwsError::of(TERMINATE_INSTANCES, &error)))
}

/// Asks EC2 whether [`create_image`] would be allowed, tags and all. Changes nothing.
pub async fn would_create_image(clients: &Clients, instance_id: &InstanceId, name: &str, tags: &Tags) -> Permission {
    let answer = creating(clients.ec2(), instance_id, name, tags).dry_run(true).send().await;
    Permission::of(answer.map_err(|error| AwsError::of(CREATE_IMAGE, &error)))
}
