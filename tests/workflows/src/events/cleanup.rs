//! The events of ami-cleanup's functions.

use serde_json::{Value, json};

use crate::events::{IMAGE, SNAPSHOT, Send};
use crate::loopback::Scene;
use crate::run::count;

/// The run that the events name.
const RUN: &str = "20260302T120000Z-4f1c2a9be07d";

/// Sends every one of them.
pub(super) fn send_each(scene: &Scene, send: Send<'_>) {
    of_the_tutorial(send);
    of_no_run(send);
    let listed = send("list-expired-amis-list").expect("a list");
    assert_eq!((&listed["verdict"], &listed["mode"]), (&json!("proceed"), &json!("dry-run")), "{listed}");
    assert_eq!((count(&listed, "images"), count(&listed, "due")), (1, 1), "{listed}");
    under_the_name_of_the_events_run(scene, listed["run_id"].as_str().expect("the list's run"));
    of_the_run(scene, send);
    of_restore(send);
}

/// By hand: dry, under the deployed policy.
fn of_the_tutorial(send: Send<'_>) {
    let image = send("deregister-tutorial").expect("the tutorial's image");
    assert_eq!((&image["outcome"], &image["mode"]), (&json!("would_deregister"), &json!("dry-run")), "{image}");
    assert_eq!((&image["permission"], &image["snapshot_ids"]), (&json!("granted"), &json!([SNAPSHOT])), "{image}");
    would_delete(&send("delete-snapshot-tutorial").expect("the tutorial's snapshot"));
}

fn would_delete(answer: &Value) {
    let snapshot = &answer["snapshots"][0];
    assert_eq!(
        (&snapshot["snapshot_id"], &snapshot["outcome"]),
        (&json!(SNAPSHOT), &json!("would_delete")),
        "{answer}"
    );
}

/// Mode and policy are a run's: without its record nothing is done in its name.
fn of_no_run(send: Send<'_>) {
    for name in [
        "deregister-disable",
        "deregister-deregister",
        "deregister-drain",
        "delete-snapshot",
        "list-expired-amis-report",
    ] {
        let (error, message) = send(name).expect_err("a run that nobody knows");
        assert_eq!(error, "Sunset.Invalid", "{name}: {message}");
        assert!(message.contains(RUN), "{name}: {message}");
    }
}

/// Gives the run that the events name the record of one that there is.
fn under_the_name_of_the_events_run(scene: &Scene, run_id: &str) {
    let records = scene.stack.items(&format!("RUN#{run_id}")).expect("the run's items");
    let mut record = records.into_iter().find(|item| item["sk"] == "META").expect("the run's record");
    record.insert("pk".into(), json!(format!("RUN#{RUN}")));
    record.insert("run_id".into(), json!(RUN));
    scene.stack.put_item(&Value::Object(record)).expect("the record is written");
}

fn of_the_run(scene: &Scene, send: Send<'_>) {
    // A line that came to its end is answered again; each of these is to be worked through by itself.
    let anew =
        || scene.stack.delete_item(&format!("RUN#{RUN}"), &format!("IMAGE#{IMAGE}")).expect("the item is deleted");
    let (error, message) = send("deregister-drain").expect_err("an image that is there");
    assert_eq!(error, "Sunset.Stale", "{message}");
    anew();
    let answer = send("deregister-disable").expect("an answer");
    assert_eq!((&answer["outcome"], &answer["run_id"]), (&json!("would_disable"), &json!(RUN)), "{answer}");
    anew();
    let answer = send("deregister-deregister").expect("an answer");
    assert_eq!((&answer["outcome"], &answer["run_id"]), (&json!("would_deregister"), &json!(RUN)), "{answer}");
    would_delete(&send("delete-snapshot").expect("an answer"));
    let report = send("list-expired-amis-report").expect("a report");
    assert_eq!(report["verdict"], "completed", "{report}");
    let counted = ["items", "would_deregister", "snapshots_would_delete", "failed"].map(|what| count(&report, what));
    assert_eq!(counted, [1, 1, 1, 0], "{report}");
}

fn of_restore(send: Send<'_>) {
    let answer = send("restore-dry-run").expect("an answer");
    assert_eq!((&answer["outcome"], &answer["image_id"]), (&json!("already_available"), &json!(IMAGE)), "{answer}");
    let (error, message) = send("restore-live").expect_err("a stack that allows no live restore");
    assert_eq!(error, "Sunset.Invalid", "{message}");
    assert!(message.contains("AllowLive=false"), "{message}");
}
