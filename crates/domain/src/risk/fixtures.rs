//! Observations for tests: by default a resource of development that has an owner, is not used and was read completely.

use std::collections::BTreeSet;

use crate::coverage::{Coverage, Coverages, Source};
use crate::ids::{AccountId, ImageId, InstanceId, NetworkInterfaceId, SecurityGroupId, SnapshotId, VolumeId};
use crate::image::BlockDevice;
use crate::process::observation::*;
use crate::process::resource::{Resource, ResourceType};
use crate::process::terms::Terms;
use crate::risk::assess::assess;
use crate::risk::assessment::Assessment;
use crate::risk::required_sources;
use crate::tags::Tags;
use crate::time::Timestamp;
pub use crate::verdict::fixtures::{ACCOUNT, now};

pub fn account() -> AccountId {
    AccountId::parse(ACCOUNT).unwrap()
}

pub fn instance_volume(id: &str) -> InstanceVolume {
    InstanceVolume {
        volume_id: VolumeId::parse(id).unwrap(),
        device: "/dev/xvda".into(),
        delete_on_termination: true,
        size_gib: 8,
        volume_type: "gp3".into(),
        encrypted: true,
        kms_key_id: None,
    }
}

pub fn attachment(instance: &str, instance_state: Option<&str>) -> Attachment {
    Attachment {
        instance_id: InstanceId::parse(instance).unwrap(),
        device: "/dev/sdf".into(),
        state: "attached".into(),
        delete_on_termination: false,
        instance_state: instance_state.map(str::to_owned),
        is_root: false,
    }
}

pub fn member(interface: &str, groups: &[&str]) -> Member {
    Member {
        network_interface_id: NetworkInterfaceId::parse(interface).unwrap(),
        group_ids: groups.iter().map(|id| SecurityGroupId::parse(id).unwrap()).collect(),
        instance_id: None,
        description: None,
        requester_id: None,
    }
}

pub fn association() -> Association {
    Association {
        association_id: "eipassoc-1".into(),
        instance_id: Some(InstanceId::parse("i-9").unwrap()),
        network_interface_id: Some(NetworkInterfaceId::parse("eni-9").unwrap()),
        private_ip: Some("10.0.0.9".into()),
    }
}

pub fn dependent(kind: &str, id: &str, dependency: Dependency) -> Dependent {
    Dependent {
        kind: kind.into(),
        id: id.into(),
        relation: "names it".into(),
        dependency,
        source: Source::ResourceDependencies,
    }
}

fn configuration(resource_type: ResourceType) -> Configuration {
    match resource_type {
        ResourceType::Instance => Configuration::Instance(Instance {
            state: "stopped".into(),
            instance_type: "t3.micro".into(),
            image_id: Some(ImageId::parse("ami-1").unwrap()),
            launched_at: Some(Timestamp::parse("2024-01-01T00:00:00Z").unwrap()),
            availability_zone: Some("us-east-1a".into()),
            root_device_type: Some("ebs".into()),
            lifecycle: None,
            auto_assigned_public_ip: None,
            subnet_id: Some("subnet-1".into()),
            instance_profile_arn: None,
            key_name: None,
            allocation_ids: BTreeSet::new(),
            volumes: vec![instance_volume("vol-1")],
            network_interface_ids: BTreeSet::from([NetworkInterfaceId::parse("eni-1").unwrap()]),
            security_group_ids: BTreeSet::from([SecurityGroupId::parse("sg-1").unwrap()]),
        }),
        ResourceType::Volume => Configuration::Volume(Volume {
            state: "available".into(),
            size_gib: 100,
            volume_type: "gp3".into(),
            iops: Some(3_000),
            throughput_mib_a_second: Some(125),
            encrypted: true,
            kms_key_id: None,
            availability_zone: "us-east-1a".into(),
            from_snapshot_id: None,
            attachments: vec![],
        }),
        ResourceType::Snapshot => Configuration::Snapshot(Snapshot {
            state: "completed".into(),
            size_gib: 100,
            encrypted: true,
            kms_key_id: None,
            volume_id: None,
            storage_tier: Some("standard".into()),
            image_ids: BTreeSet::new(),
        }),
        ResourceType::Image => Configuration::Image(Image {
            state: "available".into(),
            block_devices: vec![BlockDevice {
                device_name: "/dev/xvda".into(),
                snapshot_id: Some(SnapshotId::parse("snap-1").unwrap()),
                size_gib: Some(8),
            }],
            launch_permissions: vec![],
            last_launched_at: None,
        }),
        ResourceType::Address => Configuration::Address(Address {
            public_ip: "203.0.113.7".into(),
            association: None,
            network_border_group: Some("us-east-1".into()),
            public_ipv4_pool: Some("amazon".into()),
        }),
        ResourceType::SecurityGroup => Configuration::SecurityGroup(SecurityGroup {
            group_name: "web".into(),
            description: "web servers".into(),
            vpc_id: Some("vpc-1".into()),
            rules: BTreeSet::from([Rule {
                egress: false,
                ip_protocol: "tcp".into(),
                from_port: Some(443),
                to_port: Some(443),
                peer: "10.0.0.0/8".into(),
                description: None,
            }]),
            members: vec![],
        }),
    }
}

