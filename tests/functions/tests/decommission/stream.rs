//! Votes that the ledger's stream reports: whoever wrote them, what they decide is woken, and nothing else.

use serde_json::{Value, json};
use sunset_functions_tests::{Function, Functions, Outage, Person, Policy, Process, State, World};

use crate::asked::{answers_by_link, asked, batch, waits};
use crate::sound::sound;
use crate::stories::{SPARE_VOLUME, Story, UNUSED_GROUP};
use crate::untouched;
use crate::whole::completed;

async fn report(functions: &Functions, batch: Value) -> Value {
    functions.invoke(Function::Approve, batch).await.unwrap_or_else(|error| panic!("{error}: {}", functions.logs()))
}

/// Nothing of the batch failed.
async fn reported(functions: &Functions, batch: Value) {
    assert_eq!(report(functions, batch).await, json!({"batchItemFailures": []}), "{}", functions.logs());
}

async fn links_say(world: &World, functions: &Functions, person: Person, story: &Story, answer: &str) {
    let status = answers_by_link(world, functions, person, story, answer, "I looked at it").await;
    assert_eq!(status, 303, "{}: {}", person.name(), functions.logs());
}

#[tokio::test]
async fn the_vote_that_decides_wakes_the_machine_and_no_vote_before_it() {
    let world = SPARE_VOLUME.world().await;
    let functions = world.functions();
    let mut process = asked(&world, &functions, &SPARE_VOLUME).await;
    let token = waits(&world, &process, &functions, "await").await;
    links_say(&world, &functions, Person::Lin, &SPARE_VOLUME, "approve").await;
    let id = process.id().to_owned();
    reported(&functions, batch(&[(&id, 1, "lin")])).await;
    assert!(!world.tokens.is_woken(&token), "one of two is no decision");
    links_say(&world, &functions, Person::Grace, &SPARE_VOLUME, "approve").await;
    for _ in 0..2 {
        reported(&functions, batch(&[(&id, 1, "grace"), (&id, 1, "lin")])).await;
        assert!(world.tokens.is_woken(&token));
    }
    assert_eq!(process.record().await["status"], "awaiting_approval", "to wake is not to decide");
    assert_eq!(process.to_end().await, State::ProcessCompleted, "{}", process.story());
    completed(&world, &process, &SPARE_VOLUME).await;
    sound(&world).await;
}

#[tokio::test]
async fn a_no_wakes_the_machine_at_once() {
    let world = SPARE_VOLUME.world().await;
    let functions = world.functions();
    let mut process = asked(&world, &functions, &SPARE_VOLUME).await;
    let token = waits(&world, &process, &functions, "await").await;
    links_say(&world, &functions, Person::Grace, &SPARE_VOLUME, "reject").await;
    reported(&functions, batch(&[(process.id(), 1, "grace")])).await;
    assert!(world.tokens.is_woken(&token));
    assert_eq!(process.to_end().await, State::ProcessRejected, "{}", process.story());
    untouched(&world);
    sound(&world).await;
}

#[tokio::test]
async fn a_state_that_waits_after_the_last_vote_is_woken_at_once() {
    let world = SPARE_VOLUME.world().await;
    let functions = world.functions();
    let mut process = asked(&world, &functions, &SPARE_VOLUME).await;
    for person in [Person::Grace, Person::Lin] {
        links_say(&world, &functions, person, &SPARE_VOLUME, "approve").await;
    }
    let token = waits(&world, &process, &functions, "await").await;
    assert!(world.tokens.is_woken(&token), "no vote comes any more that could wake it");
    assert_eq!(process.to_end().await, State::ProcessCompleted, "{}", process.story());
    sound(&world).await;
}

#[tokio::test]
async fn a_record_that_somebody_made_up_wakes_nothing() {
    let world = SPARE_VOLUME.world().await;
    let functions = world.functions();
    let mut process = asked(&world, &functions, &SPARE_VOLUME).await;
    let token = waits(&world, &process, &functions, "await").await;
    let id = process.id().to_owned();
    links_say(&world, &functions, Person::Lin, &SPARE_VOLUME, "approve").await;
    // A vote that nobody cast, of another round, of a stranger, of the notice, for a process that nobody knows.
    let made_up = [
        (id.as_str(), 1, "grace"),
        (id.as_str(), 2, "grace"),
        (id.as_str(), 1, "mallory"),
        (id.as_str(), 0, "lin"),
        ("01KAG3V7Q4M2ZD9X5T8R6W0B1C", 1, "lin"),
    ];
    reported(&functions, batch(&made_up)).await;
    for (path, value) in [
        ("/Records/0/eventName", json!("REMOVE")),
        ("/Records/0/eventSource", json!("aws:sqs")),
        ("/Records/0/dynamodb/Keys/sk/S", json!("META")),
        ("/Records/0/dynamodb/Keys/pk/S", json!("PROC#../../x")),
        ("/Records/0/dynamodb", Value::Null),
        ("/Records/0", json!("VOTE#0001#grace")),
        ("/Records/0", json!({"decision": "approved", "process_id": id})),
    ] {
        let mut odd = batch(&[(&id, 1, "grace")]);
        *odd.pointer_mut(path).unwrap() = value;
        reported(&functions, odd).await;
    }
    assert!(!world.tokens.is_woken(&token));
    process.step().await;
    assert_eq!(process.answer()["decision"], "waiting", "{}", process.story());
    untouched(&world);
    sound(&world).await;
}

