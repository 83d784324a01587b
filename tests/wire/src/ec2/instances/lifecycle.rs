use time::OffsetDateTime;

use super::write::write_state;
use super::{check_all_known, rootless};
use crate::account::{Account, Instance};
use crate::ec2::ask::Ask;
use crate::ec2::error::ApiError;
use crate::ec2::xml::Xml;

/// Whether an action has anything to do to an instance, unless it may not do it at all.
type May = fn(&Instance) -> Result<bool, ApiError>;

pub(in crate::ec2) fn stop(account: &mut Account, ask: &Ask<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let calls = account.paces.stopping;
    each(account, ask, xml, may_stop, |account, id| {
        if let Some(instance) = account.instances.get_mut(id) {
            instance.user_shuts_down(OffsetDateTime::now_utc());
        }
        account.send_instance(id, "stopping", "stopped", calls);
        "stopping"
    })
}

pub(in crate::ec2) fn start(account: &mut Account, ask: &Ask<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let calls = account.paces.starting;
    each(account, ask, xml, may_start, |account, id| {
        if let Some(instance) = account.instances.get_mut(id) {
            instance.launched = OffsetDateTime::now_utc();
            instance.transition_reason.clear();
            instance.state_reason = None;
        }
        account.send_instance(id, "pending", "running", calls);
        "pending"
    })
}

pub(in crate::ec2) fn terminate(account: &mut Account, ask: &Ask<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let calls = account.paces.terminating;
    each(account, ask, xml, may_terminate, |account, id| {
        if let Some(instance) = account.instances.get_mut(id) {
            instance.user_shuts_down(OffsetDateTime::now_utc());
        }
        account.send_instance(id, "shutting-down", "terminated", calls);
        "shutting-down"
    })
}

/// All or none: every instance is looked at before the first is touched.
fn each(
    account: &mut Account,
    ask: &Ask<'_>,
    xml: &mut Xml,
    may: May,
    act: impl Fn(&mut Account, &str) -> &'static str,
) -> Result<(), ApiError> {
    let mut ids = ask.params.list("InstanceId");
    if ids.is_empty() {
        return Err(ApiError::missing("InstanceId"));
    }
    ids.sort_unstable();
    ids.dedup();
    check_all_known(account, &ids)?;
    let mut changes = Vec::new();
    for instance in ids.iter().filter_map(|id| account.instances.get(*id)) {
        changes.push((instance.id.clone(), instance.state.clone(), may(instance)?));
    }
    xml.items("instancesSet", changes, |xml, (id, before, goes)| {
        let now = if goes { act(account, &id) } else { before.as_str() };
        xml.text("instanceId", &id);
        write_state(xml, "currentState", now);
        write_state(xml, "previousState", &before);
    });
    Ok(())
}

fn may_stop(instance: &Instance) -> Result<bool, ApiError> {
    let id = &instance.id;
    match instance.state.as_str() {
        "stopping" | "stopped" => return Ok(false),
        "running" => (),
        "pending" => {
            let message = format!("Instance '{id}' cannot be stopped as it has never reached the 'running' state.");
            return Err(ApiError::client("IncorrectInstanceState", message));
        }
        _ => return Err(wrong_state(id, "stopped")),
    }
    if instance.disable_api_stop {
        return Err(protected(id, "stopped", "disableApiStop"));
    }
    if instance.root_device_type != "ebs" {
        let message = format!("The instance '{id}' does not have an 'ebs' root device type and cannot be stopped");
        return Err(ApiError::client("UnsupportedOperation", message));
    }
    if instance.lifecycle.as_deref() == Some("spot") && !instance.spot_persistent {
        let message = format!(
            "You can't stop the Spot Instance '{id}' because it is associated with a one-time Spot Instance request. You can only stop Spot Instances associated with persistent Spot Instance requests."
        );
        return Err(ApiError::client("UnsupportedOperation", message));
    }
    Ok(true)
}

fn may_start(instance: &Instance) -> Result<bool, ApiError> {
    match instance.state.as_str() {
        "pending" | "running" => Ok(false),
        "stopped" if instance.root_detached => Err(rootless(instance)),
        "stopped" => Ok(true),
        _ => Err(wrong_state(&instance.id, "started")),
    }
}

/// Protection from being stopped protects from termination too.
fn may_terminate(instance: &Instance) -> Result<bool, ApiError> {
    match instance.state.as_str() {
        "shutting-down" | "terminated" => Ok(false),
        _ if instance.disable_api_termination => Err(protected(&instance.id, "terminated", "disableApiTermination")),
        _ if instance.disable_api_stop => Err(protected(&instance.id, "terminated", "disableApiStop")),
        _ => Ok(true),
    }
}

fn wrong_state(id: &str, done: &str) -> ApiError {
    let message = match done {
        "stopped" => format!("This instance '{id}' is not in a state from which it can be stopped."),
        done => format!("The instance '{id}' is not in a state from which it can be {done}."),
    };
    ApiError::client("IncorrectInstanceState", message)
}

fn protected(id: &str, done: &str, attribute: &str) -> ApiError {
    let message =
        format!("The instance '{id}' may not be {done}. Modify its '{attribute}' instance attribute and try again.");
    ApiError::client("OperationNotPermitted", message)
}
