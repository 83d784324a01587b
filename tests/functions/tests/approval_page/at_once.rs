//! Answers at the same moment: of several people, of one person twice, and while the machine writes.

use serde_json::{Value, json};
use sunset_functions_tests::page::{Shown, Visit};
use sunset_functions_tests::{APPROVERS, Function, Outage, Person};
use sunset_wire::{Bootstrap, Cut, Cutter};

use crate::answers::sound;
use crate::asked::{Asked, Question};
use crate::stored::processes;

/// A sandbox of the page's own, as warm as it gets.
async fn sandbox(asked: &Asked) -> Bootstrap {
    let bootstrap = asked.functions.cold(Function::ApprovePage);
    assert_eq!(Shown::of(&bootstrap.invoke(Visit::get("x").event()).await.unwrap()).status, 404);
    bootstrap
}

/// A POST that answers a link as it should.
async fn right(asked: &Asked, person: Person, answer: &str) -> Value {
    let token = asked.token(person).await;
    let form = asked.form(&token, answer).await;
    Visit::post(&token, &form).event()
}

async fn sends(bootstrap: &Bootstrap, event: &Value) -> u64 {
    Shown::of(&bootstrap.invoke(event.clone()).await.unwrap()).status
}

#[tokio::test]
async fn two_people_who_answer_at_once_are_both_heard() {
    for _ in 0..5 {
        let asked = Question::Volume.asked().await;
        let (lins, graces) = (sandbox(&asked).await, sandbox(&asked).await);
        let (lin, grace) = (right(&asked, Person::Lin, "approve").await, right(&asked, Person::Grace, "approve").await);
        assert_eq!(tokio::join!(sends(&lins, &lin), sends(&graces, &grace)), (303, 303));
        assert_eq!(asked.votes().await.len(), 2);
        sound(&asked).await;
    }
}

#[tokio::test]
async fn one_person_who_answers_twice_at_once_has_one_vote_and_one_event() {
    for other in ["approve", "reject"] {
        for _ in 0..5 {
            let asked = Question::Volume.asked().await;
            let events = asked.trail().await.len();
            let (here, there) = (sandbox(&asked).await, sandbox(&asked).await);
            let (one, two) = (right(&asked, Person::Lin, "approve").await, right(&asked, Person::Lin, other).await);
            let (first, second) = tokio::join!(sends(&here, &one), sends(&there, &two));
            let mut statuses = [first, second];
            statuses.sort_unstable();
            let votes = asked.votes().await;
            assert_eq!(votes.len(), 1, "{votes:#?}");
            // Two answers that are the same to the second cannot be told apart, and both are in the ledger.
            assert!(statuses == [303, 404] || other == "approve" && statuses == [303, 303], "{statuses:?}");
            assert_eq!(votes[0]["answer"], if first == 303 { "approve" } else { other });
            assert_eq!(asked.trail().await.len(), events + 1);
            sound(&asked).await;
        }
    }
}

#[tokio::test]
async fn answers_by_link_and_by_aws_at_the_same_moment_are_all_heard() {
    let links = format!("{APPROVERS}links_may_decide: [low, medium, high, critical]\n");
    let asked = Question::Production.asked_before(&links).await;
    let record = asked.stored().await;
    let by_aws = |person: Person| {
        person.posts(&json!({
            "schema": 1, "action": "vote", "process_id": asked.id, "answer": "approve",
            "plan_hash": record["round"]["plan_hash"],
        }))
    };
    let (lins, graces) = (sandbox(&asked).await, sandbox(&asked).await);
    let (adas, kays) = (asked.functions.cold(Function::Approve), asked.functions.cold(Function::Approve));
    let (lin, grace) = (right(&asked, Person::Lin, "approve").await, right(&asked, Person::Grace, "approve").await);
    let (ada, kay) = (by_aws(Person::Ada), by_aws(Person::Kay));
    let statuses = tokio::join!(
        sends(&lins, &lin),
        sends(&graces, &grace),
        async { adas.invoke(ada).await.unwrap()["statusCode"].as_u64() },
        async { kays.invoke(kay).await.unwrap()["statusCode"].as_u64() },
    );
    assert_eq!(statuses, (303, 303, Some(200), Some(200)));
    assert_eq!(asked.votes().await.len(), 4);
    sound(&asked).await;
}

#[tokio::test]
async fn an_answer_that_the_machine_overtakes_is_written_anew_and_given_up_after_a_few_times() {
    let asked = Question::Volume.asked().await;
    let token = asked.token(Person::Lin).await;
    let form = asked.form(&token, "approve").await;
    let before = processes(&asked.world).await;
    asked.world.outages.of("TransactWriteItems", Outage::Overtaken);
    let shown = asked.visit(Visit::post(&token, &form)).await;
    assert_eq!(shown.status, 503, "{shown:#?}");
    assert_eq!(processes(&asked.world).await, before);
    let says = |text: &str| shown.html.contains(text);
    assert!(!(says("not known") && says("Nothing was changed")), "it says both: {}", shown.html);

    asked.world.outages.clear();
    asked.world.outages.times("TransactWriteItems", 3, Outage::Overtaken);
    assert_eq!(asked.visit(Visit::post(&token, &form)).await.status, 303);
    assert_eq!(asked.votes().await.len(), 1);
    sound(&asked).await;
}

#[tokio::test]
async fn an_answer_that_is_cut_off_is_there_or_not_and_the_trail_is_whole() {
    for cut in [Cut::Before, Cut::After, Cut::Twice] {
        let asked = Question::Volume.asked().await;
        let event = right(&asked, Person::Lin, "approve").await;
        let cutter = Cutter::at(0, cut);
        let cut_off = asked.world.functions_with_some_cut_by(&cutter, &[Function::ApprovePage]);
        let answer = cut_off.invoke(Function::ApprovePage, event.clone()).await;
        assert!(cutter.reached());
        let votes = asked.votes().await.len();
        assert_eq!(votes, usize::from(cut != Cut::Before), "{cut:?}: {answer:?}");
        assert_eq!(answer.is_ok(), cut == Cut::Twice, "{cut:?}: {answer:?}");
        sound(&asked).await;
        // Sent once more, it counts if it had not.
        let expected = if votes == 0 { 303 } else { 404 };
        assert_eq!(Shown::of(&asked.functions.invoke(Function::ApprovePage, event).await.unwrap()).status, expected);
        assert_eq!(asked.votes().await.len(), 1);
        sound(&asked).await;
        if let Ok(answer) = answer {
            assert_eq!(Shown::of(&answer).status, 303, "{cut:?}: {answer}");
        }
    }
}
