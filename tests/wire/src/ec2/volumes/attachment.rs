use time::OffsetDateTime;

use super::describe::write_attachment;
use super::find;
use crate::account::{Account, Attachment, Settling, Volume};
use crate::ec2::ask::Ask;
use crate::ec2::error::ApiError;
use crate::ec2::instances;
use crate::ec2::params::Params;
use crate::ec2::xml::Xml;

pub(in crate::ec2) fn attach(account: &mut Account, ask: &Ask<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let volume = find(account, ask.params.required("VolumeId")?)?;
    let instance = instances::find(account, ask.params.required("InstanceId")?)?;
    let device = ask.params.required("Device")?;
    let (id, instance_id) = (volume.id.clone(), instance.id.clone());
    if !matches!(instance.state.as_str(), "running" | "stopped") {
        let message = format!("Instance '{instance_id}' is not 'running'.");
        return Err(ApiError::client("IncorrectState", message));
    }
    if account.zone(volume.zone.as_deref()) != account.zone(instance.zone.as_deref()) {
        let message = format!("The volume '{id}' is not in the same availability zone as instance '{instance_id}'");
        return Err(ApiError::client("InvalidVolume.ZoneMismatch", message));
    }
    let shared = volume.multi_attach && volume.attachments.iter().all(|at| at.instance_id != instance_id);
    if !volume.attachments.is_empty() && !shared {
        return Err(ApiError::client("VolumeInUse", format!("{id} is already attached to an instance")));
    }
    if !matches!(volume.status(), "available" | "in-use") {
        return Err(ApiError::client("IncorrectState", format!("{id} is not 'available'.")));
    }
    if account.volumes_of(&instance_id).iter().any(|(_, attachment)| attachment.device == device) {
        return Err(ApiError::invalid_value(format!(
            "Invalid value '{device}' for unixDevice. Attachment point {device} is already in use"
        )));
    }
    let is_root = instance.root_device_name == device;

    let mut attachment = Attachment {
        instance_id: instance_id.clone(),
        device: device.to_owned(),
        state: "attaching".to_owned(),
        settling: None,
        attached: OffsetDateTime::now_utc(),
        delete_on_termination: false,
    };
    write_attachment(xml, &id, &attachment);
    match account.paces.attaching {
        0 => "attached".clone_into(&mut attachment.state),
        calls => attachment.settling = Some(Settling::new("attached", calls)),
    }
    if let Some(volume) = account.volumes.get_mut(&id) {
        volume.attachments.push(attachment);
    }
    if let Some(instance) = account.instances.get_mut(&instance_id) {
        instance.root_detached &= !is_root;
    }
    Ok(())
}

pub(in crate::ec2) fn detach(account: &mut Account, ask: &Ask<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let volume = find(account, ask.params.required("VolumeId")?)?;
    let attachment = attachment(volume, ask.params)?;
    let (id, instance_id) = (volume.id.clone(), attachment.instance_id.clone());
    let instance = account.instances.get(&instance_id);
    let runs = instance.is_some_and(|instance| !matches!(instance.state.as_str(), "stopped" | "terminated"));
    let is_root = instance.is_some_and(|instance| instance.root_device_name == attachment.device);
    if is_root && runs {
        let message = format!("Unable to detach root volume '{id}' from instance '{instance_id}'");
        return Err(ApiError::client("OperationNotPermitted", message));
    }
    let held = volume.busy && runs && !ask.params.flag("Force");
    if !held && attachment.state == "detaching" {
        let message = format!("Volume '{id}' is in the 'detaching' state.");
        return Err(ApiError::client("IncorrectState", message));
    }

    let calls = account.paces.detaching;
    if let Some(instance) = account.instances.get_mut(&instance_id) {
        instance.root_detached |= is_root;
    }
    let Some(volume) = account.volumes.get_mut(&id) else { return Ok(()) };
    let ends = |attachment: &Attachment| attachment.instance_id == instance_id;
    for attachment in volume.attachments.iter_mut().filter(|attachment| ends(attachment)) {
        let state = if held { "busy" } else { "detaching" };
        state.clone_into(&mut attachment.state);
        attachment.settling = (!held).then(|| Settling::new("detached", calls));
        write_attachment(xml, &id, attachment);
    }
    if !held && calls == 0 {
        volume.attachments.retain(|attachment| !ends(attachment));
    }
    Ok(())
}

/// The attachment that is meant: the only one, where none is named.
fn attachment<'a>(volume: &'a Volume, params: &Params) -> Result<&'a Attachment, ApiError> {
    let id = &volume.id;
    if volume.attachments.is_empty() {
        let message = format!("Volume '{id}' is in the '{}' state.", volume.status());
        return Err(ApiError::client("IncorrectState", message));
    }
    let (instance_id, device) = (params.get("InstanceId"), params.get("Device"));
    if instance_id.is_none() && volume.attachments.len() > 1 {
        return Err(ApiError::missing("InstanceId"));
    }
    let meant = |attachment: &&Attachment| {
        instance_id.is_none_or(|wanted| wanted == attachment.instance_id)
            && device.is_none_or(|wanted| wanted == attachment.device)
    };
    volume.attachments.iter().find(meant).ok_or_else(|| {
        let (instance_id, device) = (instance_id.unwrap_or_default(), device.unwrap_or_default());
        let message = format!("The volume '{id}' is not attached to instance '{instance_id}' as device '{device}'");
        ApiError::client("InvalidAttachment.NotFound", message)
    })
}
