//! The soak finds something out: everything is as it was.

use serde_json::{Value, json};
use sunset_workflows::decommission::{Desk, Ended, Process, desk};

/// Starts an instance's process, lets it be approved, and waits until it rests.
fn soaking(desk: Desk, name: &str) -> (String, Process) {
    let id = desk.instance(name);
    let process = desk.process("EC2Instance", &id);
    process.approve();
    process.until_token("soaking", "soak");
    assert_eq!(desk.stack.instance(&id).unwrap().unwrap().state, "stopped");
    (id, process)
}

#[track_caller]
fn as_it_was(desk: Desk, id: &str, process: Process, because: &str) -> Ended {
    let ended = process.ended().failed_as("rolled_back", "Sunset.RolledBack");
    let instance = desk.stack.instance(id).unwrap().unwrap();
    assert_eq!(instance.state, "running");
    assert!(!instance.tags.keys().any(|key| key.starts_with("sunset:") && key != "sunset:keep"), "{instance:?}");
    assert_eq!(instance.volume_ids.len(), 2);
    assert!(ended.outcome().contains(because), "{}", ended.outcome());
    assert!(ended.markdown().contains(because));
    let steps = desk.stack.steps(&ended.process.id).unwrap();
    assert!(!steps.iter().any(|step| step["step"].as_str().unwrap().contains("terminate")), "{steps:?}");
    let notices = desk.notices_about(&ended.process.id);
    assert!(notices.iter().any(|notice| notice.contains(because)), "{notices:?}");
    ended
}

#[test]
fn a_dependent_that_appears_in_the_soak_brings_the_instance_back() {
    let desk = desk();
    let (id, process) = soaking(desk, "needed");
    let dependent = json!([{"resource_id": "billing-export", "dependency_type": "critical"}]);
    desk.stack.put_dependents(&id, &dependent).unwrap();
    as_it_was(desk, &id, process, "billing-export");
}

#[test]
fn somebody_who_tags_it_to_be_kept_in_the_soak_gets_it_back() {
    let desk = desk();
    let (id, process) = soaking(desk, "kept");
    desk.stack.tag(&id, "sunset:keep", "the month-end job").unwrap();
    as_it_was(desk, &id, process, "the month-end job");
}

#[test]
fn somebody_who_starts_it_in_the_soak_gets_it_back() {
    let desk = desk();
    let (id, process) = soaking(desk, "started");
    desk.stack.ec2("StartInstances", &[("InstanceId.1", &id)]).unwrap();
    as_it_was(desk, &id, process, "running");
}

#[test]
fn a_person_who_ends_the_soak_brings_it_back_at_once() {
    let desk = desk();
    let (id, process) = soaking(desk, "ended");
    process.obeys("lin", "end_soak", &json!({"reason": "the auditors still need it"}));
    let ended = as_it_was(desk, &id, process, "the auditors still need it");
    assert_eq!(ended.record["soak_ended"]["by"], json!("lin"));
    assert!(!ended.process.events().contains(&"REASSESSED".to_owned()));
}

#[test]
fn a_resource_that_is_another_one_after_the_approval_is_asked_about_again() {
    let desk = desk();
    let id = desk.instance("changed");
    let process = desk.process("EC2Instance", &id);
    process.until_token("awaiting_approval", "approval");
    let volume = desk.stack.make_volume(7, &[]).unwrap();
    desk.stack.attach_volume(&volume, &id, "/dev/sdg").unwrap();
    let seen = process.plan_hash();

    process.approve();
    let asked_again = process.until("another asking", |record| record["round"]["number"] == json!(2));
    assert_ne!(asked_again["plan_hash"], Value::from(seen));
    assert_eq!(desk.stack.instance(&id).unwrap().unwrap().state, "running");
    process.until_status("awaiting_approval");
    assert_eq!(process.vote("ada", "reject").status, 200);
    process.ended().succeeded_as("rejected");
}
