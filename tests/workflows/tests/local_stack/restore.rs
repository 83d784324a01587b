//! The way back.

use serde_json::json;
use sunset_local::image_id;
use sunset_wire::{LaunchPermission, Snapshot};
use sunset_workflows::{live_stack, snapshot_of, unused};

#[test]
fn restore_brings_a_disabled_image_back_with_its_launch_permissions_and_tags_and_the_next_run_leaves_it() {
    let image = unused("missed").shared_with("999999999999").shared_with("888888888888").tag("team", "web");
    let scene = live_stack([image.clone()]);
    let id = image_id("missed");
    let input = json!({"grace_days": 7});
    scene.live(&input).succeeded();
    {
        let mut account = scene.ec2.account();
        let disabled = account.images.get_mut(&id).unwrap();
        assert_eq!((disabled.state.as_str(), disabled.launch_permissions.len()), ("disabled", 0));
        disabled.tags.remove("team");
    }
    let event = |mode: &str| json!({"schema": 1, "image_id": id, "mode": mode});
    assert_eq!(scene.invoke("restore", &event("dry-run")).unwrap()["outcome"], "would_enable");
    assert_eq!(scene.state(&id).as_deref(), Some("disabled"));

    let answer = scene.invoke("restore", &event("live")).unwrap();

    assert_eq!(answer["outcome"], "enabled", "{answer}");
    let back = scene.ec2.account().images[&id].clone();
    let sorted = |mut permissions: Vec<LaunchPermission>| {
        permissions.sort();
        permissions
    };
    assert_eq!(back.state, "available");
    assert_eq!(sorted(back.launch_permissions), sorted(image.launch_permissions));
    assert_eq!(back.tags.get("team").map(String::as_str), Some("web"));
    assert!(back.tags.contains_key("sunset:keep") && !back.tags.contains_key("sunset:disabled-at"), "{:?}", back.tags);

    let next = scene.live(&input).succeeded().with_verdict("nothing");
    assert_eq!(scene.reasons(&next, &id), ["opted_out"]);
    assert_eq!(scene.state(&id).as_deref(), Some("available"));
    assert_eq!(scene.invoke("restore", &event("live")).unwrap()["outcome"], "already_available", "asked twice");
}

#[test]
fn restore_brings_a_deregistered_image_back_from_the_recycle_bin_and_its_snapshots_before_it() {
    let scene = live_stack([unused("binned").tag("team", "web")]);
    {
        let mut account = scene.ec2.account();
        account.image_bin_days = Some(7);
        account.snapshot_bin_days = Some(14);
    }
    let id = image_id("binned");
    scene.live(&json!({})).succeeded();
    assert!(scene.is_gone("binned"));

    let answer = scene.invoke("restore", &json!({"schema": 1, "image_id": id, "mode": "live"})).unwrap();

    assert_eq!(answer["outcome"], "restored_from_recycle_bin", "{answer}");
    assert!(scene.is_untouched("binned"));
    assert!(scene.ec2.account().images[&id].tags.contains_key("sunset:keep"));
    scene.live(&json!({})).succeeded().with_verdict("nothing");
    assert!(scene.is_untouched("binned"));
}

#[test]
fn restore_says_why_an_image_cannot_be_brought_back() {
    let scene = live_stack([unused("gone-for-good")]);
    scene.ec2.account().add_snapshot(Snapshot::new(snapshot_of("gone-for-good")));
    scene.live(&json!({})).succeeded();
    assert!(scene.is_gone("gone-for-good"));

    let event = json!({"schema": 1, "image_id": image_id("gone-for-good"), "mode": "live"});
    let answer = scene.invoke("restore", &event).unwrap();

    assert_eq!(answer["outcome"], "not_restorable", "{answer}");
    assert!(answer["reason"].as_str().is_some_and(|reason| reason.contains("Recycle Bin")), "{answer}");
}
