//! Making, disabling, enabling and deregistering an image.

use sunset_domain::ids::{ImageId, InstanceId};
use sunset_domain::image::{Image, ImageState};
use sunset_domain::launch_permission::LaunchPermission;
use sunset_domain::never_touch::PROCESS_TAG;
use sunset_domain::permit::Permit;
use sunset_domain::tags::Tags;

use super::tags::of_backup;
use super::view::{done, gives, impossible, not_done, under_way};
use super::{Acted, StepCall, StepView};
use crate::account::{launch_permissions, look_at, named};
use crate::act::{self, ActError, Permission};
use crate::clients::Clients;
use crate::documents::STEP_TAG;
use crate::error::AwsError;

const DUPLICATE_NAME: &str = "InvalidAMIName.Duplicate";
/// The longest name that EC2 takes.
const NAME_LENGTH: usize = 128;

/// The name of the image that a step makes: of its own, so that a second call makes no second image.
fn name(call: &StepCall) -> String {
    let mut name = format!("sunset-{}-{}", call.process_id, call.step);
    name.truncate(NAME_LENGTH);
    name
}

fn tags(call: &StepCall, instance_id: &InstanceId) -> Tags {
    of_backup(call, &format!("backup of {instance_id}"))
}

pub(super) async fn look_created(clients: &Clients, call: &StepCall) -> Result<StepView, AwsError> {
    let name = name(call);
    let Some(image) = named(clients, &name).await? else {
        return Ok(not_done("not made"));
    };
    let tagged = |key, value| image.tags.get(key) == Some(value);
    Ok(if !(tagged(PROCESS_TAG, call.process_id.as_str()) && tagged(STEP_TAG, call.step.as_str())) {
        impossible(format!("{}, named {name}, does not have the tags of this step", shown(&image)))
    } else if image.state == ImageState::Available {
        gives("image_id", image.id.as_str())
    } else if is_on_its_way(&image) {
        under_way(format!("{} as {}", image.state.as_str(), image.id))
    } else {
        impossible(shown(&image))
    })
}

pub(super) async fn look_disabled(clients: &Clients, id: &ImageId) -> Result<StepView, AwsError> {
    let Some(image) = there(clients, id).await? else { return Ok(does_not_exist(id)) };
    Ok(match image.state {
        ImageState::Disabled => done(),
        ImageState::Available => not_done("available"),
        _ if is_on_its_way(&image) => under_way(image.state.as_str()),
        _ => impossible(shown(&image)),
    })
}

pub(super) async fn look_enabled(
    clients: &Clients,
    id: &ImageId,
    wanted: &[LaunchPermission],
) -> Result<StepView, AwsError> {
    let Some(image) = there(clients, id).await? else { return Ok(does_not_exist(id)) };
    Ok(match image.state {
        ImageState::Available => match missing(clients, id, wanted).await?.as_slice() {
            [] => done(),
            missing => {
                let missing: Vec<String> = missing.iter().map(ToString::to_string).collect();
                not_done(format!("available, and not shared with {}", missing.join(", ")))
            }
        },
        ImageState::Disabled => not_done("disabled"),
        _ if is_on_its_way(&image) => under_way(image.state.as_str()),
        _ => impossible(shown(&image)),
    })
}

pub(super) async fn look_deregistered(clients: &Clients, id: &ImageId) -> Result<StepView, AwsError> {
    let image = there(clients, id).await?;
    Ok(image.map_or_else(done, |image| not_done(image.state.as_str())))
}

/// The image; EC2 may show it for a while after it was deregistered.
pub(super) async fn there(clients: &Clients, id: &ImageId) -> Result<Option<Image>, AwsError> {
    Ok(look_at(clients, id).await?.filter(|image| image.state != ImageState::Deregistered))
}

pub(super) fn is_on_its_way(image: &Image) -> bool {
    matches!(image.state.as_str(), "pending" | "transient")
}

pub(super) fn shown(image: &Image) -> String {
    format!("image {} is {}", image.id, image.state.as_str())
}

pub(super) fn does_not_exist(id: &ImageId) -> StepView {
    impossible(format!("image {id} does not exist"))
}

/// Who may not launch it and should.
async fn missing(
    clients: &Clients,
    id: &ImageId,
    wanted: &[LaunchPermission],
) -> Result<Vec<LaunchPermission>, AwsError> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let given = launch_permissions(clients, id).await?;
    Ok(wanted.iter().filter(|permission| !given.contains(permission)).cloned().collect())
}

pub(super) async fn create(
    permit: &Permit,
    clients: &Clients,
    call: &StepCall,
    instance_id: &InstanceId,
) -> Result<Acted, ActError> {
    match act::create_image(permit, clients, instance_id, &name(call), &tags(call, instance_id)).await {
        Ok(id) => Ok(Acted::gives("image_id", id.as_str())),
        // Only this step uses this name: an earlier call of it has made the image.
        Err(ActError::Aws(error)) if error.has_code(DUPLICATE_NAME) => Ok(Acted::default()),
        Err(error) => Err(error),
    }
}

pub(super) async fn would_create(clients: &Clients, call: &StepCall, instance_id: &InstanceId) -> Permission {
    act::would_create_image(clients, instance_id, &name(call), &tags(call, instance_id)).await
}

pub(super) async fn disable(permit: &Permit, clients: &Clients, id: &ImageId) -> Result<Acted, ActError> {
    act::disable_image(permit, clients, id).await?;
    Ok(Acted::default())
}

/// Two calls, of which an earlier try may have made the first.
async fn is_available(clients: &Clients, id: &ImageId) -> Result<bool, AwsError> {
    Ok(there(clients, id).await?.is_some_and(|image| image.state == ImageState::Available))
}

pub(super) async fn enable(
    permit: &Permit,
    clients: &Clients,
    id: &ImageId,
    wanted: &[LaunchPermission],
) -> Result<Acted, ActError> {
    if !is_available(clients, id).await?
        && let Err(error) = act::enable_image(permit, clients, id).await
        // Delivered twice by the network it is refused the second time, and the launch permissions are still to be given.
        && !(matches!(&error, ActError::Aws(refused) if refused.is_final()) && is_available(clients, id).await?)
    {
        return Err(error);
    }
    act::add_launch_permissions(permit, clients, id, &missing(clients, id, wanted).await?).await?;
    Ok(Acted::default())
}

pub(super) async fn would_enable(clients: &Clients, id: &ImageId, wanted: &[LaunchPermission]) -> Permission {
    match act::would_enable(clients, id).await {
        Permission::Granted => act::would_add_launch_permissions(clients, id, wanted).await,
        refused => refused,
    }
}

pub(super) async fn deregister(permit: &Permit, clients: &Clients, id: &ImageId) -> Result<Acted, ActError> {
    act::deregister_image(permit, clients, id).await?;
    Ok(Acted::default())
}
