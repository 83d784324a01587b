//! Disassociating, associating and releasing an Elastic IP address.

use aws_sdk_ec2::types::Address;
use sunset_domain::ids::AllocationId;
use sunset_domain::permit::Permit;

use super::order::Reach;
use super::view::{done, impossible, not_done};
use super::{Acted, StepView};
use crate::act::{self, ActError, Permission};
use crate::clients::Clients;
use crate::documents::{addresses, network_interfaces};
use crate::error::AwsError;

pub(super) async fn look_disassociated(
    clients: &Clients,
    allocation_id: &AllocationId,
    association_id: &str,
) -> Result<StepView, AwsError> {
    let Some(address) = addresses::by_id(clients, allocation_id.as_str()).await? else {
        return Ok(does_not_exist(allocation_id));
    };
    Ok(match association(&address) {
        None => done(),
        Some(found) if found == association_id => not_done(shown(&address)),
        Some(found) => {
            impossible(format!("address {allocation_id} is {}, as {found} and not {association_id}", shown(&address)))
        }
    })
}

pub(super) async fn look_associated(clients: &Clients, reach: &Reach) -> Result<StepView, AwsError> {
    let Some(address) = addresses::by_id(clients, reach.allocation_id.as_str()).await? else {
        return Ok(does_not_exist(&reach.allocation_id));
    };
    if association(&address).is_some() {
        let there = address.network_interface_id() == Some(reach.network_interface_id.as_str());
        let behind = reach.private_ip.as_deref().is_none_or(|ip| address.private_ip_address() == Some(ip));
        return Ok(if there && behind {
            done()
        } else {
            impossible(format!("address {} is {}", reach.allocation_id, shown(&address)))
        });
    }
    let interface = network_interfaces::by_id(clients, reach.network_interface_id.as_str()).await?;
    Ok(match interface {
        Some(_) => not_done(shown(&address)),
        None => impossible(format!("network interface {} does not exist", reach.network_interface_id)),
    })
}

pub(super) async fn look_released(clients: &Clients, id: &AllocationId) -> Result<StepView, AwsError> {
    let Some(address) = addresses::by_id(clients, id.as_str()).await? else { return Ok(done()) };
    let now = shown(&address);
    Ok(match association(&address) {
        Some(_) => impossible(format!("address {id} is {now}")),
        None => not_done(now),
    })
}

fn association(address: &Address) -> Option<&str> {
    address.association_id().filter(|id| !id.is_empty())
}

fn shown(address: &Address) -> String {
    match association(address).map(|id| address.network_interface_id().or(address.instance_id()).unwrap_or(id)) {
        Some(at) => format!("associated with {at}"),
        None => "not associated".to_owned(),
    }
}

fn does_not_exist(id: &AllocationId) -> StepView {
    impossible(format!("address {id} does not exist"))
}

pub(super) async fn disassociate(
    permit: &Permit,
    clients: &Clients,
    allocation_id: &AllocationId,
    association_id: &str,
) -> Result<Acted, ActError> {
    act::disassociate_address(permit, clients, allocation_id, association_id).await?;
    Ok(Acted::default())
}

pub(super) async fn associate(permit: &Permit, clients: &Clients, reach: &Reach) -> Result<Acted, ActError> {
    let ip = reach.private_ip.as_deref();
    act::associate_address(permit, clients, &reach.allocation_id, &reach.network_interface_id, ip).await?;
    Ok(Acted::default())
}

pub(super) async fn release(permit: &Permit, clients: &Clients, id: &AllocationId) -> Result<Acted, ActError> {
    act::release_address(permit, clients, id).await?;
    Ok(Acted::default())
}

pub(super) async fn would_associate(clients: &Clients, reach: &Reach) -> Permission {
    let ip = reach.private_ip.as_deref();
    act::would_associate_address(clients, &reach.allocation_id, &reach.network_interface_id, ip).await
}
