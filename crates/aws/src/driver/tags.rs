//! The tag by which a resource shows whose it is on its way out.

use sunset_domain::ids::{ImageId, InvalidId};
use sunset_domain::image::ImageState;
use sunset_domain::never_touch::{KEEP_UNTIL_TAG, PROCESS_TAG};
use sunset_domain::permit::Permit;
use sunset_domain::process::resource::{Resource, ResourceType};
use sunset_domain::tags::Tags;

use super::view::{done, impossible, not_done};
use super::{Acted, StepCall, StepView};
use crate::account::{look_at, tags};
use crate::act::{self, ActError, Permission};
use crate::clients::Clients;
use crate::documents::{STEP_TAG, addresses, instances, security_groups, snapshots, volumes};
use crate::error::AwsError;

pub(super) async fn look_tagged(clients: &Clients, call: &StepCall, resource: &Resource) -> Result<StepView, AwsError> {
    let Some(tags) = tags_of(clients, resource).await? else {
        return Ok(impossible(format!("{resource} does not exist")));
    };
    Ok(match tags.get(PROCESS_TAG) {
        Some(process) if process == call.process_id.as_str() => done(),
        Some(process) => impossible(format!("{resource} belongs to process {process:?}, as its tag says")),
        None => not_done("not tagged"),
    })
}

pub(super) async fn look_untagged(
    clients: &Clients,
    call: &StepCall,
    resource: &Resource,
) -> Result<StepView, AwsError> {
    let tags = tags_of(clients, resource).await?.unwrap_or_default();
    Ok(if tags.get(PROCESS_TAG) == Some(call.process_id.as_str()) {
        not_done("tagged as this process's")
    } else {
        done()
    })
}

pub(super) async fn tag(
    permit: &Permit,
    clients: &Clients,
    call: &StepCall,
    resource: &Resource,
) -> Result<Acted, ActError> {
    act::create_tags(permit, clients, resource.id(), &mark(call)).await?;
    Ok(Acted::default())
}

pub(super) async fn untag(
    permit: &Permit,
    clients: &Clients,
    call: &StepCall,
    resource: &Resource,
) -> Result<Acted, ActError> {
    act::delete_tags_of_value(permit, clients, resource.id(), &mark(call)).await?;
    Ok(Acted::default())
}

pub(super) async fn would_tag(clients: &Clients, call: &StepCall, resource: &Resource) -> Permission {
    act::would_create_tags(clients, resource.id(), &mark(call)).await
}

pub(super) async fn would_untag(clients: &Clients, call: &StepCall, resource: &Resource) -> Permission {
    act::would_delete_tags_of_value(clients, resource.id(), &mark(call)).await
}

/// The tags of what a process holds.
fn mark(call: &StepCall) -> Tags {
    Tags::from([(PROCESS_TAG, call.process_id.as_str())])
}

/// The tags of what a process makes.
pub(super) fn of_backup(call: &StepCall, name: &str) -> Tags {
    Tags::from([
        ("Name", name),
        (PROCESS_TAG, call.process_id.as_str()),
        (STEP_TAG, call.step.as_str()),
        (KEEP_UNTIL_TAG, &call.keep_until.to_string()),
    ])
}

/// The tags of a resource; nothing, where it does not exist.
async fn tags_of(clients: &Clients, resource: &Resource) -> Result<Option<Tags>, AwsError> {
    let id = resource.id();
    Ok(match resource.resource_type() {
        ResourceType::Instance => instances::by_id(clients, id).await?.map(|owned| tags(owned.instance.tags)),
        ResourceType::Volume => volumes::by_id(clients, id).await?.map(|volume| tags(volume.tags)),
        ResourceType::Snapshot => snapshots::by_id(clients, id).await?.map(|snapshot| tags(snapshot.tags)),
        ResourceType::Image => {
            let malformed = |error: InvalidId| AwsError::refused("DescribeImages", error.to_string());
            let image = look_at(clients, &ImageId::parse(id).map_err(malformed)?).await?;
            image.filter(|image| image.state != ImageState::Deregistered).map(|image| image.tags)
        }
        ResourceType::Address => addresses::by_id(clients, id).await?.map(|address| tags(address.tags)),
        ResourceType::SecurityGroup => security_groups::by_id(clients, id).await?.map(|group| tags(group.tags)),
    })
}
