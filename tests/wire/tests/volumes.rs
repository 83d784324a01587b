//! Volumes: where they are attached, how they go, and the snapshots that are taken of them.

mod support;

use sunset_wire::{Account, Ec2, Instance, Snapshot, Spoilt, Volume};
use support::{Answer, ec2, pages};

const KEY: &str = "arn:aws:kms:us-east-1:123456789012:key/1";
const DATA: (&str, &str) = ("VolumeId", "vol-data");

fn account() -> Account {
    Account::new("123456789012")
        .instance(Instance::new("i-1", "ami-1"))
        .volume(Volume::new("vol-root").root_of("i-1"))
        .volume(Volume::new("vol-data").gib(20).encrypted_with(KEY).attached_to("i-1", "/dev/sdf").tag("Name", "data"))
        .volume(Volume::new("vol-free").from_snapshot("snap-0"))
}

/// What one describe call after the other shows of an element.
async fn shown(server: &Ec2, action: &str, element: &str, calls: usize) -> Vec<String> {
    let mut shown = Vec::new();
    for _ in 0..calls {
        shown.push(ec2(server, action, &[]).await.all(element).join(" "));
    }
    shown
}

async fn attach(server: &Ec2, volume: &str, instance: &str, device: &str) -> Answer {
    ec2(server, "AttachVolume", &[("VolumeId", volume), ("InstanceId", instance), ("Device", device)]).await
}

#[tokio::test]
async fn a_volume_is_described_with_every_field_it_has() {
    let server = Ec2::start(account().volume(Volume::new("vol-shared").multi_attach())).await;
    let answer = ec2(&server, "DescribeVolumes", &[("VolumeId.1", "vol-data")]).await;
    for (element, text) in [
        ("size", "20"),
        ("snapshotId", ""),
        ("availabilityZone", "us-east-1a"),
        ("status", "in-use"),
        ("instanceId", "i-1"),
        ("device", "/dev/sdf"),
        ("deleteOnTermination", "false"),
        ("volumeType", "gp3"),
        ("iops", "3000"),
        ("throughput", "125"),
        ("encrypted", "true"),
        ("kmsKeyId", KEY),
        ("multiAttachEnabled", "false"),
        ("value", "data"),
    ] {
        assert_eq!(answer.one(element), Some(text), "{element}");
    }
    assert_eq!(answer.all("status"), ["in-use", "attached"]);
    let shared = ec2(&server, "DescribeVolumes", &[("VolumeId.1", "vol-shared")]).await;
    assert_eq!((shared.one("multiAttachEnabled"), shared.one("throughput")), (Some("true"), None));
}

#[tokio::test]
async fn volumes_are_found_by_instance_state_and_tag_and_read_in_pages() {
    let many = (0..6).fold(account(), |all, n| all.volume(Volume::new(format!("vol-{n}"))));
    let server = Ec2::start(many).await;
    let ids = async |name: &str, value: &str| -> usize {
        let filter = [("Filter.1.Name", name), ("Filter.1.Value.1", value)];
        ec2(&server, "DescribeVolumes", &filter).await.all("multiAttachEnabled").len()
    };
    assert_eq!(ids("attachment.instance-id", "i-1").await, 2);
    assert_eq!(ids("status", "available").await, 7);
    assert_eq!(ids("tag:Name", "data").await, 1);
    assert_eq!(ids("volume-id", "vol-free").await, 1);
    assert_eq!(ids("snapshot-id", "snap-0").await, 1);
    let pages = pages(&server, "DescribeVolumes", &[("MaxResults", "5")]).await;
    assert_eq!(pages.iter().map(|page| page.all("multiAttachEnabled").len()).collect::<Vec<_>>(), [5, 4]);
    let unknown = ec2(&server, "DescribeVolumes", &[("VolumeId.1", "vol-x")]).await;
    assert_eq!(unknown.code(), "InvalidVolume.NotFound");
    assert_eq!(unknown.one("Message"), Some("The volume 'vol-x' does not exist."));
}

#[tokio::test]
async fn a_detaching_volume_shows_so_for_as_many_calls_as_it_is_told() {
    let server = Ec2::start(account().volumes_detach_after(1)).await;
    let detached = ec2(&server, "DetachVolume", &[DATA]).await;
    assert_eq!((detached.one("status"), detached.one("instanceId")), (Some("detaching"), Some("i-1")));
    assert_eq!(ec2(&server, "DetachVolume", &[DATA]).await.code(), "IncorrectState");
    let filter = [("VolumeId.1", "vol-data")];
    assert_eq!(ec2(&server, "DescribeVolumes", &filter).await.all("status"), ["in-use", "detaching"]);
    assert_eq!(ec2(&server, "DescribeVolumes", &filter).await.all("status"), ["available"]);
    let again = ec2(&server, "DetachVolume", &[DATA]).await;
    assert_eq!(again.code(), "IncorrectState");
    assert_eq!(again.one("Message"), Some("Volume 'vol-data' is in the 'available' state."));
}

