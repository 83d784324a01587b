//! Security groups, and who stands in them.

use aws_sdk_ec2::operation::modify_network_interface_attribute::builders::ModifyNetworkInterfaceAttributeFluentBuilder;
use sunset_domain::ids::{NetworkInterfaceId, SecurityGroupId};
use sunset_domain::permit::Permit;

use super::{ActError, Done, Permission, gone};
use crate::clients::Clients;
use crate::error::AwsError;

const MODIFY_NETWORK_INTERFACE: &str = "ModifyNetworkInterfaceAttribute";
const DELETE_SECURITY_GROUP: &str = "DeleteSecurityGroup";

/// Makes these the security groups of a network interface. The permit is for the network interface.
///
/// Lost: every group that is not among them, and with it the traffic that only it allowed. Kept: the groups themselves.
///
/// # Errors
/// [`ActError`].
pub async fn set_security_groups(
    permit: &Permit,
    clients: &Clients,
    network_interface_id: &NetworkInterfaceId,
    group_ids: &[SecurityGroupId],
) -> Result<Done, ActError> {
    permit.covers(network_interface_id.as_str())?;
    let answer = setting(clients.ec2_once(), network_interface_id, group_ids).send().await;
    answer.map_err(|error| AwsError::of(MODIFY_NETWORK_INTERFACE, &error))?;
    Ok(Done::Now)
}

/// Deletes a security group.
///
/// Lost, for good: the group, its id and its rules. A new one of the same rules has another id.
///
/// # Errors
/// [`ActError`]. A group in which something stands, or that another group's rule names, is `DependencyViolation`.
pub async fn delete_security_group(
    permit: &Permit,
    clients: &Clients,
    security_group_id: &SecurityGroupId,
) -> Result<Done, ActError> {
    permit.covers(security_group_id.as_str())?;
    let answer = clients.ec2_once().delete_security_group().group_id(security_group_id.as_str()).send().await;
    gone(answer.map_err(|error| AwsError::of(DELETE_SECURITY_GROUP, &error)))
}

fn setting(
    ec2: &aws_sdk_ec2::Client,
    network_interface_id: &NetworkInterfaceId,
    group_ids: &[SecurityGroupId],
) -> ModifyNetworkInterfaceAttributeFluentBuilder {
    let groups = group_ids.iter().map(|id| id.as_str().to_owned()).collect();
    ec2.modify_network_interface_attribute()
        .network_interface_id(network_interface_id.as_str())
        .set_groups(Some(groups))
}

/// Asks EC2 whether [`set_security_groups`] would be allowed. Changes nothing.
pub async fn would_set_security_groups(
    clients: &Clients,
    network_interface_id: &NetworkInterfaceId,
    group_ids: &[SecurityGroupId],
) -> Permission {
    let answer = setting(clients.ec2(), network_interface_id, group_ids).dry_run(true).send().await;
    Permission::of(answer.map_err(|error| AwsError::of(MODIFY_NETWORK_INTERFACE, &error)))
}

/// Asks EC2 whether [`delete_security_group`] would be allowed. Changes nothing.
pub async fn would_delete_security_group(clients: &Clients, security_group_id: &SecurityGroupId) -> Permission {
    let answer = clients.ec2().delete_security_group().group_id(security_group_id.as_str()).dry_run(true).send().await;
    Permission::of(answer.map_err(|error| AwsError::of(DELETE_SECURITY_GROUP, &error)))
}
