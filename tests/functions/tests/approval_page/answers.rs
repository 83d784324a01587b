//! Answers that count: one vote, one event, and what the machine makes of them.

use std::rc::Rc;

use serde_json::{Value, json};
use sunset_domain::approval::page::decide::confirm_end;
use sunset_domain::ids::ProcessId;
use sunset_domain::process::audit::{AuditEvent, Head, verify};
use sunset_functions_tests::page::Visit;
use sunset_functions_tests::{Person, Process, State};

use crate::asked::{Asked, Question};

/// The trail is whole, and each version of the record has its event.
pub async fn sound(asked: &Asked) {
    let record = asked.stored().await;
    let events: Vec<AuditEvent> =
        asked.trail().await.into_iter().map(|event| serde_json::from_value(event).unwrap()).collect();
    let head: Head = serde_json::from_value(record["audit"].clone()).unwrap();
    assert_eq!(verify(&ProcessId::parse(&asked.id).unwrap(), &events, &head), [], "{events:#?}");
    assert_eq!(head.seq, record["version"], "{record}");
}

/// A record without what an answer may touch.
fn rest(mut record: Value) -> Value {
    for touched in ["version", "audit", "updated_at"] {
        record.as_object_mut().unwrap().remove(touched).unwrap();
    }
    record
}

/// Somebody answers: one vote, one event, and the record has a new version and is otherwise as it was.
async fn counts(asked: &Asked, person: Person, answer: &str) {
    let (before, trail, votes) = (asked.stored().await, asked.trail().await, asked.votes().await);
    let link = asked.link(person).await;
    let shown = asked.answers(person, answer).await;
    assert_eq!(shown.status, 303, "{shown:#?}\n{}", asked.functions.logs());

    let after = asked.stored().await;
    assert_eq!(after["version"].as_u64(), before["version"].as_u64().map(|version| version + 1));
    assert_eq!(rest(after.clone()), rest(before));
    let mut new = asked.votes().await;
    new.retain(|vote| !votes.contains(vote));
    let [vote] = new.as_slice() else { panic!("one vote: {new:#?}") };
    let round = u64::from(link.round);
    let expected = json!({
        "pk": asked.pk(),
        "sk": format!("VOTE#{round:04}#{}", person.name()),
        "round": round,
        "person": person.name(),
        "identity": format!("link/{}", person.name()),
        "answer": answer,
        "reason": if answer == "reject" { json!("it is still needed") } else { Value::Null },
        "plan_hash": link.plan_hash.unwrap().as_str(),
        "at": after["updated_at"],
    });
    assert_eq!(*vote, expected);
    let events = asked.trail().await.split_off(trail.len());
    let [event] = events.as_slice() else { panic!("one event: {events:#?}") };
    assert_eq!(event["actor"], format!("person:{}", person.name()));
    assert_eq!(event["type"], "VOTE_CAST");
    assert_eq!(event["data"]["vote"]["answer"], answer);
    sound(asked).await;

    let tokens = shown.tokens();
    let [on] = tokens.as_slice() else { panic!("one link: {shown:#?}") };
    assert!(shown.header("location").unwrap().ends_with("&done=1"), "{shown:#?}");
    let done = asked.visit(Visit::home().query(&format!("l={on}&done=1"))).await;
    assert_eq!(done.status, 200, "{done:#?}");
    assert!(done.html.contains("Your answer is recorded"), "{}", done.html);
    assert_eq!(asked.stored().await, after);
}

#[tokio::test]
async fn an_approval_is_one_vote_and_one_event() {
    let asked = Question::Volume.asked().await;
    counts(&asked, Person::Lin, "approve").await;
    counts(&asked, Person::Grace, "approve").await;
}

#[tokio::test]
async fn a_rejection_is_one_vote_with_its_reason() {
    counts(&Question::Volume.asked().await, Person::Grace, "reject").await;
}

#[tokio::test]
async fn an_objection_to_what_the_rule_approved_is_one_vote_of_nobodys_round() {
    let asked = Question::ByRule.asked().await;
    counts(&asked, Person::Lin, "reject").await;
    counts(&asked, Person::Ada, "reject").await;
}

#[tokio::test]
async fn the_initiator_may_object_and_never_approve() {
    let world = Question::ByRule.world().await;
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, Question::ByRule.resource()).await.with("initiator", "ada");
    process.until(State::NoticeOver).await;
    let id = process.id().to_owned();
    drop(functions);
    counts(&Asked::within(world, &id), Person::Ada, "reject").await;
}

#[tokio::test]
async fn a_typed_end_counts_in_capitals_and_with_space_around_it_and_a_reason_is_one_line() {
    let asked = Question::Volume.asked().await;
    let token = asked.token(Person::Lin).await;
    let form = asked.form(&token, "reject").await;
    let end = confirm_end(&asked.record().await.resource).to_ascii_uppercase();
    let form = form.but("confirm", format!("  {end} ")).but("reason", " it is\r\nneeded,\tGröße 10 € ✓ ");
    let shown = asked.visit(Visit::post(&token, &form)).await;
    assert_eq!(shown.status, 303, "{shown:#?}");
    assert_eq!(asked.votes().await[0]["reason"], "it is needed, Größe 10 € ✓");
    sound(&asked).await;
}

#[tokio::test]
async fn what_two_people_approve_by_link_the_machine_carries_out() {
    let world = Rc::new(Question::Volume.world().await);
    let functions = Rc::new(world.functions());
    let mut process = Question::Volume.asks(&world, &functions).await;
    let asked = Asked { world: Rc::clone(&world), functions: Rc::clone(&functions), id: process.id().to_owned() };
    assert_eq!(asked.answers(Person::Lin, "approve").await.status, 303);
    process.step().await;
    assert_eq!(process.answer()["decision"], "waiting", "one person is not two: {}", process.story());
    process.until(State::TallyVotes).await;
    assert_eq!(asked.answers(Person::Grace, "approve").await.status, 303);
    process.step().await;
    assert_eq!(process.answer()["decision"], "approved", "{}", process.story());
    assert_eq!(process.to_end().await, State::ProcessCompleted, "{}", process.story());
    sound(&asked).await;
}

#[tokio::test]
async fn what_somebody_rejects_by_link_the_machine_ends() {
    let world = Rc::new(Question::Volume.world().await);
    let functions = Rc::new(world.functions());
    let mut process = Question::Volume.asks(&world, &functions).await;
    let asked = Asked { world: Rc::clone(&world), functions: Rc::clone(&functions), id: process.id().to_owned() };
    assert_eq!(asked.answers(Person::Grace, "reject").await.status, 303);
    assert_eq!(process.to_end().await, State::ProcessRejected, "{}", process.story());
    assert_eq!(asked.record().await.status.as_str(), "rejected");
    assert_eq!(world.calls.changing_ec2(), [""; 0]);
    sound(&asked).await;
}

#[tokio::test]
async fn what_somebody_objects_to_by_link_the_machine_cancels() {
    let world = Rc::new(Question::ByRule.world().await);
    let functions = Rc::new(world.functions());
    let mut process = Question::ByRule.asks(&world, &functions).await;
    let asked = Asked { world: Rc::clone(&world), functions: Rc::clone(&functions), id: process.id().to_owned() };
    assert_eq!(asked.answers(Person::Kay, "reject").await.status, 303);
    assert_eq!(process.to_end().await, State::ProcessRejected, "{}", process.story());
    assert_eq!(asked.record().await.status.as_str(), "cancelled");
    assert_eq!(world.calls.changing_ec2(), [""; 0]);
    sound(&asked).await;
}
