//! One assessment of each type for tests to change one thing of, and its plan.

use std::collections::BTreeSet;

use crate::coverage::{Coverage, Coverages, Source};
use crate::ids::{AccountId, ImageId, InstanceId, NetworkInterfaceId, SecurityGroupId, SnapshotId, VolumeId};
use crate::image::BlockDevice;
use crate::launch_permission::LaunchPermission;
use crate::process::observation::{
    Address, Association, Attachment, Configuration, Found, Image, Instance, InstanceVolume, Member, Observation, Rule,
    SecurityGroup, Snapshot, Volume,
};
use crate::process::record::ProcessRecord;
use crate::process::resource::{Resource, ResourceType};
use crate::process::status::Status;
use crate::process::terms::{Profile, Terms};
use crate::risk::assessment::{
    Assessment, BusinessImpact, CostEstimate, CostLine, Criticality, Floor, Point, RequiredRole, TechnicalImpact,
};
use crate::risk::level::Level;
use crate::runbook::action::ACTIONS;
use crate::runbook::document::Runbook;
use crate::runbook::plan::plan;
use crate::tags::Tags;
use crate::time::Timestamp;

pub(crate) const ACCOUNT: &str = "123456789012";

pub(crate) fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

pub(crate) fn now() -> Timestamp {
    at("2026-11-20T09:00:00Z")
}

/// Every permission that any action needs.
pub(crate) fn everything_granted() -> Vec<&'static str> {
    ACTIONS.iter().flat_map(|spec| spec.iam_actions).copied().collect()
}

pub(crate) fn attachment(instance: &str, device: &str) -> Attachment {
    Attachment {
        instance_id: InstanceId::parse(instance).unwrap(),
        device: device.into(),
        state: "attached".into(),
        delete_on_termination: false,
        instance_state: Some("stopped".into()),
        is_root: false,
    }
}

pub(crate) fn member(interface: &str, groups: &[&str]) -> Member {
    Member {
        network_interface_id: NetworkInterfaceId::parse(interface).unwrap(),
        group_ids: groups.iter().map(|id| SecurityGroupId::parse(id).unwrap()).collect(),
        instance_id: Some(InstanceId::parse("i-0a").unwrap()),
        description: None,
        requester_id: None,
    }
}

pub(crate) fn configuration(resource_type: ResourceType) -> Configuration {
    match resource_type {
        ResourceType::Instance => Configuration::Instance(Instance {
            state: "running".into(),
            instance_type: "m7g.large".into(),
            image_id: Some(ImageId::parse("ami-0a").unwrap()),
            launched_at: Some(at("2025-01-01T00:00:00Z")),
            availability_zone: Some("eu-central-1a".into()),
            root_device_type: Some("ebs".into()),
            lifecycle: None,
            auto_assigned_public_ip: Some("203.0.113.7".into()),
            subnet_id: Some("subnet-1".into()),
            instance_profile_arn: None,
            key_name: None,
            allocation_ids: BTreeSet::new(),
            volumes: vec![
                InstanceVolume {
                    volume_id: VolumeId::parse("vol-0root").unwrap(),
                    device: "/dev/xvda".into(),
                    delete_on_termination: true,
                    size_gib: 8,
                    volume_type: "gp3".into(),
                    encrypted: true,
                    kms_key_id: None,
                },
                InstanceVolume {
                    volume_id: VolumeId::parse("vol-0data").unwrap(),
                    device: "/dev/sdf".into(),
                    delete_on_termination: false,
                    size_gib: 100,
                    volume_type: "gp3".into(),
                    encrypted: true,
                    kms_key_id: None,
                },
            ],
            network_interface_ids: BTreeSet::from([NetworkInterfaceId::parse("eni-0a").unwrap()]),
            security_group_ids: BTreeSet::from([SecurityGroupId::parse("sg-0a").unwrap()]),
        }),
        ResourceType::Volume => Configuration::Volume(Volume {
            state: "in-use".into(),
            size_gib: 500,
            volume_type: "io2".into(),
            iops: Some(16_000),
            throughput_mib_a_second: None,
            encrypted: true,
            kms_key_id: Some("arn:aws:kms:eu-central-1:123456789012:key/1".into()),
            availability_zone: "eu-central-1a".into(),
            from_snapshot_id: None,
            attachments: vec![attachment("i-0b", "/dev/sdf"), attachment("i-0a", "/dev/sdf")],
        }),
        ResourceType::Snapshot => Configuration::Snapshot(Snapshot {
            state: "completed".into(),
            size_gib: 8,
            encrypted: false,
            kms_key_id: None,
            volume_id: None,
            storage_tier: Some("standard".into()),
            image_ids: BTreeSet::new(),
        }),
        ResourceType::Image => {
            let device = |name: &str, snapshot: &str| BlockDevice {
                device_name: name.into(),
                snapshot_id: Some(SnapshotId::parse(snapshot).unwrap()),
                size_gib: Some(8),
            };
            Configuration::Image(Image {
                state: "available".into(),
                block_devices: vec![
                    device("/dev/xvda", "snap-0b"),
                    device("/dev/sdf", "snap-0a"),
                    device("/dev/sdg", "snap-0b"),
                ],
                launch_permissions: vec![LaunchPermission::Everybody, LaunchPermission::Account("999999999999".into())],
                last_launched_at: None,
            })
        }
        ResourceType::Address => Configuration::Address(Address {
            public_ip: "198.51.100.4".into(),
            association: Some(Association {
                association_id: "eipassoc-0a".into(),
                instance_id: Some(InstanceId::parse("i-0a").unwrap()),
                network_interface_id: Some(NetworkInterfaceId::parse("eni-0a").unwrap()),
                private_ip: Some("10.0.0.5".into()),
            }),
            network_border_group: None,
            public_ipv4_pool: Some("amazon".into()),
        }),
        ResourceType::SecurityGroup => Configuration::SecurityGroup(SecurityGroup {
            group_name: "old-web".into(),
            description: "ports of the old web servers".into(),
            vpc_id: Some("vpc-0a".into()),
            rules: BTreeSet::from([Rule {
                egress: false,
                ip_protocol: "tcp".into(),
                from_port: Some(443),
                to_port: Some(443),
                peer: "0.0.0.0/0".into(),
                description: None,
            }]),
            members: vec![
                member("eni-0b", &["sg-0123456789abcdef0", "sg-0b"]),
                member("eni-0a", &["sg-0a", "sg-0123456789abcdef0"]),
            ],
        }),
    }
}

