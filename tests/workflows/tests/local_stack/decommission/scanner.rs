//! Programs that look for harm in mails open every link before its reader does.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sunset_local::Stack;
use sunset_workflows::decommission::{Process, desk};
use ureq::http::Method;

/// What a page leads to, as this machine reaches it.
fn leads_to(stack: &Stack, page: &str) -> Vec<String> {
    let here = stack.page_url().unwrap();
    let found = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    found.filter(|href| href.starts_with("?l=")).map(|href| format!("{here}{}", href.replace("&amp;", "&"))).collect()
}

/// Opens links as a scanner does, and what their pages lead to.
fn scan(stack: &Stack, links: &[String]) {
    let visit = |method: &Method, link: &str| {
        let shown = stack.visit(method, link, &[("user-agent", "a scanner of mails")], &[]).unwrap();
        assert_eq!(shown.status, 200, "{method} {link}: {shown:?}");
        shown.body
    };
    let mut behind = Vec::new();
    for link in links {
        assert!(visit(&Method::HEAD, link).is_empty());
        behind.extend(leads_to(stack, &visit(&Method::GET, link)));
    }
    assert!(behind.len() >= links.len() / 2, "{behind:?}");
    for link in behind {
        visit(&Method::HEAD, &link);
        visit(&Method::GET, &link);
    }
}

fn links(process: &Process, people: &[&str]) -> Vec<String> {
    people.iter().flat_map(|person| process.links(person)).collect()
}

/// All that is stored about a process: in the ledger, in the audit trail, and for the people who are asked.
fn stored(process: &Process, people: &[&str]) -> BTreeMap<&'static str, Value> {
    let stack = process.stack;
    let own = format!("PROC#{}", process.id);
    let waiting: Vec<_> = people
        .iter()
        .flat_map(|person| stack.items(&format!("PERSON#{person}")).unwrap())
        .filter(|item| item["sk"] == json!(own))
        .collect();
    assert_eq!(waiting.len(), people.len(), "{waiting:?}");
    let attempts = stack.page_attempts().unwrap().into_iter();
    let refused: Vec<_> = attempts.filter(|it| it.get("link_process_id") == Some(&json!(process.id))).collect();
    BTreeMap::from([
        ("the ledger", json!(stack.items(&own).unwrap())),
        ("the audit trail", json!(stack.audit_events(&process.id).unwrap())),
        ("what waits for people", json!(waiting)),
        ("what was refused", json!(refused)),
    ])
}

#[test]
fn whoever_opens_every_link_of_every_notice_has_answered_nothing_and_people_still_can() {
    let desk = desk();
    let id = desk.volume("scanned");
    let process = desk.process("EBSVolume", &id);
    process.until_token("awaiting_approval", "approval");
    let people = ["ada", "grace", "lin"];
    let before = stored(&process, &people);

    scan(desk.stack, &links(&process, &people));

    assert_eq!(stored(&process, &people), before);
    for person in people {
        process.answered_by_link(person, "approve", "");
    }
    process.ended().succeeded_as("completed");
    assert_eq!(desk.stack.volume(&id).unwrap(), None);
}

#[test]
fn whoever_opens_every_link_has_objected_to_nothing() {
    let desk = desk();
    let group = desk.security_group("scanned-group");
    let process = desk.process_with("SecurityGroup", &group, &json!({"notice_seconds": 20}));
    process.until_token("approved", "notice");
    let people = ["ada", "grace"];
    let before = stored(&process, &people);

    scan(desk.stack, &links(&process, &people));

    assert_eq!(stored(&process, &people), before);
    let ended = process.ended().succeeded_as("completed");
    assert!(ended.process.votes().is_empty());
}
