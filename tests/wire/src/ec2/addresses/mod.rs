//! Elastic IP addresses: what they are associated with, and how they come and go.

mod allocate;
mod associate;
mod describe;

pub(super) use allocate::{allocate, release};
pub(super) use associate::{associate, disassociate};
pub(super) use describe::{describe, describe_attribute};

use super::error::ApiError;
use crate::account::{Account, Address};

fn not_found(allocation_id: &str) -> ApiError {
    let message = format!("The allocation ID '{allocation_id}' does not exist");
    ApiError::client("InvalidAllocationID.NotFound", message)
}

fn ip_not_found(public_ip: &str) -> ApiError {
    ApiError::client("InvalidAddress.NotFound", format!("Address '{public_ip}' not found."))
}

fn find<'a>(account: &'a Account, allocation_id: &str) -> Result<&'a Address, ApiError> {
    account.addresses.get(allocation_id).ok_or_else(|| not_found(allocation_id))
}

/// An address that a service manages is not for users to change.
fn managed(account: &Account, address: &Address) -> Result<(), ApiError> {
    let by_requester = account.interface_of(address).is_some_and(|interface| interface.requester_id.is_some());
    if address.service_managed.is_none() && !by_requester {
        return Ok(());
    }
    let message = "You do not have permission to access the specified resource.";
    Err(ApiError::new(403, "AuthFailure", message))
}
