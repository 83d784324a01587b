use sunset_domain::coverage::{Coverage, Source};
use sunset_domain::process::observation::{Configuration, Instance, Observation};
use sunset_domain::process::resource::ResourceType;
use sunset_wire::{Account, Address, Fault, Group, Instance as Wire, NetworkInterface, TargetGroup, Volume, When};

use super::{seen, serve_alone};
use crate::support::{account, complete, dependents, protections, unread};

fn used() -> Account {
    account()
        .instance(Wire::new("i-1", "ami-1").tag("Name", "web").launched_hours_ago(5))
        .instance(Wire::new("i-2", "ami-1"))
        .volume(Volume::new("vol-1").gib(20).root_of("i-1"))
        .volume(Volume::new("vol-2").attached_to("i-1", "/dev/sdf").encrypted_with("arn:key"))
        .volume(Volume::new("vol-3").root_of("i-2"))
        .network_interface(NetworkInterface::primary_of("i-1").private_ip("10.0.0.5").member_of("sg-1"))
        .network_interface(NetworkInterface::new("eni-9").attached_to("i-1", 1).private_ip("10.0.0.6"))
        .network_interface(NetworkInterface::primary_of("i-2").private_ip("10.0.0.7"))
        .address(Address::new("eipalloc-1").ip("198.51.100.1").associated_with("eni-1"))
        .address(Address::new("eipalloc-2").ip("198.51.100.2").associated_with("eni-2"))
        .target_group(TargetGroup::new("by-id").target("i-1"))
        .target_group(TargetGroup::new("by-ip").of_type("ip").target("10.0.0.6"))
        .target_group(TargetGroup::new("other").target("i-2"))
        .target_group(TargetGroup::new("function").of_type("lambda").target("arn:aws:lambda:f"))
        .group(Group::new("web").running("i-1", "ami-1"))
        .group(Group::new("db").running("i-2", "ami-1"))
}

