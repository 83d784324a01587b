//! Snapshots: none is orphaned, and none goes that anything else needs.

use serde_json::json;
use sunset_local::image_id;
use sunset_wire::{Fault, Image, Snapshot, When};
use sunset_workflows::{live_stack, snapshot_of, unused};

#[test]
fn a_snapshot_that_a_dying_run_left_behind_is_deleted_by_the_next() {
    let scene = live_stack([unused("died-1"), unused("died-2")]);
    // A run as its state machine makes it, up to the moment when it dies: Step Functions knows nothing of it any more.
    let list = json!({
        "schema": 1,
        "action": "list",
        "execution": {
            "arn": "arn:aws:states:us-east-1:123456789012:execution:sunset-ami-cleanup:died",
            "started_at": "2026-11-20T09:00:00Z",
        },
        "input": {"schema": 1, "mode": "live", "include_names": ["died-1"]},
    });
    let listed = scene.invoke("list-expired-amis", &list).unwrap();
    let line = &scene.manifest(listed["run_id"].as_str().unwrap())[0];
    assert_eq!(scene.invoke("deregister", line).unwrap()["outcome"], "deregistered");
    assert!(scene.state(&image_id("died-1")).is_none());
    assert!(scene.ec2.account().has_snapshot(&snapshot_of("died-1")) && !scene.items_of("PENDING#").is_empty());

    let run = scene.live(&json!({})).succeeded();

    assert_eq!(scene.report(&run)["counts"]["drain"], 1);
    assert_eq!(["deregistered", "already_gone", "snapshots_deleted"].map(|what| run.count(what)), [1, 1, 2]);
    assert!(scene.is_gone("died-1") && scene.is_gone("died-2"));
    assert!(scene.items_of("PENDING#").is_empty());
}

#[test]
fn a_snapshot_that_cannot_be_deleted_is_reported_holds_back_no_other_and_goes_with_the_next_run() {
    let [stuck, free] = ["snap-00000000000000001", "snap-00000000000000002"];
    let image = unused("half-gone");
    let scene = live_stack([Image { block_devices: Vec::new(), ..image }.snapshots([stuck, free])]);
    scene.ec2.faults().add("DeleteSnapshot", When::Naming(stuck.into()), Fault::InternalError);

    let run = scene.live(&json!({})).failed_with("Sunset.RunFailed");

    let summary = scene.summary(&run);
    let counted = ["deregistered", "failed", "snapshots_deleted"].map(|what| summary["counts"][what].as_u64());
    assert_eq!(counted, [Some(1); 3], "{summary}");
    assert!(
        summary["failed"][0]["message"].as_str().is_some_and(|it| it.contains(stuck) && !it.contains(free)),
        "{summary}"
    );
    let has = |id: &str| scene.ec2.account().has_snapshot(id);
    assert_eq!((has(stuck), has(free)), (true, false));

    scene.ec2.faults().clear();
    let next = scene.live(&json!({})).succeeded();
    assert_eq!((next.count("snapshots_deleted"), has(stuck)), (1, false));
    assert!(scene.items_of("PENDING#").is_empty());
}

#[test]
fn a_shared_snapshot_goes_with_its_last_image() {
    let shared = snapshot_of("sharing");
    let scene = live_stack(["sharing-1", "sharing-2"].map(|name| unused(name).snapshots([shared.clone()])));

    let first = scene.live(&json!({"include_names": ["sharing-1"]})).succeeded();
    assert_eq!(["deregistered", "snapshots_deleted", "snapshots_kept"].map(|what| first.count(what)), [1, 1, 1]);
    assert!(scene.is_gone("sharing-1") && scene.ec2.account().has_snapshot(&shared));

    scene.live(&json!({})).succeeded();
    assert!(scene.is_gone("sharing-2") && !scene.ec2.account().has_snapshot(&shared));
}

#[test]
fn a_snapshot_of_a_disabled_image_stays() {
    let shared = snapshot_of("with-a-disabled-one");
    let unused = |name: &str| unused(name).snapshots([shared.clone()]);
    let scene = live_stack([unused("going"), unused("only-disabled").disabled().tag("sunset:keep", "")]);

    scene.live(&json!({})).succeeded();

    assert!(scene.is_gone("going") && scene.ec2.account().has_snapshot(&shared));
    assert_eq!(scene.state(&image_id("only-disabled")).as_deref(), Some("disabled"));
}

#[test]
fn locked_foreign_and_managed_snapshots_are_kept_each_with_a_reason() {
    let names = ["locked", "foreign", "managed"];
    let scene = live_stack(names.map(unused));
    {
        let mut account = scene.ec2.account();
        account.add_snapshot(Snapshot::new(snapshot_of("locked")).locked());
        account
            .add_snapshot(Snapshot::new(snapshot_of("foreign")).owned_by("999999999999").shared_with("123456789012"));
        account.add_snapshot(Snapshot::new(snapshot_of("managed")).managed_by_backup());
    }

    let run = scene.live(&json!({})).succeeded();

    assert_eq!(
        ["deregistered", "snapshots_kept", "snapshots_deleted", "failed"].map(|what| run.count(what)),
        [3, 3, 0, 0]
    );
    assert!(names.iter().all(|name| scene.ec2.account().has_snapshot(&snapshot_of(name))));
    let kept = scene.stack.items(&format!("RUN#{}", run.id)).unwrap();
    let reasons = kept.iter().filter(|item| item["sk"].as_str().is_some_and(|sk| sk.starts_with("SNAPSHOT#")));
    assert!(
        reasons.clone().count() == 3 && reasons.clone().all(|item| item["result"]["reason"].is_string()),
        "{kept:?}"
    );
}

#[test]
fn every_snapshot_of_an_image_goes_and_a_mapping_without_one_is_no_obstacle() {
    let image =
        unused("three-disks").snapshots(["snap-00000000000000d02", "snap-00000000000000d03"]).ephemeral().no_device();
    let scene = live_stack([image]);

    let run = scene.live(&json!({})).succeeded();

    assert_eq!(["deregistered", "snapshots_deleted", "failed"].map(|what| run.count(what)), [1, 3, 0]);
    assert!(scene.ec2.account().snapshots.is_empty());
}

#[test]
fn a_snapshot_that_ec2_still_counts_as_used_for_a_moment_is_counted_again() {
    let scene = live_stack([unused("lagging")]);
    let lag = Fault::error(400, "InvalidSnapshot.InUse", "The snapshot is currently in use by ami-lagging");
    scene.ec2.faults().add("DeleteSnapshot", When::First(1), lag);

    let run = scene.live(&json!({})).succeeded();

    assert_eq!(["snapshots_deleted", "snapshots_kept"].map(|what| run.count(what)), [1, 0]);
    assert!(scene.is_gone("lagging"));
}
