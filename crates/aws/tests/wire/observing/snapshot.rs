use sunset_domain::coverage::{Coverage, Source};
use sunset_domain::process::observation::{Configuration, Observation, Snapshot};
use sunset_domain::process::resource::ResourceType;
use sunset_wire::{Account, Fault, Image, Snapshot as Wire, When};

use super::{seen, serve_alone};
use crate::support::{account, dependents, image_id, protections, unread};

fn snapshot(observation: &Observation) -> &Snapshot {
    match &observation.found.as_ref().unwrap().configuration {
        Configuration::Snapshot(snapshot) => snapshot,
        other => panic!("{other:?}"),
    }
}

fn used() -> Account {
    account()
        .image(Image::new("ami-1").snapshots(["snap-1"]))
        .image(Image::new("ami-2").snapshots(["snap-1"]).disabled())
        .image(Image::new("ami-3").snapshots(["snap-2"]))
        .snapshot(
            Wire::new("snap-1")
                .size_gib(20)
                .of_volume("vol-1")
                .encrypted_with("arn:key")
                .archived()
                .shared_with("111111111111")
                .public()
                .locked(),
        )
}

#[tokio::test]
async fn a_snapshot_is_seen_with_the_images_on_it_who_shares_it_and_its_lock() {
    let (_ec2, clients) = serve_alone(used()).await;
    let observation = seen(&clients, ResourceType::Snapshot, "snap-1").await;
    assert!(unread(&observation).is_empty());
    let it = snapshot(&observation);
    assert_eq!((it.state.as_str(), it.size_gib), ("completed", 20));
    assert_eq!((it.encrypted, it.kms_key_id.as_deref()), (true, Some("arn:key")));
    assert_eq!(it.volume_id.as_ref().unwrap().as_str(), "vol-1");
    assert_eq!(it.storage_tier.as_deref(), Some("archive"));
    assert_eq!(it.image_ids, [image_id("ami-1"), image_id("ami-2")].into());
    assert_eq!(
        dependents(&observation),
        [
            "account 111111111111 may make volumes from it: unknown",
            "account everybody may make volumes from it: unknown",
            "image ami-1 stands on it: critical",
            "image ami-2 stands on it: critical",
        ]
    );
    assert_eq!(protections(&observation), ["snapshot_lock"]);
    assert!(observation.found.as_ref().unwrap().created_at.is_some());
}

#[tokio::test]
async fn every_source_of_a_snapshot_that_is_denied_says_so() {
    for (action, source) in [
        ("DescribeImages", Source::Images),
        ("DescribeSnapshotAttribute", Source::LaunchPermissions),
        ("DescribeLockedSnapshots", Source::Attributes),
    ] {
        let (_ec2, clients) = serve_alone(used().denies(action)).await;
        let observation = seen(&clients, ResourceType::Snapshot, "snap-1").await;
        assert_eq!(unread(&observation), [source].into(), "{action}");
        assert!(matches!(observation.coverages[&source], Coverage::Denied { .. }), "{action}");
    }
}

#[tokio::test]
async fn an_ec2_that_knows_no_locks_has_not_said_that_there_is_none() {
    for code in ["UnsupportedOperation", "InvalidAction"] {
        let (ec2, clients) = serve_alone(used()).await;
        ec2.faults().add("DescribeLockedSnapshots", When::Every, Fault::error(400, code, "not here"));
        let observation = seen(&clients, ResourceType::Snapshot, "snap-1").await;
        assert!(matches!(observation.coverages[&Source::Attributes], Coverage::Failed { .. }));
    }
}
