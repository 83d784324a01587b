use super::{find, owner};
use crate::account::{Account, Peer, Rule, SecurityGroup};
use crate::ec2::ask::Ask;
use crate::ec2::error::ApiError;
use crate::ec2::filters::{Filters, tag_fields};
use crate::ec2::paging::Limits;
use crate::ec2::xml::Xml;

pub(in crate::ec2) fn describe_rules(account: &mut Account, ask: &Ask<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let filters = Filters::parse(ask.params, &["group-id", "security-group-rule-id", "tag-key", "tag:"])?;
    let page = ask.page(Limits::ec2(5, 1000).strict())?;
    let ids = ask.params.list("SecurityGroupRuleId");
    if !ids.is_empty() && ask.params.get("MaxResults").is_some() {
        let message = "The parameter securityGroupRuleIds cannot be used with the parameter maxResults";
        return Err(ApiError::client("InvalidParameterCombination", message));
    }
    let rules = account.security_groups.values().flat_map(|group| group.rules.iter().map(move |rule| (group, rule)));
    let mut rules: Vec<_> = rules.map(|(group, rule)| (rule.id.clone(), (group, rule))).collect();
    rules.sort_by(|(a, _), (b, _)| a.cmp(b));
    if let Some(unknown) = ids.iter().find(|wanted| !rules.iter().any(|(id, _)| id == **wanted)) {
        return Err(rule_not_found(unknown));
    }
    let (found, next) = page.take(page.rest_of(rules).filter(|(id, (group, rule))| {
        (ids.is_empty() || ids.contains(&id.as_str()))
            && filters.pass(|filter| match filter {
                "group-id" => vec![group.id.as_str()],
                "security-group-rule-id" => vec![rule.id.as_str()],
                tag => tag_fields(tag, &rule.tags),
            })
    }));
    xml.items("securityGroupRuleSet", found, |xml, (group, rule)| write_rule(xml, account, group, rule));
    xml.optional("nextToken", next.as_deref());
    Ok(())
}

pub(in crate::ec2) fn rule_not_found(id: &str) -> ApiError {
    let message = format!("The security group rule ID '{id}' does not exist");
    ApiError::client("InvalidSecurityGroupRuleId.NotFound", message)
}

pub(super) fn write_rule(xml: &mut Xml, account: &Account, group: &SecurityGroup, rule: &Rule) {
    let group_owner = owner(account, group);
    xml.text("securityGroupRuleId", &rule.id);
    xml.text("groupId", &group.id);
    xml.text("groupOwnerId", group_owner);
    xml.show("isEgress", rule.egress);
    xml.text("ipProtocol", &rule.protocol);
    let (from, to) = rule.ports.unwrap_or((-1, -1));
    xml.show("fromPort", from);
    xml.show("toPort", to);
    match &rule.peer {
        Peer::Ipv4(range) => xml.text("cidrIpv4", range),
        Peer::Ipv6(range) => xml.text("cidrIpv6", range),
        Peer::PrefixList(id) => xml.text("prefixListId", id),
        Peer::Group { id, owner_id } => xml.within("referencedGroupInfo", |xml| {
            xml.text("groupId", id);
            xml.text("userId", owner_id.as_deref().unwrap_or(&account.id));
            if let Some(peer) = account.security_groups.get(id) {
                xml.text("vpcId", &peer.vpc_id);
            }
        }),
    }
    xml.optional("description", rule.description.as_deref());
    xml.tags(&rule.tags);
    let arn = format!("arn:aws:ec2:{}:{group_owner}:security-group-rule/{}", account.region, rule.id);
    xml.text("securityGroupRuleArn", &arn);
}

/// Who refers to the groups from the other side of a VPC peering connection.
pub(in crate::ec2) fn describe_references(account: &mut Account, ask: &Ask<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let ids = ask.params.list("GroupId");
    if ids.is_empty() {
        return Err(ApiError::missing("GroupId"));
    }
    let groups = ids.iter().map(|id| find(account, id)).collect::<Result<Vec<_>, _>>()?;
    let references = groups.into_iter().flat_map(|group| group.referencing_vpcs.iter().map(move |at| (group, at)));
    xml.items("securityGroupReferenceSet", references, |xml, (group, (vpc_id, peering_id))| {
        xml.text("groupId", &group.id);
        xml.text("referencingVpcId", vpc_id);
        xml.text("vpcPeeringConnectionId", peering_id);
    });
    Ok(())
}
