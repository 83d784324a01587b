//! The links that people are really sent, and the states that their answers wake.

use serde_json::{Value, json};
use sunset_functions_tests::page::Visit;
use sunset_functions_tests::{Function, PAGE_URL, Person};

use crate::answers::sound;
use crate::asked::{Asked, Question};

/// The tokens of the links in a notice.
fn links(body: &str) -> Vec<String> {
    let start = format!("{PAGE_URL}?l=");
    let rest = body.split(start.as_str()).skip(1);
    rest.map(|rest| rest.split_whitespace().next().unwrap_or_default().to_owned()).collect()
}

/// The links in the only notice to a topic about the process.
fn told(asked: &Asked, topic: &str) -> Vec<String> {
    let mut notices = asked.world.calls.notices();
    notices.retain(|(arn, _, body)| arn.ends_with(&format!(":{topic}")) && body.contains(&asked.id));
    let [(_, _, body)] = notices.as_slice() else { panic!("one notice to {topic}: {notices:#?}") };
    links(body)
}

/// The states wait under a token of their own from now on.
async fn waits(asked: &Asked, action: &str) -> String {
    let token = asked.world.tokens.issue();
    let event = json!({"schema": 1, "action": action, "process_id": asked.id, "task_token": token});
    asked.functions.invoke(Function::Approve, event).await.unwrap();
    token
}

/// The newest vote of somebody, as the ledger's stream reports it.
async fn streamed(asked: &Asked, person: Person) {
    let votes = asked.votes().await;
    let vote = votes.iter().find(|vote| vote["person"] == person.name()).unwrap();
    let record = json!({
        "eventID": "c4ca4238a0b923820dcc509a6f75849b",
        "eventName": "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "us-east-1",
        "dynamodb": {
            "Keys": {"pk": {"S": vote["pk"]}, "sk": {"S": vote["sk"]}},
            "SequenceNumber": "111",
            "StreamViewType": "KEYS_ONLY",
        },
    });
    let answer = asked.functions.invoke(Function::Approve, json!({"Records": [record]})).await.unwrap();
    assert_eq!(answer["batchItemFailures"], json!([]), "{answer}");
}

/// Somebody answers by the first link of their own notice.
async fn answers_as_told(asked: &Asked, person: Person, answer: &str) {
    let links = told(asked, &person.topic());
    let shown = asked.visit(Visit::get(&links[0])).await;
    assert!(shown.html.contains(person.name()), "{}", shown.html);
    let form = asked.form(&links[0], answer).await;
    assert_eq!(asked.visit(Visit::post(&links[0], &form)).await.status, 303);
    streamed(asked, person).await;
}

#[tokio::test]
async fn each_person_answers_by_the_link_in_their_own_notice_and_the_last_answer_wakes_the_machine() {
    let asked = Question::Volume.asked().await;
    let token = waits(&asked, "await").await;
    answers_as_told(&asked, Person::Lin, "approve").await;
    assert!(!asked.world.tokens.is_woken(&token), "one person is not two");
    answers_as_told(&asked, Person::Grace, "approve").await;
    assert!(asked.world.tokens.is_woken(&token));
    sound(&asked).await;
}

#[tokio::test]
async fn an_objection_by_the_link_in_a_notice_wakes_the_machine() {
    let asked = Question::ByRule.asked().await;
    let token = waits(&asked, "await_notice").await;
    answers_as_told(&asked, Person::Lin, "reject").await;
    assert!(asked.world.tokens.is_woken(&token));
    sound(&asked).await;
}

#[tokio::test]
async fn the_other_links_in_a_notice_only_show_something_and_the_shared_topic_has_none() {
    for question in [Question::Volume, Question::ByRule] {
        let asked = question.asked().await;
        assert_eq!(told(&asked, "sunset-notices"), [""; 0]);
        let links = told(&asked, &Person::Lin.topic());
        assert!(links.len() >= 2, "{links:?}");
        let mut forms = 0;
        for link in &links {
            let shown = asked.visit(Visit::get(link)).await;
            assert_eq!(shown.status, 200, "{shown:#?}");
            forms += usize::from(shown.form_token().is_some());
        }
        assert_eq!(forms, 1);
    }
}

#[tokio::test]
async fn at_a_risk_at_which_no_link_decides_people_are_told_a_link_that_shows_and_does_not_decide() {
    let asked = Question::Production.asked().await;
    for person in asked.people().await {
        let links = told(&asked, &person.topic());
        for link in &links {
            let shown = asked.visit(Visit::get(link)).await;
            assert_eq!((shown.status, shown.form_token()), (200, None), "{shown:#?}");
        }
        assert!(!links.is_empty());
    }
    assert_eq!(asked.votes().await, [Value::Null; 0]);
}
