//! Keys: rotated with an overlap, retired, made up, and not there.

use std::time::Duration;

use sunset_domain::approval::link::{Link, LinkKeys};
use sunset_domain::time::Timestamp;
use sunset_functions_tests::page::{Visit, now, sign_with};
use sunset_functions_tests::{Function, LINK_KEYS, LINK_KEYS_PARAMETER, Person};

use crate::answers::sound;
use crate::asked::{Asked, Question};
use crate::refused::address;

const NEW: &str = r#"{"id":"20261121a","secret":"ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8"}"#;

/// The new key, and the old one until a moment so many seconds from now.
fn rotated(seconds: i64) -> String {
    let until = Timestamp::from_unix_seconds(now().unix_seconds() + seconds);
    let old = r#""id":"20261120a","secret":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8""#;
    format!(r#"{{"schema":1,"keys":[{NEW},{{{old},"until":"{until}"}}]}}"#)
}

/// The keys are these from now on.
fn set_keys(asked: &Asked, document: &str) {
    let mut account = asked.world.ec2.account();
    document.clone_into(&mut account.parameters.get_mut(LINK_KEYS_PARAMETER).unwrap().value);
}

fn looks_at_keys(asked: &Asked) -> usize {
    let calls = asked.functions.calls_of(Function::ApprovePage);
    calls.iter().filter(|call| call.action == "GetParameter").count()
}

#[tokio::test]
async fn a_rotation_with_an_overlap_leaves_old_links_and_open_forms_as_they_are() {
    let asked = Question::Volume.asked().await;
    let old = asked.token(Person::Lin).await;
    let form = asked.form(&old, "approve").await;
    set_keys(&asked, &rotated(3_600));
    asked.functions.cool_down();
    assert_eq!(asked.visit(Visit::get(&old)).await.status, 200);
    assert_eq!(asked.visit(Visit::post(&old, &form)).await.status, 303, "the form was shown before the rotation");

    let new = sign_with(&rotated(3_600), &asked.link(Person::Grace).await);
    let form = asked.form(&new, "approve").await;
    assert_eq!(asked.visit(Visit::post(&new, &form)).await.status, 303);
    sound(&asked).await;
}

#[tokio::test]
async fn a_retired_key_signs_nothing_that_works() {
    let asked = Question::Volume.asked().await;
    let old = asked.token(Person::Lin).await;
    let old_form = asked.form(&old, "approve").await;
    for document in [rotated(-1), format!(r#"{{"schema":1,"keys":[{NEW}]}}"#)] {
        set_keys(&asked, &document);
        asked.functions.cool_down();
        let page = asked.dead_link_page().await;
        assert_eq!(asked.does_not_work(Visit::get(&old), "unknown_key").await, page);
        assert_eq!(asked.does_not_work(Visit::post(&old, &old_form), "unknown_key").await, page);
        // Neither does a form that it signed, beside a link of the new key.
        let new = sign_with(&document, &asked.link(Person::Lin).await);
        let form_token = LinkKeys::parse(LINK_KEYS).unwrap().form_token(&new, now());
        let form = asked.form(&new, "approve").await.but("form_token", form_token);
        asked.is_refused_with(Visit::post(&new, &form), 403, "form").await;
    }
}

#[tokio::test]
async fn the_keys_are_looked_at_again_for_a_link_of_a_new_key_while_the_sandbox_is_warm() {
    let asked = Question::Volume.asked().await;
    let old = asked.token(Person::Lin).await;
    assert_eq!(asked.visit(Visit::get(&old)).await.status, 200);
    assert_eq!(looks_at_keys(&asked), 1);
    tokio::time::sleep(Duration::from_secs(61)).await;
    set_keys(&asked, &rotated(3_600));
    assert_eq!(asked.visit(Visit::get(&old)).await.status, 200);
    assert_eq!(looks_at_keys(&asked), 1, "they are not five minutes old");
    let new = sign_with(&rotated(3_600), &asked.link(Person::Grace).await);
    assert_eq!(asked.visit(Visit::get(&new)).await.status, 200);
    assert_eq!(looks_at_keys(&asked), 2);
    assert_eq!(asked.answers(Person::Lin, "approve").await.status, 303, "an old link, on a page of the new key");
    let form = asked.form(&new, "approve").await;
    assert_eq!(asked.visit(Visit::post(&new, &form)).await.status, 303);
    sound(&asked).await;
}

#[tokio::test]
async fn whoever_makes_up_keys_does_not_make_the_page_ask_ssm_each_time() {
    let asked = Question::Volume.asked().await;
    let link = asked.link(Person::Lin).await;
    for n in 0..30 {
        let keys = LINK_KEYS.replace("20261120a", &format!("made-up-{n}"));
        let visit = Visit::get(&sign_with(&keys, &link)).from(&address(n));
        asked.does_not_work(visit, "unknown_key").await;
    }
    assert_eq!(looks_at_keys(&asked), 1);
}

#[tokio::test]
async fn without_keys_that_can_be_read_nothing_is_shown_and_nothing_is_answered() {
    let asked = Question::Volume.asked().await;
    let token = asked.token(Person::Lin).await;
    let form = asked.form(&token, "approve").await;
    let timeline = asked.timeline(Person::Lin).await;
    for document in ["", "{}", "null", "{\"schema\":2,\"keys\":[]}", "{\"schema\":1,\"keys\":[]}"] {
        set_keys(&asked, document);
        asked.functions.cool_down();
        for visit in [Visit::get(&token), Visit::post(&token, &form), Visit::get(&timeline), Visit::get("x")] {
            asked.is_unavailable(visit).await;
        }
        assert_eq!(asked.visit(Visit::home()).await.status, 200);
    }
    asked.world.ec2.account().parameters.remove(LINK_KEYS_PARAMETER);
    asked.functions.cool_down();
    asked.is_unavailable(Visit::get(&token)).await;
    assert!(asked.functions.logs().contains("scripts/link-keys"), "{}", asked.functions.logs());
    let link = Link::waiting("lin", now().plus_days(1));
    asked.is_unavailable(Visit::get(&sign_with(LINK_KEYS, &link))).await;
}
