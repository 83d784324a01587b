//! Names, tags and reasons are whatever somebody typed: they change no element of a page and no header.

use scraper::{Html, Node};
use serde_json::{Value, json};
use sunset_domain::approval::link::Link;
use sunset_functions_tests::page::{Shown, Visit, now, sign};
use sunset_functions_tests::{APPROVERS, Person, Process, State, World};
use tokio::sync::OnceCell;

use crate::asked::{Asked, Question};

/// What stands everywhere where somebody types something.
const MARK: &str = "typed-by-somebody";

const HOSTILE: [&str; 16] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "</title></style></textarea></script><h1 class=\"x\">owned</h1>",
    "&lt;b&gt;&#x3c;i&#62; &amp; <!-- <b> --> <![CDATA[x]]>",
    "javascript:alert(1)",
    "\r\nSet-Cookie: session=1\r\nLocation: https://evil.example\r\n\r\n<html>",
    "\u{202e}gnp.exe\u{2066}\u{200b}x",
    "\u{0}\u{7}\u{1b}[31mx",
    "{{7*7}}${7*7}<%= 7*7 %>",
    "<form action=https://evil.example><input name=form_token value=x><button>x",
    "<base href=https://evil.example><meta http-equiv=refresh content=0>",
    "<svg/onload=alert(1)><math><mtext></table>",
    "` onload=x ` \\\" \\' \\u003cb\\u003e",
    "?l=v1.x.y.z&done=1#main",
    "👩‍👩‍👧‍👦 ﷽ Ω≈ç√",
];

/// A process that is asked about, with the mark everywhere where somebody typed something.
async fn marked() -> &'static (World, String) {
    static PLAYED: OnceCell<(World, String)> = OnceCell::const_new();
    PLAYED
        .get_or_init(|| async {
            let links = format!("{APPROVERS}links_may_decide: [low, medium, high, critical]\n");
            let world = Question::Volume.world().await.with_approvers(&links);
            let mut tracked = world.tracking.items().await.remove(0);
            tracked["TrackingData"]["project"] = MARK.into();
            world.tracking.put(tracked).await;
            let depends = json!([{"resource_id": MARK, "resource_type": MARK, "dependency_type": "optional"}]);
            world.dependencies.put(json!({"ResourceId": "vol-0spare", "Dependents": depends})).await;
            if let Some(volume) = world.ec2.account().volumes.get_mut("vol-0spare") {
                for key in ["Name", "team", MARK] {
                    volume.tags.insert(key.into(), MARK.into());
                }
            }
            let functions = world.functions();
            let process = Process::live(&world, &functions, Question::Volume.resource()).await;
            let mut process = process.with("initiator", MARK).with("reason", MARK).that_nobody_answers();
            process.until(State::TallyVotes).await;
            let id = process.id().to_owned();
            drop(process);
            drop(functions);
            (world, id)
        })
        .await
}

/// The same value with this text in every place of the mark.
fn typed(value: &Value, text: &str) -> Value {
    match value {
        Value::String(old) => old.replace(MARK, text).into(),
        Value::Array(items) => items.iter().map(|item| typed(item, text)).collect(),
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| (name.replace(MARK, text), typed(value, text))).collect()
        }
        other => other.clone(),
    }
}

/// The process as it would be if somebody had typed this.
async fn process_with(text: &str) -> Asked {
    let (world, id) = marked().await;
    let asked = Asked::within(world.copy().await, id);
    for mut item in asked.world.ledger.items().await {
        if let Some(document) = item["document"].as_str() {
            let document: Value = serde_json::from_str(document).unwrap();
            item["document"] = typed(&document, text).to_string().into();
        }
        asked.world.ledger.put(typed(&item, text)).await;
    }
    for event in asked.world.audit.items().await {
        asked.world.audit.put(typed(&event, text)).await;
    }
    asked
}

/// Elements with the names of their attributes, as they stand within one another; and every attribute that leads somewhere
/// or names something, without what is different in every answer.
fn structure(shown: &Shown) -> Vec<String> {
    let html = Html::parse_document(&shown.html);
    let mut lines = Vec::new();
    for node in html.root_element().descendants() {
        let depth = node.ancestors().count();
        match node.value() {
            Node::Element(element) => {
                let attribute = |(name, value): (&str, &str)| match name {
                    "href" | "action" if value.starts_with("?l=") => format!("{name}=?l="),
                    "href" | "action" | "class" | "id" | "name" | "for" | "type" | "rel" | "role" => {
                        format!("{name}={value}")
                    }
                    _ => name.to_owned(),
                };
                let mut attributes: Vec<String> = element.attrs().map(attribute).collect();
                attributes.sort_unstable();
                lines.push(format!("{depth} {} {attributes:?}", element.name()));
            }
            Node::Comment(comment) => lines.push(format!("{depth} comment {comment:?}")),
            _ => {}
        }
    }
    lines
}

