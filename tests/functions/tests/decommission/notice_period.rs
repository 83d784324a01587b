//! The time in which people can object to what the rule approved.

use std::time::Duration;

use serde_json::{Value, json};
use sunset_domain::time::Timestamp;
use sunset_functions_tests::{Function, Person, Policy, Process, State, World};

use crate::asked::{answers_by_link, approve, batch, notice_passes, notice_passes_but_for, told_all, waits};
use crate::picture::picture;
use crate::sound::sound;
use crate::stories::UNUSED_GROUP;
use crate::whole::completed;
use crate::{events, is_free, told, untouched};

/// A world in which people have ten minutes to object.
async fn world() -> World {
    UNUSED_GROUP.world_under(Policy::brisk().with("NOTICE_SECONDS", 600), UNUSED_GROUP.account()).await
}

/// It ended before anything was done.
async fn cancelled(world: &World, process: &mut Process<'_>, by: &str, why: &str) {
    assert_eq!(process.to_end().await, State::ProcessRejected, "{}", process.story());
    assert_eq!(process.answer()["status"], "cancelled");
    let outcome = told(process, "outcome").await;
    assert!(outcome.contains(by) && outcome.contains(why) && outcome.contains("nothing was changed"), "{outcome}");
    assert!(is_free(world, UNUSED_GROUP.resource).await);
    assert_eq!(picture(&world.ec2.account()), picture(&UNUSED_GROUP.account()));
    untouched(world);
    let events = events(world, process).await;
    assert!(events.contains(&"OPTED_OUT".to_owned()) && !events.contains(&"NOTICE_OVER".to_owned()), "{events:?}");
    assert!(!process.visited().contains(&State::PlanDecommissioning), "{:?}", process.visited());
    sound(world).await;
}

#[tokio::test]
async fn an_objection_wakes_the_machine_and_ends_it_with_nothing_changed() {
    // Anybody whom the policy file knows, the initiator too.
    for (person, initiator) in [(Person::Lin, "eve"), (Person::Kay, "eve"), (Person::Ada, "ada")] {
        let world = world().await;
        let functions = world.functions();
        let mut process = Process::live(&world, &functions, UNUSED_GROUP.resource).await.with("initiator", initiator);
        process.until(State::NoticePeriod).await;
        let token = waits(&world, &process, &functions, "await_notice").await;
        assert!(!world.tokens.is_woken(&token));
        for repeated in [false, true] {
            let (status, body) = process.objects(person).await;
            assert_eq!((status, &body["repeated"]), (200, &json!(repeated)), "{body}");
        }
        assert!(world.tokens.is_woken(&token));
        cancelled(&world, &mut process, person.name(), "it is not idle").await;
        let (status, body) = process.objects(Person::Grace).await;
        assert_eq!(status, 409, "{body}");
    }
}

#[tokio::test]
async fn an_objection_by_link_wakes_the_machine_by_way_of_the_stream() {
    let world = world().await;
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, UNUSED_GROUP.resource).await;
    process.until(State::NoticePeriod).await;
    let token = waits(&world, &process, &functions, "await_notice").await;
    let status = answers_by_link(&world, &functions, Person::Lin, &UNUSED_GROUP, "reject", "it has a guest").await;
    assert_eq!(status, 303);
    assert!(!world.tokens.is_woken(&token), "the page itself wakes nothing");
    let answer = functions.invoke(Function::Approve, batch(&[(process.id(), 0, "lin")])).await.unwrap();
    assert_eq!(answer["batchItemFailures"], json!([]));
    assert!(world.tokens.is_woken(&token));
    cancelled(&world, &mut process, "lin", "it has a guest").await;
}

#[tokio::test]
async fn an_objection_counts_although_nobody_was_woken() {
    let world = world().await;
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, UNUSED_GROUP.resource).await;
    process.until(State::NoticePeriod).await;
    let status = answers_by_link(&world, &functions, Person::Lin, &UNUSED_GROUP, "reject", "it has a guest").await;
    assert_eq!(status, 303);
    cancelled(&world, &mut process, "lin", "it has a guest").await;
}

#[tokio::test]
async fn a_state_that_waits_after_somebody_objected_is_woken_at_once() {
    let world = world().await;
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, UNUSED_GROUP.resource).await;
    process.until(State::NoticePeriod).await;
    assert_eq!(process.objects(Person::Kay).await.0, 200);
    let token = waits(&world, &process, &functions, "await_notice").await;
    assert!(world.tokens.is_woken(&token));
    cancelled(&world, &mut process, "kay", "it is not idle").await;
}

#[tokio::test]
async fn an_objection_in_time_counts_when_it_is_counted_late() {
    let world = world().await;
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, UNUSED_GROUP.resource).await;
    process.until(State::NoticePeriod).await;
    assert_eq!(process.objects(Person::Kay).await.0, 200);
    notice_passes_but_for(&world, &process, 2).await;
    tokio::time::sleep(Duration::from_millis(2_100)).await;
    let (status, body) = process.objects(Person::Lin).await;
    assert_eq!(status, 410, "{body}");
    cancelled(&world, &mut process, "kay", "it is not idle").await;
}

