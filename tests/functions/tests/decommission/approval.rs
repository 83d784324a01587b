//! Who approves, when, and what somebody might try instead.

use std::time::Duration;

use serde_json::{Value, json};
use sunset_functions_tests::{APPROVERS, Function, Person, Process, State, World};

use crate::asked::{asked, passes_but_for};
use crate::picture::picture;
use crate::sound::sound;
use crate::stories::{INSTANCE, SPARE_VOLUME};
use crate::whole::completed;
use crate::{events, is_free, told, untouched};

/// Those who are asked, each once.
async fn people(process: &Process<'_>) -> Vec<Person> {
    let record = process.record().await;
    let roles = record["round"]["required"].as_array().unwrap();
    let mut names: Vec<&str> =
        roles.iter().flat_map(|role| role["people"].as_array().unwrap()).map(|name| name.as_str().unwrap()).collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().map(Person::named).collect()
}

async fn everybody_approves(process: &Process<'_>) {
    for person in people(process).await {
        let (status, body) = process.votes(person, "approve").await;
        assert_eq!(status, 200, "{body}");
    }
}

async fn votes(world: &World, process: &Process<'_>) -> Vec<Value> {
    let mut items = world.ledger.partition(&format!("PROC#{}", process.id())).await;
    items.retain(|item| item["sk"].as_str().unwrap().starts_with("VOTE#"));
    items
}

async fn soon() {
    tokio::time::sleep(Duration::from_millis(2_100)).await;
}

#[tokio::test]
async fn votes_that_came_before_the_deadline_count_after_it() {
    let world = SPARE_VOLUME.world().await;
    let functions = world.functions();
    let mut process = asked(&world, &functions, &SPARE_VOLUME).await;
    everybody_approves(&process).await;
    passes_but_for(&world, &process, 2).await;
    soon().await;
    assert_eq!(process.to_end().await, State::ProcessCompleted, "{}", process.story());
    completed(&world, &process, &SPARE_VOLUME).await;
    sound(&world).await;
}

#[tokio::test]
async fn what_nobody_decides_in_time_expires_and_votes_come_too_late() {
    let world = SPARE_VOLUME.world().await;
    let functions = world.functions();
    let process = Process::live(&world, &functions, SPARE_VOLUME.resource).await;
    let mut process = process.with("approval_seconds", 1).that_nobody_answers();
    process.until(State::TallyVotes).await;
    // Between the deadline and the tally, and after the tally.
    let (status, body) = process.votes(Person::Lin, "approve").await;
    assert_eq!(status, 410, "{body}");
    process.until(State::Report).await;
    let (status, body) = process.votes(Person::Grace, "approve").await;
    assert!([409, 410].contains(&status), "{status}: {body}");
    assert_eq!(process.to_end().await, State::ProcessExpired, "{}", process.story());
    assert_eq!(votes(&world, &process).await, [Value::Null; 0]);
    assert!(is_free(&world, SPARE_VOLUME.resource).await);
    untouched(&world);
    sound(&world).await;
}

#[tokio::test]
async fn one_vote_in_time_and_one_too_late_expire_together() {
    let world = SPARE_VOLUME.world().await;
    let functions = world.functions();
    let mut process = asked(&world, &functions, &SPARE_VOLUME).await;
    let (status, body) = process.votes(Person::Lin, "approve").await;
    assert_eq!(status, 200, "{body}");
    passes_but_for(&world, &process, 2).await;
    soon().await;
    let (status, body) = process.votes(Person::Grace, "approve").await;
    assert_eq!(status, 410, "{body}");
    assert_eq!(process.to_end().await, State::ProcessExpired, "{}", process.story());
    untouched(&world);
    sound(&world).await;
}

