//! Security groups, and the groups whose rules name another.

use aws_sdk_ec2::types::{IpPermission, SecurityGroup};

use super::{filter, one};
use crate::account::pages::{Read, read_all};
use crate::clients::Clients;
use crate::error::AwsError;

pub(crate) const OPERATION: &str = "DescribeSecurityGroups";

/// The security group of this id.
pub(crate) async fn by_id(clients: &Clients, id: &str) -> Result<Option<SecurityGroup>, AwsError> {
    let read = read_all(OPERATION, async |token| {
        let page = clients
            .ec2()
            .describe_security_groups()
            .group_ids(id)
            .set_next_token(token)
            .send()
            .await
            .map_err(|error| AwsError::of(OPERATION, &error))?;
        Ok((page.security_groups.unwrap_or_default(), page.next_token))
    })
    .await;
    one(OPERATION, id, read, |document| document.group_id())
}

/// The other groups whose inbound, or whose outbound, rules name this one.
pub(crate) async fn naming(clients: &Clients, id: &str, egress: bool) -> Read<SecurityGroup> {
    let name = if egress { "egress.ip-permission.group-id" } else { "ip-permission.group-id" };
    let (mut groups, outcome) = read_all(OPERATION, async |token| {
        let page = clients
            .ec2()
            .describe_security_groups()
            .filters(filter(name, id))
            .max_results(1000)
            .set_next_token(token)
            .send()
            .await
            .map_err(|error| AwsError::of(OPERATION, &error))?;
        Ok((page.security_groups.unwrap_or_default(), page.next_token))
    })
    .await;
    groups.retain(|group| {
        let rules = if egress { group.ip_permissions_egress() } else { group.ip_permissions() };
        group.group_id() != Some(id) && rules.iter().any(|rule| names(rule, id))
    });
    (groups, outcome)
}

fn names(rule: &IpPermission, id: &str) -> bool {
    rule.user_id_group_pairs().iter().any(|pair| pair.group_id() == Some(id))
}