/// What was seen of a quiet resource.
pub fn observation(resource_type: ResourceType) -> Observation {
    let read = required_sources(resource_type).iter().map(|source| (*source, Coverage::Complete { items: 1 }));
    Observation {
        resource: Resource::new(resource_type, resource_type.id_example()).unwrap(),
        observed_at: now(),
        found: Some(Found {
            owner_id: Some(account()),
            name: None,
            tags: Tags::new(),
            created_at: None,
            configuration: configuration(resource_type),
        }),
        dependents: BTreeSet::new(),
        protections: vec![],
        tracking: Some(Tracking {
            environment: Some("dev".into()),
            project: Some("shop".into()),
            owner: Some("team-web".into()),
        }),
        last_activity: None,
        coverages: read.collect::<Coverages>(),
    }
}

impl Observation {
    pub(crate) fn tagged(mut self, key: &str, value: &str) -> Self {
        if let Some(found) = &mut self.found {
            found.tags.insert(key, value);
        }
        self
    }

    pub(crate) fn in_environment(mut self, environment: Option<&str>) -> Self {
        self.tracking.get_or_insert_default().environment = environment.map(str::to_owned);
        self
    }

    pub(crate) fn untracked(mut self) -> Self {
        self.tracking = None;
        self
    }

    pub(crate) fn with_dependents(mut self, dependents: impl IntoIterator<Item = Dependent>) -> Self {
        self.dependents.extend(dependents);
        self
    }

    pub(crate) fn failing(mut self, source: Source) -> Self {
        self.coverages.insert(source, Coverage::Failed { detail: "timed out".into() });
        self
    }

    pub(crate) fn with(mut self, change: impl FnOnce(&mut Configuration)) -> Self {
        if let Some(found) = &mut self.found {
            change(&mut found.configuration);
        }
        self
    }

    /// Assessed under the default terms by no process.
    pub(crate) fn assessed(self) -> Assessment {
        assess(self, &Terms::default(), &account(), None, 1, now())
    }
}

/// Changes an instance.
pub fn instance(change: impl FnOnce(&mut Instance)) -> impl FnOnce(&mut Configuration) {
    move |configuration| match configuration {
        Configuration::Instance(it) => change(it),
        other => panic!("not an instance: {other:?}"),
    }
}

/// Changes a volume.
pub fn volume(change: impl FnOnce(&mut Volume)) -> impl FnOnce(&mut Configuration) {
    move |configuration| match configuration {
        Configuration::Volume(it) => change(it),
        other => panic!("not a volume: {other:?}"),
    }
}

/// Changes a snapshot.
pub fn snapshot(change: impl FnOnce(&mut Snapshot)) -> impl FnOnce(&mut Configuration) {
    move |configuration| match configuration {
        Configuration::Snapshot(it) => change(it),
        other => panic!("not a snapshot: {other:?}"),
    }
}

/// Changes an image.
pub fn image(change: impl FnOnce(&mut Image)) -> impl FnOnce(&mut Configuration) {
    move |configuration| match configuration {
        Configuration::Image(it) => change(it),
        other => panic!("not an image: {other:?}"),
    }
}

/// Changes an address.
pub fn address(change: impl FnOnce(&mut Address)) -> impl FnOnce(&mut Configuration) {
    move |configuration| match configuration {
        Configuration::Address(it) => change(it),
        other => panic!("not an address: {other:?}"),
    }
}

/// Changes a security group.
pub fn security_group(change: impl FnOnce(&mut SecurityGroup)) -> impl FnOnce(&mut Configuration) {
    move |configuration| match configuration {
        Configuration::SecurityGroup(it) => change(it),
        other => panic!("not a security group: {other:?}"),
    }
}
