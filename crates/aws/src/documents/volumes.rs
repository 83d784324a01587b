//! Volumes.

use aws_sdk_ec2::types::{Volume, VolumeAttachment, VolumeAttachmentState, VolumeState};

use super::{filter, one};
use crate::account::pages::{Read, read_all};
use crate::clients::Clients;
use crate::error::AwsError;

pub(crate) const OPERATION: &str = "DescribeVolumes";

/// The volume of this id.
pub(crate) async fn by_id(clients: &Clients, id: &str) -> Result<Option<Volume>, AwsError> {
    let read = read_all(OPERATION, async |token| {
        let page = clients
            .ec2()
            .describe_volumes()
            .volume_ids(id)
            .include_managed_resources(true)
            .set_next_token(token)
            .send()
            .await
            .map_err(|error| AwsError::of(OPERATION, &error))?;
        Ok((page.volumes.unwrap_or_default(), page.next_token))
    })
    .await;
    one(OPERATION, id, read, |document| document.volume_id())
}

/// The volumes that are attached to an instance.
pub(crate) async fn of_instance(clients: &Clients, instance_id: &str) -> Read<Volume> {
    let (mut volumes, outcome) = read_all(OPERATION, async |token| {
        let page = clients
            .ec2()
            .describe_volumes()
            .filters(filter("attachment.instance-id", instance_id))
            .include_managed_resources(true)
            .max_results(500)
            .set_next_token(token)
            .send()
            .await
            .map_err(|error| AwsError::of(OPERATION, &error))?;
        Ok((page.volumes.unwrap_or_default(), page.next_token))
    })
    .await;
    volumes.retain(|volume| attachment_to(volume, instance_id).is_some());
    (volumes, outcome)
}

/// A volume's attachments; one that has ended is none.
pub(crate) fn attachments(volume: &Volume) -> impl Iterator<Item = &VolumeAttachment> {
    volume.attachments().iter().filter(|attachment| attachment.state() != Some(&VolumeAttachmentState::Detached))
}

/// A volume's attachment to an instance.
pub(crate) fn attachment_to<'a>(volume: &'a Volume, instance_id: &str) -> Option<&'a VolumeAttachment> {
    attachments(volume).find(|attachment| attachment.instance_id() == Some(instance_id))
}

/// A volume's state, in EC2's word.
pub(crate) fn state(volume: &Volume) -> &str {
    volume.state().map_or("unknown", VolumeState::as_str)
}

/// What a volume is attached to: an instance, or what a service attached it to.
pub(crate) fn holder(attachment: &VolumeAttachment) -> &str {
    attachment.instance_id().or(attachment.associated_resource()).unwrap_or("something that EC2 does not name")
}
