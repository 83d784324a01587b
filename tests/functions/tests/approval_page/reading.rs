//! Whoever opens a link changes nothing: mail scanners open every link that they see, and some of them often.

use sunset_domain::approval::link::Link;
use sunset_functions_tests::Person;
use sunset_functions_tests::page::{Shown, Visit, now, sign};

use crate::asked::{Asked, Question};
use crate::stored::{attempts, everything};

/// A GET, a HEAD and another GET of a link that works, none of which changes anything in any table.
async fn opens(asked: &Asked, token: &str) -> Shown {
    let before = everything(&asked.world).await;
    let shown = asked.visit(Visit::get(token)).await;
    let head = asked.visit(Visit::head(token)).await;
    asked.visit(Visit::get(token)).await;
    assert_eq!(everything(&asked.world).await, before, "{shown:#?}");
    assert_eq!((head.status, &head.headers, head.html.as_str()), (shown.status, &shown.headers, ""));
    assert_eq!(shown.status, 200, "{shown:#?}\n{}", asked.functions.logs());
    shown
}

/// The links of every kind that somebody may have.
async fn every_link(asked: &Asked, person: Person) -> Vec<String> {
    let waiting = sign(&Link::waiting(person.name(), now().plus_days(7)));
    vec![asked.token(person).await, asked.timeline(person).await, waiting]
}

#[tokio::test]
async fn get_and_head_of_every_kind_of_link_change_no_item_of_any_table() {
    for question in [Question::Volume, Question::Production, Question::ByRule] {
        let asked = question.asked().await;
        for token in every_link(&asked, Person::Lin).await {
            opens(&asked, &token).await;
        }
        assert_eq!(asked.visit(Visit::home()).await.status, 200);
        assert_eq!(attempts(&asked.world).await.len(), 0);
    }
}

#[tokio::test]
async fn a_scanner_that_opens_every_link_on_every_page_it_is_shown_changes_nothing() {
    let asked = Question::Volume.asked().await;
    let before = everything(&asked.world).await;
    let mut open = every_link(&asked, Person::Lin).await;
    let mut seen = 0;
    while let Some(token) = open.pop() {
        let shown = asked.visit(Visit::get(&token)).await;
        assert_eq!(asked.visit(Visit::head(&token)).await.status, shown.status);
        seen += 1;
        // The pages link to one another with new links each time, without an end.
        if seen <= 6 {
            open.extend(shown.tokens().into_iter().map(str::to_owned));
        }
    }
    assert!(seen >= 6, "{seen}");
    assert_eq!(everything(&asked.world).await, before);
    assert_eq!(asked.answers(Person::Lin, "approve").await.status, 303, "the link still works");
}

#[tokio::test]
async fn the_page_shows_what_will_happen_and_asks_for_an_answer_by_the_same_link() {
    let asked = Question::Volume.asked().await;
    let token = asked.token(Person::Lin).await;
    let shown = opens(&asked, &token).await;
    let record = asked.record().await;
    for needed in [
        record.plan_hash.as_ref().unwrap().as_str(),
        "vol-0spare",
        "nobody has used it for a year",
        "Cannot be taken back.",
        "Only adds something.",
        "medium",
        "method=\"post\"",
        &format!("action=\"?l={token}\""),
    ] {
        assert!(shown.html.contains(needed), "{needed}: {}", shown.html);
    }
    for foreign in ["<script", "<img", "<iframe", "src=", "http://", "https://", "style=\""] {
        assert!(!shown.html.contains(foreign), "{foreign}: {}", shown.html);
    }
}

#[tokio::test]
async fn every_page_comes_with_the_headers_that_keep_it_personal() {
    let asked = Question::Volume.asked().await;
    let pages = [
        asked.visit(Visit::get(&asked.token(Person::Lin).await)).await,
        asked.visit(Visit::home()).await,
        asked.dead_link_page().await,
        asked.answers(Person::Lin, "approve").await,
    ];
    for shown in pages {
        assert_eq!(shown.header("cache-control"), Some("no-store"), "{shown:#?}");
        assert_eq!(shown.header("x-content-type-options"), Some("nosniff"), "{shown:#?}");
        assert!(["same-origin", "no-referrer"].map(Some).contains(&shown.header("referrer-policy")), "{shown:#?}");
        assert!(shown.header("x-robots-tag").unwrap().contains("noindex"), "{shown:#?}");
        assert!(shown.header("strict-transport-security").is_some(), "{shown:#?}");
        let policy = shown.header("content-security-policy").unwrap();
        for rule in ["default-src 'none'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"] {
            assert!(policy.contains(rule), "{policy}");
        }
        assert!(!policy.contains("unsafe") && !policy.contains("http") && !policy.contains('*'), "{policy}");
    }
}

#[tokio::test]
async fn the_list_of_what_waits_holds_what_is_still_to_be_answered_and_leads_to_no_answer() {
    let asked = Question::Volume.asked().await;
    let list = |person: Person| sign(&Link::waiting(person.name(), now().plus_days(7)));
    let shown = opens(&asked, &list(Person::Grace)).await;
    assert!(shown.html.contains("vol-0spare"), "{}", shown.html);
    assert_eq!(shown.tokens(), [""; 0], "a list that is passed on must answer nothing");
    assert!(!opens(&asked, &list(Person::Kay)).await.html.contains("vol-0spare"), "kay is not asked");

    assert_eq!(asked.answers(Person::Lin, "approve").await.status, 303);
    assert!(!opens(&asked, &list(Person::Lin)).await.html.contains("vol-0spare"), "lin has answered");
    assert!(opens(&asked, &list(Person::Grace)).await.html.contains("vol-0spare"));
    assert_eq!(asked.answers(Person::Grace, "approve").await.status, 303);
    assert!(!opens(&asked, &list(Person::Grace)).await.html.contains("vol-0spare"));
}

#[tokio::test]
async fn the_timeline_shows_the_whole_trail_and_says_when_somebody_changed_it() {
    let asked = Question::Volume.asked().await;
    assert_eq!(asked.answers(Person::Lin, "approve").await.status, 303);
    let token = asked.timeline(Person::Kay).await;
    let shown = opens(&asked, &token).await;
    assert!(shown.html.contains("The audit trail is whole"), "{}", shown.html);
    assert!(shown.html.contains("person:lin"), "{}", shown.html);
    assert_eq!(shown.form_token(), None);

    let mut event = asked.trail().await.remove(1);
    event["actor"] = "person:mallory".into();
    asked.world.audit.put(event).await;
    let shown = opens(&asked, &token).await;
    assert!(shown.html.contains("The audit trail is not whole"), "{}", shown.html);
}

#[tokio::test]
async fn a_link_whose_process_is_decided_shows_that_and_has_no_form() {
    let asked = Question::Volume.asked().await;
    let token = asked.token(Person::Grace).await;
    asked.world.ledger.set(&asked.pk(), "META", "status", "rejected".into()).await;
    let shown = opens(&asked, &token).await;
    assert_eq!(shown.form_token(), None, "{}", shown.html);
}
