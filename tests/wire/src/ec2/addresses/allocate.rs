use super::{find, ip_not_found, managed};
use crate::account::{Account, Address};
use crate::ec2::ask::Ask;
use crate::ec2::error::ApiError;
use crate::ec2::tag_specifications;
use crate::ec2::xml::Xml;

/// A named address is one that this account released and nobody else has since.
pub(in crate::ec2) fn allocate(account: &mut Account, ask: &Ask<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let tags = tag_specifications::of(ask.params, "elastic-ip", &["elastic-ip"])?;
    let public_ip = match ask.params.get("Address") {
        Some(ip) if account.released_ips.contains(ip) && !account.taken_ips.contains(ip) => ip.to_owned(),
        Some(ip) => return Err(ip_not_found(ip)),
        None => account.fresh_ip(),
    };
    account.released_ips.remove(&public_ip);
    let mut address = Address::new(account.fresh_id("eipalloc")).ip(public_ip);
    address.tags = tags;
    xml.text("publicIp", &address.public_ip);
    xml.text("allocationId", &address.allocation_id);
    xml.text("publicIpv4Pool", "amazon");
    xml.text("networkBorderGroup", &account.region);
    xml.text("domain", "vpc");
    account.add_address(address);
    Ok(())
}

pub(in crate::ec2) fn release(account: &mut Account, ask: &Ask<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let id = match (ask.params.get("AllocationId"), ask.params.get("PublicIp")) {
        (Some(_), Some(_)) => {
            let message = "You may specify public IP or allocation id, but not both in the same call";
            return Err(ApiError::client("InvalidParameterCombination", message));
        }
        (Some(id), None) => id,
        (None, Some(_)) => {
            let message = "You must specify an allocation id when releasing a VPC elastic IP address";
            return Err(ApiError::invalid_value(message));
        }
        (None, None) => return Err(ApiError::missing("AllocationId")),
    };
    let address = find(account, id)?;
    if ask.params.get("NetworkBorderGroup").is_some_and(|group| group != account.region) {
        return Err(ip_not_found(&address.public_ip));
    }
    managed(account, address)?;
    if address.association.is_some() {
        let message = format!("Address {} is in use.", address.public_ip);
        return Err(ApiError::client("InvalidIPAddress.InUse", message));
    }
    if address.ptr_record.is_some() {
        let message =
            format!("The address with allocation id [{id}] cannot be released because it has a PTR record set.");
        return Err(ApiError::client("InvalidAddress.PtrSet", message));
    }
    if address.locked {
        let message = format!(
            "The address with allocation id [{id}] cannot be released because it is locked to your account. Please contact AWS Support to unlock it."
        );
        return Err(ApiError::client("InvalidAddress.Locked", message));
    }
    if let Some(address) = account.addresses.remove(id) {
        account.released_ips.insert(address.public_ip);
    }
    xml.text("return", "true");
    Ok(())
}
