//! Functions that a person calls.

use serde_json::json;
use sunset_local::image_id;
use sunset_workflows::{live_stack, snapshot_of, unused};

#[test]
fn the_tutorials_event_by_hand_is_dry_even_on_a_live_stack() {
    let scene = live_stack([unused("by-hand")]);
    let event = json!({
        "ImageId": image_id("by-hand"),
        "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": snapshot_of("by-hand")}}],
    });

    let image = scene.invoke("deregister", &event).unwrap();
    let snapshot = scene.invoke("delete-snapshot", &event).unwrap();

    assert_eq!((&image["outcome"], &image["permission"]), (&json!("would_deregister"), &json!("granted")), "{image}");
    assert_eq!(snapshot["snapshots"][0]["outcome"], "would_delete", "{snapshot}");
    assert!(scene.changes().is_empty() && scene.is_untouched("by-hand"));
    assert!(scene.items_of("").is_empty(), "{:?}", scene.items_of(""));
}

#[test]
fn an_image_that_is_in_use_is_refused_by_hand_too() {
    let scene = live_stack([unused("used-by-hand")]);
    let instance = sunset_wire::Instance::new("i-0000000000000cafe", image_id("used-by-hand")).stopped();
    scene.ec2.account().instances.insert(instance.id.clone(), instance);

    let (error, message) = scene.invoke("deregister", &json!({"ImageId": image_id("used-by-hand")})).unwrap_err();

    assert_eq!(error, "Sunset.Stale");
    assert!(message.contains("i-0000000000000cafe"), "{message}");
}
