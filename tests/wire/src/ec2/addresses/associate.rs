use super::{find, ip_not_found, managed};
use crate::account::{Account, Address, Association};
use crate::ec2::ask::Ask;
use crate::ec2::error::ApiError;
use crate::ec2::params::Params;
use crate::ec2::xml::Xml;
use crate::ec2::{instances, network_interfaces};

pub(in crate::ec2) fn associate(account: &mut Account, ask: &Ask<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let address = match (ask.params.get("AllocationId"), ask.params.get("PublicIp")) {
        (Some(id), _) => find(account, id)?,
        (None, Some(ip)) => account.address_with_ip(ip).ok_or_else(|| ip_not_found(ip))?,
        (None, None) => return Err(ApiError::missing("AllocationId")),
    };
    managed(account, address)?;
    let allocation_id = address.allocation_id.clone();
    let (instance_id, network_interface_id) = target(account, ask.params)?;
    let there = |other: &Address| match (&network_interface_id, &other.association) {
        (Some(id), Some(_)) => account.interface_of(other).is_some_and(|interface| interface.id == *id),
        (None, Some(at)) => at.instance_id == instance_id && at.network_interface_id.is_none(),
        (_, None) => false,
    };
    if there(address) {
        xml.text("return", "true");
        xml.optional("associationId", address.association.as_ref().map(|at| at.id.as_str()));
        return Ok(());
    }
    // Unsaid, it is allowed; only a plain no refuses to take an address from elsewhere, or another one's place.
    let allowed = ask.params.get("AllowReassociation") != Some("false");
    let displaced = account.addresses.values().find(|other| there(other));
    if let Some(association) = address.association.as_ref().filter(|_| !allowed) {
        return Err(already(&allocation_id, &association.id));
    }
    if let Some(association) = displaced.and_then(|other| other.association.as_ref()).filter(|_| !allowed) {
        let resource = network_interface_id.or(instance_id).unwrap_or_default();
        return Err(already(&resource, &association.id));
    }

    let displaced = displaced.map(|other| other.allocation_id.clone());
    if let Some(other) = displaced.and_then(|id| account.addresses.get_mut(&id)) {
        other.association = None;
    }
    if let Some(interface) = network_interface_id.as_ref().and_then(|id| account.network_interfaces.get_mut(id)) {
        interface.public_ip = None;
    }
    let id = account.fresh_id("eipassoc");
    xml.text("return", "true");
    xml.text("associationId", &id);
    if let Some(address) = account.addresses.get_mut(&allocation_id) {
        let instance_id = instance_id.filter(|_| network_interface_id.is_none());
        address.association = Some(Association { id, instance_id, network_interface_id });
    }
    Ok(())
}

type Target = (Option<String>, Option<String>);

/// The instance that is meant, and the network interface: the instance's primary one where it has any.
fn target(account: &Account, params: &Params) -> Result<Target, ApiError> {
    if let Some(id) = params.get("NetworkInterfaceId") {
        let interface = network_interfaces::find(account, id)?;
        if interface.requester_id.is_some() {
            let message = "You do not have permission to access the specified resource.";
            return Err(ApiError::new(403, "AuthFailure", message));
        }
        return Ok((None, Some(interface.id.clone())));
    }
    let instance = instances::find(account, params.required("InstanceId")?)?;
    if !matches!(instance.state.as_str(), "running" | "stopping" | "stopped") {
        let message =
            format!("The {} instance '{}' is not in a valid state for this operation.", instance.state, instance.id);
        return Err(ApiError::client("InvalidInstanceID", message));
    }
    let primary = account.interfaces_of(&instance.id).first().map(|interface| interface.id.clone());
    Ok((Some(instance.id.clone()), primary))
}

fn already(resource: &str, association_id: &str) -> ApiError {
    let message = format!("resource {resource} is already associated with associate-id {association_id}");
    ApiError::client("Resource.AlreadyAssociated", message)
}

pub(in crate::ec2) fn disassociate(account: &mut Account, ask: &Ask<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let id = match (ask.params.get("AssociationId"), ask.params.get("PublicIp")) {
        (Some(id), _) => id,
        (None, Some(_)) => {
            let message = "You must specify an association id when unmapping an address from a VPC instance";
            return Err(ApiError::invalid_value(message));
        }
        (None, None) => return Err(ApiError::missing("AssociationId")),
    };
    let of_id = |address: &&Address| address.association.as_ref().is_some_and(|association| association.id == id);
    let address = account.addresses.values().find(of_id).ok_or_else(|| {
        let message = format!("The association ID '{id}' does not exist");
        ApiError::client("InvalidAssociationID.NotFound", message)
    })?;
    managed(account, address)?;
    let allocation_id = address.allocation_id.clone();
    if let Some(address) = account.addresses.get_mut(&allocation_id) {
        address.association = None;
    }
    xml.text("return", "true");
    Ok(())
}
