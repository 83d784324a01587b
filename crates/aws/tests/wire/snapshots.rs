use sunset_aws::snapshots::{create_volume_permissions, images_on, lock_state, read};
use sunset_domain::launch_permission::LaunchPermission;
use sunset_wire::{Image, Snapshot};

use crate::support::{account, image_id, serve, snapshot_id};

#[tokio::test]
async fn snapshots_are_read_by_their_ids_and_those_that_are_gone_are_left_out() {
    let account = account()
        .snapshot(Snapshot::new("snap-1").size_gib(20).archived().tag("team", "web"))
        .snapshot(Snapshot::new("snap-2").full_size_bytes(None).owned_by("999999999999").public())
        .snapshot(Snapshot::new("snap-3"));
    let (ec2, clients) = serve(account).await;
    let ids = [snapshot_id("snap-1"), snapshot_id("snap-2")];
    let snapshots = read(&clients, &ids).await.unwrap();
    assert_eq!(snapshots[0].size_gib, Some(20));
    assert_eq!(snapshots[0].full_size_bytes, Some(20 << 30));
    assert!(snapshots[0].archived && !snapshots[1].archived);
    assert_eq!(snapshots[0].tags.get("team"), Some("web"));
    assert_eq!(snapshots[1].full_size_bytes, None);
    assert_eq!(snapshots[1].owner_id.as_ref().unwrap().as_str(), "999999999999");
    assert_eq!(ec2.count("DescribeSnapshots"), 1);

    let ids = [snapshot_id("snap-1"), snapshot_id("snap-gone"), snapshot_id("snap-3")];
    let snapshots = read(&clients, &ids).await.unwrap();
    assert_eq!(snapshots.iter().map(|snapshot| snapshot.id.as_str()).collect::<Vec<_>>(), ["snap-1", "snap-3"]);
}

#[tokio::test]
async fn many_snapshots_are_read_two_hundred_at_a_time() {
    let account = (0..450).fold(account(), |account, n| account.snapshot(Snapshot::new(format!("snap-{n}"))));
    let (ec2, clients) = serve(account.without_snapshot("snap-449")).await;
    let ids: Vec<_> = (0..450).map(|n| snapshot_id(&format!("snap-{n}"))).collect();
    assert_eq!(read(&clients, &ids).await.unwrap().len(), 449);
    assert_eq!(ec2.count("DescribeSnapshots"), 4, "the last batch once more by a filter");
}

#[tokio::test]
async fn every_image_on_a_snapshot_is_found_the_disabled_ones_too() {
    let account = account()
        .image(Image::new("ami-1").snapshots(["snap-1", "snap-2"]))
        .image(Image::new("ami-2").snapshots(["snap-2"]).disabled())
        .image(Image::new("ami-3").snapshots(["snap-2"]).in_state("deregistered"))
        .image(Image::new("ami-4").snapshots(["snap-2"]).deprecated_hours_ago(5))
        .image(Image::new("ami-5").ephemeral());
    let (ec2, clients) = serve(account).await;
    ec2.pages_at_most("DescribeImages", 1);
    let ids = [snapshot_id("snap-1"), snapshot_id("snap-2"), snapshot_id("snap-3")];
    let images = images_on(&clients, &ids).await.unwrap();
    assert_eq!(images[&ids[0]], [image_id("ami-1")]);
    assert_eq!(images[&ids[1]], [image_id("ami-1"), image_id("ami-2"), image_id("ami-4")]);
    assert_eq!(images[&ids[2]], []);
}

#[tokio::test]
async fn images_that_could_not_be_read_are_an_error_and_not_none() {
    let (_ec2, clients) = serve(account().denies("DescribeImages")).await;
    assert!(images_on(&clients, &[snapshot_id("snap-1")]).await.is_err());
}

#[tokio::test]
async fn a_snapshots_sharing_and_its_lock_are_read() {
    let account = account()
        .snapshot(Snapshot::new("snap-1").shared_with("111111111111").public())
        .snapshot(Snapshot::new("snap-2").locked());
    let (ec2, clients) = serve(account).await;
    assert_eq!(
        create_volume_permissions(&clients, &snapshot_id("snap-1")).await.unwrap(),
        [LaunchPermission::Account("111111111111".into()), LaunchPermission::Everybody]
    );
    assert_eq!(create_volume_permissions(&clients, &snapshot_id("snap-2")).await, Ok(vec![]));
    assert!(create_volume_permissions(&clients, &snapshot_id("snap-3")).await.unwrap_err().is_not_found());
    assert_eq!(lock_state(&clients, &snapshot_id("snap-1")).await, Ok(None));
    assert_eq!(lock_state(&clients, &snapshot_id("snap-2")).await, Ok(Some("governance".into())));
    assert_eq!(lock_state(&clients, &snapshot_id("snap-3")).await, Ok(None));
    ec2.account().snapshots.get_mut("snap-2").unwrap().lock.as_mut().unwrap().state = "expired".into();
    assert_eq!(lock_state(&clients, &snapshot_id("snap-2")).await, Ok(None));
    ec2.account().denied.insert("DescribeLockedSnapshots".into());
    assert!(lock_state(&clients, &snapshot_id("snap-2")).await.is_err());
}
