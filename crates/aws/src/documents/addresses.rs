//! Elastic IP addresses. EC2 gives them all at once, and has no pages.

use aws_sdk_ec2::operation::describe_addresses::DescribeAddressesOutput;
use aws_sdk_ec2::types::Address;

use super::{filter, one};
use crate::account::pages::Read;
use crate::clients::Clients;
use crate::error::AwsError;

pub(crate) const OPERATION: &str = "DescribeAddresses";

/// The address of this allocation.
pub(crate) async fn by_id(clients: &Clients, allocation_id: &str) -> Result<Option<Address>, AwsError> {
    let answer = clients.ec2().describe_addresses().allocation_ids(allocation_id).send().await;
    let read = all(answer.map_err(|error| AwsError::of(OPERATION, &error)));
    one(OPERATION, allocation_id, read, |address| address.allocation_id())
}

/// The addresses that are associated with an instance.
pub(crate) async fn of_instance(clients: &Clients, instance_id: &str) -> Read<Address> {
    let answer = clients.ec2().describe_addresses().filters(filter("instance-id", instance_id)).send().await;
    let (mut addresses, outcome) = all(answer.map_err(|error| AwsError::of(OPERATION, &error)));
    addresses.retain(|address| address.instance_id() == Some(instance_id));
    (addresses, outcome)
}

fn all(answer: Result<DescribeAddressesOutput, AwsError>) -> Read<Address> {
    match answer {
        Ok(page) => (page.addresses.unwrap_or_default(), Ok(())),
        Err(error) => (Vec::new(), Err(error)),
    }
}
