use std::collections::BTreeMap;

use super::find;
use super::rules::write_rule;
use crate::account::{Account, Peer, Rule};
use crate::ec2::ask::Ask;
use crate::ec2::error::ApiError;
use crate::ec2::params::Params;
use crate::ec2::tag_specifications;
use crate::ec2::xml::Xml;

pub(in crate::ec2) fn authorize_ingress(account: &mut Account, ask: &Ask<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    authorize(account, ask, xml, false)
}

pub(in crate::ec2) fn authorize_egress(account: &mut Account, ask: &Ask<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    authorize(account, ask, xml, true)
}

fn authorize(account: &mut Account, ask: &Ask<'_>, xml: &mut Xml, egress: bool) -> Result<(), ApiError> {
    let id = find(account, ask.params.required("GroupId")?)?.id.clone();
    let tags = tag_specifications::of(ask.params, "security-group-rule", &["security-group-rule"])?;
    let mut rules = Vec::new();
    for permission in ask.params.structures("IpPermissions") {
        rules.extend(permitted(ask.params, &permission, egress, &tags)?);
    }
    if rules.is_empty() {
        return Err(ApiError::missing("IpPermissions"));
    }
    for rule in &mut rules {
        if let Peer::Group { id: peer, owner_id } = &rule.peer
            && account.owns(owner_id.as_deref())
        {
            find(account, peer)?;
        }
        rule.id = account.fresh_id("sgr");
    }
    let Some(group) = account.security_groups.get_mut(&id) else { return Ok(()) };
    if let Some(twice) = rules.iter().find(|rule| group.rules.iter().any(|held| same(held, rule))) {
        let message = format!("the specified rule \"{}\" already exists", told(twice));
        return Err(ApiError::client("InvalidPermission.Duplicate", message));
    }
    group.rules.extend(rules.iter().cloned());
    let Some(group) = account.security_groups.get(&id) else { return Ok(()) };
    xml.text("return", "true");
    xml.items("securityGroupRuleSet", &rules, |xml, rule| write_rule(xml, account, group, rule));
    Ok(())
}

type MakePeer = fn(String) -> Peer;

/// A rule for each peer of one permission.
fn permitted(
    params: &Params,
    permission: &str,
    egress: bool,
    tags: &BTreeMap<String, String>,
) -> Result<Vec<Rule>, ApiError> {
    let protocol = params.required(&format!("{permission}IpProtocol"))?.to_owned();
    let ports = (port(params, &format!("{permission}FromPort"))?, port(params, &format!("{permission}ToPort"))?);
    let ports = if protocol == "-1" { None } else { ports.0.zip(ports.1) };
    let mut rules = Vec::new();
    let lists: [(&str, &str, MakePeer); 4] = [
        ("Groups", "GroupId", |id| Peer::Group { id, owner_id: None }),
        ("IpRanges", "CidrIp", Peer::Ipv4),
        ("Ipv6Ranges", "CidrIpv6", Peer::Ipv6),
        ("PrefixListIds", "PrefixListId", Peer::PrefixList),
    ];
    for (list, element, peer) in lists {
        for prefix in params.structures(&format!("{permission}{list}")) {
            let mut peer = peer(params.required(&format!("{prefix}{element}"))?.to_owned());
            if let Peer::Group { owner_id, .. } = &mut peer {
                *owner_id = params.get(&format!("{prefix}UserId")).map(str::to_owned);
            }
            rules.push(Rule {
                id: String::new(),
                egress,
                protocol: protocol.clone(),
                ports,
                peer,
                description: params.get(&format!("{prefix}Description")).map(str::to_owned),
                tags: tags.clone(),
            });
        }
    }
    Ok(rules)
}

fn port(params: &Params, name: &str) -> Result<Option<i32>, ApiError> {
    let invalid = |value| ApiError::invalid_value(format!("Invalid value '{value}' for portRange."));
    params.get(name).map(|value| value.parse().map_err(|_| invalid(value))).transpose()
}

fn same(a: &Rule, b: &Rule) -> bool {
    let peer = |rule: &Rule| match &rule.peer {
        Peer::Group { id, .. } => Peer::group(id),
        peer => peer.clone(),
    };
    (a.egress, &a.protocol, a.ports) == (b.egress, &b.protocol, b.ports) && peer(a) == peer(b)
}

/// A rule as EC2 tells of it in an error.
fn told(rule: &Rule) -> String {
    let (Peer::Ipv4(peer) | Peer::Ipv6(peer) | Peer::PrefixList(peer) | Peer::Group { id: peer, .. }) = &rule.peer;
    match (rule.protocol.as_str(), rule.ports) {
        ("-1", _) => format!("peer: {peer}, ALL, ALLOW"),
        (protocol, None) => format!("peer: {peer}, {}, ALLOW", protocol.to_uppercase()),
        (protocol, Some((from, to))) => {
            format!("peer: {peer}, {}, from port: {from}, to port: {to}, ALLOW", protocol.to_uppercase())
        }
    }
}