#[tokio::test]
async fn whoever_wakes_the_state_without_votes_changes_nothing() {
    let world = SPARE_VOLUME.world().await;
    let functions = world.functions();
    let mut process = asked(&world, &functions, &SPARE_VOLUME).await;
    for _ in 0..3 {
        process.step().await;
        assert_eq!(process.answer()["decision"], "waiting", "{}", process.story());
        assert_eq!(process.state(), State::WaitForApproval);
        process.until(State::TallyVotes).await;
    }
    let record = process.record().await;
    assert_eq!((&record["status"], &record["round"]["number"]), (&json!("awaiting_approval"), &json!(1)), "{record}");
    let mut topics: Vec<String> = world.calls.notices().into_iter().map(|(topic, ..)| topic).collect();
    let all = topics.len();
    topics.sort_unstable();
    topics.dedup();
    assert_eq!((topics.len(), all), (3, 3), "people are asked once, however often it is woken: {topics:?}");
    untouched(&world);
    everybody_approves(&process).await;
    assert_eq!(process.to_end().await, State::ProcessCompleted, "{}", process.story());
    sound(&world).await;
}

#[tokio::test]
async fn a_vote_that_comes_twice_is_one_vote_and_the_first_answer_stands() {
    let world = SPARE_VOLUME.world().await;
    let functions = world.functions();
    let mut process = asked(&world, &functions, &SPARE_VOLUME).await;
    for repeated in [false, true, true] {
        let (status, body) = process.votes(Person::Lin, "approve").await;
        assert_eq!((status, &body["repeated"]), (200, &json!(repeated)), "{body}");
    }
    let (status, body) = process.votes(Person::Lin, "reject").await;
    assert_eq!(status, 409, "{body}");
    assert_eq!(votes(&world, &process).await.len(), 1);
    process.step().await;
    assert_eq!(process.answer()["decision"], "waiting", "one person is not two: {}", process.answer());
    sound(&world).await;
}

#[tokio::test]
async fn who_starts_a_process_never_approves_it_in_whatever_spelling() {
    for initiator in ["ada", "ADA ", "user/ada", "arn:aws:iam::123456789012:user/ada"] {
        let world = INSTANCE.world().await;
        let functions = world.functions();
        let process = Process::live(&world, &functions, INSTANCE.resource).await;
        let mut process = process.with("initiator", initiator.trim_end()).that_nobody_answers();
        process.until(State::TallyVotes).await;
        let (status, body) = process.votes(Person::Ada, "approve").await;
        assert_eq!(status, 403, "{initiator}: {body}");
        assert!(!people(&process).await.contains(&Person::Ada), "{initiator}");
        assert_eq!(votes(&world, &process).await, [Value::Null; 0], "{initiator}");
        sound(&world).await;
    }
}

#[tokio::test]
async fn a_process_that_nobody_but_its_initiator_could_approve_is_blocked() {
    let world = SPARE_VOLUME.world().await;
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, SPARE_VOLUME.resource).await.with("initiator", "lin");
    assert_eq!(process.to_end().await, State::ProcessBlocked, "{}", process.story());
    let outcome = told(&process, "outcome").await;
    assert!(outcome.contains("approvers.yaml"), "{outcome}");
    assert!(is_free(&world, SPARE_VOLUME.resource).await);
    untouched(&world);
    sound(&world).await;
}

#[tokio::test]
async fn a_vote_for_another_plan_is_refused() {
    let world = SPARE_VOLUME.world().await;
    let functions = world.functions();
    let process = asked(&world, &functions, &SPARE_VOLUME).await;
    let other = json!("0".repeat(64));
    let (status, body) = process.posts(Person::Lin, &process.vote(&other, "approve")).await;
    assert_eq!(status, 409, "{body}");
    assert_eq!(votes(&world, &process).await, [Value::Null; 0]);
    sound(&world).await;
}

