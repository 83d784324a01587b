//! Links that nobody signed, or that somebody changed: one and the same page for all of them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sunset_domain::approval::link::{Link, LinkKeys};
use sunset_functions_tests::page::{Form, Visit, now, sign_with};
use sunset_functions_tests::{LINK_KEYS, Person};

use crate::asked::{Asked, Question};
use crate::refused::address;

/// Other secrets under the same id.
const FORGERS_KEYS: &str =
    r#"{"schema":1,"keys":[{"id":"20261120a","secret":"ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8"}]}"#;
/// The right secret under another id.
const RENAMED_KEYS: &str =
    r#"{"schema":1,"keys":[{"id":"20261120b","secret":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}]}"#;

/// All of them get the same answer, to GET and to POST, and a HEAD the same without its body. Each comes from another
/// address, so that nobody is refused for coming often.
async fn do_not_work(asked: &Asked, tokens: &[(String, &str)]) {
    let page = asked.dead_link_page().await;
    let form = asked.form(&asked.token(Person::Lin).await, "approve").await;
    for (n, (token, kind)) in tokens.iter().enumerate() {
        let from = |visit: Visit| visit.from(&address(n));
        assert_eq!(asked.does_not_work(from(Visit::get(token)), kind).await, page, "{token}");
        assert_eq!(asked.does_not_work(from(Visit::post(token, &form)), kind).await, page, "{token}");
        let head = asked.does_not_work(from(Visit::head(token)), kind).await;
        assert_eq!((head.headers, head.html.as_str()), (page.headers.clone(), ""), "{token}");
    }
}

fn parts(token: &str) -> Vec<&str> {
    token.split('.').collect()
}

#[tokio::test]
async fn what_is_no_token_does_not_work() {
    let asked = Question::Volume.asked().await;
    let right = asked.token(Person::Lin).await;
    let [_, id, content, code] = parts(&right)[..] else { panic!("{right}") };
    let broken = [
        String::new(),
        "x".into(),
        "v1".into(),
        format!("v2.{id}.{content}.{code}"),
        format!("{id}.{content}.{code}"),
        format!("v1.{id}.{content}"),
        format!("v1.{id}.{content}.{code}="),
        format!("v1.{id}.{content}.{code}%00"),
        format!("v1.{id}.{content}.{code}%20"),
        format!("%20{right}"),
        format!("v1.{id}.{content}.{}", "%F0%9F%92%A9".repeat(5)),
        format!("v1.{id}.{}.{code}", "A".repeat(2_000)),
        "%27%20OR%201%3D1--".into(),
        "..%2F..%2Fetc%2Fpasswd".into(),
    ];
    do_not_work(&asked, &broken.map(|token| (token, "malformed"))).await;
}

#[tokio::test]
async fn a_link_that_somebody_signed_with_another_secret_does_not_work() {
    let asked = Question::Volume.asked().await;
    let link = asked.link(Person::Lin).await;
    let right = asked.token(Person::Lin).await;
    let [_, id, content, code] = parts(&right)[..] else { panic!("{right}") };
    let keys = LinkKeys::parse(LINK_KEYS).unwrap();
    let forged = [
        (sign_with(FORGERS_KEYS, &link), "forged"),
        (sign_with(RENAMED_KEYS, &link), "unknown_key"),
        (format!("v1.20261120A.{content}.{code}"), "unknown_key"),
        (format!("v1..{content}.{code}"), "unknown_key"),
        ("v1...".to_owned(), "unknown_key"),
        (format!("{right}.{code}"), "forged"),
        (format!("{right}."), "forged"),
        (format!("v1.{id}..{code}"), "forged"),
        (format!("v1.{id}.{content}."), "forged"),
        (format!("v1.{id}.{content}.{}", &code[..20]), "forged"),
        // What signs forms signs no links.
        (keys.form_token(&right, now()), "forged"),
    ];
    do_not_work(&asked, &forged).await;
}

#[tokio::test]
async fn a_link_with_any_character_changed_does_not_work() {
    let asked = Question::Volume.asked().await;
    let page = asked.dead_link_page().await;
    let right = asked.token(Person::Lin).await;
    for at in (0..right.len()).step_by(3) {
        let other = if right.as_bytes()[at] == b'A' { "B" } else { "A" };
        let altered = format!("{}{other}{}", &right[..at], &right[at + 1..]);
        let shown = asked.visit(Visit::get(&altered).from(&address(at))).await;
        assert_eq!(shown, page, "{at}: {altered}");
    }
    assert_eq!(asked.visit(Visit::get(&right)).await.status, 200);
}

#[tokio::test]
async fn no_part_of_one_link_works_in_another() {
    let asked = Question::Volume.asked().await;
    let other = Question::ByRule.asked().await;
    let record = asked.record().await;
    let links = [
        asked.token(Person::Lin).await,
        asked.token(Person::Grace).await,
        asked.timeline(Person::Lin).await,
        other.token(Person::Lin).await,
        sign_with(
            LINK_KEYS,
            &Link::decide("lin", &record.process_id, 2, record.plan_hash.as_ref().unwrap(), now().plus_days(1)),
        ),
    ];
    let mut swapped = Vec::new();
    for content in &links {
        for code in links.iter().filter(|code| *code != content) {
            let [_, id, content, _] = parts(content)[..] else { panic!("{content}") };
            let code = parts(code)[3];
            swapped.push((format!("v1.{id}.{content}.{code}"), "forged"));
        }
    }
    do_not_work(&asked, &swapped).await;
}

#[tokio::test]
async fn a_link_whose_inside_is_written_anew_for_somebody_else_does_not_work() {
    let asked = Question::Volume.asked().await;
    let right = asked.token(Person::Lin).await;
    let [_, id, content, code] = parts(&right)[..] else { panic!("{right}") };
    let inside = String::from_utf8(URL_SAFE_NO_PAD.decode(content).unwrap()).unwrap();
    let other_round = inside.replace("\"round\":1", "\"round\":2");
    let rewritten = [
        inside.replace("\"lin\"", "\"grace\""),
        inside.replace("decide", "opt_out"),
        inside.replace("202", "209"),
        other_round,
        inside.replace(&asked.id, "01ARZ3NDEKTSV4RRFFQ69G5FAV"),
        format!("{inside} "),
    ];
    for rewritten in &rewritten {
        assert_ne!(*rewritten, inside);
    }
    let token = |inside: String| (format!("v1.{id}.{}.{code}", URL_SAFE_NO_PAD.encode(inside)), "forged");
    do_not_work(&asked, &rewritten.map(token)).await;
}

#[tokio::test]
async fn a_forged_link_with_a_broken_form_is_refused_as_well_and_tells_nothing_of_the_process() {
    let asked = Question::Volume.asked().await;
    let forged = sign_with(FORGERS_KEYS, &asked.link(Person::Lin).await);
    let (shown, line) = asked.is_refused_with(Visit::post(&forged, &Form::default()), 400, "body").await;
    assert!(!shown.html.contains("vol-0spare"), "{}", shown.html);
    for claimed in ["person", "link_process_id", "purpose"] {
        assert!(line.get(claimed).is_none(), "{line}");
    }
}