#[tokio::test]
async fn votes_of_who_was_not_asked_wake_nothing_although_they_are_in_the_ledger() {
    let world = SPARE_VOLUME.world().await;
    let functions = world.functions();
    let process = asked(&world, &functions, &SPARE_VOLUME).await;
    let token = waits(&world, &process, &functions, "await").await;
    let record = process.record().await;
    let people = ["kay", "mallory", "eve"];
    for person in people {
        let vote = json!({
            "pk": format!("PROC#{}", process.id()), "sk": format!("VOTE#0001#{person}"), "round": 1,
            "person": person, "identity": format!("user/{person}"), "answer": "reject", "reason": "no",
            "plan_hash": record["round"]["plan_hash"], "at": record["round"]["requested_at"],
        });
        world.ledger.put(vote).await;
    }
    reported(&functions, batch(&people.map(|person| (process.id(), 1, person)))).await;
    assert!(!world.tokens.is_woken(&token));
    sound(&world).await;
}

#[tokio::test]
async fn a_vote_wakes_no_state_that_waits_for_something_else() {
    let world = SPARE_VOLUME.world().await;
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, SPARE_VOLUME.resource).await.with("soak_seconds", 600);
    process.until(State::SoakPeriod).await;
    let token = waits(&world, &process, &functions, "soak").await;
    reported(&functions, batch(&[(process.id(), 1, "lin"), (process.id(), 1, "grace"), (process.id(), 0, "lin")]))
        .await;
    assert!(!world.tokens.is_woken(&token), "the soak goes on");
    assert_eq!(process.record().await["status"], "soaking");
    sound(&world).await;
}

#[tokio::test]
async fn what_could_not_be_read_comes_again_by_its_number_and_the_others_do_not() {
    let story = UNUSED_GROUP;
    let account = SPARE_VOLUME.account().security_group(sunset_wire::SecurityGroup::new("sg-0idle", "idle"));
    let world = SPARE_VOLUME.world_under(Policy::brisk().with("NOTICE_SECONDS", 600), account).await;
    crate::stories::track(&world, story.resource, "development").await;
    let functions = world.functions();
    let asked = asked(&world, &functions, &SPARE_VOLUME).await;
    let mut noticed = Process::live(&world, &functions, story.resource).await;
    noticed.until(State::NoticePeriod).await;
    let tokens =
        [waits(&world, &asked, &functions, "await").await, waits(&world, &noticed, &functions, "await_notice").await];
    links_say(&world, &functions, Person::Grace, &SPARE_VOLUME, "reject").await;
    links_say(&world, &functions, Person::Lin, &story, "reject").await;
    let batch = batch(&[(asked.id(), 1, "grace"), (noticed.id(), 0, "lin")]);
    let numbers = [0, 1].map(|n| batch["Records"][n]["dynamodb"]["SequenceNumber"].clone());
    let failures = |numbers: &[&Value]| {
        let failures: Vec<Value> = numbers.iter().map(|number| json!({"itemIdentifier": number})).collect();
        json!({"batchItemFailures": failures})
    };

    world.denied.add(&world.ledger);
    assert_eq!(report(&functions, batch.clone()).await, failures(&[&numbers[0], &numbers[1]]));
    world.denied.clear();
    // The second record's first read fails.
    world.outages.after("Query", 1, Outage::Denied);
    assert_eq!(report(&functions, batch.clone()).await, failures(&[&numbers[1]]));
    world.outages.clear();
    let woken = |token: &String| world.tokens.is_woken(token);
    assert_eq!(tokens.each_ref().map(woken), [true, false]);
    reported(&functions, batch).await;
    assert_eq!(tokens.each_ref().map(woken), [true, true]);
    untouched(&world);
    sound(&world).await;
}
