//! Instances: what is described of them, and how they stop, start and come to an end.

mod attached;
mod attribute;
mod describe;
mod lifecycle;
mod write;

pub(super) use attribute::describe_attribute;
pub(super) use describe::describe;
pub(super) use lifecycle::{start, stop, terminate};

use super::error::ApiError;
use crate::account::{Account, Instance};

pub(super) fn not_found(ids: &[&str]) -> ApiError {
    let message = match ids {
        [id] => format!("The instance ID '{id}' does not exist"),
        ids => format!("The instance IDs '{}' do not exist", ids.join(", ")),
    };
    ApiError::client("InvalidInstanceID.NotFound", message)
}

fn check_id(id: &str) -> Result<(), ApiError> {
    if id.starts_with("i-") {
        return Ok(());
    }
    Err(ApiError::client("InvalidInstanceID.Malformed", format!("Invalid id: \"{id}\" (expecting \"i-...\")")))
}

/// Every id is known, or the request is refused for all that are not.
fn check_all_known(account: &Account, ids: &[&str]) -> Result<(), ApiError> {
    ids.iter().try_for_each(|id| check_id(id))?;
    let unknown: Vec<&str> = ids.iter().copied().filter(|id| !account.instances.contains_key(*id)).collect();
    if unknown.is_empty() { Ok(()) } else { Err(not_found(&unknown)) }
}

pub(super) fn find<'a>(account: &'a Account, id: &str) -> Result<&'a Instance, ApiError> {
    check_id(id)?;
    account.instances.get(id).ok_or_else(|| not_found(&[id]))
}

/// The error of an instance whose root volume was detached from it.
pub(super) fn rootless(instance: &Instance) -> ApiError {
    ApiError::invalid_value(format!(
        "Invalid value '{}' for instanceId. Instance does not have a volume attached at root ({})",
        instance.id, instance.root_device_name
    ))
}
