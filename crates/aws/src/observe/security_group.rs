//! A security group: who stands in it, and who names it.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::types::{IpPermission, NetworkInterface, ResponseLaunchTemplateData, SecurityGroup as Document};
use sunset_domain::coverage::Source;
use sunset_domain::ids::{AccountId, InstanceId, NetworkInterfaceId};
use sunset_domain::process::observation::{Configuration, Dependency, Found, Member, Rule, SecurityGroup};

use super::sight::{Sight, name};
use crate::account::pages::{Read, read_all};
use crate::account::tags;
use crate::clients::Clients;
use crate::documents::security_groups;
use crate::documents::{group_ids, id, network_interfaces, optional_id};
use crate::error::AwsError;

const TEMPLATES: &str = "DescribeLaunchTemplateVersions";
const CONFIGURATIONS: &str = "DescribeLaunchConfigurations";

pub(super) async fn look(clients: &Clients, group_id: &str) -> Sight {
    let mut sight = Sight::default();
    let read = security_groups::by_id(clients, group_id).await;
    let Some(group) = sight.resource(read) else { return sight };
    let called = [Some(group_id), group.group_name()];
    let ec2 = async {
        (
            network_interfaces::in_group(clients, group_id).await,
            security_groups::naming(clients, group_id, false).await,
            security_groups::naming(clients, group_id, true).await,
            templates(clients, &called).await,
        )
    };
    let ((interfaces, inbound, outbound, templates), configurations) =
        tokio::join!(ec2, launch_configurations(clients, &called));

    let interfaces = sight.take(Source::NetworkInterfaces, interfaces);
    for interface in &interfaces {
        let at = network_interfaces::instance_of(interface).or(interface.description()).unwrap_or_default();
        let relation = if at.is_empty() { "stands in it".to_owned() } else { format!("stands in it: {at}") };
        let id = interface.network_interface_id().unwrap_or_default();
        sight.depends(Source::NetworkInterfaces, "network_interface", id, relation, Dependency::Required);
    }
    for (others, relation) in [(inbound, "an inbound rule names it"), (outbound, "an outbound rule names it")] {
        for other in sight.take(Source::SecurityGroups, others) {
            let id = other.group_id().unwrap_or_default();
            sight.depends(Source::SecurityGroups, "security_group", id, relation, Dependency::Critical);
        }
    }
    let launches = "launches instances into it";
    for (source, kind, (read, outcome)) in [
        (Source::LaunchTemplates, "launch_template", templates),
        (Source::LaunchConfigurations, "launch_configuration", configurations),
    ] {
        sight.read(source, read.len(), outcome);
        for id in read.into_iter().flatten() {
            sight.depends(source, kind, id, launches, Dependency::Required);
        }
    }
    sight.found(found(&group, &interfaces));
    sight
}

/// Only the group itself.
pub(super) async fn glance(clients: &Clients, group_id: &str) -> Sight {
    let mut sight = Sight::default();
    if let Some(group) = sight.resource(security_groups::by_id(clients, group_id).await) {
        sight.found(found(&group, &[]));
    }
    sight
}

/// The latest and the default version of every launch template, by its template's id where it names the group.
async fn templates(clients: &Clients, called: &[Option<&str>]) -> Read<Option<String>> {
    read_all(TEMPLATES, async |token| {
        let page = clients
            .ec2()
            .describe_launch_template_versions()
            .versions("$Latest")
            .versions("$Default")
            .include_managed_resources(true)
            .max_results(200)
            .set_next_token(token)
            .send()
            .await
            .map_err(|error| AwsError::of(TEMPLATES, &error))?;
        let versions = page.launch_template_versions.into_iter().flatten();
        let named = versions.map(|version| {
            let names = version.launch_template_data().is_some_and(|data| launches_into(data, called));
            names.then_some(version.launch_template_id).flatten()
        });
        Ok((named.collect(), page.next_token))
    })
    .await
}

fn launches_into(data: &ResponseLaunchTemplateData, called: &[Option<&str>]) -> bool {
    let interfaces = data.network_interfaces().iter().flat_map(|interface| interface.groups());
    data.security_group_ids().iter().chain(data.security_groups()).chain(interfaces).any(|group| is(group, called))
}

/// Every launch configuration, by its name where it names the group.
async fn launch_configurations(clients: &Clients, called: &[Option<&str>]) -> Read<Option<String>> {
    read_all(CONFIGURATIONS, async |token| {
        let page = clients
            .auto_scaling()
            .describe_launch_configurations()
            .max_records(100)
            .set_next_token(token)
            .send()
            .await
            .map_err(|error| AwsError::of(CONFIGURATIONS, &error))?;
        let configurations = page.launch_configurations.into_iter().flatten();
        let named = configurations.map(|configuration| {
            let names = configuration.security_groups().iter().any(|group| is(group, called));
            names.then_some(configuration.launch_configuration_name).flatten()
        });
        Ok((named.collect(), page.next_token))
    })
    .await
}

