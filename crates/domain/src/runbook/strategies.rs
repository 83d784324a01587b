//! Any observation of each type, for tests of what holds for all of them.

use std::collections::BTreeSet;

use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;

use crate::coverage::Source;
use crate::ids::{AllocationId, ImageId, InstanceId, NetworkInterfaceId, SecurityGroupId, SnapshotId, VolumeId};
use crate::image::BlockDevice;
use crate::launch_permission::LaunchPermission;
use crate::process::observation::{
    Address, Association, Attachment, Configuration, Dependency, Dependent, Found, Image, Instance, InstanceVolume,
    Member, Observation, Rule, SecurityGroup, Snapshot, Volume,
};
use crate::process::resource::{Resource, ResourceType};
use crate::process::terms::Terms;
use crate::risk::assessment::Assessment;
use crate::runbook::document::Runbook;
use crate::runbook::fixtures;
use crate::runbook::plan::plan;
use crate::time::Timestamp;

/// What anybody may have written: names, tags, descriptions.
pub(crate) fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z0-9 /_.-]{0,20}",
        any::<String>(),
        prop::sample::select(vec![
            "| x |",
            "# x",
            "```",
            "<b>",
            "- a: b",
            "!!binary",
            "null",
            "yes",
            "0x1",
            "1e3",
            "'",
            "\"",
            "\n---\n",
            "${x}",
            "{x}",
            "~",
            "\u{202e}",
            "\u{0}",
            "\u{7f}\u{85}",
            " x ",
            "a\r\n\tb",
            "? x",
            "%YAML",
            "@x",
            "&x",
            "*x",
            "9007199254740993",
        ])
        .prop_map(str::to_owned),
    ]
}

fn words() -> impl Strategy<Value = String> {
    "[a-z0-9/-]{1,12}"
}

macro_rules! ids {
    ($($name:ident: $id:ty = $form:literal;)*) => {$(
        fn $name() -> impl Strategy<Value = $id> {
            $form.prop_map(|text| <$id>::parse(&text).unwrap())
        }
    )*};
}

ids! {
    instance_id: InstanceId = "i-[0-9a-f]{17}";
    volume_id: VolumeId = "vol-[0-9a-f]{17}";
    snapshot_id: SnapshotId = "snap-[0-9a-f]{17}";
    image_id: ImageId = "ami-[0-9a-f]{17}";
    allocation_id: AllocationId = "eipalloc-[0-9a-f]{17}";
    group_id: SecurityGroupId = "sg-[0-9a-f]{17}";
    interface_id: NetworkInterfaceId = "eni-[0-9a-f]{17}";
}

/// The id of a resource of this type.
pub(crate) fn resource(resource_type: ResourceType) -> impl Strategy<Value = Resource> {
    let prefix = resource_type.id_example().split_once('-').unwrap().0;
    "[0-9a-f]{17}".prop_map(move |rest| Resource::new(resource_type, &format!("{prefix}-{rest}")).unwrap())
}

fn instance_volume() -> impl Strategy<Value = InstanceVolume> {
    (volume_id(), words(), any::<bool>(), 1u64..70_000, words(), any::<bool>(), option::of(words())).prop_map(
        |(volume_id, device, delete_on_termination, size_gib, volume_type, encrypted, kms_key_id)| InstanceVolume {
            volume_id,
            device,
            delete_on_termination,
            size_gib,
            volume_type,
            encrypted,
            kms_key_id,
        },
    )
}

fn instance() -> impl Strategy<Value = Configuration> {
    let now = (instance_state(), option::of(timestamp()), option::of(words()));
    let made_of = (
        words(),
        option::of(image_id()),
        option::of(words()),
        prop_oneof![9 => Just(Some("ebs".to_owned())), 1 => Just(None), 1 => Just(Some("instance-store".to_owned()))],
        prop_oneof![9 => Just(None), 1 => Just(Some("spot".to_owned())), 1 => Just(Some("capacity-block".to_owned()))],
    );
    let holds = (
        btree_set(allocation_id(), 0..3),
        vec(instance_volume(), 0..5),
        btree_set(interface_id(), 0..3),
        btree_set(group_id(), 0..3),
    );
    (now, made_of, holds).prop_map(
        |(
            (state, launched_at, auto_assigned_public_ip),
            (instance_type, image_id, availability_zone, root_device_type, lifecycle),
            (allocation_ids, volumes, network_interface_ids, security_group_ids),
        )| {
            Configuration::Instance(Instance {
                subnet_id: None,
                instance_profile_arn: None,
                key_name: None,
                state,
                instance_type,
                image_id,
                launched_at,
                availability_zone,
                root_device_type,
                lifecycle,
                auto_assigned_public_ip,
                allocation_ids,
                volumes,
                network_interface_ids,
                security_group_ids,
            })
        },
    )
}

fn device() -> impl Strategy<Value = String> {
    text().prop_filter("a device has a name", |text| !text.is_empty())
}

