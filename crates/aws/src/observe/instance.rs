//! An instance, and who sends it traffic or keeps it running.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_autoscaling::types::AutoScalingGroup;
use aws_sdk_ec2::types::{Address, InstanceAttributeName, InstanceNetworkInterface, NetworkInterface, Volume};
use sunset_domain::coverage::Source;
use sunset_domain::ids::{AccountId, AllocationId, ImageId, NetworkInterfaceId, VolumeId};
use sunset_domain::process::observation::{Configuration, Dependency, Found, Instance, InstanceVolume};

use super::sight::{Sight, name, number};
use super::target_groups;
use crate::account::pages::{Read, read_all};
use crate::account::tags;
use crate::clients::Clients;
use crate::documents::instances::{self, OPERATION, Owned};
use crate::documents::{addresses, group_ids, id, moment, network_interfaces, optional_id, volumes};
use crate::error::AwsError;

const ATTRIBUTE: &str = "DescribeInstanceAttribute";
const GROUPS: &str = "DescribeAutoScalingGroups";

pub(super) async fn look(clients: &Clients, instance_id: &str) -> Sight {
    let mut sight = Sight::default();
    let read = instances::by_id(clients, instance_id).await;
    let Some(owned) = sight.resource(read) else { return sight };
    let instance = &owned.instance;
    if instances::state(instance) == "terminated" {
        // Nothing is attached to it any more, and nobody tells of its attributes.
        sight.found(found(&owned, &[], &[], &[]));
        return sight;
    }
    // One after the other within a service, side by side across services.
    let ec2 = async {
        (
            attributes(clients, instance_id).await,
            volumes::of_instance(clients, instance_id).await,
            addresses::of_instance(clients, instance_id).await,
            network_interfaces::of_instance(clients, instance_id).await,
        )
    };
    let target =
        target_groups::Target { instance_id, ips: ips(instance.network_interfaces()), vpc_id: instance.vpc_id() };
    let ((attributes, volumes, addresses, interfaces), traffic, groups) =
        tokio::join!(ec2, target_groups::of(clients, &target), groups_of(clients, instance_id));

    for attribute in attributes {
        if let Some((code, detail)) = sight.take_one(Source::Attributes, attribute) {
            sight.protects(code, detail);
        }
    }
    sight.operated(instance.operator());
    let volumes = sight.take(Source::Volumes, complete(volumes, &owned));
    let addresses = sight.take(Source::Addresses, addresses);
    let interfaces = sight.take(Source::NetworkInterfaces, interfaces);
    target_groups::note(&mut sight, traffic);
    let (groups, items, outcome) = groups;
    sight.read(Source::AutoScalingGroups, items, outcome);
    for group in groups {
        let relation = "runs it and replaces it when it goes";
        sight.depends(Source::AutoScalingGroups, "auto_scaling_group", group, relation, Dependency::Required);
    }
    sight.lived(moment(instance.launch_time()), "was started");
    sight.found(found(&owned, &volumes, &addresses, &interfaces));
    sight
}

/// Only the instance itself.
pub(super) async fn glance(clients: &Clients, instance_id: &str) -> Sight {
    let mut sight = Sight::default();
    if let Some(owned) = sight.resource(instances::by_id(clients, instance_id).await) {
        sight.found(found(&owned, &[], &[], &[]));
    }
    sight
}

/// Why it must not be terminated or stopped, attribute by attribute.
async fn attributes(
    clients: &Clients,
    instance_id: &str,
) -> [Result<Option<(&'static str, &'static str)>, AwsError>; 2] {
    let read = async |attribute| {
        let ask = clients.ec2().describe_instance_attribute().instance_id(instance_id).attribute(attribute);
        ask.send().await.map_err(|error| AwsError::of(ATTRIBUTE, &error))
    };
    let termination = read(InstanceAttributeName::DisableApiTermination).await.and_then(|answer| {
        let protected = said(answer.disable_api_termination().and_then(|said| said.value()))?;
        let detail = "termination protection is on; whoever set it has to switch it off";
        Ok(protected.then_some(("termination_protection", detail)))
    });
    let stop = read(InstanceAttributeName::DisableApiStop).await.and_then(|answer| {
        let protected = said(answer.disable_api_stop().and_then(|said| said.value()))?;
        Ok(protected.then_some(("stop_protection", "stop protection is on; whoever set it has to switch it off")))
    });
    [termination, stop]
}

/// An attribute that was asked for and not given is not known to be off.
fn said(value: Option<bool>) -> Result<bool, AwsError> {
    value.ok_or_else(|| AwsError::refused(ATTRIBUTE, "answered without the attribute"))
}

/// A volume that the instance names and that is not among them was not read.
fn complete((volumes, outcome): Read<Volume>, owned: &Owned) -> Read<Volume> {
    let missing = owned
        .instance
        .block_device_mappings()
        .iter()
        .filter_map(|mapping| mapping.ebs()?.volume_id())
        .find(|id| !volumes.iter().any(|volume| volume.volume_id() == Some(id)))
        .map(|id| AwsError::refused(volumes::OPERATION, format!("{id} is attached and was not given")));
    (volumes, outcome.and(missing.map_or(Ok(()), Err)))
}