pub(crate) fn assessment(resource_type: ResourceType) -> Assessment {
    let observation = Observation {
        resource: Resource::new(resource_type, resource_type.id_example()).unwrap(),
        observed_at: now(),
        found: Some(Found {
            owner_id: Some(AccountId::parse(ACCOUNT).unwrap()),
            name: Some("old-web".into()),
            tags: Tags::from([("owner", "team-web")]),
            created_at: Some(at("2024-01-01T00:00:00Z")),
            configuration: configuration(resource_type),
        }),
        dependents: BTreeSet::new(),
        protections: vec![],
        tracking: None,
        last_activity: None,
        coverages: Coverages::from([(Source::Resource, Coverage::Complete { items: 1 })]),
    };
    Assessment {
        number: 1,
        assessed_at: now(),
        profile: Profile::V2,
        fingerprint: observation.found.as_ref().map(Found::fingerprint),
        observation,
        business: BusinessImpact {
            criticality: Criticality::Medium,
            environment: "staging".into(),
            project: "web".into(),
            owner: "team-web".into(),
            business_hours_impact: false,
        },
        technical: TechnicalImpact {
            dependency_count: 0,
            has_critical_dependencies: false,
            data_loss_risk: true,
            service_disruption_risk: false,
        },
        points: vec![Point { points: 2, reason: "its environment is staging".into() }],
        score: 4,
        floors: vec![Floor { level: Level::Medium, reason: "data goes with it".into() }],
        level: Level::Medium,
        roles: vec![RequiredRole { role: "owner:team-web".into(), because: "team-web owns it".into() }],
        recommendations: vec![],
        cost: CostEstimate {
            saved: vec![CostLine { what: "the resource".into(), micro_dollars_a_month: Some(40_000_000) }],
            backups: vec![CostLine { what: "its backup".into(), micro_dollars_a_month: Some(5_400_000) }],
        },
        evidence_complete: true,
        managed_by: vec![],
        blocked: vec![],
    }
}

pub(crate) fn runbook(resource_type: ResourceType) -> Runbook {
    plan(&assessment(resource_type), &Terms::default()).unwrap()
}

/// A live process whose newest plan is `runbook`, and waits for its approval.
pub(crate) fn record(runbook: &Runbook) -> ProcessRecord {
    ProcessRecord {
        display_id: format!("DECOMM-20261120090000-{}", runbook.resource.id()),
        resource: runbook.resource.clone(),
        initiator: "carol".into(),
        reason: "nothing has used it since spring".into(),
        resource_owner: Some("team-web".into()),
        plan_hash: Some(runbook.hash().unwrap()),
        ..crate::process::fixtures::record(Status::AwaitingApproval)
    }
}
