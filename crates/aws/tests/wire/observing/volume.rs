use sunset_domain::coverage::{Coverage, Source};
use sunset_domain::process::observation::{Configuration, Observation, Volume};
use sunset_domain::process::resource::ResourceType;
use sunset_wire::{Account, Instance, Volume as Wire};

use super::{seen, serve_alone};
use crate::support::{account, complete, dependents, unread};

fn volume(observation: &Observation) -> &Volume {
    match &observation.found.as_ref().unwrap().configuration {
        Configuration::Volume(volume) => volume,
        other => panic!("{other:?}"),
    }
}

fn attached() -> Account {
    let data = Wire::new("vol-1").gib(100).in_zone("us-east-1b").from_snapshot("snap-1").encrypted_with("arn:key");
    account()
        .instance(Instance::new("i-1", "ami-1"))
        .instance(Instance::new("i-2", "ami-1").stopped())
        .volume(data.multi_attach().attached_to("i-1", "/dev/sdf").attached_to("i-2", "/dev/sdg").tag("Name", "data"))
}

#[tokio::test]
async fn a_volume_is_seen_with_what_it_is_attached_to() {
    let (_ec2, clients) = serve_alone(attached()).await;
    let observation = seen(&clients, ResourceType::Volume, "vol-1").await;
    assert!(unread(&observation).is_empty());
    assert_eq!(observation.found.as_ref().unwrap().name.as_deref(), Some("data"));
    let it = volume(&observation);
    assert_eq!((it.state.as_str(), it.size_gib, it.volume_type.as_str()), ("in-use", 100, "io2"));
    assert_eq!((it.iops, it.throughput_mib_a_second), (Some(1000), None));
    assert_eq!((it.encrypted, it.kms_key_id.as_deref()), (true, Some("arn:key")));
    assert_eq!(it.availability_zone, "us-east-1b");
    assert_eq!(it.from_snapshot_id.as_ref().unwrap().as_str(), "snap-1");
    let attachments: Vec<_> = it
        .attachments
        .iter()
        .map(|at| (at.instance_id.as_str(), at.device.as_str(), at.instance_state.as_deref(), at.is_root))
        .collect();
    assert_eq!(attachments, [("i-1", "/dev/sdf", Some("running"), false), ("i-2", "/dev/sdg", Some("stopped"), false)]);
    assert_eq!(observation.last_activity.as_ref().unwrap().what, "was attached");
    assert_eq!(
        dependents(&observation),
        ["instance i-1 has it attached at /dev/sdf: critical", "instance i-2 has it attached at /dev/sdg: required",]
    );
}

#[tokio::test]
async fn a_root_volume_says_so() {
    let account = account().instance(Instance::new("i-1", "ami-1")).volume(Wire::new("vol-1").root_of("i-1"));
    let (_ec2, clients) = serve_alone(account).await;
    let observation = seen(&clients, ResourceType::Volume, "vol-1").await;
    let [attachment] = volume(&observation).attachments.as_slice() else { panic!("one attachment") };
    assert!(attachment.is_root && attachment.delete_on_termination);
}

#[tokio::test]
async fn a_volume_on_its_own_needs_nobody_asked() {
    let (ec2, clients) = serve_alone(account().volume(Wire::new("vol-1"))).await;
    let observation = seen(&clients, ResourceType::Volume, "vol-1").await;
    assert_eq!(volume(&observation).state, "available");
    assert!(observation.dependents.is_empty() && observation.last_activity.is_none());
    assert_eq!(observation.coverages[&Source::Instances], complete(0));
    assert_eq!(ec2.calls().len(), 1);
}

#[tokio::test]
async fn an_instance_that_could_not_be_read_has_the_volume_all_the_same() {
    let (_ec2, clients) = serve_alone(attached().denies("DescribeInstances")).await;
    let observation = seen(&clients, ResourceType::Volume, "vol-1").await;
    assert!(matches!(observation.coverages[&Source::Instances], Coverage::Denied { .. }));
    assert_eq!(volume(&observation).attachments[0].instance_state, None);
    assert_eq!(dependents(&observation)[0], "instance i-1 has it attached at /dev/sdf: unknown");
}
