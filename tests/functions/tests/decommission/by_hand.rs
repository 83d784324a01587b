//! What people do beside voting: look, and release a lock that nobody will.

use serde_json::{Value, json};
use sunset_functions_tests::{Function, Person, Process, State};

use crate::sound::sound;
use crate::stories::{INSTANCE, VOLUME};
use crate::{events, is_free, untouched};

#[tokio::test]
async fn an_approver_sees_the_risk_with_its_reasons_and_every_step_of_the_plan_and_no_token() {
    let world = INSTANCE.world().await;
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, INSTANCE.resource).await.that_nobody_answers();
    process.until(State::TallyVotes).await;
    let answer = functions.invoke(Function::Approve, Person::Ada.gets(process.id())).await.unwrap();
    assert_eq!(answer["statusCode"], 200, "{answer}");
    let text = answer["body"].as_str().unwrap();
    assert!(!text.contains("token-"), "{text}");
    let body: Value = serde_json::from_str(text).unwrap();
    assert_eq!(body["status"], "awaiting_approval", "{body}");
    assert!(!body["risk"]["points"].as_array().unwrap().is_empty(), "{body}");
    assert!(body["plan"]["runbook"]["steps"].as_array().unwrap().len() >= 6, "{body}");
    assert_eq!(body["plan"]["hash"], process.record().await["plan_hash"]);
    assert_eq!(body["approval"]["tally"]["decision"], "waiting", "{body}");
    let unknown = functions.invoke(Function::Approve, Person::Ada.gets("01KAG3V7Q4M2ZD9X5T8R6W0B1C")).await.unwrap();
    assert_eq!(unknown["statusCode"], 404, "{unknown}");
    sound(&world).await;
}

#[tokio::test]
async fn the_glass_is_broken_only_where_nobody_is_at_work_and_with_the_resources_name() {
    let world = VOLUME.world().await;
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, VOLUME.resource).await;
    process.until(State::ExecuteReversible).await;
    let (status, body) = process.releases(Person::Ada, "vol-0data").await;
    assert_eq!(status, 409, "the execution runs: {body}");
    process.execution.stop().await;
    for (person, confirm, expected) in
        [(Person::Mallory, "vol-0data", 403), (Person::Ada, "vol-0root", 409), (Person::Ada, "yes", 409)]
    {
        let (status, body) = process.releases(person, confirm).await;
        assert_eq!(status, expected, "{}: {body}", person.name());
        assert!(!is_free(&world, VOLUME.resource).await);
    }
    let (status, body) = process.releases(Person::Ada, "vol-0data").await;
    assert_eq!(status, 200, "{body}");
    assert!(is_free(&world, VOLUME.resource).await);
    assert_eq!(process.record().await["status"], "cancelled");
    let events = events(&world, &process).await;
    assert!(events.contains(&"LOCK_RELEASED".to_owned()), "{events:?}");
    let (status, body) = process.releases(Person::Ada, "vol-0data").await;
    assert_eq!(status, 409, "once: {body}");
    untouched(&world);
    sound(&world).await;

    // The resource may be tried again.
    let mut second = Process::live(&world, &functions, VOLUME.resource).await;
    assert_eq!(second.to_end().await, State::ProcessCompleted, "{}", second.story());
    sound(&world).await;
}

#[tokio::test]
async fn the_glass_over_a_resting_resource_leaves_it_as_it_is_and_says_so() {
    let world = VOLUME.world().await;
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, VOLUME.resource).await;
    process.until(State::Reassess).await;
    process.execution.stop().await;
    let (status, body) = process.releases(Person::Kay, "vol-0data").await;
    assert_eq!(status, 200, "{body}");
    let record = process.record().await;
    assert_eq!(record["status"], "failed", "{record}");
    assert!(record["outcome"].as_str().unwrap().contains("neither as it was nor gone"), "{record}");
    let report = json!({"schema": 1, "action": "report", "process_id": process.id()});
    let answer = functions.invoke(Function::Validate, report).await.unwrap();
    assert_eq!(answer["status"], "failed", "{answer}");
    sound(&world).await;
}

#[tokio::test]
async fn a_request_that_is_wrong_is_answered_and_never_an_error_of_the_function() {
    let world = VOLUME.world().await;
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, VOLUME.resource).await.that_nobody_answers();
    process.until(State::TallyVotes).await;
    let id = process.id().to_owned();
    for (body, expected) in [
        (json!({}), 400),
        (json!({"schema": 1}), 400),
        (json!({"schema": 2, "action": "vote", "process_id": id}), 400),
        (json!({"schema": 1, "action": "vote", "process_id": id}), 400),
        (json!({"schema": 1, "action": "approve", "process_id": id}), 400),
        (json!({"schema": 1, "action": "end_soak", "process_id": id, "reason": "x", "force": true}), 400),
        (json!({"schema": 1, "action": "end_soak", "process_id": id}), 400),
        (json!({"schema": 1, "action": "end_soak", "process_id": id, "reason": "x"}), 409),
        (json!({"schema": 1, "action": "resolve", "process_id": id, "choice": "destroy", "reason": "x"}), 400),
        (json!({"schema": 1, "action": "end_soak", "process_id": "01KAG3V7Q4M2ZD9X5T8R6W0B1C", "reason": "x"}), 404),
        (json!([]), 400),
        (json!("vote"), 400),
    ] {
        let (status, answer) = process.posts(Person::Ada, &body).await;
        assert_eq!(status, expected, "{body}: {answer}");
        assert!(answer["error"].is_string(), "{answer}");
    }
    let mut form = Person::Ada.posts(&json!({}));
    form["headers"]["content-type"] = "application/x-www-form-urlencoded".into();
    assert_eq!(functions.invoke(Function::Approve, form).await.unwrap()["statusCode"], 415);
    let mut put = Person::Ada.posts(&json!({}));
    put["requestContext"]["http"]["method"] = "PUT".into();
    assert_eq!(functions.invoke(Function::Approve, put).await.unwrap()["statusCode"], 405);
    let mut base64 = Person::Ada.posts(&json!({}));
    base64["isBase64Encoded"] = true.into();
    base64["body"] = "no base64!".into();
    assert_eq!(functions.invoke(Function::Approve, base64).await.unwrap()["statusCode"], 400);
    sound(&world).await;
}
