//! Taking a security group off network interfaces, giving it back, and deleting it.

use sunset_domain::ids::SecurityGroupId;
use sunset_domain::permit::Permit;

use super::order::Membership;
use super::view::{done, impossible, not_done};
use super::{Acted, StepView};
use crate::act::{self, ActError, Permission};
use crate::clients::Clients;
use crate::documents::{group_ids, network_interfaces, security_groups};
use crate::error::AwsError;

/// The groups of the network interface now; nothing, where it does not exist.
async fn groups(clients: &Clients, member: &Membership) -> Result<Option<Vec<SecurityGroupId>>, AwsError> {
    let interface = network_interfaces::by_id(clients, member.network_interface_id.as_str()).await?;
    interface.map(|interface| group_ids(network_interfaces::OPERATION, interface.groups())).transpose()
}

pub(super) async fn look_detached(clients: &Clients, member: &Membership) -> Result<StepView, AwsError> {
    // An interface that is gone stands in no group.
    let groups = groups(clients, member).await?.unwrap_or_default();
    Ok(if !groups.contains(&member.security_group_id) {
        done()
    } else if without(&groups, member).is_empty() {
        let Membership { network_interface_id, security_group_id, .. } = member;
        impossible(format!("{security_group_id} is the only group of {network_interface_id}, which must have one"))
    } else {
        not_done(shown(&groups))
    })
}

pub(super) async fn look_attached(clients: &Clients, member: &Membership) -> Result<StepView, AwsError> {
    Ok(match groups(clients, member).await? {
        Some(groups) if groups.contains(&member.security_group_id) => done(),
        Some(groups) => not_done(shown(&groups)),
        None => impossible(format!("network interface {} does not exist", member.network_interface_id)),
    })
}

pub(super) async fn look_deleted(clients: &Clients, id: &SecurityGroupId) -> Result<StepView, AwsError> {
    let group = security_groups::by_id(clients, id.as_str()).await?;
    Ok(group.map_or_else(done, |_| not_done("there")))
}

fn shown(groups: &[SecurityGroupId]) -> String {
    let groups: Vec<&str> = groups.iter().map(SecurityGroupId::as_str).collect();
    format!("in {}", groups.join(", "))
}

fn without(groups: &[SecurityGroupId], member: &Membership) -> Vec<SecurityGroupId> {
    groups.iter().filter(|id| **id != member.security_group_id).cloned().collect()
}

/// The groups as they were, where nobody has changed them since; else those of now and this one.
fn with(groups: &[SecurityGroupId], member: &Membership) -> Vec<SecurityGroupId> {
    let before = &member.group_ids_before;
    if without(before, member) == groups && before.contains(&member.security_group_id) {
        return before.clone();
    }
    let mut groups = without(groups, member);
    groups.push(member.security_group_id.clone());
    groups
}

pub(super) async fn detach(permit: &Permit, clients: &Clients, member: &Membership) -> Result<Acted, ActError> {
    // As they are now, and not as they were recorded: what somebody has added since stays.
    if let Some(groups) = groups(clients, member).await?
        && groups.contains(&member.security_group_id)
    {
        act::set_security_groups(permit, clients, &member.network_interface_id, &without(&groups, member)).await?;
    }
    Ok(Acted::default())
}

pub(super) async fn attach(permit: &Permit, clients: &Clients, member: &Membership) -> Result<Acted, ActError> {
    let now = groups(clients, member).await?.unwrap_or_default();
    act::set_security_groups(permit, clients, &member.network_interface_id, &with(&now, member)).await?;
    Ok(Acted::default())
}

pub(super) async fn delete(permit: &Permit, clients: &Clients, id: &SecurityGroupId) -> Result<Acted, ActError> {
    act::delete_security_group(permit, clients, id).await?;
    Ok(Acted::default())
}

pub(super) async fn would_detach(clients: &Clients, member: &Membership) -> Permission {
    let groups = without(&member.group_ids_before, member);
    act::would_set_security_groups(clients, &member.network_interface_id, &groups).await
}

pub(super) async fn would_attach(clients: &Clients, member: &Membership) -> Permission {
    act::would_set_security_groups(clients, &member.network_interface_id, &member.group_ids_before).await
}
