use proptest::prelude::*;
use rstest::rstest;
use serde_json::json;

use super::*;

const ID: &str = "01KAG3V7Q4M2ZD9X5T8R6W0B1C";
const RECORDED: &str = include_str!("../../../tests/identities/user.json");

fn hash() -> String {
    "a".repeat(64)
}

fn recorded() -> Value {
    serde_json::from_str(RECORDED).unwrap()
}

fn post(body: &Value) -> Value {
    let mut event = recorded();
    event["body"] = json!(body.to_string());
    event
}

fn get(query: Value) -> Value {
    let mut event = recorded();
    event["requestContext"]["http"]["method"] = json!("GET");
    event["queryStringParameters"] = query;
    event["body"] = Value::Null;
    event
}

fn refused(event: &Value) -> (u16, String) {
    let error = PersonRequest::parse(event).unwrap_err();
    (error.status, error.message)
}

fn vote() -> Value {
    json!({"schema": 1, "action": "vote", "process_id": ID, "plan_hash": hash(), "answer": "reject", "reason": "in use"})
}

#[test]
fn a_recorded_request_is_a_vote() {
    let PersonRequest::Vote { process_id, answer, reason, .. } = PersonRequest::parse(&recorded()).unwrap() else {
        panic!()
    };
    assert_eq!((process_id.as_str(), answer, reason), (ID, Answer::Approve, None));
    assert!(is_http(&recorded()));
    assert!(!is_http(&json!({"schema": 1, "action": "tally", "process_id": ID})));
}

#[test]
fn every_action_is_read() {
    let id = ProcessId::parse(ID).unwrap();
    let parsed = |body| PersonRequest::parse(&post(&body)).unwrap();
    assert_eq!(
        parsed(vote()),
        PersonRequest::Vote {
            process_id: id.clone(),
            plan_hash: PlanHash::parse(&hash()).unwrap(),
            answer: Answer::Reject,
            reason: Some("in use".into()),
        }
    );
    assert_eq!(
        parsed(json!({"schema": 1, "action": "opt_out", "process_id": ID, "reason": "we restore from it"})),
        PersonRequest::OptOut { process_id: id.clone(), reason: "we restore from it".into() }
    );
    assert_eq!(
        parsed(json!({"schema": 1, "action": "end_soak", "process_id": ID, "reason": " still used "})),
        PersonRequest::EndSoak { process_id: id.clone(), reason: "still used".into() }
    );
    for (text, choice) in [("retry", Choice::Retry), ("accept", Choice::Accept), ("recover", Choice::Recover)] {
        assert_eq!(
            parsed(json!({"schema": 1, "action": "resolve", "process_id": ID, "choice": text, "reason": "x"})),
            PersonRequest::Resolve { process_id: id.clone(), choice, reason: "x".into() }
        );
    }
    assert_eq!(
        parsed(json!({"schema": 1, "action": "release", "process_id": ID, "confirm": "i-1", "reason": "x"})),
        PersonRequest::Release { process_id: id.clone(), confirm: "i-1".into(), reason: "x".into() }
    );
    assert_eq!(
        PersonRequest::parse(&get(json!({"process_id": ID}))).unwrap(),
        PersonRequest::Status { process_id: id }
    );
}

#[test]
fn a_body_in_base64_is_the_same_request() {
    let mut event = recorded();
    event["body"] = json!(
        "eyJzY2hlbWEiOjEsImFjdGlvbiI6ImVuZF9zb2FrIiwicHJvY2Vzc19pZCI6IjAxS0FHM1Y3UTRNMlpEOVg1VDhSNlcwQjFDIiwicmVhc29uIjoiw7xiZXIifQ=="
    );
    event["isBase64Encoded"] = json!(true);
    let PersonRequest::EndSoak { reason, .. } = PersonRequest::parse(&event).unwrap() else { panic!() };
    assert_eq!(reason, "über");
    for broken in ["not base64", "e30", "e31=", "e30=\n", "e30-", "===="] {
        event["body"] = json!(broken);
        assert_eq!(refused(&event), (400, "the body is not the base64 that it claims to be".into()), "{broken}");
    }
}

#[rstest]
#[case("action", json!("approve"), r#"action is "approve"; it must be vote, opt_out, end_soak, resolve or release"#)]
#[case("schema", json!(2), "schema is 2; it must be 1")]
#[case("schema", Value::Null, "schema is missing; it must be 1")]
#[case("process_id", json!("x"), r#"process_id is "x"; it must be the id of a process, 26 characters"#)]
#[case("plan_hash", json!("A"), r#"plan_hash is "A"; it must be the plan hash of 64 hexadecimal digits"#)]
#[case("plan_hash", Value::Null, "plan_hash is missing; it must be the plan hash of 64 hexadecimal digits")]
#[case("answer", json!("yes"), r#"answer is "yes"; it must be approve or reject"#)]
#[case("answer", json!(true), "answer is true; it must be approve or reject")]
#[case("reason", Value::Null, "reason is missing; it must be why: 1 to 1000 printable characters")]
#[case("reason", json!(" "), r#"reason is " "; it must be why: 1 to 1000 printable characters"#)]
#[case("reason", json!("a\nb"), r#"reason is "a\nb"; it must be why: 1 to 1000 printable characters"#)]
#[case("person", json!("grace"), "person is not a field of this input; its fields are schema, action, process_id, plan_hash, answer, reason")]
#[case("task_token", json!("AQ"), "task_token is not a field of this input; its fields are schema, action, process_id, plan_hash, answer, reason")]
fn a_broken_vote_is_refused_by_name(#[case] field: &str, #[case] value: Value, #[case] message: &str) {
    let mut body = vote();
    body[field] = value;
    assert_eq!(refused(&post(&body)), (400, message.into()));
}