fn attachment() -> impl Strategy<Value = Attachment> {
    (instance_id(), device(), words(), any::<bool>(), option::of(instance_state()), any::<bool>()).prop_map(
        |(instance_id, device, state, delete_on_termination, instance_state, is_root)| Attachment {
            instance_id,
            device,
            state,
            delete_on_termination,
            instance_state,
            is_root,
        },
    )
}

fn volume() -> impl Strategy<Value = Configuration> {
    (
        (words(), 1u64..70_000, words(), option::of(any::<u32>()), option::of(any::<u32>())),
        (any::<bool>(), option::of(words()), words(), option::of(snapshot_id())),
        vec(attachment(), 0..4),
    )
        .prop_map(
            |(
                (state, size_gib, volume_type, iops, throughput_mib_a_second),
                (encrypted, kms_key_id, availability_zone, from_snapshot_id),
                attachments,
            )| {
                Configuration::Volume(Volume {
                    state,
                    size_gib,
                    volume_type,
                    iops,
                    throughput_mib_a_second,
                    encrypted,
                    kms_key_id,
                    availability_zone,
                    from_snapshot_id,
                    attachments,
                })
            },
        )
}

fn snapshot() -> impl Strategy<Value = Configuration> {
    (
        words(),
        1u64..70_000,
        any::<bool>(),
        option::of(words()),
        option::of(volume_id()),
        option::of(words()),
        btree_set(image_id(), 0..3),
    )
        .prop_map(|(state, size_gib, encrypted, kms_key_id, volume_id, storage_tier, image_ids)| {
            Configuration::Snapshot(Snapshot {
                state,
                size_gib,
                encrypted,
                kms_key_id,
                volume_id,
                storage_tier,
                image_ids,
            })
        })
}

fn launch_permission() -> impl Strategy<Value = LaunchPermission> {
    prop_oneof![
        "[0-9]{12}".prop_map(LaunchPermission::Account),
        Just(LaunchPermission::Everybody),
        words().prop_map(LaunchPermission::Organization),
        words().prop_map(LaunchPermission::OrganizationalUnit),
    ]
}

fn block_device() -> impl Strategy<Value = BlockDevice> {
    (text(), option::weighted(0.9, snapshot_id()), option::of(1u32..70_000))
        .prop_map(|(device_name, snapshot_id, size_gib)| BlockDevice { device_name, snapshot_id, size_gib })
}

fn image() -> impl Strategy<Value = Configuration> {
    (words(), vec(block_device(), 0..5), vec(launch_permission(), 0..4), option::of(timestamp())).prop_map(
        |(state, block_devices, launch_permissions, last_launched_at)| {
            Configuration::Image(Image { state, block_devices, launch_permissions, last_launched_at })
        },
    )
}

fn association() -> impl Strategy<Value = Association> {
    (
        "eipassoc-[0-9a-f]{17}",
        option::of(instance_id()),
        option::weighted(0.9, interface_id()),
        option::weighted(0.9, words()),
    )
        .prop_map(|(association_id, instance_id, network_interface_id, private_ip)| Association {
            association_id,
            instance_id,
            network_interface_id,
            private_ip,
        })
}

fn address() -> impl Strategy<Value = Configuration> {
    (words(), option::of(association()), option::of(words()), option::of(words())).prop_map(
        |(public_ip, association, network_border_group, public_ipv4_pool)| {
            Configuration::Address(Address { public_ip, association, network_border_group, public_ipv4_pool })
        },
    )
}

fn rule() -> impl Strategy<Value = Rule> {
    (any::<bool>(), words(), option::of(any::<i32>()), option::of(any::<i32>()), words(), option::of(text())).prop_map(
        |(egress, ip_protocol, from_port, to_port, peer, description)| Rule {
            egress,
            ip_protocol,
            from_port,
            to_port,
            peer,
            description,
        },
    )
}

/// A member that mostly has another group beside `own`, so that it can be taken off.
fn member(own: SecurityGroupId) -> impl Strategy<Value = Member> {
    (
        interface_id(),
        prop_oneof![9 => vec(group_id(), 1..4), 1 => Just(Vec::new())],
        any::<prop::sample::Index>(),
        option::of(instance_id()),
        option::of(text()),
        option::weighted(0.05, words()),
    )
        .prop_map(move |(network_interface_id, mut group_ids, place, instance_id, description, requester_id)| {
            group_ids.insert(place.index(group_ids.len() + 1), own.clone());
            Member { network_interface_id, group_ids, instance_id, description, requester_id }
        })
}

fn security_group(own: &str) -> impl Strategy<Value = Configuration> + use<> {
    let own = SecurityGroupId::parse(own).unwrap();
    (
        prop_oneof![9 => text(), 1 => Just("default".to_owned())],
        text(),
        option::of(words()),
        btree_set(rule(), 0..5),
        vec(member(own), 0..5),
    )
        .prop_map(|(group_name, description, vpc_id, rules, members)| {
            Configuration::SecurityGroup(SecurityGroup { group_name, description, vpc_id, rules, members })
        })
}

fn instance_state() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["pending", "running", "stopping", "stopped", "shutting-down", "terminated"])
        .prop_map(str::to_owned)
}

