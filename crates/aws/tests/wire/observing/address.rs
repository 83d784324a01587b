use sunset_domain::coverage::{Coverage, Source};
use sunset_domain::process::observation::{Address, Configuration, Observation};
use sunset_domain::process::resource::ResourceType;
use sunset_wire::{Account, Address as Wire, Instance, NetworkInterface};

use super::{seen, serve_alone};
use crate::support::{account, complete, dependents, protections, unread};

fn address(observation: &Observation) -> &Address {
    match &observation.found.as_ref().unwrap().configuration {
        Configuration::Address(address) => address,
        other => panic!("{other:?}"),
    }
}

fn reaching_an_instance() -> Account {
    account()
        .instance(Instance::new("i-1", "ami-1"))
        .network_interface(NetworkInterface::primary_of("i-1").private_ip("10.0.0.5"))
        .address(Wire::new("eipalloc-1").ip("198.51.100.1").associated_with("eni-1"))
}

#[tokio::test]
async fn an_address_is_seen_with_what_is_reached_by_it() {
    let (ec2, clients) = serve_alone(reaching_an_instance()).await;
    let observation = seen(&clients, ResourceType::Address, "eipalloc-1").await;
    assert!(unread(&observation).is_empty());
    assert_eq!(observation.found.as_ref().unwrap().name.as_deref(), Some("198.51.100.1"));
    let it = address(&observation);
    assert_eq!(it.public_ip, "198.51.100.1");
    let association = it.association.as_ref().unwrap();
    assert_eq!(association.association_id, "eipassoc-1");
    assert_eq!(association.instance_id.as_ref().unwrap().as_str(), "i-1");
    assert_eq!(association.network_interface_id.as_ref().unwrap().as_str(), "eni-1");
    assert_eq!(association.private_ip.as_deref(), Some("10.0.0.5"));
    assert_eq!(dependents(&observation), ["instance i-1 is reached by it: critical"]);

    ec2.account().instances.get_mut("i-1").unwrap().state = "stopped".into();
    let observation = seen(&clients, ResourceType::Address, "eipalloc-1").await;
    assert_eq!(dependents(&observation), ["instance i-1 is reached by it: required"]);
}

#[tokio::test]
async fn an_address_on_its_own_needs_nobody_asked() {
    let (ec2, clients) = serve_alone(account().address(Wire::new("eipalloc-1"))).await;
    let observation = seen(&clients, ResourceType::Address, "eipalloc-1").await;
    assert_eq!(address(&observation).association, None);
    assert!(observation.dependents.is_empty());
    for source in [Source::Instances, Source::NetworkInterfaces] {
        assert_eq!(observation.coverages[&source], complete(0));
    }
    assert_eq!(ec2.calls().len(), 1);
}

#[tokio::test]
async fn a_service_that_holds_an_address_is_named() {
    let nat = NetworkInterface::new("eni-1")
        .managed_by("amazon-nat", "nat_gateway")
        .described("Interface for NAT Gateway nat-0123");
    let balancer =
        NetworkInterface::new("eni-2").managed_by("amazon-elb", "network_load_balancer").described("ELB net/web/0123");
    let database =
        NetworkInterface::new("eni-3").managed_by("amazon-rds", "interface").described("RDSNetworkInterface");
    let plain = NetworkInterface::new("eni-4").described("a spare one");
    let account = [nat, balancer, database, plain].into_iter().fold(account(), Account::network_interface);
    let account = (1..=4).fold(account, |account, n| {
        account.address(Wire::new(format!("eipalloc-{n}")).associated_with(format!("eni-{n}")))
    });
    let (_ec2, clients) = serve_alone(account).await;
    for (id, dependent) in [
        ("eipalloc-1", "nat_gateway nat-0123 is reached by it: Interface for NAT Gateway nat-0123: critical"),
        ("eipalloc-2", "load_balancer net/web/0123 is reached by it: ELB net/web/0123: critical"),
        ("eipalloc-3", "network_interface eni-3 is reached by it: RDSNetworkInterface: critical"),
        ("eipalloc-4", "network_interface eni-4 is reached by it: a spare one: required"),
    ] {
        assert_eq!(dependents(&seen(&clients, ResourceType::Address, id).await), [dependent]);
    }
}

#[tokio::test]
async fn an_address_that_a_service_manages_says_so() {
    let (_ec2, clients) = serve_alone(account().address(Wire::new("eipalloc-1").service_managed("alb"))).await;
    let observation = seen(&clients, ResourceType::Address, "eipalloc-1").await;
    assert_eq!(protections(&observation), ["service_managed"]);
}

#[tokio::test]
async fn who_could_not_be_read_depends_on_it_all_the_same() {
    for (action, source, dependent) in [
        ("DescribeInstances", Source::Instances, "instance i-1 is reached by it: unknown"),
        ("DescribeNetworkInterfaces", Source::NetworkInterfaces, "network_interface eni-1 is reached by it: unknown"),
    ] {
        let (_ec2, clients) = serve_alone(reaching_an_instance().denies(action)).await;
        let observation = seen(&clients, ResourceType::Address, "eipalloc-1").await;
        assert!(matches!(observation.coverages[&source], Coverage::Denied { .. }), "{action}");
        assert!(dependents(&observation).contains(&dependent.to_owned()), "{action}");
    }
}
