//! Two thousand generated requests, whole and broken, by links that are signed and links that are not: each is answered with
//! a page, and only a whole one changes anything.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::Value;
use sunset_functions_tests::page::{Form, Shown, Visit};
use sunset_functions_tests::{Function, Person};

use crate::answers::sound;
use crate::asked::{Asked, Question};
use crate::refused::address;
use crate::stored::processes;

const VISITS: usize = 2_000;

/// Text that somebody might have to cope with.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[ -~]{0,40}",
        3 => "\\PC{0,40}",
        1 => Just(String::new()),
        1 => Just("\u{0}\u{7}\u{1b}[31m\r\n".to_owned()),
        1 => Just("%".to_owned()),
        1 => Just("%ff%fe".to_owned()),
        1 => Just("a=b&a=b&l=1&l=2".to_owned()),
        1 => (1usize..3).prop_map(|n| "x".repeat(n * 70_000)),
    ]
}

fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 20, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map("[a-zA-Z]{1,12}", inner, 0..5)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// Where a request can be broken.
const PLACES: [&str; 13] = [
    "/version",
    "/rawPath",
    "/rawQueryString",
    "/queryStringParameters",
    "/headers",
    "/headers/content-type",
    "/headers/host",
    "/headers/origin",
    "/requestContext",
    "/requestContext/http",
    "/requestContext/http/method",
    "/requestContext/http/sourceIp",
    "/body",
];

/// A request, and what is wrong with it.
#[derive(Debug, Clone)]
struct Given {
    kind: &'static str,
    event: Value,
}

/// Requests by these links, of which some work, with this form, which counts by none of them.
fn given(tokens: Vec<String>, form: Form) -> impl Strategy<Value = Given> {
    let posts: Vec<Value> = tokens.iter().map(|token| Visit::post(token, &form).event()).collect();
    let gets: Vec<Value> = tokens.iter().map(|token| Visit::get(token).event()).collect();
    let whole = prop::sample::select([posts, gets].concat());
    let fields = ["form_token", "confirm", "answer", "reason", "x"];
    prop_oneof![
        1 => anything().prop_map(|event| Given { kind: "nonsense", event }),
        4 => (whole.clone(), prop::sample::select(PLACES.to_vec()), anything()).prop_map(|(mut event, place, value)| {
            if let Some(found) = event.pointer_mut(place) {
                *found = value;
            }
            Given { kind: "broken", event }
        }),
        2 => (prop::sample::select(tokens.clone()), any::<prop::sample::Index>(), "[A-Za-z0-9._-]").prop_map(
            |(mut token, at, other)| {
                let at = at.index(token.len());
                token.replace_range(at..=at, &other);
                Given { kind: "altered", event: Visit::get(&token).event() }
            }
        ),
        2 => (prop::sample::select(tokens), prop::sample::select(fields.to_vec()), text()).prop_map(
            move |(token, field, value)| Given {
                kind: "typed",
                event: Visit::post(&token, &form.clone().but(field, value)).event(),
            }
        ),
        1 => whole.prop_map(|mut event| {
            event["requestContext"]["http"]["method"] = "HEAD".into();
            Given { kind: "head", event }
        }),
    ]
}

fn is_a_page(shown: &Shown, head: bool) {
    assert!([200, 400, 403, 404, 405, 413, 415, 422, 429].contains(&shown.status), "{shown:#?}");
    assert_eq!(shown.header("content-type"), Some("text/html; charset=utf-8"), "{shown:#?}");
    assert_eq!(shown.header("cache-control"), Some("no-store"), "{shown:#?}");
    assert!(shown.header("content-security-policy").unwrap().starts_with("default-src 'none'"), "{shown:#?}");
    assert!(head || shown.html.starts_with("<!DOCTYPE html>"), "{shown:#?}");
    assert!(shown.html.len() < 400_000, "a page of {} bytes", shown.html.len());
}

async fn ready() -> (Asked, Vec<String>, Form) {
    let asked = Question::Volume.asked().await;
    let lins = asked.token(Person::Lin).await;
    // The form is Lin's, and its end is wrong: by no link does it count.
    let form = asked.form(&lins, "approve").await.but("confirm", "wrong");
    let tokens = vec![lins, asked.token(Person::Kay).await, asked.timeline(Person::Lin).await, "v1.x.y.z".to_owned()];
    (asked, tokens, form)
}

#[tokio::test]
async fn approve_page_survives_2000_visits_and_then_takes_an_answer() {
    let (asked, tokens, form) = ready().await;
    let bootstrap = asked.functions.warm(Function::ApprovePage);
    let strategy = given(tokens, form);
    let mut runner = TestRunner::deterministic();
    let before = processes(&asked.world).await;
    let (mut kinds, mut statuses) = (BTreeMap::<&str, usize>::new(), BTreeMap::<u64, usize>::new());
    for n in 0..VISITS {
        let Given { kind, mut event } = strategy.new_tree(&mut runner).unwrap().current();
        if let Some(source) = event.pointer_mut("/requestContext/http/sourceIp").filter(|_| n % 4 > 0) {
            *source = address(n).into();
        }
        let head = event.pointer("/requestContext/http/method") == Some(&"HEAD".into());
        let answer = bootstrap.invoke(event.clone()).await;
        let told = || {
            let shown: String = event.to_string().chars().take(2_000).collect();
            format!("visit {n}, {kind}: {shown}\n{answer:?}")
        };
        assert!(bootstrap.is_running(), "it died of {}\n{}{}", told(), bootstrap.stdout(), bootstrap.stderr());
        let shown = Shown::of(answer.as_ref().unwrap_or_else(|error| panic!("{error}: {}", told())));
        is_a_page(&shown, head);
        *kinds.entry(kind).or_default() += 1;
        *statuses.entry(shown.status).or_default() += 1;
        if n % 100 == 0 {
            assert_eq!(processes(&asked.world).await, before, "{}", told());
        }
    }
    eprintln!("{kinds:?} {statuses:?}");
    assert_eq!(processes(&asked.world).await, before);
    for status in [200, 400, 404, 429] {
        assert!(statuses.get(&status).is_some_and(|count| *count > VISITS / 100), "few {status}: {statuses:?}");
    }
    assert_eq!(asked.answers(Person::Grace, "approve").await.status, 303);
    sound(&asked).await;
}
