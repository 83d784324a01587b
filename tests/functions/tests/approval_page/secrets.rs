//! What is secret stands where it belongs, and nowhere else.

use sunset_functions_tests::page::{Shown, Visit};
use sunset_functions_tests::{LINK_KEYS, LINK_KEYS_PARAMETER, Outage, Person};

use crate::asked::{Asked, Question};

/// What was shown on the way through everything that somebody might do with a link, and the tokens that were used.
struct Seen {
    asked: Asked,
    shown: Vec<(Visit, Shown)>,
    /// Of links and forms.
    tokens: Vec<String>,
}

async fn everything_that_somebody_might_do() -> Seen {
    let asked = Question::Volume.asked().await;
    let (mine, kays, timeline) =
        (asked.token(Person::Lin).await, asked.token(Person::Kay).await, asked.timeline(Person::Lin).await);
    let form = asked.form(&mine, "approve").await;
    let visits = [
        Visit::get(&mine),
        Visit::head(&mine),
        Visit::get(&timeline),
        Visit::get(&kays),
        Visit::post(&kays, &form),
        Visit::get(&format!("{mine}A")),
        Visit::get(&mine).path("/elsewhere"),
        Visit::get(&mine).method("PUT"),
        Visit::get(&mine).query(&format!("l={mine}&l={mine}")),
        Visit::post(&mine, &form.clone().but("confirm", "wrong")),
        Visit::post(&mine, &form.clone().but("form_token", "wrong")),
        Visit::post(&mine, &form.clone().with("answer", "approve")),
        Visit::post(&mine, &form).header("origin", "https://evil.example"),
        Visit::post(&mine, &form),
        Visit::post(&mine, &form),
        Visit::get(&mine),
    ];
    let mut shown = Vec::new();
    for visit in visits {
        let answer = asked.visit(visit.clone()).await;
        shown.push((visit, answer));
    }
    for action in ["GetItem", "Query", "TransactWriteItems"] {
        asked.world.outages.of(action, Outage::Denied);
        let graces = asked.token(Person::Grace).await;
        for visit in [Visit::get(&graces), Visit::post(&graces, &form)] {
            shown.push((visit.clone(), asked.visit(visit).await));
        }
        asked.world.outages.clear();
    }
    let mut tokens = vec![mine, kays, timeline, asked.token(Person::Grace).await];
    for (_, answer) in &shown {
        tokens.extend(answer.tokens().into_iter().map(str::to_owned));
        tokens.extend(answer.form_token().map(str::to_owned));
    }
    Seen { asked, shown, tokens }
}

/// What makes a token one: its signature.
fn signature(token: &str) -> &str {
    token.rsplit('.').next().unwrap()
}

#[tokio::test]
async fn no_link_and_no_form_token_stands_in_a_log_line_or_an_item() {
    let Seen { asked, tokens, .. } = everything_that_somebody_might_do().await;
    assert!(tokens.len() > 8, "{}", tokens.len());
    let mut items = asked.world.ledger.items().await;
    items.extend(asked.world.audit.items().await);
    let stored: Vec<String> = items.iter().map(ToString::to_string).collect();
    let logs = asked.functions.logs();
    assert!(logs.contains("refused"), "{logs}");
    for token in &tokens {
        let secret = signature(token);
        assert!(secret.len() > 20, "{token}");
        assert!(!logs.contains(secret), "a token in the log: {logs}");
        for item in &stored {
            assert!(!item.contains(secret), "a token in an item: {item}");
        }
    }
    for call in asked.world.calls.all() {
        let text = call.fields.to_string();
        let told = call.service == "sns";
        assert!(told || tokens.iter().all(|token| !text.contains(signature(token))), "a token in a call: {call:?}");
    }
}

#[tokio::test]
async fn a_page_holds_the_token_of_its_own_link_and_no_other_that_answers() {
    let Seen { asked, shown, .. } = everything_that_somebody_might_do().await;
    let mut deciding = Vec::new();
    for person in Person::KNOWN {
        deciding.push(asked.token(person).await);
    }
    for (visit, answer) in &shown {
        let text = format!("{:?}{}", answer.headers, answer.html);
        let asked_by = visit.event()["rawQueryString"].as_str().unwrap().to_owned();
        for token in &deciding {
            let own = asked_by == format!("l={token}") && answer.form_token().is_some();
            assert!(own || !text.contains(signature(token)), "{visit:?}\n{text}");
        }
    }
}

#[tokio::test]
async fn no_task_token_and_no_key_is_shown_logged_or_handed_on() {
    let Seen { asked, shown, .. } = everything_that_somebody_might_do().await;
    let waiting = asked.world.ledger.item(&asked.pk(), "TOKEN#approval").await.unwrap();
    let task_token = waiting["task_token"].as_str().unwrap();
    assert!(task_token.len() > 5, "{task_token}");
    let secret = LINK_KEYS.split("\"secret\":\"").nth(1).unwrap().split('"').next().unwrap();
    let pages: Vec<String> = shown.iter().map(|(_, answer)| format!("{:?}{}", answer.headers, answer.html)).collect();
    let logs = asked.functions.logs();
    for text in pages.iter().chain([&logs]) {
        assert!(!text.contains(task_token) && !text.contains(secret), "{text}");
    }
    for page in &pages {
        for name in [asked.world.ledger.name(), asked.world.audit.name(), LINK_KEYS_PARAMETER] {
            assert!(!page.contains(name), "{name}: {page}");
        }
    }
    for item in asked.world.ledger.items().await.iter().chain(&asked.world.audit.items().await) {
        let text = item.to_string();
        assert!(item == &waiting || !text.contains(task_token), "{item}");
        assert!(!text.contains(secret), "{item}");
    }
}