#[tokio::test]
async fn where_nobody_objects_it_goes_on_and_nothing_is_called_before() {
    let world = UNUSED_GROUP.world().await;
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, UNUSED_GROUP.resource).await.with("notice_seconds", 2);
    process.until(State::NoticeOver).await;
    untouched(&world);
    process.until(State::PlanDecommissioning).await;
    let record = process.record().await;
    assert_eq!(record["notice"]["over"], true, "{record}");
    let until = Timestamp::parse(record["notice"]["until"].as_str().unwrap()).unwrap();
    let over = world.audit.items().await.into_iter().find(|event| event["type"] == "NOTICE_OVER").unwrap();
    assert!(Timestamp::parse(over["at"].as_str().unwrap()).unwrap() >= until, "{over}");
    untouched(&world);
    let (status, body) = process.objects(Person::Lin).await;
    assert_eq!(status, 410, "{body}");
    assert_eq!(process.to_end().await, State::ProcessCompleted, "{}", process.story());
    completed(&world, &process, &UNUSED_GROUP).await;
    sound(&world).await;
}

#[tokio::test]
async fn before_the_notice_is_over_nothing_is_planned_or_done_whoever_calls() {
    let world = world().await;
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, UNUSED_GROUP.resource).await;
    process.until(State::NoticeOver).await;
    for _ in 0..3 {
        // However often the state is woken.
        let answer = approve(&process, &functions, "notice_over").await;
        assert_eq!(answer["decision"], "waiting", "{answer}");
        let seconds = answer["wait_seconds"].as_u64().unwrap();
        assert!((500..=600).contains(&seconds), "{answer}");
    }
    for (function, action) in [
        (Function::Plan, "confirm"),
        (Function::Execute, "reversible"),
        (Function::Execute, "irreversible"),
        (Function::Execute, "window"),
    ] {
        let event = json!({"schema": 1, "action": action, "process_id": process.id()});
        let error = functions.invoke(function, event).await.unwrap_err();
        assert_eq!(error.error_type, "Sunset.Stale", "{action}: {error}");
    }
    // Asking again gives nobody more time, and tells nobody again.
    let until = process.record().await["notice"]["until"].clone();
    let answer = approve(&process, &functions, "auto").await;
    assert_eq!(answer["decision"], "approved", "{answer}");
    assert_eq!(process.record().await["notice"]["until"], until);
    assert_eq!(told_all(&world).len(), 1);
    untouched(&world);
    notice_passes(&world, &process, 601).await;
    assert_eq!(process.to_end().await, State::ProcessCompleted, "{}", process.story());
    sound(&world).await;
}

#[tokio::test]
async fn an_objection_of_a_stranger_or_without_a_reason_is_refused() {
    let world = world().await;
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, UNUSED_GROUP.resource).await;
    process.until(State::NoticePeriod).await;
    assert_eq!(process.objects(Person::Mallory).await.0, 403);
    for reason in [Value::Null, json!(""), json!(7)] {
        let body = json!({"schema": 1, "action": "opt_out", "process_id": process.id(), "reason": reason});
        let (status, answer) = process.posts(Person::Lin, &body).await;
        assert_eq!(status, 400, "{reason}: {answer}");
    }
    let votes = world.ledger.partition(&format!("PROC#{}", process.id())).await;
    assert!(!votes.iter().any(|item| item["sk"].as_str().unwrap().starts_with("VOTE#")), "{votes:#?}");
    notice_passes(&world, &process, 601).await;
    assert_eq!(process.to_end().await, State::ProcessCompleted, "{}", process.story());
    sound(&world).await;
}

#[tokio::test]
async fn what_people_are_asked_about_has_no_notice_to_object_to() {
    use crate::stories::SPARE_VOLUME;
    let world = SPARE_VOLUME.world().await;
    let functions = world.functions();
    let process = crate::asked::asked(&world, &functions, &SPARE_VOLUME).await;
    let (status, body) = process.objects(Person::Lin).await;
    assert_eq!(status, 409, "{body}");
    untouched(&world);
    sound(&world).await;
}

#[tokio::test]
async fn what_changes_during_the_notice_is_asked_about_and_not_approved_by_the_old_rule() {
    let world = UNUSED_GROUP.world().await;
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, UNUSED_GROUP.resource).await.that_nobody_answers();
    process.until(State::NoticeOver).await;
    world.ec2.account().security_groups.get_mut("sg-0idle").unwrap().tags.insert("compliance".into(), "sox".into());
    process.until(State::WaitForApproval).await;
    assert!(process.visited().contains(&State::RequestHighRiskApproval), "{:?}", process.visited());
    untouched(&world);
    sound(&world).await;
}

#[tokio::test]
async fn a_start_may_give_people_more_time_to_object_and_never_less() {
    let world = world().await;
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, UNUSED_GROUP.resource).await.with("notice_seconds", 599);
    assert_eq!(process.to_end().await, State::ProcessFailed);
    assert_eq!(process.error()["Error"], "Sunset.Invalid", "{}", process.error());
    let mut process = Process::live(&world, &functions, UNUSED_GROUP.resource).await.with("notice_seconds", 7_200);
    process.until(State::NoticePeriod).await;
    let seconds = process.answer()["notice_seconds"].as_u64().unwrap();
    assert!((7_100..=7_200).contains(&seconds), "{}", process.answer());
}
