use super::{arn, find, owner};
use crate::account::{Account, Peer, Rule, SecurityGroup};
use crate::ec2::ask::Ask;
use crate::ec2::error::ApiError;
use crate::ec2::filters::{Filters, tag_fields};
use crate::ec2::paging::Limits;
use crate::ec2::xml::Xml;

const FILTERS: &[&str] = &[
    "description",
    "egress.ip-permission.cidr",
    "egress.ip-permission.group-id",
    "egress.ip-permission.prefix-list-id",
    "group-id",
    "group-name",
    "ip-permission.cidr",
    "ip-permission.group-id",
    "ip-permission.prefix-list-id",
    "owner-id",
    "tag-key",
    "tag:",
    "vpc-id",
];

/// A permission's lists of peers, each with what names a peer in it.
const LISTS: [(&str, &str); 4] =
    [("groups", "groupId"), ("ipRanges", "cidrIp"), ("ipv6Ranges", "cidrIpv6"), ("prefixListIds", "prefixListId")];

pub(in crate::ec2) fn describe(account: &mut Account, ask: &Ask<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let filters = Filters::parse(ask.params, FILTERS)?;
    let page = ask.page(Limits::ec2(5, 1000).strict())?;
    let (ids, names) = (ask.params.list("GroupId"), ask.params.list("GroupName"));
    if !(ids.is_empty() && names.is_empty()) && ask.params.get("MaxResults").is_some() {
        let message = "The parameter groupIds or groupNames cannot be used with the parameter maxResults";
        return Err(ApiError::client("InvalidParameterCombination", message));
    }
    ids.iter().try_for_each(|id| find(account, id).map(|_| ()))?;
    for name in &names {
        if !account.security_groups.values().any(|group| group.name == *name) {
            let message = format!("The security group '{name}' does not exist in default VPC");
            return Err(ApiError::client("InvalidGroup.NotFound", message));
        }
    }
    let everything = ids.is_empty() && names.is_empty();
    let (found, next) = page.take(page.rest(&account.security_groups).filter(|(id, group)| {
        (everything || ids.contains(id) || names.contains(&group.name.as_str()))
            && filters.pass(|filter| fields(account, group, filter))
    }));
    xml.items("securityGroupInfo", found, |xml, group| write(xml, account, group));
    xml.optional("nextToken", next.as_deref());
    Ok(())
}

fn fields<'a>(account: &'a Account, group: &'a SecurityGroup, filter: &str) -> Vec<&'a str> {
    let (egress, of_rule) = match filter.strip_prefix("egress.") {
        Some(of_rule) => (true, of_rule),
        None => (false, filter),
    };
    let peers = |element: &str| {
        let peers = group.rules.iter().filter(|rule| rule.egress == egress).map(|rule| &rule.peer);
        peers.filter(|peer| element_of(peer) == element).map(value_of).collect()
    };
    match of_rule {
        "ip-permission.group-id" => peers("groupId"),
        "ip-permission.cidr" => peers("cidrIp"),
        "ip-permission.prefix-list-id" => peers("prefixListId"),
        "description" => vec![&group.description],
        "group-id" => vec![&group.id],
        "group-name" => vec![&group.name],
        "owner-id" => vec![owner(account, group)],
        "vpc-id" => vec![&group.vpc_id],
        tag => tag_fields(tag, &group.tags),
    }
}

fn write(xml: &mut Xml, account: &Account, group: &SecurityGroup) {
    xml.text("ownerId", owner(account, group));
    xml.text("groupId", &group.id);
    xml.text("groupName", &group.name);
    xml.text("groupDescription", &group.description);
    xml.text("vpcId", &group.vpc_id);
    write_permissions(xml, "ipPermissions", account, group, false);
    write_permissions(xml, "ipPermissionsEgress", account, group, true);
    xml.tags(&group.tags);
    xml.text("securityGroupArn", &arn(account, group));
}

/// A protocol, and its ports where it has any.
type Traffic<'a> = (&'a str, Option<(i32, i32)>);

/// The rules of one direction: those of the same protocol and ports are one permission.
fn write_permissions(xml: &mut Xml, name: &str, account: &Account, group: &SecurityGroup, egress: bool) {
    let mut permissions: Vec<(Traffic<'_>, Vec<&Rule>)> = Vec::new();
    for rule in group.rules.iter().filter(|rule| rule.egress == egress) {
        let key = (rule.protocol.as_str(), rule.ports);
        match permissions.iter_mut().find(|(found, _)| *found == key) {
            Some((_, rules)) => rules.push(rule),
            None => permissions.push((key, vec![rule])),
        }
    }
    xml.items(name, permissions, |xml, ((protocol, ports), rules)| {
        xml.text("ipProtocol", protocol);
        if let Some((from, to)) = ports {
            xml.show("fromPort", from);
            xml.show("toPort", to);
        }
        for (list, element) in LISTS {
            let of_list = rules.iter().filter(|rule| element_of(&rule.peer) == element);
            xml.items(list, of_list, |xml, rule| {
                if let Peer::Group { owner_id, .. } = &rule.peer {
                    xml.text("userId", owner_id.as_deref().unwrap_or(&account.id));
                }
                xml.text(element, value_of(&rule.peer));
                xml.optional("description", rule.description.as_deref());
            });
        }
    });
}

fn element_of(peer: &Peer) -> &'static str {
    match peer {
        Peer::Group { .. } => "groupId",
        Peer::Ipv4(_) => "cidrIp",
        Peer::Ipv6(_) => "cidrIpv6",
        Peer::PrefixList(_) => "prefixListId",
    }
}

fn value_of(peer: &Peer) -> &str {
    let (Peer::Group { id: value, .. } | Peer::Ipv4(value) | Peer::Ipv6(value) | Peer::PrefixList(value)) = peer;
    value
}
