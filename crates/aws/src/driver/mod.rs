//! Carrying out the steps of a runbook, one call at a time.
//!
//! [`look`] says what the account shows of a step, [`act`] makes its call, [`rehearse`] asks EC2 by its own dry run
//! whether that would be allowed. None of them decides whether anything is to be done: whoever calls them looks first,
//! stores the intent, acts, and looks again. The same actions take a step back.

mod address;
mod backup;
mod image;
mod instance;
mod order;
mod security_group;
mod snapshot;
mod tags;
mod view;
mod volume;

use std::collections::BTreeMap;

use serde_json::Value;
use sunset_domain::ids::ProcessId;
use sunset_domain::permit::Permit;
pub use sunset_domain::process::cursor::StepView;
use sunset_domain::runbook::action::Action;
use sunset_domain::runbook::step::StepId;
use sunset_domain::time::Timestamp;

pub use crate::act::{ActError, Permission};
use crate::clients::Clients;
use crate::error::AwsError;
use order::Order;

/// A step, with its inputs resolved; or what takes it back, with the inputs of that.
#[derive(Debug, Clone, PartialEq)]
pub struct StepCall {
    /// What is to be done.
    pub action: Action,
    /// With what.
    pub inputs: BTreeMap<String, Value>,
    /// The process: it names what it makes.
    pub process_id: ProcessId,
    /// The step: it names what it makes.
    pub step: StepId,
    /// Until when what it makes stays.
    pub keep_until: Timestamp,
}

/// What a call was answered.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Acted {
    /// What it gives to later steps, as far as the answer tells; a look tells all.
    pub outputs: BTreeMap<String, Value>,
    /// Why AWS keeps what was to go, where it says so.
    pub kept: Option<String>,
}

impl Acted {
    fn gives(name: &str, id: &str) -> Self {
        Self { outputs: BTreeMap::from([(name.to_owned(), Value::from(id))]), kept: None }
    }
}

/// Looks at what the account shows of a step.
///
/// # Errors
/// What AWS answered, where it is not known how far the step is.
pub async fn look(clients: &Clients, call: &StepCall) -> Result<StepView, AwsError> {
    let order = match Order::of(call) {
        Ok(order) => order,
        Err(why) => return Ok(view::impossible(why)),
    };
    match order {
        Order::Nothing => Ok(view::done()),
        Order::Tag(resource) => tags::look_tagged(clients, call, &resource).await,
        Order::Untag(resource) => tags::look_untagged(clients, call, &resource).await,
        Order::Stop(id) => instance::look_stopped(clients, &id).await,
        Order::Start(id) => instance::look_started(clients, &id).await,
        Order::CreateImage(_) => image::look_created(clients, call).await,
        Order::Terminate(id) => instance::look_terminated(clients, &id).await,
        Order::Detach(to) => volume::look_detached(clients, &to).await,
        Order::Attach(to) => volume::look_attached(clients, &to).await,
        Order::CreateSnapshot(id) => snapshot::look_created(clients, call, &id).await,
        Order::DeleteVolume(id) => volume::look_deleted(clients, &id).await,
        Order::VerifyImage { image_id, instance_id } => backup::look_image(clients, &image_id, &instance_id).await,
        Order::VerifySnapshot { snapshot_id, volume_id } => {
            backup::look_snapshot(clients, &snapshot_id, &volume_id).await
        }
        Order::DeleteSnapshot(id) => snapshot::look_deleted(clients, &id).await,
        Order::DisableImage(id) => image::look_disabled(clients, &id).await,
        Order::EnableImage { image_id, launch_permissions } => {
            image::look_enabled(clients, &image_id, &launch_permissions).await
        }
        Order::DeregisterImage(id) => image::look_deregistered(clients, &id).await,
        Order::Disassociate { allocation_id, association_id } => {
            address::look_disassociated(clients, &allocation_id, &association_id).await
        }
        Order::Associate(to) => address::look_associated(clients, &to).await,
        Order::Release(id) => address::look_released(clients, &id).await,
        Order::DetachGroup(member) => security_group::look_detached(clients, &member).await,
        Order::AttachGroup(member) => security_group::look_attached(clients, &member).await,
        Order::DeleteGroup(id) => security_group::look_deleted(clients, &id).await,
    }
}

