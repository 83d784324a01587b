//! At which risk a link decides: what the policy file says, and low and medium where it says nothing.

use serde_json::Value;
use sunset_functions_tests::page::Visit;
use sunset_functions_tests::{APPROVERS, Person};

use crate::answers::sound;
use crate::asked::{Asked, Question};

/// The page shows what is asked and how to answer instead, and a form that is sent all the same changes nothing.
async fn does_not_decide(asked: &Asked) {
    let token = asked.token(Person::Lin).await;
    let shown = asked.visit(Visit::get(&token)).await;
    assert_eq!(shown.status, 200, "{shown:#?}");
    assert_eq!(shown.form_token(), None, "{}", shown.html);
    assert!(shown.html.contains("a link does not decide at that"), "{}", shown.html);
    for answer in ["approve", "reject"] {
        let form = asked.unseen_form(&token, answer).await;
        asked.is_refused_with(Visit::post(&token, &form), 403, "not_by_link").await;
    }
}

async fn decides(asked: &Asked) {
    let shown = asked.answers(Person::Lin, "approve").await;
    assert_eq!(shown.status, 303, "{shown:#?}");
    sound(asked).await;
}

/// The risk as it was assessed, and as it was when people were asked.
async fn set(asked: &Asked, now: &Value, when_asked: &Value) {
    asked.world.ledger.set(&asked.pk(), "META", "risk_level", now.clone()).await;
    let mut round = asked.stored().await["round"].clone();
    round["risk_level"] = when_asked.clone();
    asked.world.ledger.set(&asked.pk(), "META", "round", round).await;
}

#[tokio::test]
async fn by_itself_a_link_decides_at_low_and_medium_risk_and_no_higher() {
    for level in ["low", "medium", "high", "critical"] {
        let asked = Question::Volume.asked().await;
        set(&asked, &level.into(), &level.into()).await;
        if ["low", "medium"].contains(&level) { decides(&asked).await } else { does_not_decide(&asked).await }
    }
    does_not_decide(&Question::Production.asked().await).await;
}

#[tokio::test]
async fn a_link_decides_where_the_policy_file_says_so() {
    let links = |levels: &str| format!("{APPROVERS}links_may_decide: {levels}\n");
    decides(&Question::Production.asked_before(&links("[low, medium, high, critical]")).await).await;
    does_not_decide(&Question::Production.asked_before(&links("[low, medium, high]")).await).await;
    does_not_decide(&Question::Volume.asked_before(&links("[low, high, critical]")).await).await;
    does_not_decide(&Question::Volume.asked_before(&links("[]")).await).await;
}

#[tokio::test]
async fn a_risk_that_has_grown_or_that_nobody_knows_is_too_high() {
    for (now, when_asked) in [("high", "medium"), ("medium", "critical")] {
        let asked = Question::Volume.asked().await;
        set(&asked, &now.into(), &when_asked.into()).await;
        does_not_decide(&asked).await;
    }
    let asked = Question::Volume.asked().await;
    set(&asked, &Value::Null, &Value::Null).await;
    does_not_decide(&asked).await;
}

#[tokio::test]
async fn an_objection_by_link_counts_at_any_risk() {
    let none = format!("{APPROVERS}links_may_decide: []\n");
    let asked = Question::ByRule.asked_before(&none).await;
    assert_eq!(asked.answers(Person::Ada, "reject").await.status, 303);
    sound(&asked).await;
}