/// Every private address of it, by which it may be a target.
fn ips(interfaces: &[InstanceNetworkInterface]) -> BTreeSet<String> {
    let of = |interface: &InstanceNetworkInterface| {
        let v4 = interface.private_ip_addresses().iter().filter_map(|ip| ip.private_ip_address());
        let v6 = interface.ipv6_addresses().iter().filter_map(|ip| ip.ipv6_address());
        v4.chain(v6).chain(interface.private_ip_address()).map(str::to_owned).collect::<Vec<_>>()
    };
    interfaces.iter().flat_map(of).collect()
}

/// The Auto Scaling groups that it belongs to, among how many, and how their reading ended.
async fn groups_of(clients: &Clients, instance_id: &str) -> (BTreeSet<String>, usize, Result<(), AwsError>) {
    let (groups, outcome) = read_all(GROUPS, async |token| {
        let page = clients
            .auto_scaling()
            .describe_auto_scaling_groups()
            .max_records(100)
            .set_next_token(token)
            .send()
            .await
            .map_err(|error| AwsError::of(GROUPS, &error))?;
        let named = |group: AutoScalingGroup| {
            let member = group.instances().iter().any(|instance| instance.instance_id() == Some(instance_id));
            member.then_some(group.auto_scaling_group_name).flatten()
        };
        Ok((page.auto_scaling_groups.into_iter().flatten().map(named).collect(), page.next_token))
    })
    .await;
    (groups.iter().flatten().cloned().collect(), groups.len(), outcome)
}

fn found(
    owned: &Owned,
    volumes: &[Volume],
    addresses: &[Address],
    interfaces: &[NetworkInterface],
) -> Result<Found, AwsError> {
    let instance = &owned.instance;
    let tags = tags(instance.tags.clone());
    let named = instance.network_interfaces().iter().map(|interface| interface.network_interface_id());
    let read = interfaces.iter().map(|interface| interface.network_interface_id());
    let configuration = Instance {
        state: instances::state(instance).to_owned(),
        instance_type: instance.instance_type().map_or("unknown", |kind| kind.as_str()).to_owned(),
        image_id: optional_id(OPERATION, instance.image_id(), ImageId::parse)?,
        launched_at: moment(instance.launch_time()),
        availability_zone: instance.placement().and_then(|at| at.availability_zone()).map(str::to_owned),
        root_device_type: instance.root_device_type().map(|kind| kind.as_str().to_owned()),
        lifecycle: instance.instance_lifecycle().map(|kind| kind.as_str().to_owned()),
        auto_assigned_public_ip: auto_assigned_public_ip(owned, addresses),
        subnet_id: instance.subnet_id().map(str::to_owned),
        instance_profile_arn: instance.iam_instance_profile().and_then(|profile| profile.arn()).map(str::to_owned),
        key_name: instance.key_name().map(str::to_owned),
        allocation_ids: addresses
            .iter()
            .map(|address| id(addresses::OPERATION, address.allocation_id(), AllocationId::parse))
            .collect::<Result<_, _>>()?,
        volumes: instance_volumes(owned, volumes)?,
        network_interface_ids: named
            .chain(read)
            .map(|text| id(OPERATION, text, NetworkInterfaceId::parse))
            .collect::<Result<_, _>>()?,
        security_group_ids: group_ids(OPERATION, instance.security_groups())?,
    };
    // Its launch time is that of its last start; its first network interface cannot be taken off it.
    let made = instance.network_interfaces().iter().filter_map(|interface| interface.attachment());
    let made = made.filter(|attachment| attachment.device_index() == Some(0));
    Ok(Found {
        owner_id: owned.owner_id.as_deref().and_then(|id| AccountId::parse(id).ok()),
        name: name(&tags, None),
        tags,
        created_at: made.filter_map(|attachment| moment(attachment.attach_time())).min(),
        configuration: Configuration::Instance(configuration),
    })
}

fn auto_assigned_public_ip(owned: &Owned, addresses: &[Address]) -> Option<String> {
    let elastic = |ip: &str| addresses.iter().any(|address| address.public_ip() == Some(ip));
    let of_amazon = owned
        .instance
        .network_interfaces()
        .iter()
        .filter_map(|interface| interface.association())
        .find(|association| association.ip_owner_id() == Some("amazon"))
        .and_then(|association| association.public_ip());
    of_amazon.or(owned.instance.public_ip_address()).filter(|ip| !elastic(ip)).map(str::to_owned)
}

fn instance_volumes(owned: &Owned, volumes: &[Volume]) -> Result<Vec<InstanceVolume>, AwsError> {
    let instance_id = owned.instance.instance_id().unwrap_or_default();
    let mut by_device = BTreeMap::new();
    for volume in volumes {
        let Some(attachment) = volumes::attachment_to(volume, instance_id) else { continue };
        let volume_id = id(volumes::OPERATION, volume.volume_id(), VolumeId::parse)?;
        let device = attachment.device().unwrap_or_default().to_owned();
        let entry = InstanceVolume {
            volume_id: volume_id.clone(),
            device: device.clone(),
            delete_on_termination: attachment.delete_on_termination().unwrap_or_default(),
            size_gib: number(volume.size()),
            volume_type: volume.volume_type().map_or("unknown", |kind| kind.as_str()).to_owned(),
            encrypted: volume.encrypted().unwrap_or_default(),
            kms_key_id: volume.kms_key_id().map(str::to_owned),
        };
        by_device.insert((device, volume_id), entry);
    }
    Ok(by_device.into_values().collect())
}
