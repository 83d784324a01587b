//! Forms that were not shown by this page for this link, and forms that were filled in wrongly.

use scraper::{Html, Selector};
use sunset_domain::approval::link::{FORM_SECONDS, LinkKeys};
use sunset_domain::time::Timestamp;
use sunset_functions_tests::page::{Form, Shown, Visit, now};
use sunset_functions_tests::{LINK_KEYS, Person};

use crate::asked::{Asked, Question};

/// A moment so many seconds from now.
fn from_now(seconds: i64) -> Timestamp {
    Timestamp::from_unix_seconds(now().unix_seconds() + seconds)
}

/// The value of the first element that a selector finds: of a field its content.
fn value(shown: &Shown, selector: &str) -> String {
    let html = Html::parse_document(&shown.html);
    let found = html.select(&Selector::parse(selector).unwrap()).next();
    let found = found.unwrap_or_else(|| panic!("there is no {selector}: {}", shown.html));
    found.attr("value").map_or_else(|| found.text().collect(), str::to_owned)
}

/// The page again: what was typed is still there, the field is marked, and there is a form to send once more.
async fn comes_again(asked: &Asked, token: &str, form: &Form, field: &str) -> Shown {
    let kind = if field == "confirm" { "confirm" } else { "reason" };
    let (shown, line) = asked.is_refused_with(Visit::post(token, form), 422, kind).await;
    assert_eq!(line["link_process_id"], asked.id.as_str());
    let html = Html::parse_document(&shown.html);
    let marked = format!("#{field}[aria-invalid=true]");
    assert!(html.select(&Selector::parse(&marked).unwrap()).next().is_some(), "{}", shown.html);
    assert!(html.select(&Selector::parse("[role=alert]").unwrap()).next().is_some(), "{}", shown.html);
    assert!(shown.form_token().is_some(), "{}", shown.html);
    shown
}

#[tokio::test]
async fn a_form_that_this_page_did_not_show_for_this_link_and_not_long_ago_is_refused() {
    let asked = Question::Volume.asked().await;
    let token = asked.token(Person::Lin).await;
    let form = asked.form(&token, "approve").await;
    let keys = LinkKeys::parse(LINK_KEYS).unwrap();
    let graces = asked.form(&asked.token(Person::Grace).await, "approve").await;
    let lines_timeline = asked.timeline(Person::Lin).await;
    let wrong = [
        form.clone().but("form_token", ""),
        form.clone().but("form_token", "x"),
        form.clone().but("form_token", token.clone()),
        form.clone().but("form_token", keys.form_token(&lines_timeline, now())),
        form.clone().but("form_token", keys.form_token(&token, from_now(-FORM_SECONDS - 5))),
        form.clone().but("form_token", keys.form_token(&token, from_now(120))),
        form.clone().but("form_token", "v1.20261120a.99999999999999999999.AAAA"),
        graces,
    ];
    for form in wrong {
        let (shown, line) = asked.is_refused_with(Visit::post(&token, &form), 403, "form").await;
        assert!(!shown.html.contains("vol-0spare"), "{}", shown.html);
        assert_eq!(line["person"], "lin");
    }
    let old = form.but("form_token", keys.form_token(&token, from_now(5 - FORM_SECONDS)));
    assert_eq!(asked.visit(Visit::post(&token, &old)).await.status, 303, "it is not too old yet");
}

#[tokio::test]
async fn a_wrong_end_of_the_id_brings_the_page_again_with_what_was_typed() {
    let asked = Question::Volume.asked().await;
    let token = asked.token(Person::Lin).await;
    let form = asked.form(&token, "approve").await.but("reason", "it is \"done\" & <over>");
    for typed in ["", "0spar", "vol-0spare", "0spare!", "０spare", "<b>\"'"] {
        let shown = comes_again(&asked, &token, &form.clone().but("confirm", typed), "confirm").await;
        assert_eq!(value(&shown, "#confirm"), typed);
        assert_eq!(value(&shown, "#reason"), "it is \"done\" & <over>");
    }
    // The form can be sent once more, by either of the two tokens.
    assert_eq!(asked.visit(Visit::post(&token, &form)).await.status, 303);
}

#[tokio::test]
async fn a_rejection_without_a_reason_that_people_can_read_brings_the_page_again() {
    let asked = Question::Volume.asked().await;
    let token = asked.token(Person::Lin).await;
    let form = asked.form(&token, "reject").await;
    let long = "x".repeat(1_001);
    for typed in ["", "   ", "\r\n", long.as_str(), "yes\u{202e}no", "a\u{0}b", "\u{200b}"] {
        comes_again(&asked, &token, &form.clone().but("reason", typed), "reason").await;
    }
    comes_again(&asked, &token, &form.clone().without("reason"), "reason").await;
    let longest = "é".repeat(1_000);
    assert_eq!(asked.visit(Visit::post(&token, &form.but("reason", longest.as_str()))).await.status, 303);
    assert_eq!(asked.votes().await[0]["reason"], longest);
}

#[tokio::test]
async fn an_approval_with_a_reason_that_nobody_can_read_brings_the_page_again() {
    let asked = Question::Volume.asked().await;
    let token = asked.token(Person::Lin).await;
    let form = asked.form(&token, "approve").await.but("reason", "fine\u{202e}enif");
    comes_again(&asked, &token, &form, "reason").await;
}

#[tokio::test]
async fn an_objection_needs_the_end_of_the_id_and_a_reason_too() {
    let asked = Question::ByRule.asked().await;
    let token = asked.token(Person::Lin).await;
    let form = asked.form(&token, "reject").await;
    comes_again(&asked, &token, &form.clone().but("confirm", "nope"), "confirm").await;
    comes_again(&asked, &token, &form.clone().but("reason", ""), "reason").await;
    // What can only object cannot approve.
    asked.is_refused_with(Visit::post(&token, &form.clone().but("answer", "approve")), 400, "body").await;
    assert_eq!(asked.visit(Visit::post(&token, &form)).await.status, 303);
}