fn is(group: &str, called: &[Option<&str>]) -> bool {
    called.contains(&Some(group))
}

fn found(group: &Document, interfaces: &[NetworkInterface]) -> Result<Found, AwsError> {
    let tags = tags(group.tags.clone());
    let mut rules = BTreeSet::new();
    for (egress, permissions) in [(false, group.ip_permissions()), (true, group.ip_permissions_egress())] {
        for permission in permissions {
            rules.extend(rules_of(egress, permission));
        }
    }
    let members: BTreeMap<NetworkInterfaceId, Member> = interfaces
        .iter()
        .map(|interface| member(interface).map(|member| (member.network_interface_id.clone(), member)))
        .collect::<Result<_, _>>()?;
    Ok(Found {
        owner_id: group.owner_id().and_then(|id| AccountId::parse(id).ok()),
        name: name(&tags, group.group_name()),
        tags,
        created_at: None,
        configuration: Configuration::SecurityGroup(SecurityGroup {
            group_name: group.group_name().unwrap_or_default().to_owned(),
            description: group.description().unwrap_or_default().to_owned(),
            vpc_id: group.vpc_id().map(str::to_owned),
            rules,
            members: members.into_values().collect(),
        }),
    })
}

/// One rule for each range, prefix list and group that EC2 has put into one document.
fn rules_of(egress: bool, permission: &IpPermission) -> Vec<Rule> {
    let groups = permission.user_id_group_pairs().iter();
    let groups = groups.map(|pair| (pair.group_id().or(pair.group_name()), pair.description()));
    let v4 = permission.ip_ranges().iter().map(|range| (range.cidr_ip(), range.description()));
    let v6 = permission.ipv6_ranges().iter().map(|range| (range.cidr_ipv6(), range.description()));
    let lists = permission.prefix_list_ids().iter().map(|list| (list.prefix_list_id(), list.description()));
    let rule = |(peer, description): (Option<&str>, Option<&str>)| Rule {
        egress,
        ip_protocol: permission.ip_protocol().unwrap_or_default().to_owned(),
        from_port: permission.from_port(),
        to_port: permission.to_port(),
        peer: peer.unwrap_or_default().to_owned(),
        description: description.filter(|text| !text.is_empty()).map(str::to_owned),
    };
    groups.chain(v4).chain(v6).chain(lists).map(rule).collect()
}

fn member(interface: &NetworkInterface) -> Result<Member, AwsError> {
    const INTERFACES: &str = network_interfaces::OPERATION;
    Ok(Member {
        network_interface_id: id(INTERFACES, interface.network_interface_id(), NetworkInterfaceId::parse)?,
        group_ids: group_ids(INTERFACES, interface.groups())?,
        instance_id: optional_id(INTERFACES, network_interfaces::instance_of(interface), InstanceId::parse)?,
        description: interface.description().filter(|text| !text.is_empty()).map(str::to_owned),
        requester_id: match interface.requester_managed() {
            Some(true) => Some(interface.requester_id().unwrap_or("an AWS service").to_owned()),
            _ => None,
        },
    })
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types::{IpRange, Ipv6Range, LaunchTemplateInstanceNetworkInterfaceSpecification, PrefixListId};

    use super::*;

    #[test]
    fn a_template_launches_into_a_group_whichever_way_it_names_it() {
        let data = ResponseLaunchTemplateData::builder;
        let interface = LaunchTemplateInstanceNetworkInterfaceSpecification::builder().groups("sg-1").build();
        let called = [Some("sg-1"), Some("web")];
        assert!(launches_into(&data().security_group_ids("sg-1").build(), &called));
        assert!(launches_into(&data().security_groups("web").build(), &called));
        assert!(launches_into(&data().network_interfaces(interface).build(), &called));
        assert!(!launches_into(&data().security_group_ids("sg-2").security_groups("db").build(), &called));
    }

    #[test]
    fn one_document_of_many_peers_is_as_many_rules() {
        let permission = IpPermission::builder()
            .ip_protocol("tcp")
            .from_port(443)
            .to_port(443)
            .ip_ranges(IpRange::builder().cidr_ip("10.0.0.0/8").description("inside").build())
            .ip_ranges(IpRange::builder().cidr_ip("192.168.0.0/16").build())
            .ipv6_ranges(Ipv6Range::builder().cidr_ipv6("::/0").build())
            .prefix_list_ids(PrefixListId::builder().prefix_list_id("pl-1").build())
            .build();
        let rules = rules_of(false, &permission);
        let peers: Vec<&str> = rules.iter().map(|rule| rule.peer.as_str()).collect();
        assert_eq!(peers, ["10.0.0.0/8", "192.168.0.0/16", "::/0", "pl-1"]);
        assert_eq!(rules[0].description.as_deref(), Some("inside"));
    }
}
