//! An Elastic IP address, and what is reached by it.

use aws_sdk_ec2::types::{Address as Document, NetworkInterface, NetworkInterfaceType, ServiceManaged};
use sunset_domain::coverage::Source;
use sunset_domain::ids::{InstanceId, NetworkInterfaceId};
use sunset_domain::process::observation::{Address, Association, Configuration, Dependency, Found};

use super::sight::{Sight, name};
use crate::account::tags;
use crate::clients::Clients;
use crate::documents::addresses::{self, OPERATION};
use crate::documents::{instances, network_interfaces, optional_id};
use crate::error::AwsError;

pub(super) async fn look(clients: &Clients, allocation_id: &str) -> Sight {
    let mut sight = Sight::default();
    let read = addresses::by_id(clients, allocation_id).await;
    let Some(address) = sight.resource(read) else { return sight };
    if let Some(service) = address.service_managed() {
        let service: &ServiceManaged = service;
        let detail = format!("the service {service} manages it, and EC2 lets nobody else change it");
        sight.protects("service_managed", detail);
    }

    match address.network_interface_id() {
        None => sight.nothing_to_read(Source::NetworkInterfaces),
        Some(id) => {
            let interface = network_interfaces::by_id(clients, id).await;
            let interface = sight.take_one(Source::NetworkInterfaces, interface);
            depends_by_interface(&mut sight, id, interface.as_ref());
        }
    }
    match address.instance_id().filter(|id| !id.is_empty()) {
        None => sight.nothing_to_read(Source::Instances),
        Some(id) => {
            let instance = sight.take_one(Source::Instances, instances::by_id(clients, id).await);
            let dependency = match instance.as_ref().map(|owned| instances::state(&owned.instance)) {
                None => Dependency::Unknown,
                Some("running" | "pending") => Dependency::Critical,
                Some(_) => Dependency::Required,
            };
            sight.depends(Source::Instances, "instance", id, "is reached by it", dependency);
        }
    }
    sight.found(found(&address));
    sight
}

/// Only the address itself.
pub(super) async fn glance(clients: &Clients, allocation_id: &str) -> Sight {
    let mut sight = Sight::default();
    if let Some(address) = sight.resource(addresses::by_id(clients, allocation_id).await) {
        sight.found(found(&address));
    }
    sight
}

/// A service's interface tells of whom it is in its description; an instance's own needs no second word.
fn depends_by_interface(sight: &mut Sight, id: &str, interface: Option<&NetworkInterface>) {
    let source = Source::NetworkInterfaces;
    let Some(interface) = interface else {
        sight.depends(source, "network_interface", id, "is reached by it", Dependency::Unknown);
        return;
    };
    let description = interface.description().unwrap_or_default();
    let (kind, of) = match interface.interface_type() {
        Some(NetworkInterfaceType::NatGateway) => {
            ("nat_gateway", description.split_whitespace().find(|word| word.starts_with("nat-")))
        }
        Some(NetworkInterfaceType::LoadBalancer | NetworkInterfaceType::NetworkLoadBalancer) => {
            ("load_balancer", description.strip_prefix("ELB "))
        }
        _ if description.starts_with("Interface for NAT Gateway ") => {
            ("nat_gateway", description.split_whitespace().find(|word| word.starts_with("nat-")))
        }
        _ if description.starts_with("ELB ") => ("load_balancer", description.strip_prefix("ELB ")),
        _ => ("network_interface", None),
    };
    let service = interface.requester_managed() == Some(true) || kind != "network_interface";
    if !service && network_interfaces::instance_of(interface).is_some() {
        return;
    }
    let dependency = if service { Dependency::Critical } else { Dependency::Required };
    let relation = match description {
        "" => "is reached by it".to_owned(),
        description => format!("is reached by it: {description}"),
    };
    sight.depends(source, kind, of.unwrap_or(id), relation, dependency);
}

fn found(address: &Document) -> Result<Found, AwsError> {
    let tags = tags(address.tags.clone());
    let text = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
    let association = match text(address.association_id()) {
        None => None,
        Some(association_id) => Some(Association {
            association_id,
            instance_id: optional_id(OPERATION, address.instance_id(), InstanceId::parse)?,
            network_interface_id: optional_id(OPERATION, address.network_interface_id(), NetworkInterfaceId::parse)?,
            private_ip: text(address.private_ip_address()),
        }),
    };
    Ok(Found {
        owner_id: None,
        name: name(&tags, address.public_ip()),
        tags,
        created_at: None,
        configuration: Configuration::Address(Address {
            public_ip: address.public_ip().unwrap_or_default().to_owned(),
            association,
            network_border_group: text(address.network_border_group()),
            public_ipv4_pool: text(address.public_ipv4_pool()),
        }),
    })
}
