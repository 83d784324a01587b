use serde_json::json;
use sunset_aws::driver::{StepCall, StepView, look};
use sunset_domain::runbook::action::Action;
use sunset_wire::{Account, BlockDevice, Fault, Image, Instance, Snapshot, Spoilt, Volume, When};

use super::{done, go, impossible, step, under_way, view};
use crate::support::{account, serve};

fn verify(backup: &str, of: &str) -> StepCall {
    step(Action::VerifyBackup, json!({"backup": backup, "of": of}))
}

fn instance() -> Account {
    account()
        .instance(Instance::new("i-1", "ami-0").stopped())
        .volume(Volume::new("vol-1").gib(20).root_of("i-1"))
        .volume(Volume::new("vol-2").attached_to("i-1", "/dev/sdf").encrypted_with("arn:key"))
}

/// What a look says of the image that was just made of the instance.
async fn made(account: Account) -> (StepView, String) {
    let (_ec2, clients) = serve(account).await;
    let create = step(Action::CreateImage, json!({"instance_id": "i-1"}));
    let id = go(&clients, &create).await.unwrap().outputs["image_id"].as_str().unwrap().to_owned();
    (view(&clients, &verify(&id, "i-1")).await, id)
}

#[tokio::test]
async fn an_image_of_every_volume_is_a_backup_of_its_instance() {
    assert_eq!(made(instance()).await.0, done());
}

#[tokio::test]
async fn an_image_on_its_way_is_waited_for() {
    assert_eq!(made(instance().images_complete_after(9)).await.0, under_way("pending"));
}

#[tokio::test]
async fn an_image_that_lost_something_is_no_backup() {
    for (volume, how, says) in [
        ("vol-1", Spoilt::Size(8), "it holds 8 GiB of 20 GiB"),
        ("vol-2", Spoilt::Unencrypted, "it is not encrypted as the volume is"),
    ] {
        let (view, _) = made(instance().spoils_backups_of(volume, how)).await;
        match view {
            StepView::Impossible { why } => {
                assert!(why.contains(&format!("is no backup of {volume}: {says}")), "{why}");
            }
            other => panic!("{other:?}"),
        }
    }
    let (view, id) = made(instance().spoils_backups_of("i-1", Spoilt::Error)).await;
    assert_eq!(view, impossible(&format!("image {id} is failed")));
}

#[tokio::test]
async fn an_image_is_held_against_the_instance_of_now() {
    let whole = |id: &str, of: &str| Snapshot::new(id).of_volume(of);
    let image = Image::new("ami-1").block_device(BlockDevice::ebs("/dev/xvda", "snap-1"));
    let account = account()
        .instance(Instance::new("i-1", "ami-0"))
        .volume(Volume::new("vol-1").root_of("i-1"))
        .image(image)
        .snapshot(whole("snap-1", "vol-1"));
    let (ec2, clients) = serve(account).await;
    let call = verify("ami-1", "i-1");
    assert_eq!(view(&clients, &call).await, done());

    ec2.account().add_snapshot(whole("snap-1", "vol-1").in_state("pending"));
    assert_eq!(view(&clients, &call).await, under_way("pending as snap-1"));
    ec2.account().add_snapshot(whole("snap-1", "vol-9"));
    assert_eq!(view(&clients, &call).await, impossible("snapshot snap-1 is no backup of vol-1: it was made of vol-9"));
    ec2.account().snapshots.remove("snap-1");
    assert_eq!(view(&clients, &call).await, impossible("snapshot snap-1 of image ami-1 does not exist"));
    ec2.account().add_snapshot(whole("snap-1", "vol-1"));
    ec2.account().add_volume(Volume::new("vol-2").attached_to("i-1", "/dev/sdf"));
    assert_eq!(view(&clients, &call).await, impossible("image ami-1 holds nothing of vol-2 at /dev/sdf"));

    ec2.account().volumes.clear();
    assert_eq!(view(&clients, &call).await, impossible("instance i-1 has no volume that an image could hold"));
    ec2.account().instances.clear();
    let gone = "instance i-1 is gone: there is nothing to hold it against";
    assert_eq!(view(&clients, &call).await, impossible(gone));
    ec2.account().images.clear();
    assert_eq!(view(&clients, &call).await, impossible("image ami-1 does not exist"));
}

#[tokio::test]
async fn a_snapshot_is_held_against_its_volume() {
    let volume = || Volume::new("vol-1").gib(100).encrypted_with("arn:key");
    let whole = || Snapshot::new("snap-1").of_volume("vol-1").size_gib(100).encrypted_with("arn:key");
    let (ec2, clients) = serve(account().volume(volume()).snapshot(whole())).await;
    let call = verify("snap-1", "vol-1");
    assert_eq!(view(&clients, &call).await, done());
    let is_no_backup = |says: &str| impossible(&format!("snapshot snap-1 is no backup of vol-1: {says}"));
    for (spoilt, expected) in [
        (whole().size_gib(99), is_no_backup("it holds 99 GiB of 100 GiB")),
        (whole().encrypted_with("arn:other"), is_no_backup("it is encrypted with arn:other, not with arn:key")),
        (whole().of_volume("vol-2"), is_no_backup("it was made of vol-2")),
        (whole().in_state("pending"), under_way("pending as snap-1")),
        (whole().in_state("error"), impossible("snapshot snap-1 is error: The snapshot could not be completed")),
    ] {
        ec2.account().add_snapshot(spoilt);
        assert_eq!(view(&clients, &call).await, expected);
    }
    ec2.account().add_snapshot(Snapshot::new("snap-1").of_volume("vol-1").size_gib(100));
    assert_eq!(view(&clients, &call).await, is_no_backup("it is not encrypted as the volume is"));
    ec2.account().volumes.clear();
    let gone = "volume vol-1 is gone: there is nothing to hold it against";
    assert_eq!(view(&clients, &call).await, impossible(gone));
    ec2.account().snapshots.clear();
    assert_eq!(view(&clients, &call).await, impossible("snapshot snap-1 does not exist"));
}

#[tokio::test]
async fn a_backup_that_could_not_be_read_is_not_verified() {
    for action in ["DescribeImages", "DescribeInstances", "DescribeVolumes", "DescribeSnapshots"] {
        let (ec2, clients) = serve(instance()).await;
        let create = step(Action::CreateImage, json!({"instance_id": "i-1"}));
        let id = go(&clients, &create).await.unwrap().outputs["image_id"].as_str().unwrap().to_owned();
        ec2.faults().add(action, When::Every, Fault::InternalError);
        assert!(look(&clients, &verify(&id, "i-1")).await.is_err(), "{action}");
    }
}

#[tokio::test]
async fn a_backup_of_another_kind_is_none() {
    let (ec2, clients) = serve(account()).await;
    for (backup, of) in [("snap-1", "i-1"), ("ami-1", "vol-1"), ("ami-1", "ami-1"), ("", "")] {
        assert!(matches!(view(&clients, &verify(backup, of)).await, StepView::Impossible { .. }), "{backup} of {of}");
    }
    assert!(ec2.calls().is_empty());
}
