//! Answers that come after the decision, and after the deadline.

use std::rc::Rc;

use sunset_domain::approval::link::Link;
use sunset_domain::time::Timestamp;
use sunset_functions_tests::Person;
use sunset_functions_tests::page::{Form, Visit, now, sign};

use crate::answers::sound;
use crate::asked::{Asked, Question};

/// A moment that is over, as the ledger writes it.
fn a_minute_ago() -> String {
    Timestamp::from_unix_seconds(now().unix_seconds() - 60).to_string()
}

/// A form of before is refused now, and the page shows why instead of a form.
async fn is_too_late(asked: &Asked, token: &str, form: &Form, status: u64, kind: &str) {
    asked.is_refused_with(Visit::post(token, form), status, kind).await;
    let shown = asked.visit(Visit::get(token)).await;
    assert_eq!((shown.status, shown.form_token()), (200, None), "{shown:#?}");
    sound(asked).await;
}

#[tokio::test]
async fn an_answer_after_the_decision_is_refused() {
    for status in ["rejected", "expired", "cancelled", "approved", "planned", "in_progress", "completed", "failed"] {
        let asked = Question::Volume.asked().await;
        let token = asked.token(Person::Lin).await;
        let form = asked.form(&token, "approve").await;
        asked.world.ledger.set(&asked.pk(), "META", "status", status.into()).await;
        is_too_late(&asked, &token, &form, 409, "decided").await;
    }
}

#[tokio::test]
async fn an_answer_after_somebodys_rejection_is_refused_once_the_machine_has_counted_it() {
    let world = Rc::new(Question::Volume.world().await);
    let functions = Rc::new(world.functions());
    let mut process = Question::Volume.asks(&world, &functions).await;
    let id = process.id().to_owned();
    let asked = Asked { world: Rc::clone(&world), functions: Rc::clone(&functions), id };
    let token = asked.token(Person::Lin).await;
    let form = asked.form(&token, "approve").await;
    assert_eq!(asked.answers(Person::Grace, "reject").await.status, 303);
    process.to_end().await;
    is_too_late(&asked, &token, &form, 409, "decided").await;
}

#[tokio::test]
async fn an_answer_after_the_deadline_is_refused_whatever_its_link_says() {
    let asked = Question::Volume.asked().await;
    let link = asked.link(Person::Lin).await;
    let token = sign(&Link { expires_at: now().plus_days(1), ..link });
    let form = asked.form(&token, "approve").await;
    let mut round = asked.stored().await["round"].clone();
    round["deadline"] = a_minute_ago().into();
    asked.world.ledger.set(&asked.pk(), "META", "round", round).await;
    is_too_late(&asked, &token, &form, 410, "too_late").await;
}

#[tokio::test]
async fn an_objection_after_its_time_is_refused_whatever_its_link_says() {
    let asked = Question::ByRule.asked().await;
    let link = asked.link(Person::Lin).await;
    let token = sign(&Link { expires_at: now().plus_days(1), ..link });
    let form = asked.form(&token, "reject").await;
    let notice = asked.stored().await["notice"].clone();
    let mut over = notice.clone();
    over["over"] = true.into();
    asked.world.ledger.set(&asked.pk(), "META", "notice", over).await;
    is_too_late(&asked, &token, &form, 410, "too_late").await;

    let mut late = notice;
    late["until"] = a_minute_ago().into();
    asked.world.ledger.set(&asked.pk(), "META", "notice", late).await;
    is_too_late(&asked, &token, &form, 410, "too_late").await;
    asked.world.ledger.set(&asked.pk(), "META", "status", "planned".into()).await;
    asked.is_refused_with(Visit::post(&token, &form), 409, "decided").await;
}
