//! Elastic IP addresses.

use aws_sdk_ec2::types::Address;

use super::{filter, one};
use crate::account::pages::Read;
use crate::clients::Clients;
use crate::error::AwsError;

pub(crate) const OPERATION: &str = "DescribeAddresses";

/// The address of this allocation.
pub(crate) async fn by_id(clients: &Clients, allocation_id: &str) -> Result<Option<Address>, AwsError> {
    let answer = clients
        .ec2
        .describe_addresses()
        .allocation_ids(allocation_id)
        .send()
        .await
        .map_err(|error| AwsError::of(OPERATION, &error));
    one(answer.map(|page| page.addresses), |address| address.allocation_id() == Some(allocation_id))
}

/// The addresses that are associated with an instance. EC2 gives them all at once.
pub(crate) async fn of_instance(clients: &Clients, instance_id: &str) -> Read<Address> {
    let answer = clients
        .ec2
        .describe_addresses()
        .filters(filter("instance-id", instance_id))
        .send()
        .await
        .map_err(|error| AwsError::of(OPERATION, &error));
    match answer {
        Ok(page) => {
            let mut addresses = page.addresses.unwrap_or_default();
            addresses.retain(|address| address.instance_id() == Some(instance_id));
            (addresses, Ok(()))
        }
        Err(error) => (Vec::new(), Err(error)),
    }
}
