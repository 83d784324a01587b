//! The audit trail, as whoever checks it finds it.

use serde_json::{Value, json};
use sunset_workflows::decommission::desk;

#[test]
fn an_event_that_somebody_changed_afterwards_is_found() {
    let desk = desk();
    let group = desk.stack.make_security_group("audited", &[]).unwrap();
    let process = desk.process_with("SecurityGroup", &group, &json!({"mode": "dry-run"}));
    let ended = process.ended().succeeded_as("completed");
    let verify = || {
        let event = json!({"schema": 1, "action": "verify_audit", "process_id": ended.process.id});
        let answer = desk.stack.invoke("validate", &event).unwrap();
        assert_eq!(answer.error_type, None, "{}", answer.payload);
        answer.payload
    };
    let sound = verify();
    let events = desk.stack.audit_events(&ended.process.id).unwrap();
    assert_eq!((&sound["sound"], &sound["events"]), (&json!(true), &json!(events.len())), "{sound}");

    let mut forged = events[1].clone();
    forged.insert("actor".to_owned(), json!("person:eve"));
    desk.stack.forge_audit_event(&Value::Object(forged)).unwrap();

    let found = verify();
    assert_eq!(found["sound"], json!(false), "{found}");
    let seq = events[1]["seq"].to_string();
    assert!(found["defects"][0]["in_words"].as_str().unwrap().contains(&seq), "{found}");
}