#[tokio::test]
async fn votes_of_strangers_count_for_nothing_even_in_the_ledger() {
    let world = SPARE_VOLUME.world().await;
    let functions = world.functions();
    let mut process = asked(&world, &functions, &SPARE_VOLUME).await;
    let (status, body) = process.votes(Person::Mallory, "approve").await;
    assert_eq!(status, 403, "{body}");
    // Kay is known, and was not asked.
    let (status, body) = process.votes(Person::Kay, "approve").await;
    assert_eq!(status, 403, "{body}");

    let record = process.record().await;
    let forged = |person: &str, round: u64, plan_hash: &Value| {
        json!({
            "pk": format!("PROC#{}", process.id()), "sk": format!("VOTE#{round:04}#{person}"), "round": round,
            "person": person, "identity": format!("user/{person}"), "answer": "approve", "reason": null,
            "plan_hash": plan_hash, "at": record["round"]["requested_at"],
        })
    };
    let hash = &record["round"]["plan_hash"];
    for vote in [
        forged("mallory", 1, hash),
        forged("kay", 1, hash),
        forged("eve", 1, hash),
        forged("lin", 2, hash),
        forged("grace", 1, &json!("1".repeat(64))),
    ] {
        world.ledger.put(vote).await;
    }
    process.step().await;
    assert_eq!(process.answer()["decision"], "waiting", "{}", process.answer());
    untouched(&world);
    sound(&world).await;
}

#[tokio::test]
async fn who_is_nobody_for_certain_may_not_even_look() {
    let world = SPARE_VOLUME.world().await;
    let functions = world.functions();
    let process = asked(&world, &functions, &SPARE_VOLUME).await;
    let vote = process.vote(&process.record().await["round"]["plan_hash"], "approve");
    let arns = [
        "arn:aws:iam::123456789012:root",
        "arn:aws:sts::123456789012:federated-user/lin",
        "arn:aws:iam::999999999999:user/ada",
        "arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Approvers/grace@example.com",
        "",
    ];
    for arn in arns {
        let mut event = Person::Lin.posts(&vote);
        event["requestContext"]["authorizer"]["iam"]["userArn"] = arn.into();
        let answer = functions.invoke(Function::Approve, event).await.unwrap();
        assert_eq!(answer["statusCode"], 403, "{arn}: {answer}");
    }
    let mut unsigned = Person::Lin.posts(&vote);
    unsigned["requestContext"]["authorizer"] = Value::Null;
    assert_eq!(functions.invoke(Function::Approve, unsigned).await.unwrap()["statusCode"], 403);
    let (status, _) = process.posts(Person::Mallory, &vote).await;
    assert_eq!(status, 403);
    let answer = functions.invoke(Function::Approve, Person::Mallory.gets(process.id())).await.unwrap();
    assert_eq!(answer["statusCode"], 403, "{answer}");
    // What has no request around it is an event of the machine, which knows no votes.
    let error = functions.invoke(Function::Approve, vote).await.unwrap_err();
    assert_eq!(error.error_type, "Sunset.Invalid");
    assert_eq!(votes(&world, &process).await, [Value::Null; 0]);
    sound(&world).await;
}

#[tokio::test]
async fn any_rejection_ends_it_with_nothing_changed() {
    let world = INSTANCE.world().await;
    let functions = world.functions();
    let mut process = asked(&world, &functions, &INSTANCE).await;
    for (person, answer) in [(Person::Ada, "approve"), (Person::Kay, "reject")] {
        let (status, body) = process.votes(person, answer).await;
        assert_eq!(status, 200, "{body}");
    }
    assert_eq!(process.to_end().await, State::ProcessRejected, "{}", process.story());
    assert_eq!(process.answer()["status"], "rejected");
    assert!(told(&process, "outcome").await.contains("it is still needed"));
    assert!(is_free(&world, INSTANCE.resource).await);
    let (status, body) = process.votes(Person::Grace, "approve").await;
    assert_eq!(status, 409, "{body}");
    assert_eq!(picture(&world.ec2.account()), picture(&INSTANCE.account()));
    untouched(&world);
    sound(&world).await;
}

#[tokio::test]
async fn people_who_answer_at_the_same_moment_are_all_heard() {
    let world = INSTANCE.world().await;
    let functions = world.functions();
    let mut process = asked(&world, &functions, &INSTANCE).await;
    let vote = process.vote(&process.record().await["round"]["plan_hash"], "approve");
    let voters = Person::KNOWN.map(|person| (person, functions.cold(Function::Approve)));
    let cast = async |(person, bootstrap): &(Person, sunset_wire::Bootstrap)| {
        let answer = bootstrap.invoke(person.posts(&vote)).await.unwrap();
        assert_eq!(answer["statusCode"], 200, "{}: {answer}", person.name());
    };
    let [ada, grace, lin, kay] = &voters;
    tokio::join!(cast(ada), cast(grace), cast(lin), cast(kay));
    assert_eq!(votes(&world, &process).await.len(), 4);
    assert_eq!(process.to_end().await, State::ProcessCompleted, "{}", process.story());
    sound(&world).await;
}

