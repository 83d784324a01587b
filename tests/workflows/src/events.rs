//! The events in `events/`: each one sent, and what must come of it.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value, json};
use sunset_local::Place;
use sunset_wire::Image;

use crate::loopback::Scene;
use crate::run::count;
use crate::stage::Answer;

/// The functions, by their binaries.
pub const FUNCTIONS: [&str; 4] = ["list-expired-amis", "deregister", "delete-snapshot", "restore"];

/// The run that the events name.
const RUN: &str = "20260302T120000Z-4f1c2a9be07d";
/// The image that the events name: the tutorial's.
const IMAGE: &str = "ami-0d548220085c3a287";
const SNAPSHOT: &str = "snap-03741d041ff197f39";

/// The image that the events name.
#[must_use]
pub fn image() -> Image {
    Image::new(IMAGE).named("web-2025-02-24").aged_hours(600 * 24).snapshots([SNAPSHOT])
}

/// The names of all events.
#[must_use]
pub fn names() -> BTreeSet<String> {
    let folder = Place::here().expect("a clone").root().join("events");
    let files = fs::read_dir(folder).expect("the events").map(|file| file.expect("an event's file").file_name());
    files.map(|file| file.to_string_lossy().trim_end_matches(".json").to_owned()).collect()
}

/// The names of the events for functions; the others are inputs of the workflow.
#[must_use]
pub fn names_for_functions() -> BTreeSet<String> {
    names().into_iter().filter(|name| function(name).is_some()).collect()
}

/// An event by its name.
#[must_use]
pub fn event(name: &str) -> Value {
    let file = Place::here().expect("a clone").root().join("events").join(format!("{name}.json"));
    serde_json::from_slice(&fs::read(file).expect("an event")).expect("an event in JSON")
}

fn function(name: &str) -> Option<&'static str> {
    FUNCTIONS.into_iter().find(|function| name.starts_with(function))
}

/// What calls a function with an event.
pub type Call<'a> = &'a dyn Fn(&'static str, &Value) -> Answer;

/// Sends every event that is for a function, and fails where one is not answered as it must be. `scene` is a dry stack with
/// [`image`] alone.
pub fn send_each(scene: &Scene, call: Call<'_>) {
    let sent = RefCell::new(BTreeSet::new());
    let send = |name: &'static str| {
        sent.borrow_mut().insert(name.to_owned());
        call(function(name).expect("an event for a function"), &event(name))
    };
    of_the_tutorial(&send);
    of_no_run(&send);
    let listed = send("list-expired-amis-list").expect("a list");
    assert_eq!((&listed["verdict"], &listed["mode"]), (&json!("proceed"), &json!("dry-run")), "{listed}");
    assert_eq!((count(&listed, "images"), count(&listed, "due")), (1, 1), "{listed}");
    under_the_name_of_the_events_run(scene, listed["run_id"].as_str().expect("the list's run"));
    of_the_run(scene, &send);
    of_restore(&send);
    assert_eq!(*sent.borrow(), names_for_functions(), "an event was not sent");
    assert!(scene.changes().is_empty(), "{:?}", scene.changes());
}

/// By hand: dry, under the deployed policy.
fn of_the_tutorial(send: &dyn Fn(&'static str) -> Answer) {
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
fn of_no_run(send: &dyn Fn(&'static str) -> Answer) {
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

fn of_the_run(scene: &Scene, send: &dyn Fn(&'static str) -> Answer) {
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

fn of_restore(send: &dyn Fn(&'static str) -> Answer) {
    let answer = send("restore-dry-run").expect("an answer");
    assert_eq!((&answer["outcome"], &answer["image_id"]), (&json!("already_available"), &json!(IMAGE)), "{answer}");
    let (error, message) = send("restore-live").expect_err("a stack that allows no live restore");
    assert_eq!(error, "Sunset.Invalid", "{message}");
    assert!(message.contains("AllowLive=false"), "{message}");
}