/// Makes a step's call, or its calls where it has several. A step without a call is done with this.
///
/// # Errors
/// [`ActError`]. After [`AwsErrorKind::Transient`](crate::error::AwsErrorKind::Transient) the call may have been
/// carried out: look.
pub async fn act(permit: &Permit, clients: &Clients, call: &StepCall) -> Result<Acted, ActError> {
    let order = Order::of(call).map_err(|why| AwsError::refused(call.action.as_str(), why))?;
    permit.covers(&subject(call))?;
    match order {
        Order::Nothing | Order::VerifyImage { .. } | Order::VerifySnapshot { .. } => Ok(Acted::default()),
        Order::Tag(resource) => tags::tag(permit, clients, call, &resource).await,
        Order::Untag(resource) => tags::untag(permit, clients, call, &resource).await,
        Order::Stop(id) => instance::stop(permit, clients, &id).await,
        Order::Start(id) => instance::start(permit, clients, &id).await,
        Order::CreateImage(id) => image::create(permit, clients, call, &id).await,
        Order::Terminate(id) => instance::terminate(permit, clients, &id).await,
        Order::Detach(to) => volume::detach(permit, clients, &to).await,
        Order::Attach(to) => volume::attach(permit, clients, &to).await,
        Order::CreateSnapshot(id) => snapshot::create(permit, clients, call, &id).await,
        Order::DeleteVolume(id) => volume::delete(permit, clients, &id).await,
        Order::DeleteSnapshot(id) => snapshot::delete(permit, clients, &id).await,
        Order::DisableImage(id) => image::disable(permit, clients, &id).await,
        Order::EnableImage { image_id, launch_permissions } => {
            image::enable(permit, clients, &image_id, &launch_permissions).await
        }
        Order::DeregisterImage(id) => image::deregister(permit, clients, &id).await,
        Order::Disassociate { allocation_id, association_id } => {
            address::disassociate(permit, clients, &allocation_id, &association_id).await
        }
        Order::Associate(to) => address::associate(permit, clients, &to).await,
        Order::Release(id) => address::release(permit, clients, &id).await,
        Order::DetachGroup(member) => security_group::detach(permit, clients, &member).await,
        Order::AttachGroup(member) => security_group::attach(permit, clients, &member).await,
        Order::DeleteGroup(id) => security_group::delete(permit, clients, &id).await,
    }
}

/// Asks EC2 whether a step's calls would be allowed. Changes nothing. A step without a call is granted.
pub async fn rehearse(clients: &Clients, call: &StepCall) -> Permission {
    let order = match Order::of(call) {
        Ok(order) => order,
        Err(why) => return Permission::Unknown(why),
    };
    match order {
        Order::Nothing | Order::VerifyImage { .. } | Order::VerifySnapshot { .. } => Permission::Granted,
        Order::Tag(resource) => tags::would_tag(clients, call, &resource).await,
        Order::Untag(resource) => tags::would_untag(clients, call, &resource).await,
        Order::Stop(id) => crate::act::would_stop_instance(clients, &id).await,
        Order::Start(id) => crate::act::would_start_instance(clients, &id).await,
        Order::CreateImage(id) => image::would_create(clients, call, &id).await,
        Order::Terminate(id) => crate::act::would_terminate_instance(clients, &id).await,
        Order::Detach(to) => volume::would_detach(clients, &to).await,
        Order::Attach(to) => volume::would_attach(clients, &to).await,
        Order::CreateSnapshot(id) => snapshot::would_create(clients, call, &id).await,
        Order::DeleteVolume(id) => crate::act::would_delete_volume(clients, &id).await,
        Order::DeleteSnapshot(id) => crate::act::would_delete_snapshot(clients, &id).await,
        Order::DisableImage(id) => crate::act::would_disable(clients, &id).await,
        Order::EnableImage { image_id, launch_permissions } => {
            image::would_enable(clients, &image_id, &launch_permissions).await
        }
        Order::DeregisterImage(id) => crate::act::would_deregister(clients, &id).await,
        Order::Disassociate { association_id, .. } => {
            crate::act::would_disassociate_address(clients, &association_id).await
        }
        Order::Associate(to) => address::would_associate(clients, &to).await,
        Order::Release(id) => crate::act::would_release_address(clients, &id).await,
        Order::DetachGroup(member) => security_group::would_detach(clients, &member).await,
        Order::AttachGroup(member) => security_group::would_attach(clients, &member).await,
        Order::DeleteGroup(id) => crate::act::would_delete_security_group(clients, &id).await,
    }
}

/// What a step's permit must cover: the id of what its call changes, which for a backup is what is backed up. A step
/// without a call is about itself.
#[must_use]
pub fn subject(call: &StepCall) -> String {
    match Order::of(call) {
        Ok(order) => order.subject().unwrap_or(call.step.as_str()).to_owned(),
        Err(_) => call.step.as_str().to_owned(),
    }
}
