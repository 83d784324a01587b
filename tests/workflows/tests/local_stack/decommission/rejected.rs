//! What people may answer, who is heard, and what one no does.

use serde_json::{Value, json};
use sunset_local::Replied;
use sunset_workflows::decommission::desk;

#[track_caller]
fn refused(reply: &Replied, status: u16, why: &str) {
    assert_eq!(reply.status, status, "{why}: {reply:?}");
    assert!(reply.body["error"].as_str().is_some_and(|error| !error.is_empty()), "{why}: {reply:?}");
}

#[test]
fn one_no_with_its_reason_ends_it_and_nothing_is_changed() {
    let desk = desk();
    let id = desk.instance("rejected");
    let before = desk.stack.instance(&id).unwrap();
    let process = desk.process("EC2Instance", &id);
    process.until_token("awaiting_approval", "approval");

    assert_eq!(process.vote("grace", "approve").status, 200);
    let without_reason = process.request("vote", &json!({"plan_hash": process.plan_hash(), "answer": "reject"}));
    refused(&process.sends("ada", &without_reason), 400, "a no says why");
    let no = process.vote("ada", "reject");
    assert_eq!((no.status, &no.body["decision"]["decision"]), (200, &json!("rejected")), "{no:?}");

    let late = process.ballot("approve");
    let ended = process.ended().succeeded_as("rejected");
    assert_eq!(desk.stack.instance(&id).unwrap(), before);
    assert!(ended.outcome().contains("because I say so"), "{}", ended.outcome());
    assert!(desk.stack.steps(&ended.process.id).unwrap().is_empty());
    refused(&ended.process.sends("lin", &late), 409, "it is decided");
}

#[test]
fn only_people_who_are_asked_are_heard_once_and_on_the_plan_that_they_saw() {
    let desk = desk();
    let id = desk.instance("heard");
    let process = desk.process_with("EC2Instance", &id, &json!({"initiator": "kay"}));
    process.until_token("awaiting_approval", "approval");
    let ballot = process.ballot("approve");
    let stack = desk.stack;

    let forbidden = [
        ("nobody", stack.stranger().unwrap()),
        ("a wrong secret", stack.person("ada").unwrap().with_a_wrong_secret()),
        ("the root user", stack.root().unwrap()),
        ("a user who is in no policy", stack.person("mallory").unwrap()),
        ("a role that is in no policy", stack.session("pipeline", "ada").unwrap()),
        ("a role that calls itself like a person", stack.session("ada", "ada").unwrap()),
        ("the initiator", stack.person("kay").unwrap()),
    ];
    for (who, person) in &forbidden {
        assert_eq!(person.post(&ballot).unwrap().status, 403, "{who}");
    }
    assert_eq!(process.record()["status"], "awaiting_approval");
    assert!(stack.process_items(&process.id, "VOTE#").unwrap().is_empty());

    let mut other_plan = ballot.clone();
    other_plan["plan_hash"] = json!("0".repeat(64));
    refused(&process.sends("ada", &other_plan), 409, "another plan");
    let mut unknown = ballot.clone();
    unknown["process_id"] = json!("01KAG3V7Q4M2ZD9X5T8R6W0B1C");
    refused(&process.sends("ada", &unknown), 404, "no such process");
    let mut misspelt = ballot.clone();
    misspelt["awnser"] = json!("approve");
    refused(&process.sends("ada", &misspelt), 400, "a field that there is not");
    let ada = stack.person("ada").unwrap();
    refused(&ada.post_bytes(b"{\"schema\":1,").unwrap(), 400, "no JSON");
    refused(&ada.post_bytes(&vec![b' '; 100_000]).unwrap(), 413, "too long");

    assert_eq!(ada.post(&ballot).unwrap().body["repeated"], json!(false));
    let by_another_key = stack.identity_centre_session("ada@example.com").unwrap().post(&ballot).unwrap();
    assert_eq!((by_another_key.status, &by_another_key.body["repeated"]), (200, &json!(true)), "one person, one vote");
    refused(&process.vote("ada", "reject"), 409, "the first answer stands");
    let votes = stack.process_items(&process.id, "VOTE#").unwrap();
    assert_eq!(votes.iter().map(|vote| &vote["person"]).collect::<Vec<_>>(), [&json!("ada")], "{votes:?}");

    assert_eq!(process.vote("lin", "reject").status, 200);
    process.ended().succeeded_as("rejected");
    assert_eq!(stack.instance(&id).unwrap().unwrap().state, "running");
}

#[test]
fn a_plain_invoke_that_claims_to_be_somebody_is_no_vote_of_the_state_machine() {
    let desk = desk();
    let forged =
        json!({"schema": 1, "action": "vote", "process_id": "01KAG3V7Q4M2ZD9X5T8R6W0B1C", "answer": "approve"});
    let answer = desk.stack.invoke("approve", &forged).unwrap();
    assert_eq!(answer.error_type.as_deref(), Some("Sunset.Invalid"), "{}", answer.payload);
    let no_caller: Value = json!({
        "version": "2.0",
        "rawPath": "/",
        "headers": {"content-type": "application/json"},
        "requestContext": {"http": {"method": "POST", "path": "/"}},
        "body": forged.to_string(),
        "isBase64Encoded": false,
    });
    let answer = desk.stack.invoke("approve", &no_caller).unwrap();
    assert_eq!((answer.error_type, &answer.payload["statusCode"]), (None, &json!(403)), "{}", answer.payload);
}
