//! Failures after the point of no return: a person decides.

use serde_json::json;
use sunset_wire::{Fault, When};
use sunset_workflows::Scene;
use sunset_workflows::decommission::Process;

use super::loopback::{INSTANCE, process, with_an_instance};

/// A process that EC2 refuses its last step.
fn held() -> (Scene, Process) {
    let scene = with_an_instance();
    let refusal = Fault::error(400, "OperationNotPermitted", "somebody changed the organisation's policy");
    scene.ec2.faults().add("TerminateInstances", When::Every, refusal);
    let process = process(&scene, "EC2Instance", INSTANCE);
    process.approve();
    let record = process.until_token("held", "hold");
    assert!(record["hold"]["because"].as_str().unwrap().contains("organisation's policy"), "{record:?}");
    assert_eq!(record["past_the_point_of_no_return"], json!(true));
    assert_eq!(scene.changes_by("TerminateInstances"), 0);
    (scene, process)
}

#[test]
fn a_held_process_goes_on_when_a_person_lets_it_try_again() {
    let (scene, process) = held();
    let told = scene.notices();
    assert!(told.iter().any(|notice| notice.contains(&process.id) && notice.contains("retry")), "{told:?}");
    let unknown = process.sends("mallory", &process.request("resolve", &json!({"choice": "retry", "reason": "x"})));
    assert_eq!(unknown.status, 403, "{unknown:?}");

    scene.ec2.faults().clear();
    process.obeys("ada", "resolve", &json!({"choice": "retry", "reason": "the policy is as it was"}));

    let ended = process.ended().succeeded_as("completed");
    assert_eq!(scene.ec2.account().instance_state(INSTANCE), Some("terminated"));
    assert_eq!(scene.changes_by("TerminateInstances"), 1);
    assert!(ended.process.events().contains(&"RESOLVED".to_owned()));
}

#[test]
fn a_held_process_that_nobody_has_decided_about_goes_on_waiting() {
    let (scene, process) = held();
    let token = process.token("hold").unwrap();
    scene.stack.send_task_success(&token, &json!({"choice": "retry"})).unwrap();
    process.until("another token", |_| process.token("hold").is_some_and(|next| next != token));
    assert_eq!((process.status().as_str(), scene.changes_by("TerminateInstances")), ("held", 0));

    process.obeys("ada", "resolve", &json!({"choice": "recover", "reason": "we will see later"}));
    let ended = process.ended();
    assert_eq!(ended.record["status"], "rolled_back", "{:?}", ended.finished);
    assert_eq!(scene.ec2.account().instance_state(INSTANCE), Some("running"));
}

#[test]
fn a_person_may_accept_what_there_is() {
    let (scene, process) = held();
    process.obeys("ada", "resolve", &json!({"choice": "accept", "reason": "we terminate it by hand"}));
    let ended = process.ended();
    assert_eq!(scene.ec2.account().instance_state(INSTANCE), Some("stopped"));
    assert!(ended.markdown().contains("we terminate it by hand"), "{}", ended.markdown());
}

#[test]
fn one_step_back_that_fails_does_not_stop_the_others_and_the_end_says_so() {
    let scene = with_an_instance();
    let process = process(&scene, "EC2Instance", INSTANCE);
    process.approve();
    process.until_token("soaking", "soak");
    let refusal = Fault::error(400, "OperationNotPermitted", "nothing is started at night");
    scene.ec2.faults().add("StartInstances", When::Every, refusal);

    process.obeys("grace", "end_soak", &json!({"reason": "needed"}));

    let ended = process.ended().failed_as("rollback_failed", "Sunset.RollbackFailed");
    assert!(ended.markdown().contains("nothing is started at night"), "{}", ended.markdown());
    let tags = scene.ec2.account().instances[INSTANCE].tags.clone();
    assert!(!tags.contains_key("sunset:process"), "its tags were taken off all the same: {tags:?}");
}
