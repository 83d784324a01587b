//! What cannot be taken back waits for a change window.

use std::time::Duration;

use serde_json::{Value, json};
use sunset_local::ALWAYS_OPEN;
use sunset_workflows::Scene;
use sunset_workflows::decommission::{Process, desk_with_windows};
use time::OffsetDateTime;

use super::loopback::{INSTANCE, process, with_an_instance};

/// Longer than a soak, and as long again.
const A_WHILE: Duration = Duration::from_secs(9);
/// Longer than anybody here waits.
const AN_HOUR: Duration = Duration::from_secs(3600);
/// Longer than it takes to deploy a stack and to soak.
const TO_DEPLOY: Duration = Duration::from_secs(75);
const MINUTE: Duration = Duration::from_secs(60);

/// A process that has soaked while the change calendar is closed.
fn scheduled(closed: Duration) -> (Scene, Process) {
    let scene = with_an_instance();
    let process = process(&scene, "EC2Instance", INSTANCE);
    process.approve();
    process.until_status("soaking");
    scene.close_calendar(closed);
    process.until_token("scheduled", "window");
    assert_eq!(scene.ec2.account().instance_state(INSTANCE), Some("stopped"));
    (scene, process)
}

#[test]
fn what_has_soaked_while_the_window_is_closed_is_looked_at_again_and_goes_once_it_opens() {
    let (scene, process) = scheduled(A_WHILE);
    assert_eq!(process.entered("Reassess"), 0);

    let ended = process.ended().succeeded_as("completed");

    assert_eq!(scene.ec2.account().instance_state(INSTANCE), Some("terminated"));
    assert_eq!(scene.changes_by("TerminateInstances"), 1);
    let events = ended.process.events();
    let at = |wanted: &str| events.iter().position(|event| event == wanted).unwrap_or_else(|| panic!("no {wanted}"));
    assert!(at("SOAK_STARTED") < at("SCHEDULED") && at("SCHEDULED") < at("REASSESSED"), "{events:?}");
    assert_eq!(["WaitForWindow", "Reassess"].map(|state| ended.process.entered(state)), [1, 1]);
}

#[test]
fn who_wakes_it_opens_no_window_and_who_ends_it_brings_everything_back() {
    let (scene, process) = scheduled(AN_HOUR);
    let token = process.token("window").unwrap();
    scene.stack.send_task_success(&token, &json!({"state": "open", "next": "execute"})).unwrap();
    process.until("another token", |_| process.token("window").is_some_and(|next| next != token));
    assert_eq!((process.status().as_str(), scene.changes_by("TerminateInstances")), ("scheduled", 0));

    process.obeys("lin", "end_soak", &json!({"reason": "the auditors still need it"}));

    let ended = process.ended().failed_as("rolled_back", "Sunset.RolledBack");
    assert_eq!(scene.ec2.account().instance_state(INSTANCE), Some("running"));
    assert_eq!(scene.changes_by("TerminateInstances"), 0);
    assert!(ended.outcome().contains("the auditors still need it"), "{}", ended.outcome());
    assert_eq!(ended.process.entered("Reassess"), 0);
}

/// A time as the policy file has it: to the minute.
fn minute(at: OffsetDateTime) -> String {
    format!("{}T{:02}:{:02}", at.date(), at.hour(), at.minute())
}

#[test]
fn what_has_soaked_in_a_freeze_of_the_policy_file_goes_when_the_freeze_is_over() {
    let now = OffsetDateTime::now_utc();
    let [from, to] = [now - AN_HOUR, now + TO_DEPLOY + MINUTE].map(minute);
    let desk =
        desk_with_windows(&format!("{ALWAYS_OPEN}freezes: [{{ from: {from}, to: {to}, because: a big sale }}]\n"));
    let group = desk.security_group("frozen");
    let process = desk.process("SecurityGroup", &group);
    process.until_token("scheduled", "window");
    assert!(desk.stack.security_group(&group).unwrap().is_some());

    let ended = process.ended().succeeded_as("completed");

    assert_eq!(desk.stack.security_group(&group).unwrap(), None);
    let events = desk.stack.audit_events(&ended.process.id).unwrap();
    let of = |name: &str| events.iter().find(|event| event["type"] == name).unwrap_or_else(|| panic!("no {name}"));
    let waits = &of("SCHEDULED")["data"];
    assert!(waits["because"].as_str().unwrap().contains("a big sale"), "{waits}");
    let opens = json!(format!("{to}:00Z"));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    assert_eq!(waits["opens_at"], opens);
    assert!(text(&of("REASSESSED")["at"]) >= text(&opens), "{events:?}");
}
