//! Detaching, attaching and deleting a volume.

use aws_sdk_ec2::types::{VolumeAttachment, VolumeAttachmentState};
use sunset_domain::ids::VolumeId;
use sunset_domain::permit::Permit;

use super::order::Place;
use super::view::{done, impossible, not_done, under_way};
use super::{Acted, StepView};
use crate::act::{self, ActError, Permission};
use crate::clients::Clients;
use crate::documents::{instances, volumes};
use crate::error::AwsError;

pub(super) async fn look_detached(clients: &Clients, place: &Place) -> Result<StepView, AwsError> {
    let Some(volume) = volumes::by_id(clients, place.volume_id.as_str()).await? else {
        return Ok(does_not_exist(&place.volume_id));
    };
    let Some(attachment) = volumes::attachment_to(&volume, place.instance_id.as_str()) else {
        return Ok(done());
    };
    let now = shown(attachment);
    Ok(match attachment.state() {
        Some(VolumeAttachmentState::Attached) => not_done(now),
        Some(VolumeAttachmentState::Busy) => {
            under_way(format!("{now}: the instance still holds it, until it unmounts it or stops"))
        }
        _ => under_way(now),
    })
}

pub(super) async fn look_attached(clients: &Clients, place: &Place) -> Result<StepView, AwsError> {
    let Some(volume) = volumes::by_id(clients, place.volume_id.as_str()).await? else {
        return Ok(does_not_exist(&place.volume_id));
    };
    if let Some(attachment) = volumes::attachment_to(&volume, place.instance_id.as_str()) {
        let now = shown(attachment);
        return Ok(match attachment.state() {
            Some(VolumeAttachmentState::Attached) if attachment.device() == Some(place.device.as_str()) => done(),
            Some(VolumeAttachmentState::Attached) => {
                impossible(format!("volume {} is {now}, and was to be at {}", place.volume_id, place.device))
            }
            _ => under_way(now),
        });
    }
    if let Some(elsewhere) = volumes::attachments(&volume).next()
        && volume.multi_attach_enabled() != Some(true)
    {
        return Ok(in_the_way(&place.volume_id, elsewhere));
    }
    let instance = instances::by_id(clients, place.instance_id.as_str()).await?;
    let state = instance.as_ref().map_or("terminated", |owned| instances::state(&owned.instance));
    Ok(match state {
        "terminated" | "shutting-down" => impossible(format!("instance {} is {state}", place.instance_id)),
        _ => not_done(volumes::state(&volume)),
    })
}

pub(super) async fn look_deleted(clients: &Clients, id: &VolumeId) -> Result<StepView, AwsError> {
    let Some(volume) = volumes::by_id(clients, id.as_str()).await? else { return Ok(done()) };
    let state = volumes::state(&volume);
    if state == "deleted" {
        return Ok(done());
    }
    if let Some(attachment) = volumes::attachments(&volume).next() {
        return Ok(in_the_way(id, attachment));
    }
    Ok(if matches!(state, "deleting" | "creating") { under_way(state) } else { not_done(state) })
}

fn does_not_exist(id: &VolumeId) -> StepView {
    impossible(format!("volume {id} does not exist"))
}

/// What an attachment means for a step that needs the volume free of it.
fn in_the_way(id: &VolumeId, attachment: &VolumeAttachment) -> StepView {
    let now = shown(attachment);
    if attachment.state() == Some(&VolumeAttachmentState::Detaching) {
        under_way(now)
    } else {
        impossible(format!("volume {id} is {now}"))
    }
}

fn shown(attachment: &VolumeAttachment) -> String {
    let relation = match attachment.state() {
        Some(VolumeAttachmentState::Detaching | VolumeAttachmentState::Detached) => "from",
        Some(VolumeAttachmentState::Busy) => "with",
        _ => "to",
    };
    format!(
        "{} {relation} {} at {}",
        attachment.state().map_or("attached", |state| state.as_str()),
        volumes::holder(attachment),
        attachment.device().unwrap_or("no device that EC2 names"),
    )
}

pub(super) async fn detach(permit: &Permit, clients: &Clients, place: &Place) -> Result<Acted, ActError> {
    act::detach_volume(permit, clients, &place.volume_id, &place.instance_id, &place.device).await?;
    Ok(Acted::default())
}

pub(super) async fn attach(permit: &Permit, clients: &Clients, place: &Place) -> Result<Acted, ActError> {
    act::attach_volume(permit, clients, &place.volume_id, &place.instance_id, &place.device).await?;
    Ok(Acted::default())
}

pub(super) async fn delete(permit: &Permit, clients: &Clients, id: &VolumeId) -> Result<Acted, ActError> {
    act::delete_volume(permit, clients, id).await?;
    Ok(Acted::default())
}

pub(super) async fn would_detach(clients: &Clients, place: &Place) -> Permission {
    act::would_detach_volume(clients, &place.volume_id, &place.instance_id, &place.device).await
}

pub(super) async fn would_attach(clients: &Clients, place: &Place) -> Permission {
    act::would_attach_volume(clients, &place.volume_id, &place.instance_id, &place.device).await
}
