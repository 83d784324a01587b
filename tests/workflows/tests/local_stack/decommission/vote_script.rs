//! `scripts/vote`, as an approver runs it.

use std::process::{Command, Output};

use serde_json::json;
use sunset_local::{Person, REGION};
use sunset_workflows::decommission::{Process, desk};

fn vote(person: &Person, url: &str, arguments: &[&str]) -> Output {
    let (key, secret) = person.keys().unwrap();
    let script = sunset_local::Place::here().unwrap().root().join("scripts/vote");
    Command::new(script)
        .arg(url)
        .args(arguments)
        .env_remove("AWS_SESSION_TOKEN")
        .env("AWS_ACCESS_KEY_ID", key)
        .env("AWS_SECRET_ACCESS_KEY", secret)
        .env("AWS_REGION", REGION)
        .env("NO_PROXY", "*")
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn curl_is_there() -> bool {
    let there = Command::new("curl").arg("--version").output().is_ok();
    if !there {
        eprintln!("skipped: curl is not there");
    }
    there
}

fn awaiting(name: &str) -> (Process, String) {
    let desk = desk();
    let id = desk.instance(name);
    let process = desk.process("EC2Instance", &id);
    process.until_token("awaiting_approval", "approval");
    (process, desk.stack.approve_url().unwrap())
}

#[test]
fn the_script_shows_what_is_to_be_approved_and_casts_the_vote() {
    if !curl_is_there() {
        return;
    }
    let (process, url) = awaiting("script");
    let ada = process.stack.person("ada").unwrap();

    let unsure = vote(&ada, &url, &[&process.id, "maybe"]);
    assert!(!unsure.status.success(), "{}", said(&unsure));
    let silent = vote(&ada, &url, &[&process.id, "reject"]);
    assert!(!silent.status.success() && said(&silent).contains("reason"), "{}", said(&silent));
    let looked = vote(&ada, &url, &[&process.id]);
    assert!(looked.status.success(), "{}", said(&looked));
    for part in [process.plan_hash().as_str(), "awaiting_approval", "terminate_instance"] {
        assert!(said(&looked).contains(part), "{part}: {}", said(&looked));
    }
    assert!(process.stack.process_items(&process.id, "VOTE#").unwrap().is_empty(), "looking is not voting");

    let stranger = vote(&process.stack.person("mallory").unwrap(), &url, &[&process.id, "approve"]);
    assert!(!stranger.status.success() && said(&stranger).contains("403"), "{}", said(&stranger));
    let yes = vote(&ada, &url, &[&process.id, "approve"]);
    assert!(yes.status.success(), "{}", said(&yes));
    let no =
        vote(&process.stack.person("lin").unwrap(), &url, &[&process.id, "reject", "the \"audit\" needs\tit \\ äöü"]);
    assert!(no.status.success(), "{}", said(&no));

    let ended = process.ended().succeeded_as("rejected");
    let votes = ended.process.stack.process_items(&ended.process.id, "VOTE#").unwrap();
    let reasons: Vec<_> = votes.iter().map(|vote| (&vote["person"], &vote["reason"])).collect();
    let because = json!("the \"audit\" needs it \\ äöü");
    assert_eq!(reasons, [(&json!("ada"), &json!(null)), (&json!("lin"), &because)]);
}

#[test]
fn the_script_objects_to_what_the_rule_approved() {
    if !curl_is_there() {
        return;
    }
    let desk = desk();
    let group = desk.security_group("script-objects");
    let process = desk.process_with("SecurityGroup", &group, &json!({"notice_seconds": 3600}));
    process.until_token("approved", "notice");
    let (ada, url) = (desk.stack.person("ada").unwrap(), desk.stack.approve_url().unwrap());

    let silent = vote(&ada, &url, &[&process.id, "opt_out"]);
    assert!(!silent.status.success() && said(&silent).contains("reason"), "{}", said(&silent));
    let stranger = vote(&desk.stack.person("mallory").unwrap(), &url, &[&process.id, "opt_out", "because"]);
    assert!(!stranger.status.success() && said(&stranger).contains("403"), "{}", said(&stranger));
    let objected = vote(&ada, &url, &[&process.id, "opt_out", "the audit needs it"]);
    assert!(objected.status.success(), "{}", said(&objected));

    let ended = process.ended().succeeded_as("cancelled");
    assert!(ended.outcome().contains("the audit needs it"), "{}", ended.outcome());
    assert!(desk.stack.security_group(&group).unwrap().is_some());
}
