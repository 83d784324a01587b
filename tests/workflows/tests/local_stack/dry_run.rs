//! What a dry run shows, and what it leaves alone.

use serde_json::json;
use sunset_workflows::{Seen, events};

use crate::moto_account::moto;

#[test]
fn a_dry_run_changes_nothing_and_records_no_intent() {
    let stage = moto();
    let before = Seen::now(&stage);

    let run = stage.dry(&json!({"include_names": ["dry-*"]})).succeeded().with_verdict("completed");

    assert_eq!(["would_deregister", "snapshots_would_delete", "failed"].map(|what| run.count(what)), [2, 2, 0]);
    assert_eq!(Seen::now(&stage), before);
    for intent in ["IMAGE#", "PENDING#", "LOCK#"] {
        assert!(stage.items_of(intent).is_empty(), "{:?}", stage.items_of(intent));
    }
    assert!(stage.notices().is_empty());
    let [used, unused] = ["dry-in-use", "dry-1"].map(|name| stage.reasons(&run, &before.images[name].id));
    assert_eq!((used, unused), (vec!["in_use".to_owned()], vec!["expired".to_owned(), "unused".to_owned()]));
}

#[test]
fn a_stack_without_allow_live_refuses_a_live_start_and_nothing_changes() {
    let scene = events::scene();

    let run = scene.live(&json!({})).failed_with("Sunset.Invalid");

    assert!(run.message().contains("AllowLive=false"), "{}", run.message());
    assert!(scene.ec2.calls().is_empty(), "it was refused before any call");
    let items = scene.items_of("");
    assert!(items.is_empty(), "{items:?}");
}

#[test]
fn an_input_that_would_allow_more_than_the_template_is_refused_by_name() {
    let scene = events::scene();

    let run = scene.dry(&json!({"max_deletions": 51})).failed_with("Sunset.Invalid");
    assert!(run.message().contains("input.max_deletions is 51"), "{}", run.message());
    let run = scene.dry(&json!({"exclude_name": ["web-*"]})).failed_with("Sunset.Invalid");
    assert!(run.message().contains("exclude_name is not a field"), "{}", run.message());
    assert!(scene.ec2.calls().is_empty());
}
