//! What is not retired this way, and what to change instead.

use sunset_local::NewInstance;
use sunset_workflows::decommission::{Desk, desk};

#[track_caller]
fn is_blocked(desk: Desk, resource_type: &str, id: &str, says: &str) {
    let ended = desk.process(resource_type, id).ended().failed_as("blocked", "Sunset.Blocked");
    assert!(ended.outcome().contains(says), "{says}: {}", ended.outcome());
    assert!(ended.finished.cause.contains(says), "{says}: {}", ended.finished.cause);
    let events = ended.process.events();
    assert!(!events.contains(&"APPROVAL_REQUESTED".into()), "{events:?}");
}

#[test]
fn what_an_auto_scaling_group_manages_is_blocked_with_the_name_of_the_group() {
    let desk = desk();
    let id = desk.instance("managed");
    desk.stack.put_under_auto_scaling("web-fleet", &desk.base_image(), &id).unwrap();
    is_blocked(desk, "EC2Instance", &id, "web-fleet");
    assert_eq!(desk.stack.instance(&id).unwrap().unwrap().state, "running");
}

#[test]
fn what_is_protected_from_termination_is_blocked_until_somebody_lifts_that() {
    let desk = desk();
    let id = desk.instance("protected");
    desk.stack.protect_from_termination(&id, true).unwrap();
    is_blocked(desk, "EC2Instance", &id, "protect");
    assert_eq!(desk.stack.instance(&id).unwrap().unwrap().state, "running");
}

#[test]
fn what_somebody_keeps_is_blocked_with_their_reason() {
    let desk = desk();
    let volume = desk.stack.make_volume(4, &[("sunset:keep", "evidence of case 17")]).unwrap();
    is_blocked(desk, "EBSVolume", &volume, "evidence of case 17");
    assert_eq!(desk.stack.volume(&volume).unwrap().unwrap().state, "available");
}

#[test]
fn a_group_that_a_rule_of_another_names_is_blocked_with_the_other_ones_id() {
    let desk = desk();
    let [named, naming] =
        ["named-by-rule", "naming-by-rule"].map(|it| desk.stack.make_security_group(it, &[]).unwrap());
    desk.stack.allow(&named, &naming, 5432).unwrap();
    is_blocked(desk, "SecurityGroup", &named, &naming);
}

#[test]
fn the_only_group_of_an_interface_is_blocked() {
    let desk = desk();
    let group = desk.stack.make_security_group("only-group", &[]).unwrap();
    desk.stack.make_instance(NewInstance::of(&desk.base_image()).security_group(&group)).unwrap();
    is_blocked(desk, "SecurityGroup", &group, "no other group");
}

#[test]
fn what_does_not_exist_is_blocked() {
    is_blocked(desk(), "EC2Instance", "i-0123456789abcdef0", "i-0123456789abcdef0");
}
