//! What the rule approved, and the time in which people may object to it.

use serde_json::{Value, json};
use sunset_workflows::decommission::desk;

#[test]
fn one_objection_by_link_cancels_it_at_once_and_nothing_is_changed() {
    let desk = desk();
    let group = desk.security_group("objected");
    let before = desk.stack.security_group(&group).unwrap();
    // Longer than anybody here waits for the end.
    let process = desk.process_with("SecurityGroup", &group, &json!({"notice_seconds": 3600}));
    process.until_token("approved", "notice");

    process.answered_by_link("grace", "reject", "auditors");

    let ended = process.ended().succeeded_as("cancelled");
    assert_eq!(desk.stack.security_group(&group).unwrap(), before);
    assert!(desk.stack.steps(&ended.process.id).unwrap().is_empty());
    assert!(ended.outcome().contains("grace") && ended.outcome().contains("auditors"), "{}", ended.outcome());
    assert!(ended.markdown().contains("auditors"), "{}", ended.markdown());
    let reached = ["ProcessRejected", "PlanDecommissioning"].map(|state| ended.process.entered(state));
    assert_eq!(reached, [1, 0], "{:?}", ended.process.events());
    assert!(ended.process.events().contains(&"OPTED_OUT".to_owned()), "{:?}", ended.process.events());
    assert_eq!(ended.process.votes(), ["grace reject link/grace"]);
}

#[test]
fn what_nobody_objects_to_goes_on_when_its_time_is_over_and_not_before() {
    let desk = desk();
    let group = desk.security_group("not-objected");
    let process = desk.process_with("SecurityGroup", &group, &json!({"notice_seconds": 6}));
    let record = process.until_token("approved", "notice");
    assert_eq!(record["notice"]["over"], json!(false), "{record:?}");
    assert!(desk.stack.security_group(&group).unwrap().is_some());
    for person in ["ada", "grace"] {
        let told = process.told(person);
        assert!(told.len() == 1 && told[0].contains("unless somebody objects"), "{person}: {told:?}");
    }
    assert!(process.told("lin").is_empty(), "it is nobody else's");

    let ended = process.ended().succeeded_as("completed");

    assert_eq!(desk.stack.security_group(&group).unwrap(), None);
    let events = desk.stack.audit_events(&ended.process.id).unwrap();
    let first = |name: &str| events.iter().find(|event| event["type"] == name).unwrap_or_else(|| panic!("no {name}"));
    let [over, acted] = ["NOTICE_OVER", "STEP_INTENDED"].map(first);
    assert!(over["seq"].as_u64() < acted["seq"].as_u64(), "{events:?}");
    let at = |value: &Value| value.as_str().unwrap().to_owned();
    assert!(at(&over["at"]) >= at(&record["notice"]["until"]), "{over:?}");
    assert_eq!(ended.record["notice"]["over"], json!(true));
}
