use sunset_domain::coverage::{Coverage, Source};
use sunset_domain::process::observation::{Configuration, Observation, SecurityGroup};
use sunset_domain::process::resource::ResourceType;
use sunset_wire::{Account, NetworkInterface, Peer, SecurityGroup as Wire};

use super::{seen, serve_alone};
use crate::support::{account, dependents, unread};

fn group(observation: &Observation) -> &SecurityGroup {
    match &observation.found.as_ref().unwrap().configuration {
        Configuration::SecurityGroup(group) => group,
        other => panic!("{other:?}"),
    }
}

fn used() -> Account {
    let web = Wire::new("sg-1", "web")
        .lets_in(443, Peer::cidr("10.0.0.0/8"))
        .lets_in(22, Peer::group("sg-1"))
        .lets_out(5432, Peer::group("sg-2"));
    account()
        .security_group(web)
        .security_group(Wire::new("sg-2", "db").lets_in(5432, Peer::group("sg-1")))
        .security_group(Wire::new("sg-3", "jobs").lets_out(443, Peer::group("sg-1")))
        .security_group(Wire::new("sg-4", "other").lets_in(80, Peer::group("sg-2")))
        .network_interface(NetworkInterface::primary_of("i-1").member_of("sg-4").member_of("sg-1"))
        .network_interface(
            NetworkInterface::new("eni-2")
                .managed_by("amazon-elb", "interface")
                .described("ELB app/web/1")
                .member_of("sg-1"),
        )
        .network_interface(NetworkInterface::new("eni-3").member_of("sg-2"))
}

#[tokio::test]
async fn a_group_is_seen_with_its_rules_its_members_and_who_names_it() {
    let (_ec2, clients) = serve_alone(used()).await;
    let observation = seen(&clients, ResourceType::SecurityGroup, "sg-1").await;
    assert!(unread(&observation).is_empty());
    let found = observation.found.as_ref().unwrap();
    assert_eq!((found.name.as_deref(), found.owner_id.as_ref().unwrap().as_str()), (Some("web"), "123456789012"));
    let it = group(&observation);
    assert_eq!((it.group_name.as_str(), it.vpc_id.as_deref()), ("web", Some("vpc-0123456789abcdef0")));
    let rules: Vec<_> = it
        .rules
        .iter()
        .map(|rule| (rule.egress, rule.ip_protocol.as_str(), rule.from_port, rule.to_port, rule.peer.as_str()))
        .collect();
    assert_eq!(
        rules,
        [
            (false, "tcp", Some(22), Some(22), "sg-1"),
            (false, "tcp", Some(443), Some(443), "10.0.0.0/8"),
            (true, "-1", None, None, "0.0.0.0/0"),
            (true, "tcp", Some(5432), Some(5432), "sg-2"),
        ]
    );
    let [primary, balancer] = it.members.as_slice() else { panic!("two members") };
    assert_eq!(primary.group_ids.iter().map(|id| id.as_str()).collect::<Vec<_>>(), ["sg-4", "sg-1"]);
    assert_eq!(primary.instance_id.as_ref().unwrap().as_str(), "i-1");
    assert_eq!(primary.requester_id, None);
    assert_eq!(balancer.requester_id.as_deref(), Some("amazon-elb"));
    assert_eq!(
        dependents(&observation),
        [
            "network_interface eni-1 stands in it: i-1: required",
            "network_interface eni-2 stands in it: ELB app/web/1: required",
            "security_group sg-2 an inbound rule names it: critical",
            "security_group sg-3 an outbound rule names it: critical",
        ]
    );
}

#[tokio::test]
async fn every_source_of_a_group_that_is_denied_says_so() {
    for (action, source) in [
        ("DescribeNetworkInterfaces", Source::NetworkInterfaces),
        ("DescribeLaunchTemplateVersions", Source::LaunchTemplates),
        ("DescribeLaunchConfigurations", Source::LaunchConfigurations),
    ] {
        let (_ec2, clients) = serve_alone(used().denies(action)).await;
        let observation = seen(&clients, ResourceType::SecurityGroup, "sg-1").await;
        assert_eq!(unread(&observation), [source].into(), "{action}");
        assert!(matches!(observation.coverages[&source], Coverage::Denied { .. }), "{action}");
    }
}

#[tokio::test]
async fn rules_of_others_that_could_not_be_read_are_not_none() {
    for nth in [2, 3] {
        let (ec2, clients) = serve_alone(used()).await;
        ec2.faults().on("DescribeSecurityGroups", nth, |account| {
            account.denied.insert("DescribeSecurityGroups".into());
        });
        let observation = seen(&clients, ResourceType::SecurityGroup, "sg-1").await;
        assert_eq!(unread(&observation), [Source::SecurityGroups].into(), "{nth}");
    }
}

#[tokio::test]
async fn every_source_of_a_group_is_read_to_its_last_page() {
    let (ec2, clients) = serve_alone(used()).await;
    let whole = seen(&clients, ResourceType::SecurityGroup, "sg-1").await;
    ec2.pages_at_most("*", 1);
    assert_eq!(seen(&clients, ResourceType::SecurityGroup, "sg-1").await, whole);
    for (action, source) in [
        ("DescribeNetworkInterfaces", Source::NetworkInterfaces),
        ("DescribeLaunchTemplateVersions", Source::LaunchTemplates),
        ("DescribeLaunchConfigurations", Source::LaunchConfigurations),
    ] {
        ec2.pages_at_most("*", 1);
        ec2.pages_at_most(action, 0);
        let observation = seen(&clients, ResourceType::SecurityGroup, "sg-1").await;
        assert!(unread(&observation).contains(&source), "{action}");
    }
}
