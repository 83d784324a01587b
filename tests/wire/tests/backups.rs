//! Images that are made of instances.

mod support;

use sunset_wire::{Account, Ec2, Instance, Spoilt, Volume};
use support::{Answer, ec2};

const SELF: (&str, &str) = ("Owner.1", "self");

fn account() -> Account {
    Account::new("123456789012")
        .instance(Instance::new("i-1", "ami-1"))
        .volume(Volume::new("vol-data").gib(20).encrypted_with("key").attached_to("i-1", "/dev/sdf"))
        .volume(Volume::new("vol-root").root_of("i-1"))
}

async fn create(server: &Ec2, name: &str) -> Answer {
    let params = [
        ("InstanceId", "i-1"),
        ("Name", name),
        ("NoReboot", "true"),
        ("TagSpecification.1.ResourceType", "image"),
        ("TagSpecification.1.Tag.1.Key", "of"),
        ("TagSpecification.1.Tag.1.Value", "image"),
        ("TagSpecification.2.ResourceType", "snapshot"),
        ("TagSpecification.2.Tag.1.Key", "of"),
        ("TagSpecification.2.Tag.1.Value", "snapshot"),
    ];
    ec2(server, "CreateImage", &params).await
}

#[tokio::test]
async fn an_image_of_an_instance_holds_a_snapshot_of_each_volume() {
    let server = Ec2::start(account().images_complete_after(1)).await;
    let id = create(&server, "last of i-1").await.one("imageId").expect("an id").to_owned();
    let pending = ec2(&server, "DescribeImages", &[("ImageId.1", &id)]).await;
    assert_eq!(pending.one("imageState"), Some("pending"));
    assert_eq!(ec2(&server, "DescribeSnapshots", &[SELF]).await.all("status"), ["pending", "pending"]);
    for (name, value) in [("name", "last of i-1"), ("tag:of", "image"), ("image-id", id.as_str())] {
        let filter = [SELF, ("Filter.1.Name", name), ("Filter.1.Value.1", value)];
        let answer = ec2(&server, "DescribeImages", &filter).await;
        assert_eq!(answer.one("imageState"), Some("available"), "{name}");
        assert_eq!(answer.one("sourceInstanceId"), Some("i-1"));
        assert_eq!(answer.all("deviceName"), ["/dev/xvda", "/dev/sdf"]);
        assert_eq!(answer.all("volumeSize"), ["8", "20"]);
        assert_eq!(answer.all("encrypted"), ["false", "true"]);
        assert_eq!(answer.all("deleteOnTermination"), ["true", "false"]);
    }
    let account = server.account();
    assert_eq!(account.images_tagged("of", "image").count(), 1);
    let snapshots: Vec<_> = account.snapshots_tagged("of", "snapshot").collect();
    assert!(snapshots.iter().all(|snapshot| snapshot.state == "completed"));
    assert!(snapshots.iter().all(|snapshot| snapshot.description.starts_with("Created by CreateImage(i-1) for ami-")));
    assert!(snapshots.iter().all(|snapshot| account.holders_of(&snapshot.id).count() == 1));
}

#[tokio::test]
async fn an_images_name_is_given_once_and_must_be_a_name() {
    let server = Ec2::start(account()).await;
    let id = create(&server, "last").await.one("imageId").expect("an id").to_owned();
    let twice = create(&server, "last").await;
    assert_eq!(twice.code(), "InvalidAMIName.Duplicate");
    assert_eq!(twice.one("Message"), Some(format!("AMI name last is already in use by AMI {id}").as_str()));
    assert_eq!(create(&server, "a").await.code(), "InvalidAMIName.Malformed");
    assert_eq!(create(&server, "last: i-1").await.code(), "InvalidAMIName.Malformed");
    ec2(&server, "DeregisterImage", &[("ImageId", &id)]).await;
    assert_eq!(create(&server, "last").await.code(), "no error");
}

#[tokio::test]
async fn an_image_needs_an_instance_that_is_there_with_a_root() {
    let server = Ec2::start(account()).await;
    let unknown = [("InstanceId", "i-9"), ("Name", "last")];
    assert_eq!(ec2(&server, "CreateImage", &unknown).await.code(), "InvalidInstanceID.NotFound");
    ec2(&server, "StopInstances", &[("InstanceId.1", "i-1")]).await;
    ec2(&server, "DetachVolume", &[("VolumeId", "vol-root")]).await;
    assert!(create(&server, "last").await.body.contains("does not have a volume attached at root"));
    ec2(&server, "TerminateInstances", &[("InstanceId.1", "i-1")]).await;
    let gone = create(&server, "last").await;
    assert_eq!(gone.code(), "InvalidParameterValue");
    assert!(gone.body.contains("Instance is not in state 'running' or 'stopping' or 'stopped'"));
}

#[tokio::test]
async fn an_image_leaves_out_the_devices_it_is_told_to() {
    let server = Ec2::start(account()).await;
    let params = [
        ("InstanceId", "i-1"),
        ("Name", "root only"),
        ("BlockDeviceMapping.1.DeviceName", "/dev/sdf"),
        ("BlockDeviceMapping.1.NoDevice", ""),
    ];
    ec2(&server, "CreateImage", &params).await;
    assert_eq!(ec2(&server, "DescribeImages", &[SELF]).await.all("deviceName"), ["/dev/xvda"]);
}

#[tokio::test]
async fn images_come_out_wrong_when_told_so() {
    for (id, how, state, sizes) in [
        ("i-1", Spoilt::Error, "failed", ["8", "20"]),
        ("vol-data", Spoilt::Error, "failed", ["8", "20"]),
        ("vol-data", Spoilt::Size(1), "available", ["8", "1"]),
    ] {
        let server = Ec2::start(account().spoils_backups_of(id, how)).await;
        create(&server, "last").await;
        let answer = ec2(&server, "DescribeImages", &[SELF]).await;
        assert_eq!(answer.one("imageState"), Some(state), "{id} {how:?}");
        assert_eq!(answer.all("volumeSize"), sizes);
    }
}
