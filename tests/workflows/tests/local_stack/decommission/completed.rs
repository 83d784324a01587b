//! The whole way.

use serde_json::json;
use sunset_workflows::decommission::desk;

#[test]
fn an_instance_is_stopped_imaged_watched_and_terminated_and_leaves_backups_a_report_and_a_sound_trail() {
    let desk = desk();
    let id = desk.instance("whole-way");
    let before = desk.stack.instance(&id).unwrap().unwrap();

    let process = desk.process("EC2Instance", &id);
    process.until_status("awaiting_approval");
    assert_eq!(desk.stack.instance(&id).unwrap().unwrap(), before, "nothing is changed before an approval");
    let seen = desk.stack.person("ada").unwrap().look(&process.id).unwrap();
    assert_eq!(seen.status, 200, "{seen:?}");
    assert_eq!(seen.body["plan"]["hash"], json!(process.plan_hash()), "{seen:?}");
    assert!(!seen.body["risk"]["points"].as_array().unwrap().is_empty(), "{seen:?}");

    process.approve();
    process.until_status("soaking");
    let soaking = desk.stack.instance(&id).unwrap().unwrap();
    assert_eq!(soaking.state, "stopped");
    assert_eq!(soaking.tags.get("sunset:process"), Some(&process.id));

    let ended = process.ended().succeeded_as("completed");
    assert_eq!(desk.stack.instance(&id).unwrap().unwrap().state, "terminated");
    let images = desk.stack.images().unwrap();
    let backups: Vec<_> =
        images.iter().filter(|image| image.tags.get("sunset:process") == Some(&ended.process.id)).collect();
    let [backup] = backups.as_slice() else { panic!("{images:?}") };
    assert_eq!((backup.state.as_str(), backup.snapshot_ids.len()), ("available", 2));
    assert!(backup.tags.contains_key("sunset:keep-until"), "{backup:?}");
    let data = &before.volume_ids["/dev/sdf"];
    assert_eq!(desk.stack.volume(data).unwrap().unwrap().state, "available", "it does not go with the instance");

    let report = ended.report();
    assert!(report["leftovers"].to_string().contains(data.as_str()), "{}", report["leftovers"]);
    assert!(report["way_back"].to_string().contains(&backup.id), "{}", report["way_back"]);
    assert_eq!(report["checklist"].as_array().unwrap().len(), 26, "C36 to C40");
    assert!(report["votes"].as_array().unwrap().len() >= 2, "{}", report["votes"]);
    let markdown = ended.markdown();
    for part in [id.as_str(), backup.id.as_str(), "nobody has used it for a year", "cleanup-campaign"] {
        assert!(markdown.contains(part), "{part}: {markdown}");
    }
    let events = ended.process.events();
    for (first, then) in [
        ("APPROVAL_REQUESTED", "APPROVED"),
        ("APPROVED", "PLAN_CONFIRMED"),
        ("PLAN_CONFIRMED", "STEP_INTENDED"),
        ("SOAK_STARTED", "REASSESSED"),
        ("REASSESSED", "VALIDATED"),
        ("VALIDATED", "PROCESS_COMPLETED"),
    ] {
        let at = |wanted: &str| events.iter().position(|event| event == wanted);
        assert!(at(first).is_some() && at(first) < at(then), "{first} before {then}: {events:?}");
    }
    let notices = desk.notices_about(&ended.process.id);
    assert!(
        notices.len() >= 2 && notices.iter().any(|notice| notice.contains(&ended.process.plan_hash())),
        "{notices:?}"
    );
}

#[test]
fn what_is_of_low_risk_and_can_be_made_again_is_approved_by_rule_with_notice() {
    let desk = desk();
    let group = desk.security_group("by-rule");

    let ended = desk.process("SecurityGroup", &group).ended().succeeded_as("completed");

    assert_eq!(desk.stack.security_group(&group).unwrap(), None);
    let events = ended.process.events();
    assert!(events.contains(&"AUTO_APPROVED".into()) && !events.contains(&"APPROVAL_REQUESTED".into()), "{events:?}");
    assert!(!desk.notices_about(&ended.process.id).is_empty(), "low risk goes with notice too");
}

#[test]
fn people_are_asked_about_what_is_of_low_risk_where_the_start_says_so() {
    let desk = desk();
    let group = desk.security_group("not-by-rule");

    let process = desk.process_with("SecurityGroup", &group, &json!({"auto_approve": false}));
    process.until_status("awaiting_approval");
    process.approve();

    process.ended().succeeded_as("completed");
    assert_eq!(desk.stack.security_group(&group).unwrap(), None);
}