#[tokio::test]
async fn what_changes_after_the_approval_is_asked_for_again_and_three_times_at_most() {
    let world = SPARE_VOLUME.world().await;
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, SPARE_VOLUME.resource).await;
    for round in 1..=3 {
        process.until(State::PlanDecommissioning).await;
        assert_eq!(process.record().await["round"]["number"], round);
        world
            .ec2
            .account()
            .volumes
            .get_mut("vol-0spare")
            .unwrap()
            .tags
            .insert("team".into(), format!("of round {round}"));
        process.step().await;
    }
    assert_eq!(process.to_end().await, State::ProcessFailed, "{}", process.story());
    assert_eq!(process.record().await["status"], "failed");
    assert!(is_free(&world, SPARE_VOLUME.resource).await);
    untouched(&world);
    sound(&world).await;

    let world = SPARE_VOLUME.world().await;
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, SPARE_VOLUME.resource).await;
    process.until(State::PlanDecommissioning).await;
    world.ec2.account().volumes.get_mut("vol-0spare").unwrap().size_gib = 30;
    assert_eq!(process.to_end().await, State::ProcessCompleted, "{}", process.story());
    assert_eq!(process.record().await["round"]["number"], 2);
    let events = events(&world, &process).await;
    assert!(events.contains(&"PLAN_CHANGED".to_owned()), "{events:?}");
    sound(&world).await;
}

#[tokio::test]
async fn a_vote_of_an_earlier_round_does_not_count_in_a_later_one() {
    let world = SPARE_VOLUME.world().await;
    let functions = world.functions();
    let mut process = asked(&world, &functions, &SPARE_VOLUME).await;
    everybody_approves(&process).await;
    process.until(State::PlanDecommissioning).await;
    world.ec2.account().volumes.get_mut("vol-0spare").unwrap().size_gib = 30;
    process.until(State::TallyVotes).await;
    process.step().await;
    assert_eq!(process.answer()["decision"], "waiting", "{}", process.story());
    assert_eq!(process.record().await["approved_plan_hash"], Value::Null);
    untouched(&world);
    sound(&world).await;
}

#[tokio::test]
async fn a_role_with_nobody_in_it_stops_a_live_process_at_its_start_by_name() {
    let nobody = APPROVERS.replace("cto: { people: [kay, ada], quorum: 1 }", "cto: { people: [] }");
    let world = SPARE_VOLUME.world().await.with_approvers(&nobody);
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, SPARE_VOLUME.resource).await;
    assert_eq!(process.to_end().await, State::ProcessFailed);
    let cause = process.error()["Cause"].as_str().unwrap();
    assert!(cause.contains("roles.cto") && cause.contains("approvers.yaml"), "{cause}");
    assert_eq!(world.ledger.items().await, [Value::Null; 0]);
    // A dry run asks nobody.
    let mut process = Process::dry(&world, &functions, SPARE_VOLUME.resource).await;
    assert_eq!(process.to_end().await, State::ProcessCompleted, "{}", process.story());
}

#[tokio::test]
async fn an_owner_whom_nobody_knows_is_asked_for_by_name_and_never_left_out() {
    let world = SPARE_VOLUME.world().await;
    let mut item = world.tracking.items().await.remove(0);
    item["TrackingData"]["owner"] = "team-gone".into();
    world.tracking.put(item).await;
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, SPARE_VOLUME.resource).await;
    assert_eq!(process.to_end().await, State::ProcessBlocked, "{}", process.story());
    assert!(told(&process, "outcome").await.contains("team-gone"));
    untouched(&world);
    sound(&world).await;
}