#[rstest]
#[case(json!({"schema": 1, "action": "opt_out", "process_id": ID}), "reason is missing; it must be why: 1 to 1000 printable characters")]
#[case(json!({"schema": 1, "action": "end_soak", "process_id": ID}), "reason is missing; it must be why: 1 to 1000 printable characters")]
#[case(json!({"schema": 1, "action": "resolve", "process_id": ID, "reason": "x"}), "choice is missing; it must be retry, accept or recover")]
#[case(json!({"schema": 1, "action": "resolve", "process_id": ID, "choice": "rollback", "reason": "x"}), r#"choice is "rollback"; it must be retry, accept or recover"#)]
#[case(json!({"schema": 1, "action": "release", "process_id": ID, "reason": "x"}), "confirm is missing; it must be the id of the process's resource")]
#[case(json!({"schema": 1, "action": "release", "process_id": ID, "confirm": "i-1"}), "reason is missing; it must be why: 1 to 1000 printable characters")]
#[case(json!({"schema": 1, "action": "tally", "process_id": ID}), r#"action is "tally"; it must be vote, opt_out, end_soak, resolve or release"#)]
#[case(json!([1]), "the input is [1]; it must be a JSON object")]
fn another_broken_request_is_refused_by_name(#[case] body: Value, #[case] message: &str) {
    assert_eq!(refused(&post(&body)), (400, message.into()));
}

#[test]
fn a_reason_is_at_most_a_thousand_characters_of_any_script() {
    let mut body = vote();
    body["reason"] = json!("語".repeat(1000));
    assert!(PersonRequest::parse(&post(&body)).is_ok());
    body["reason"] = json!("語".repeat(1001));
    assert_eq!(refused(&post(&body)).0, 400);
}

#[test]
fn a_question_names_one_process_and_nothing_else() {
    let missing = "query process_id is missing; it must be the id of a process, 26 characters";
    assert_eq!(refused(&get(Value::Null)), (400, missing.into()));
    assert_eq!(refused(&get(json!({"process_id": ID, "verbose": "1"}))).0, 400);
}

#[test]
fn the_http_around_a_request_must_be_right_too() {
    let with = |change: &dyn Fn(&mut Value)| {
        let mut event = post(&vote());
        change(&mut event);
        refused(&event)
    };
    assert_eq!(
        with(&|event| event["requestContext"]["http"]["method"] = json!("DELETE")),
        (405, "DELETE does nothing here; use GET or POST".into())
    );
    assert_eq!(with(&|event| event["requestContext"]["http"] = Value::Null).0, 405);
    assert_eq!(with(&|event| event["rawPath"] = json!("/vote")), (404, "there is nothing at /vote; use /".into()));
    assert_eq!(with(&|event| event["rawQueryString"] = json!("answer=approve")).0, 400);
    assert_eq!(with(&|event| event["version"] = json!("1.0")).0, 400);
    assert_eq!(with(&|event| event["body"] = Value::Null).0, 400);
    assert_eq!(with(&|event| event["body"] = json!("{\"schema\": 1")).0, 400);
    assert_eq!(with(&|event| event["body"] = json!("x".repeat(LONGEST_BODY + 1))).0, 413);
    assert_eq!(with(&|event| event["body"] = json!("x".repeat(100_000))).0, 413);
}

#[rstest]
#[case("application/json", true)]
#[case("Application/JSON; charset=UTF-8", true)]
#[case("application/json; charset=\"utf-8\"", true)]
#[case("application/json; charset=utf-16", false)]
#[case("application/x-www-form-urlencoded", false)]
#[case("text/json", false)]
#[case("", false)]
fn only_json_is_read_as_json(#[case] content_type: &str, #[case] is_read: bool) {
    let mut event = recorded();
    event["headers"]["content-type"] = json!(content_type);
    match PersonRequest::parse(&event) {
        Ok(_) => assert!(is_read),
        Err(error) => assert_eq!((is_read, error.status), (false, 415), "{error}"),
    }
}

#[test]
fn a_header_may_be_spelt_in_any_case() {
    let mut event = recorded();
    let headers = event["headers"].as_object_mut().unwrap();
    headers.remove("content-type");
    headers.insert("Content-Type".into(), json!("application/json"));
    assert!(PersonRequest::parse(&event).is_ok());
}

proptest! {
    #[test]
    fn no_body_whatever_is_more_than_refused(body in "(?s).{0,200}", encoded in any::<bool>()) {
        let mut event = recorded();
        event["body"] = json!(body);
        event["isBase64Encoded"] = json!(encoded);
        let status = PersonRequest::parse(&event).map_err(|error| error.status);
        prop_assert!(matches!(status, Err(400 | 413)), "{status:?}");
    }
}
