use super::*;
use crate::process::observation::Observation;
use crate::process::resource::ResourceType;
use crate::risk::fixtures::*;

fn of(seen: Observation) -> Option<String> {
    recovery(&seen.found.unwrap().configuration)
}

#[test]
fn what_brings_a_resource_back_is_told_as_exactly_as_a_person_needs_it() {
    let told = |resource_type| of(observation(resource_type)).unwrap_or_default();
    assert_eq!(
        told(ResourceType::Instance),
        "launch an instance from the image of all its EBS volumes (vol-1) that is made before it goes; it has another id \
         and other private addresses unless they are asked for"
    );
    assert_eq!(
        told(ResourceType::Volume),
        "create a gp3 volume of 100 GiB in us-east-1a from the snapshot that is made before it goes; it has another id"
    );
    assert_eq!(
        told(ResourceType::SecurityGroup),
        "create a security group \"web\" with its 1 recorded rules in vpc-1; it has another id, which everything that named \
         the old one must be given"
    );
}

#[test]
fn nothing_brings_back_a_snapshot_an_image_or_an_address() {
    for resource_type in [ResourceType::Snapshot, ResourceType::Image, ResourceType::Address] {
        assert_eq!(of(observation(resource_type)), None);
    }
}

#[test]
fn an_image_brings_back_no_instance_store_and_no_unknown_root() {
    let seen = || observation(ResourceType::Instance);
    for root in [Some("instance-store"), None] {
        assert_eq!(of(seen().with(instance(|it| it.root_device_type = root.map(str::to_owned)))), None);
    }
    assert_eq!(of(seen().with(instance(|it| it.volumes.clear()))), None);
    let with_store = of(seen().with(instance(|it| it.instance_type = "m5d.large".into()))).unwrap();
    assert!(with_store.ends_with("; what lies on instance-store volumes of a m5d.large is not in it"), "{with_store}");
}
