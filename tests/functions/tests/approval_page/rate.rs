//! How many refusals are borne, and that they shut out nobody who has a link.

use sunset_functions_tests::Person;
use sunset_functions_tests::page::{Shown, Visit};

use crate::asked::{Asked, Question};
use crate::refused::{address, within_one_window};
use crate::stored::{attempts, counts, processes};

const FROM: &str = "203.0.113.50";
/// How many requests of one source are refused one by one.
const PER_SOURCE: usize = 20;
/// How many answers by one link are.
const PER_LINK: usize = 10;
/// How many refusals the audit takes of all together.
const OF_ALL: usize = 500;

/// A visit after too many: one page for all of them, which says when to come again, and no line in the audit.
async fn is_too_many(asked: &Asked, visit: Visit) {
    let (before, lines) = (processes(&asked.world).await, attempts(&asked.world).await.len());
    let shown = asked.visit(visit).await;
    assert_eq!(shown.status, 429, "{shown:#?}");
    let seconds: u32 = shown.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=600).contains(&seconds), "{seconds}");
    assert_eq!(shown.form_token(), None);
    assert!(!shown.html.contains("vol-0spare"), "{}", shown.html);
    assert_eq!(processes(&asked.world).await, before);
    assert_eq!(attempts(&asked.world).await.len(), lines, "it is counted no further");
}

#[tokio::test]
async fn after_twenty_refusals_a_source_hears_that_it_were_too_many_and_its_right_links_work() {
    let asked = Question::Volume.asked().await;
    let token = asked.token(Person::Lin).await;
    let form = asked.form(&token, "approve").await;
    within_one_window().await;
    let tries = [Visit::get("x"), Visit::head("v1.y.z.w"), Visit::post("x", &form), Visit::get(&token).method("PUT")];
    for n in 0..PER_SOURCE {
        let shown = asked.visit(tries[n % tries.len()].clone().from(FROM)).await;
        assert!([404, 405].contains(&shown.status), "{n}: {shown:#?}");
    }
    assert_eq!(attempts(&asked.world).await.len(), PER_SOURCE);
    for visit in tries.clone() {
        is_too_many(&asked, visit.from(FROM)).await;
    }
    // Another source is not this one, and who has a link is not shut out by whoever sits beside them.
    asked.does_not_work(Visit::get("x").from("203.0.113.51"), "malformed").await;
    assert_eq!(asked.visit(Visit::get(&token).from(FROM)).await.status, 200);
    assert_eq!(asked.visit(Visit::post(&token, &form).from(FROM)).await.status, 303);
    assert_eq!(asked.votes().await.len(), 1);
}

#[tokio::test]
async fn a_network_of_ipv6_is_one_source() {
    let asked = Question::Volume.asked().await;
    within_one_window().await;
    for n in 0..PER_SOURCE {
        asked.does_not_work(Visit::get("x").from(&format!("2001:db8:1:2::{n:x}")), "malformed").await;
    }
    is_too_many(&asked, Visit::get("x").from("2001:db8:1:2:ffff::1")).await;
    asked.does_not_work(Visit::get("x").from("2001:db8:1:3::1"), "malformed").await;
}

#[tokio::test]
async fn after_ten_refused_answers_a_link_rests_and_the_links_of_others_do_not() {
    let asked = Question::Volume.asked().await;
    let token = asked.token(Person::Lin).await;
    let form = asked.form(&token, "approve").await;
    within_one_window().await;
    for n in 0..PER_LINK {
        let wrong = if n % 2 == 0 { form.clone().but("confirm", "x") } else { form.clone().but("form_token", "x") };
        let shown: Shown = asked.visit(Visit::post(&token, &wrong).from(&address(n))).await;
        assert!([403, 422].contains(&shown.status), "{n}: {shown:#?}");
    }
    assert_eq!(attempts(&asked.world).await.len(), PER_LINK);
    is_too_many(&asked, Visit::post(&token, &form.clone().but("confirm", "x")).from(&address(50))).await;
    is_too_many(&asked, Visit::post(&token, &form).from(&address(51))).await;
    assert_eq!(asked.visit(Visit::get(&token)).await.status, 200, "it can still be read");
    assert_eq!(asked.answers(Person::Grace, "approve").await.status, 303);
}

#[tokio::test]
async fn what_is_counted_holds_no_address_and_no_link_and_is_forgotten() {
    let asked = Question::Volume.asked().await;
    let token = asked.token(Person::Kay).await;
    asked.does_not_work(Visit::get("x").from(FROM), "malformed").await;
    asked.does_not_work(Visit::get(&token).from(FROM), "foreign").await;
    let counts = counts(&asked.world).await;
    assert!(counts.len() >= 3, "{counts:#?}");
    for count in counts {
        let text = count.to_string();
        assert!(!text.contains(FROM) && !text.contains(&token[token.len() - 20..]), "{count}");
        assert!(count["expires_at_epoch_seconds"].as_i64().unwrap() > 1_700_000_000, "{count}");
        let mut names: Vec<&String> = count.as_object().unwrap().keys().collect();
        names.sort_unstable();
        assert_eq!(names, ["expires_at_epoch_seconds", "pk", "refused", "sk"]);
    }
}

#[tokio::test]
async fn a_flood_of_refusals_fills_no_more_of_the_audit_than_that_and_stops_nobody() {
    let asked = Question::Volume.asked().await;
    let token = asked.token(Person::Lin).await;
    let page = asked.dead_link_page().await;
    within_one_window().await;
    for n in 0..OF_ALL + 20 {
        assert_eq!(asked.visit(Visit::get("x").from(&address(n))).await, page, "{n}");
    }
    assert!((OF_ALL - 1..=OF_ALL + 1).contains(&attempts(&asked.world).await.len()));
    assert_eq!(asked.visit(Visit::get(&token)).await.status, 200);
    assert_eq!(asked.answers(Person::Lin, "approve").await.status, 303);
}
