//! Network interfaces, those that a service made included.

use aws_sdk_ec2::types::NetworkInterface;

use super::{filter, one};
use crate::account::pages::{Read, read_all};
use crate::clients::Clients;
use crate::error::AwsError;

pub(crate) const OPERATION: &str = "DescribeNetworkInterfaces";

/// The network interface of this id.
pub(crate) async fn by_id(clients: &Clients, id: &str) -> Result<Option<NetworkInterface>, AwsError> {
    let read = read_all(OPERATION, async |token| {
        let page = clients
            .ec2()
            .describe_network_interfaces()
            .network_interface_ids(id)
            .include_managed_resources(true)
            .set_next_token(token)
            .send()
            .await
            .map_err(|error| AwsError::of(OPERATION, &error))?;
        Ok((page.network_interfaces.unwrap_or_default(), page.next_token))
    })
    .await;
    one(OPERATION, id, read, |document| document.network_interface_id())
}

/// The network interfaces that are attached to an instance.
pub(crate) async fn of_instance(clients: &Clients, instance_id: &str) -> Read<NetworkInterface> {
    let (mut interfaces, outcome) = read(clients, "attachment.instance-id", instance_id).await;
    interfaces.retain(|found| instance_of(found) == Some(instance_id));
    (interfaces, outcome)
}

/// The network interfaces that stand in a security group.
pub(crate) async fn in_group(clients: &Clients, group_id: &str) -> Read<NetworkInterface> {
    let (mut interfaces, outcome) = read(clients, "group-id", group_id).await;
    interfaces.retain(|found| found.groups().iter().any(|group| group.group_id() == Some(group_id)));
    (interfaces, outcome)
}

async fn read(clients: &Clients, name: &str, value: &str) -> Read<NetworkInterface> {
    read_all(OPERATION, async |token| {
        let page = clients
            .ec2()
            .describe_network_interfaces()
            .filters(filter(name, value))
            .include_managed_resources(true)
            .max_results(1000)
            .set_next_token(token)
            .send()
            .await
            .map_err(|error| AwsError::of(OPERATION, &error))?;
        Ok((page.network_interfaces.unwrap_or_default(), page.next_token))
    })
    .await
}

/// The instance that a network interface is attached to.
pub(crate) fn instance_of(interface: &NetworkInterface) -> Option<&str> {
    interface.attachment().and_then(|attachment| attachment.instance_id())
}
