//! Elastic IP addresses.

use aws_sdk_ec2::operation::associate_address::builders::AssociateAddressFluentBuilder;
use sunset_domain::ids::{AllocationId, NetworkInterfaceId};
use sunset_domain::permit::Permit;

use super::{ActError, Done, Permission, gone};
use crate::clients::Clients;
use crate::error::AwsError;

const DISASSOCIATE_ADDRESS: &str = "DisassociateAddress";
const ASSOCIATE_ADDRESS: &str = "AssociateAddress";
const RELEASE_ADDRESS: &str = "ReleaseAddress";

/// Takes an address off what it is associated with. The permit is for the address.
///
/// Lost: the association and its id; whatever reached the network interface by this address does no longer. Kept: the
/// address.
///
/// # Errors
/// [`ActError`].
pub async fn disassociate_address(
    permit: &Permit,
    clients: &Clients,
    allocation_id: &AllocationId,
    association_id: &str,
) -> Result<Done, ActError> {
    permit.covers(allocation_id.as_str())?;
    let answer = clients.ec2_once().disassociate_address().association_id(association_id).send().await;
    gone(answer.map_err(|error| AwsError::of(DISASSOCIATE_ADDRESS, &error)))
}

/// Associates an address with a network interface; never takes it away from another. The permit is for the address.
///
/// Lost: an auto-assigned public address of the interface.
///
/// # Errors
/// [`ActError`]. An address that is associated is `Resource.AlreadyAssociated`.
pub async fn associate_address(
    permit: &Permit,
    clients: &Clients,
    allocation_id: &AllocationId,
    network_interface_id: &NetworkInterfaceId,
    private_ip: Option<&str>,
) -> Result<Done, ActError> {
    permit.covers(allocation_id.as_str())?;
    let answer = associating(clients.ec2_once(), allocation_id, network_interface_id, private_ip).send().await;
    answer.map_err(|error| AwsError::of(ASSOCIATE_ADDRESS, &error))?;
    Ok(Done::Now)
}

/// Gives an address back to AWS.
///
/// Lost: the address, for good as soon as somebody else has it; until then `AllocateAddress` may give it back.
///
/// # Errors
/// [`ActError`]. An address that is associated is `InvalidIPAddress.InUse`.
pub async fn release_address(
    permit: &Permit,
    clients: &Clients,
    allocation_id: &AllocationId,
) -> Result<Done, ActError> {
    permit.covers(allocation_id.as_str())?;
    let answer = clients.ec2_once().release_address().allocation_id(allocation_id.as_str()).send().await;
    gone(answer.map_err(|error| AwsError::of(RELEASE_ADDRESS, &error)))
}

fn associating(
    ec2: &aws_sdk_ec2::Client,
    allocation_id: &AllocationId,
    network_interface_id: &NetworkInterfaceId,
    private_ip: Option<&str>,
) -> AssociateAddressFluentBuilder {
    ec2.associate_address()
        .allocation_id(allocation_id.as_str())
        .network_interface_id(network_interface_id.as_str())
        .set_private_ip_address(private_ip.map(str::to_owned))
        // Unsaid it is true: the address would be taken from whoever has it by now.
        .allow_reassociation(false)
}

/// Asks EC2 whether [`disassociate_address`] would be allowed. Changes nothing.
pub async fn would_disassociate_address(clients: &Clients, association_id: &str) -> Permission {
    let answer = clients.ec2().disassociate_address().association_id(association_id).dry_run(true).send().await;
    Permission::of(answer.map_err(|error| AwsError::of(DISASSOCIATE_ADDRESS, &error)))
}

/// Asks EC2 whether [`associate_address`] would be allowed. Changes nothing.
pub async fn would_associate_address(
    clients: &Clients,
    allocation_id: &AllocationId,
    network_interface_id: &NetworkInterfaceId,
    private_ip: Option<&str>,
) -> Permission {
    let call = associating(clients.ec2(), allocation_id, network_interface_id, private_ip);
    let answer = call.dry_run(true).send().await;
    Permission::of(answer.map_err(|error| AwsError::of(ASSOCIATE_ADDRESS, &error)))
}

/// Asks EC2 whether [`release_address`] would be allowed. Changes nothing.
pub async fn would_release_address(clients: &Clients, allocation_id: &AllocationId) -> Permission {
    let answer = clients.ec2().release_address().allocation_id(allocation_id.as_str()).dry_run(true).send().await;
    Permission::of(answer.map_err(|error| AwsError::of(RELEASE_ADDRESS, &error)))
}