#[tokio::test]
async fn the_root_of_a_running_instance_is_not_detached() {
    let server = Ec2::start(account()).await;
    let root = [("VolumeId", "vol-root"), ("Force", "true")];
    let refused = ec2(&server, "DetachVolume", &root).await;
    assert_eq!(refused.code(), "OperationNotPermitted");
    assert_eq!(refused.one("Message"), Some("Unable to detach root volume 'vol-root' from instance 'i-1'"));
    ec2(&server, "StopInstances", &[("InstanceId.1", "i-1")]).await;
    assert_eq!(ec2(&server, "DetachVolume", &root).await.code(), "no error");
    assert_eq!(server.account().volume_state("vol-root"), Some("available"));
}

#[tokio::test]
async fn a_busy_volume_stays_until_it_is_forced_or_its_instance_stops() {
    let busy = |id: &str| Volume::new(id).busy();
    let server = Ec2::start(
        account()
            .volume(busy("vol-1").attached_to("i-1", "/dev/sdg"))
            .volume(busy("vol-2").attached_to("i-1", "/dev/sdh")),
    )
    .await;
    for _ in 0..2 {
        assert_eq!(ec2(&server, "DetachVolume", &[("VolumeId", "vol-1")]).await.one("status"), Some("busy"));
    }
    assert_eq!(server.account().volume_state("vol-1"), Some("in-use"));
    ec2(&server, "DetachVolume", &[("VolumeId", "vol-1"), ("Force", "true")]).await;
    assert_eq!(server.account().volume_state("vol-1"), Some("available"));
    ec2(&server, "StopInstances", &[("InstanceId.1", "i-1")]).await;
    ec2(&server, "DetachVolume", &[("VolumeId", "vol-2")]).await;
    assert_eq!(server.account().volume_state("vol-2"), Some("available"));
}

#[tokio::test]
async fn a_volume_is_detached_from_the_instance_that_is_named_and_no_other() {
    let shared = Volume::new("vol-shared").multi_attach().attached_to("i-1", "/dev/sdg").attached_to("i-2", "/dev/sdg");
    let server = Ec2::start(account().instance(Instance::new("i-2", "ami-1")).volume(shared)).await;
    let from = async |params: &[(&str, &str)]| ec2(&server, "DetachVolume", params).await.code().to_owned();
    assert_eq!(from(&[DATA, ("InstanceId", "i-2")]).await, "InvalidAttachment.NotFound");
    assert_eq!(from(&[DATA, ("Device", "/dev/sdz")]).await, "InvalidAttachment.NotFound");
    assert_eq!(from(&[("VolumeId", "vol-shared")]).await, "MissingParameter");
    assert_eq!(from(&[("VolumeId", "vol-shared"), ("InstanceId", "i-2")]).await, "no error");
    assert_eq!(server.account().volumes_of("i-1").len(), 3);
    assert_eq!(server.account().volumes_of("i-2").len(), 0);
}

#[tokio::test]
async fn a_volume_is_attached_where_it_can_be() {
    let server = Ec2::start(
        account()
            .volume(Volume::new("vol-far").in_zone("us-east-1b"))
            .volume(Volume::new("vol-new").in_state("creating"))
            .instance(Instance::new("i-2", "ami-1").terminated())
            .volumes_attach_after(1),
    )
    .await;
    assert_eq!(attach(&server, "vol-data", "i-1", "/dev/sdg").await.code(), "VolumeInUse");
    assert_eq!(attach(&server, "vol-free", "i-2", "/dev/sdg").await.code(), "IncorrectState");
    assert_eq!(attach(&server, "vol-new", "i-1", "/dev/sdg").await.code(), "IncorrectState");
    assert_eq!(attach(&server, "vol-far", "i-1", "/dev/sdg").await.code(), "InvalidVolume.ZoneMismatch");
    assert_eq!(attach(&server, "vol-free", "i-9", "/dev/sdg").await.code(), "InvalidInstanceID.NotFound");
    let taken = attach(&server, "vol-free", "i-1", "/dev/sdf").await;
    assert_eq!(taken.code(), "InvalidParameterValue");
    assert!(taken.body.contains("Attachment point /dev/sdf is already in use"));

    assert_eq!(attach(&server, "vol-free", "i-1", "/dev/sdg").await.one("status"), Some("attaching"));
    let filter = [("VolumeId.1", "vol-free")];
    assert_eq!(ec2(&server, "DescribeVolumes", &filter).await.all("status"), ["in-use", "attaching"]);
    assert_eq!(ec2(&server, "DescribeVolumes", &filter).await.all("status"), ["in-use", "attached"]);
}

