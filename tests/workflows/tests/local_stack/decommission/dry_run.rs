//! What a dry run shows, and what it leaves alone.

use serde_json::json;
use sunset_workflows::decommission::desk;

#[test]
fn a_dry_run_shows_risk_and_plan_asks_nobody_and_changes_nothing() {
    let desk = desk();
    let id = desk.instance("dry");
    let before = desk.stack.instance(&id).unwrap();

    let process = desk.process_with("EC2Instance", &id, &json!({"mode": "dry-run"}));
    let ended = process.ended().succeeded_as("completed");

    assert_eq!(desk.stack.instance(&id).unwrap(), before);
    let images = desk.stack.images().unwrap();
    assert!(
        !images.iter().any(|image| image.tags.contains_key("sunset:process") && image.name.contains(&id)),
        "{images:?}"
    );
    let events = ended.process.events();
    let acts = ["APPROVAL_REQUESTED", "STEP_INTENDED", "STEP_CALLED", "SOAK_STARTED"];
    assert!(!events.iter().any(|event| acts.contains(&event.as_str())), "{events:?}");
    let report = ended.report();
    assert!(!report["assessment"]["points"].as_array().unwrap().is_empty(), "{report}");
    assert!(!report["plan"]["steps"].as_array().unwrap().is_empty(), "{report}");
    assert!(desk.stack.process_items(&ended.process.id, "TOKEN#").unwrap().is_empty());

    let again = desk.process_with("EC2Instance", &id, &json!({"mode": "dry-run"}));
    again.ended().succeeded_as("completed");
}