fn instance(observation: &Observation) -> &Instance {
    match &observation.found.as_ref().unwrap().configuration {
        Configuration::Instance(instance) => instance,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_instance_is_seen_with_everything_that_hangs_on_it() {
    let (_ec2, clients) = serve_alone(used()).await;
    let observation = seen(&clients, ResourceType::Instance, "i-1").await;
    assert!(unread(&observation).is_empty(), "{:?}", observation.coverages);
    let found = observation.found.as_ref().unwrap();
    assert_eq!(found.owner_id.as_ref().unwrap().as_str(), "123456789012");
    assert_eq!(found.name.as_deref(), Some("web"));
    assert!(found.created_at.is_some(), "by its first network interface");
    let it = instance(&observation);
    assert_eq!((it.state.as_str(), it.instance_type.as_str()), ("running", "t3.micro"));
    assert_eq!(it.launched_at, observation.last_activity.as_ref().map(|activity| activity.at));
    assert_eq!(it.root_device_type.as_deref(), Some("ebs"));
    assert_eq!(it.availability_zone.as_deref(), Some("us-east-1a"));
    assert_eq!(it.lifecycle, None);
    let volumes: Vec<_> = it
        .volumes
        .iter()
        .map(|volume| {
            (volume.volume_id.as_str(), volume.device.as_str(), volume.size_gib, volume.delete_on_termination)
        })
        .collect();
    assert_eq!(volumes, [("vol-2", "/dev/sdf", 8, false), ("vol-1", "/dev/xvda", 20, true)]);
    assert_eq!(it.volumes[0].kms_key_id.as_deref(), Some("arn:key"));
    assert_eq!(it.allocation_ids.iter().map(|id| id.as_str()).collect::<Vec<_>>(), ["eipalloc-1"]);
    assert_eq!(it.network_interface_ids.iter().map(|id| id.as_str()).collect::<Vec<_>>(), ["eni-1", "eni-9"]);
    assert_eq!(it.security_group_ids.iter().map(|id| id.as_str()).collect::<Vec<_>>(), ["sg-1"]);
}

#[tokio::test]
async fn who_sends_it_traffic_or_replaces_it_depends_on_it() {
    let (ec2, clients) = serve_alone(used()).await;
    let observation = seen(&clients, ResourceType::Instance, "i-1").await;
    assert_eq!(
        dependents(&observation),
        [
            "auto_scaling_group web runs it and replaces it when it goes: required",
            "target_group by-id sends it traffic: critical",
            "target_group by-ip sends it traffic: critical",
        ]
    );
    assert_eq!(observation.coverages[&Source::TargetGroups], complete(4));
    assert_eq!(observation.coverages[&Source::AutoScalingGroups], complete(2));
    assert_eq!(ec2.count("DescribeTargetHealth"), 3, "a function's group has no instances");
}

#[tokio::test]
async fn an_address_like_its_own_in_another_network_is_one_that_nobody_knows() {
    let mut elsewhere = TargetGroup::new("elsewhere").of_type("ip").target("10.0.0.5");
    elsewhere.vpc_id = "vpc-2".into();
    let mut instances = TargetGroup::new("instances").target("i-1");
    instances.vpc_id = "vpc-2".into();
    let account = account()
        .instance(Wire::new("i-1", "ami-1"))
        .network_interface(NetworkInterface::primary_of("i-1").private_ip("10.0.0.5"));
    let (ec2, clients) = serve_alone(account.target_group(elsewhere).target_group(instances)).await;
    let observation = seen(&clients, ResourceType::Instance, "i-1").await;
    let seen = dependents(&observation);
    assert_eq!(
        seen,
        ["target_group elsewhere sends traffic to an address like its own, from another network: unknown"]
    );
    assert_eq!(ec2.count("DescribeTargetHealth"), 1, "instances are targets in their own network only");
}

#[tokio::test]
async fn a_public_address_that_ec2_gave_it_is_told_from_an_elastic_one() {
    let public = NetworkInterface::primary_of("i-1").public_ip("203.0.113.1");
    let account = account().instance(Wire::new("i-1", "ami-1")).network_interface(public);
    let (ec2, clients) = serve_alone(account).await;
    let ip = async || {
        let observation = seen(&clients, ResourceType::Instance, "i-1").await;
        instance(&observation).auto_assigned_public_ip.clone()
    };
    assert_eq!(ip().await.as_deref(), Some("203.0.113.1"));
    ec2.account().add_address(Address::new("eipalloc-1").ip("198.51.100.1").associated_with("eni-1"));
    assert_eq!(ip().await, None);
}

#[tokio::test]
async fn termination_and_stop_protection_are_told_apart() {
    let account = account()
        .instance(Wire::new("i-1", "ami-1").termination_protected())
        .instance(Wire::new("i-2", "ami-1").stop_protected())
        .instance(Wire::new("i-3", "ami-1"));
    let (_ec2, clients) = serve_alone(account).await;
    for (id, codes) in [("i-1", vec!["termination_protection"]), ("i-2", vec!["stop_protection"]), ("i-3", vec![])] {
        let observation = seen(&clients, ResourceType::Instance, id).await;
        assert_eq!(protections(&observation), codes);
        assert_eq!(observation.coverages[&Source::Attributes], complete(2));
    }
}

#[tokio::test]
async fn a_terminated_instance_is_found_and_nobody_is_asked_about_it() {
    let (ec2, clients) = serve_alone(account().instance(Wire::new("i-1", "ami-1").terminated())).await;
    let observation = seen(&clients, ResourceType::Instance, "i-1").await;
    assert_eq!(instance(&observation).state, "terminated");
    assert_eq!(ec2.calls().len(), 1);
    assert!(unread(&observation).is_empty());
}

#[tokio::test]
async fn every_source_of_an_instance_that_is_denied_or_fails_says_so() {
    for (action, source) in [
        ("DescribeInstanceAttribute", Source::Attributes),
        ("DescribeVolumes", Source::Volumes),
        ("DescribeAddresses", Source::Addresses),
        ("DescribeNetworkInterfaces", Source::NetworkInterfaces),
        ("DescribeTargetGroups", Source::TargetGroups),
        ("DescribeTargetHealth", Source::TargetGroups),
        ("DescribeAutoScalingGroups", Source::AutoScalingGroups),
    ] {
        let (ec2, clients) = serve_alone(used().denies(action)).await;
        let observation = seen(&clients, ResourceType::Instance, "i-1").await;
        assert_eq!(unread(&observation), [source].into(), "{action}");
        assert!(matches!(observation.coverages[&source], Coverage::Denied { .. }), "{action}");
        assert!(observation.found.is_some());
        ec2.account().denied.clear();
        ec2.faults().add(action, When::Every, Fault::InternalError);
        assert_eq!(unread(&seen(&clients, ResourceType::Instance, "i-1").await), [source].into(), "{action}");
    }
}

#[tokio::test]
async fn one_attribute_that_could_not_be_read_leaves_them_all_incomplete() {
    let (ec2, clients) = serve_alone(used()).await;
    let refused = Fault::error(400, "InvalidParameterValue", "no such attribute");
    ec2.faults().add("DescribeInstanceAttribute", When::Naming("disableApiStop".into()), refused);
    let observation = seen(&clients, ResourceType::Instance, "i-1").await;
    assert_eq!(unread(&observation), [Source::Attributes].into());
}

#[tokio::test]
async fn a_volume_that_the_instance_names_and_nobody_gives_was_not_read() {
    let (ec2, clients) = serve_alone(used()).await;
    ec2.faults().on("DescribeVolumes", 1, |account| {
        account.volumes.remove("vol-2");
    });
    let observation = seen(&clients, ResourceType::Instance, "i-1").await;
    let coverage = observation.coverages[&Source::Volumes].to_string();
    assert!(coverage.contains("vol-2 is attached and was not given"), "{coverage}");
}

#[tokio::test]
async fn a_target_group_that_goes_while_it_is_read_is_nothing() {
    let (ec2, clients) = serve_alone(used()).await;
    ec2.faults().on("DescribeTargetHealth", 1, |account| account.target_groups.clear());
    let observation = seen(&clients, ResourceType::Instance, "i-1").await;
    assert!(unread(&observation).is_empty());
    assert_eq!(dependents(&observation).len(), 1);
}

#[tokio::test]
async fn every_source_of_an_instance_is_read_to_its_last_page() {
    let (ec2, clients) = serve_alone(used()).await;
    let whole = seen(&clients, ResourceType::Instance, "i-1").await;
    ec2.pages_at_most("*", 1);
    assert_eq!(seen(&clients, ResourceType::Instance, "i-1").await, whole);
    ec2.first_page_empty("*");
    assert_eq!(seen(&clients, ResourceType::Instance, "i-1").await, whole);
    for (action, source) in [
        ("DescribeVolumes", Source::Volumes),
        ("DescribeNetworkInterfaces", Source::NetworkInterfaces),
        ("DescribeTargetGroups", Source::TargetGroups),
        ("DescribeAutoScalingGroups", Source::AutoScalingGroups),
    ] {
        let (ec2, clients) = serve_alone(used()).await;
        ec2.pages_at_most(action, 0);
        assert!(unread(&seen(&clients, ResourceType::Instance, "i-1").await).contains(&source), "{action}");
    }
}