/// Everything that is shown of a process in which somebody typed this, by name.
async fn pages(text: &str) -> Vec<(&'static str, Shown)> {
    let asked = process_with(text).await;
    let lin = asked.token(Person::Lin).await;
    let graces = asked.token(Person::Grace).await;
    let timeline = asked.timeline(Person::Kay).await;
    let waiting = sign(&Link::waiting("grace", now().plus_days(1)));
    let decide = asked.visit(Visit::get(&lin)).await;
    let form = asked.form(&lin, "reject").await;
    let wrong_end = asked.visit(Visit::post(&lin, &form.clone().but("confirm", text).but("reason", text))).await;
    let list = asked.visit(Visit::get(&waiting)).await;
    let answered = asked.visit(Visit::post(&lin, &form.but("reason", "it is needed"))).await;
    assert_eq!(answered.status, 303, "{answered:#?}");
    // What the page itself would not take may stand in the ledger all the same.
    let record = asked.stored().await;
    for (person, round) in [("lin", 1), ("mallory", 0)] {
        let vote = json!({
            "pk": asked.pk(), "sk": format!("VOTE#{round:04}#{person}"), "round": round, "person": person,
            "identity": text, "answer": "reject", "reason": text, "plan_hash": record["plan_hash"],
            "at": record["updated_at"],
        });
        asked.world.ledger.put(vote).await;
    }
    let mut record = record;
    record["outcome"] = text.into();
    record["error"] = json!({"error": text, "cause": text});
    asked.world.ledger.put(record).await;
    vec![
        ("what is asked", decide),
        ("the wrong end", wrong_end),
        ("what waits", list),
        ("where the answer leads", answered),
        ("what is asked, with votes", asked.visit(Visit::get(&graces)).await),
        ("the timeline", asked.visit(Visit::get(&timeline)).await),
    ]
}

#[tokio::test]
async fn whatever_somebody_typed_every_page_has_the_same_elements_and_the_same_headers() {
    let plain = pages("plain text").await;
    for (name, shown) in &plain {
        assert!([200, 303, 422].contains(&shown.status), "{name}: {shown:#?}");
        let shows_it = shown.html.contains("plain text");
        assert!(shows_it || *name == "where the answer leads", "{name} does not show it: {}", shown.html);
    }
    for text in HOSTILE {
        let hostile = pages(text).await;
        for ((name, expected), (_, found)) in plain.iter().zip(&hostile) {
            assert_eq!(found.status, expected.status, "{name} with {text:?}: {found:#?}");
            let (expected_structure, found_structure) = (structure(expected), structure(found));
            let first = expected_structure.iter().zip(&found_structure).find(|(one, other)| one != other);
            assert_eq!(expected_structure.len(), found_structure.len(), "{name} with {text:?}: {first:?}");
            assert_eq!(first, None, "{name} with {text:?}");
            let names = |shown: &Shown| shown.headers.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
            assert_eq!(names(found), names(expected), "{name} with {text:?}");
            for (header, value) in &found.headers {
                assert!(value.bytes().all(|byte| (0x20..0x7f).contains(&byte)), "{header}: {value:?}");
                assert!(!value.contains("evil"), "{header}: {value:?}");
            }
            for hidden in ['\u{202e}', '\u{2066}', '\u{200b}', '\u{0}', '\u{7}', '\u{1b}'] {
                assert!(!found.html.contains(hidden), "{hidden:?} on {name}");
            }
        }
    }
}

#[tokio::test]
async fn what_is_typed_into_a_form_comes_back_as_text_and_changes_no_element() {
    let asked = Question::Volume.asked().await;
    let plain = asked.token(Person::Lin).await;
    let form = asked.form(&plain, "reject").await;
    let page = async |text: &str| {
        let form = form.clone().but("confirm", text).but("reason", text);
        asked.visit(Visit::post(&plain, &form).from("192.0.2.9")).await
    };
    let expected = page("plain text").await;
    for text in HOSTILE.iter().take(8) {
        let found = page(text).await;
        assert_eq!(found.status, 422, "{text:?}");
        assert_eq!(structure(&found), structure(&expected), "{text:?}");
    }
}

#[tokio::test]
async fn what_is_asked_with_hostile_headers_and_queries_is_answered_with_the_same_headers() {
    let asked = Question::Volume.asked().await;
    let expected = asked.dead_link_page().await;
    for text in HOSTILE {
        let visit = Visit::get("x")
            .query(&form_urlencoded::Serializer::new(String::new()).append_pair("l", text).finish())
            .header("user-agent", text)
            .header("x-forwarded-host", text)
            .header("referer", text);
        let found = asked.visit(visit).await;
        assert_eq!(found, expected, "{text:?}");
    }
}
