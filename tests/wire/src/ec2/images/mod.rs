//! Images: what is described of them, whom they are shared with, and how they come to go.

mod attribute;
mod create;
mod describe;
mod lifecycle;

pub(super) use attribute::{describe_attribute, modify_attribute};
pub(super) use create::create;
pub(super) use describe::describe;
pub(super) use lifecycle::{deregister, disable, enable};

use super::error::ApiError;
use crate::account::{Account, Image};

pub(super) fn not_found(ids: &[&str]) -> ApiError {
    match ids {
        [id] => ApiError::client("InvalidAMIID.NotFound", format!("The image id '[{id}]' does not exist")),
        ids => ApiError::client("InvalidAMIID.NotFound", format!("The image ids '[{}]' do not exist", ids.join(", "))),
    }
}

pub(super) fn check_id(id: &str) -> Result<(), ApiError> {
    if id.starts_with("ami-") {
        return Ok(());
    }
    Err(ApiError::client("InvalidAMIID.Malformed", format!("Invalid id: \"{id}\" (expecting \"ami-...\")")))
}

/// The image, if it is registered and this account's own.
fn own<'a>(account: &'a mut Account, id: &str) -> Result<&'a mut Image, ApiError> {
    check_id(id)?;
    let account_id = account.id.clone();
    match account.images.get_mut(id) {
        Some(image) if image.owner_id.as_ref().is_some_and(|owner| *owner != account_id) => {
            Err(ApiError::new(403, "AuthFailure", format!("Not authorized for image:{id}")))
        }
        Some(image) => Ok(image),
        None if account.deregistered.contains_key(id) => {
            Err(ApiError::client("InvalidAMIID.Unavailable", format!("The image ID '{id}' is no longer available")))
        }
        None => Err(not_found(&[id])),
    }
}