#[tokio::test]
async fn a_volume_is_deleted_once_and_never_while_it_is_attached() {
    let server = Ec2::start(account()).await;
    let refused = ec2(&server, "DeleteVolume", &[DATA]).await;
    assert_eq!(refused.code(), "VolumeInUse");
    assert_eq!(refused.one("Message"), Some("Volume vol-data is currently attached to i-1"));
    let free = [("VolumeId", "vol-free")];
    assert_eq!(ec2(&server, "DeleteVolume", &free).await.one("return"), Some("true"));
    assert!(!server.account().has_volume("vol-free"));
    assert_eq!(ec2(&server, "DeleteVolume", &free).await.code(), "InvalidVolume.NotFound");
}

#[tokio::test]
async fn a_snapshot_of_a_volume_is_pending_and_then_complete() {
    let server = Ec2::start(account().snapshots_complete_after(1)).await;
    let create = [
        DATA,
        ("Description", "before the end"),
        ("TagSpecification.1.ResourceType", "snapshot"),
        ("TagSpecification.1.Tag.1.Key", "sunset:backup-of"),
        ("TagSpecification.1.Tag.1.Value", "vol-data"),
    ];
    let taken = ec2(&server, "CreateSnapshot", &create).await;
    let id = taken.one("snapshotId").expect("an id").to_owned();
    for (element, text) in [
        ("volumeId", "vol-data"),
        ("status", "pending"),
        ("volumeSize", "20"),
        ("description", "before the end"),
        ("encrypted", "true"),
        ("kmsKeyId", KEY),
        ("key", "sunset:backup-of"),
    ] {
        assert_eq!(taken.one(element), Some(text), "{element}");
    }
    assert_eq!(shown(&server, "DescribeSnapshots", "status", 2).await, ["pending", "completed"]);
    for (name, value) in [
        ("tag:sunset:backup-of", "vol-data"),
        ("volume-id", "vol-data"),
        ("snapshot-id", id.as_str()),
        ("status", "completed"),
    ] {
        let filter = [("Filter.1.Name", name), ("Filter.1.Value.1", value)];
        let found = ec2(&server, "DescribeSnapshots", &filter).await;
        assert_eq!((found.one("snapshotId"), found.one("progress")), (Some(id.as_str()), Some("100%")), "{name}");
    }
    assert_eq!(server.account().snapshots_tagged("sunset:backup-of", "vol-data").count(), 1);
}

#[tokio::test]
async fn snapshots_come_out_wrong_when_told_so() {
    let server = Ec2::start(
        account()
            .volume(Volume::new("vol-1").encrypted_with(KEY))
            .volume(Volume::new("vol-2").gib(30))
            .spoils_backups_of("vol-1", Spoilt::Unencrypted)
            .spoils_backups_of("vol-2", Spoilt::Size(1))
            .spoils_backups_of("*", Spoilt::Error),
    )
    .await;
    let take = async |id: &str| -> Snapshot {
        let taken = ec2(&server, "CreateSnapshot", &[("VolumeId", id)]).await;
        server.account().snapshots[taken.one("snapshotId").expect("an id")].clone()
    };
    let (first, second, third) = (take("vol-1").await, take("vol-2").await, take("vol-data").await);
    assert_eq!((first.encrypted, first.kms_key_id, first.state.as_str()), (false, None, "completed"));
    assert_eq!((second.volume_size_gib, second.state.as_str()), (1, "completed"));
    assert_eq!((third.volume_size_gib, third.state.as_str()), (20, "error"));
    let failed = [("Filter.1.Name", "status"), ("Filter.1.Value.1", "error")];
    assert!(ec2(&server, "DescribeSnapshots", &failed).await.one("statusMessage").is_some());
}

#[tokio::test]
async fn a_snapshot_needs_a_volume_and_tags_of_its_own_kind() {
    let server = Ec2::start(account().volume(Volume::new("vol-new").in_state("creating"))).await;
    let code = async |params: &[(&str, &str)]| ec2(&server, "CreateSnapshot", params).await.code().to_owned();
    assert_eq!(code(&[]).await, "MissingParameter");
    assert_eq!(code(&[("VolumeId", "vol-9")]).await, "InvalidVolume.NotFound");
    assert_eq!(code(&[("VolumeId", "disk")]).await, "InvalidParameterValue");
    assert_eq!(code(&[("VolumeId", "vol-new")]).await, "IncorrectState");
    let tagged = |kind, key| [DATA, ("TagSpecification.1.ResourceType", kind), ("TagSpecification.1.Tag.1.Key", key)];
    assert_eq!(code(&tagged("volume", "k")).await, "InvalidParameterValue");
    assert_eq!(code(&tagged("snapshot", "aws:k")).await, "InvalidParameterValue");
    assert_eq!(server.account().snapshots.len(), 0);
}
