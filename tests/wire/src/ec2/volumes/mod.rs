//! Volumes: what is described of them, where they are attached, and how they go.

mod attachment;
mod describe;

pub(super) use attachment::{attach, detach};
pub(super) use describe::describe;

use super::ask::Ask;
use super::error::ApiError;
use super::xml::Xml;
use crate::account::{Account, Volume};

pub(super) fn not_found(id: &str) -> ApiError {
    ApiError::client("InvalidVolume.NotFound", format!("The volume '{id}' does not exist."))
}

pub(super) fn find<'a>(account: &'a Account, id: &str) -> Result<&'a Volume, ApiError> {
    if !id.starts_with("vol-") {
        let message = format!("Value ({id}) for parameter volumeId is invalid. Expected: 'vol-...'.");
        return Err(ApiError::invalid_value(message));
    }
    account.volumes.get(id).ok_or_else(|| not_found(id))
}

pub(super) fn delete(account: &mut Account, ask: &Ask<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let volume = find(account, ask.params.required("VolumeId")?)?;
    let id = volume.id.clone();
    if let Some(attachment) = volume.attachments.first() {
        let message = format!("Volume {id} is currently attached to {}", attachment.instance_id);
        return Err(ApiError::client("VolumeInUse", message));
    }
    if !matches!(volume.status(), "available" | "error") {
        let message = format!("Volume '{id}' is in the '{}' state.", volume.status());
        return Err(ApiError::client("IncorrectState", message));
    }
    account.volumes.remove(&id);
    xml.text("return", "true");
    Ok(())
}