/// Any time of this century.
pub(crate) fn timestamp() -> impl Strategy<Value = Timestamp> {
    (946_684_800i64..4_102_444_800).prop_map(Timestamp::from_unix_seconds)
}

/// Any configuration of this resource.
pub(crate) fn configuration(resource: &Resource) -> BoxedStrategy<Configuration> {
    match resource.resource_type() {
        ResourceType::Instance => instance().boxed(),
        ResourceType::Volume => volume().boxed(),
        ResourceType::Snapshot => snapshot().boxed(),
        ResourceType::Image => image().boxed(),
        ResourceType::Address => address().boxed(),
        ResourceType::SecurityGroup => security_group(resource.id()).boxed(),
    }
}

fn dependent() -> impl Strategy<Value = Dependent> {
    let how_much = prop::sample::select(vec![
        Dependency::Optional,
        Dependency::Unknown,
        Dependency::Required,
        Dependency::Critical,
    ]);
    (text(), text(), text(), how_much).prop_map(|(kind, id, relation, dependency)| Dependent {
        kind,
        id,
        relation,
        dependency,
        source: Source::ResourceDependencies,
    })
}

/// Any observation of a resource of this type that was found and read.
pub(crate) fn observation(resource_type: ResourceType) -> impl Strategy<Value = Observation> {
    resource(resource_type).prop_flat_map(|resource| {
        let found =
            (option::of(text()), vec((text(), text()), 0..4), option::of(timestamp()), configuration(&resource));
        (Just(resource), found, timestamp(), btree_set(dependent(), 0..3)).prop_map(
            |(resource, (name, tags, created_at, configuration), observed_at, dependents)| {
                let mut observation = fixtures::assessment(resource.resource_type()).observation;
                observation.resource = resource;
                observation.observed_at = observed_at;
                observation.dependents = dependents;
                let owner_id = observation.found.and_then(|found| found.owner_id);
                let tags = tags.into_iter().collect();
                observation.found = Some(Found { owner_id, name, tags, created_at, configuration });
                observation
            },
        )
    })
}

/// Any type.
pub(crate) fn resource_type() -> impl Strategy<Value = ResourceType> {
    prop::sample::select(ResourceType::ALL.to_vec())
}

/// Any assessment of any type that blocks nothing.
pub(crate) fn assessment() -> impl Strategy<Value = Assessment> {
    resource_type().prop_flat_map(observation).prop_map(|observation| Assessment {
        fingerprint: observation.found.as_ref().map(Found::fingerprint),
        ..Assessment { observation: observation.clone(), ..fixtures::assessment(observation.resource.resource_type()) }
    })
}

/// Any terms that can be deployed.
pub(crate) fn terms() -> impl Strategy<Value = Terms> {
    (1u32..=31_536_000, 1u32..=36_500).prop_map(|(soak_seconds, backup_retention_days)| Terms {
        soak_seconds,
        backup_retention_days,
        ..Terms::default()
    })
}

/// Any assessment that has a plan, and the plan.
pub(crate) fn planned() -> impl Strategy<Value = (Assessment, Terms, Runbook)> {
    (assessment(), terms()).prop_filter_map("no plan", |(assessment, terms)| {
        let runbook = plan(&assessment, &terms).ok()?;
        Some((assessment, terms, runbook))
    })
}

/// The same resource at another moment: in another state, at other prices, seen by another process.
pub(crate) fn at_another_moment(assessment: &Assessment) -> impl Strategy<Value = Assessment> + use<> {
    let assessment = assessment.clone();
    (
        timestamp(),
        instance_state(),
        option::of(words()),
        option::of(timestamp()),
        any::<u64>(),
        btree_set(dependent(), 0..3),
        any::<u32>(),
    )
        .prop_map(move |(moment, state, public_ip, started, price, dependents, number)| {
            let mut other = assessment.clone();
            other.number = number;
            other.assessed_at = moment;
            other.score = number;
            other.points.clear();
            other.evidence_complete = false;
            other.observation.observed_at = moment;
            other.observation.dependents = dependents;
            for line in &mut other.cost.saved {
                line.micro_dollars_a_month = Some(price);
            }
            if let Some(found) = &mut other.observation.found {
                found.name = Some(state.clone());
                found.created_at = started;
                found.tags.insert("sunset:process", "01KAG3V7Q4M2ZD9X5T8R6W0B1C");
                match &mut found.configuration {
                    Configuration::Instance(it) => {
                        it.state = state;
                        it.auto_assigned_public_ip = public_ip;
                        it.launched_at = started;
                    }
                    Configuration::Volume(it) => {
                        it.state = state.clone();
                        for attachment in &mut it.attachments {
                            attachment.state = state.clone();
                            attachment.instance_state = Some(state.clone());
                        }
                        it.attachments.reverse();
                    }
                    Configuration::Snapshot(it) => {
                        it.state = state;
                        it.image_ids = BTreeSet::new();
                    }
                    Configuration::Image(it) => {
                        it.state = state;
                        it.last_launched_at = started;
                        it.launch_permissions.reverse();
                    }
                    Configuration::Address(_) => {}
                    Configuration::SecurityGroup(it) => it.members.reverse(),
                }
            }
            other
        })
}
