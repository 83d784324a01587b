//! Helpers about people who are asked: what reaches them, what they answer by link, and how their time passes.

use serde_json::{Value, json};
use sunset_domain::approval::link::{Link, LinkKeys};
use sunset_functions_tests::page::{Form, Visit, now};
use sunset_functions_tests::{Function, Functions, LINK_KEYS, PAGE_URL, Person, Process, State, World};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

use crate::stories::Story;

/// A process that has asked people, of whom nobody has answered yet.
pub async fn asked<'w>(world: &'w World, functions: &'w Functions, story: &Story) -> Process<'w> {
    let mut process = Process::live(world, functions, story.resource).await.that_nobody_answers();
    process.until(State::TallyVotes).await;
    process
}

/// The notices that reached one person alone: subject and body.
pub fn told_alone(world: &World, person: Person) -> Vec<(String, String)> {
    told_on(world, &person.topic())
}

/// The notices on the shared topic.
pub fn told_all(world: &World) -> Vec<(String, String)> {
    told_on(world, "sunset-notices")
}

pub fn told_on(world: &World, topic: &str) -> Vec<(String, String)> {
    let of_it = |arn: &str| arn.rsplit(':').next() == Some(topic);
    let notices = world.calls.notices().into_iter().filter(|(arn, ..)| of_it(arn));
    notices.map(|(_, subject, body)| (subject, body)).collect()
}

/// The tokens of the links in a text, each on a line of its own.
pub fn tokens(text: &str) -> Vec<String> {
    let lines = text.lines().filter_map(|line| line.strip_prefix(PAGE_URL)?.strip_prefix("?l="));
    lines.map(str::to_owned).collect()
}

/// What the links in a person's newest notice stand for.
pub fn links(world: &World, person: Person) -> Vec<Link> {
    let notices = told_alone(world, person);
    let (_, body) = notices.last().unwrap_or_else(|| panic!("{} was told nothing", person.name()));
    let keys = LinkKeys::parse(LINK_KEYS).unwrap();
    tokens(body).iter().map(|token| keys.verify(token, now()).unwrap()).collect()
}

/// A person follows the link of their newest notice and answers there: the status.
pub async fn answers_by_link(
    world: &World,
    functions: &Functions,
    person: Person,
    story: &Story,
    answer: &str,
    reason: &str,
) -> u64 {
    let (_, body) = told_alone(world, person).pop().unwrap_or_else(|| panic!("{} was told nothing", person.name()));
    let token = tokens(&body).remove(0);
    let shown = functions.visit(Visit::get(&token)).await;
    let form_token = shown.form_token().unwrap_or_else(|| panic!("no form: {shown:?}"));
    let id = story.resource.1;
    let form = Form::default()
        .with("form_token", form_token)
        .with("confirm", &id[id.len() - 6..])
        .with("reason", reason)
        .with("answer", answer);
    functions.visit(Visit::post(&token, &form)).await.status
}

fn earlier(at: &Value, seconds: i64) -> Value {
    let at = OffsetDateTime::parse(at.as_str().unwrap(), &Rfc3339).unwrap() - Duration::seconds(seconds);
    at.format(&Rfc3339).unwrap().into()
}

/// So many seconds of the time that people have to answer pass.
pub async fn passes(world: &World, process: &Process<'_>, seconds: i64) {
    let mut round = process.record().await["round"].clone();
    for name in ["requested_at", "deadline"] {
        round[name] = earlier(&round[name], seconds);
    }
    for reminder in round["reminders"].as_array_mut().unwrap() {
        *reminder = earlier(reminder, seconds);
    }
    for escalation in round["escalations"].as_array_mut().unwrap() {
        escalation["at"] = earlier(&escalation["at"], seconds);
    }
    world.ledger.set(&format!("PROC#{}", process.id()), "META", "round", round).await;
}

/// The time that people have to answer passes, but for so many seconds.
pub async fn passes_but_for(world: &World, process: &Process<'_>, seconds: i64) {
    let left = seconds_until(&process.record().await["round"]["deadline"]);
    passes(world, process, left - seconds).await;
}

fn seconds_until(at: &Value) -> i64 {
    let at = OffsetDateTime::parse(at.as_str().unwrap(), &Rfc3339).unwrap();
    // Rounded up, so that what is left is never more than was asked for.
    (at - OffsetDateTime::now_utc()).whole_seconds() + 1
}

/// So many seconds of the time to object pass.
pub async fn notice_passes(world: &World, process: &Process<'_>, seconds: i64) {
    let mut notice = process.record().await["notice"].clone();
    notice["until"] = earlier(&notice["until"], seconds);
    world.ledger.set(&format!("PROC#{}", process.id()), "META", "notice", notice).await;
}

/// The time to object passes, but for so many seconds.
pub async fn notice_passes_but_for(world: &World, process: &Process<'_>, seconds: i64) {
    let left = seconds_until(&process.record().await["notice"]["until"]);
    notice_passes(world, process, left - seconds).await;
}

/// New votes as the ledger's stream reports them, by process, round and person.
pub fn batch(votes: &[(&str, u32, &str)]) -> Value {
    let record = |(n, (process_id, round, person)): (usize, &(&str, u32, &str))| {
        json!({
            "eventID": n.to_string(),
            "eventName": "INSERT",
            "eventVersion": "1.1",
            "eventSource": "aws:dynamodb",
            "awsRegion": "us-east-1",
            "dynamodb": {
                "Keys": {"pk": {"S": format!("PROC#{process_id}")}, "sk": {"S": format!("VOTE#{round:04}#{person}")}},
                "SequenceNumber": format!("44215845000000000174504390{n:02}"),
                "SizeBytes": 62,
                "StreamViewType": "KEYS_ONLY",
            },
        })
    };
    json!({"Records": votes.iter().enumerate().map(record).collect::<Vec<_>>()})
}

/// A state waits from now on: its token.
pub async fn waits(world: &World, process: &Process<'_>, functions: &Functions, action: &str) -> String {
    let token = world.tokens.issue();
    let event = json!({"schema": 1, "action": action, "process_id": process.id(), "task_token": token});
    functions.invoke(Function::Approve, event).await.unwrap();
    token
}

/// Calls `approve` as the machine does.
pub async fn approve(process: &Process<'_>, functions: &Functions, action: &str) -> Value {
    let event = json!({"schema": 1, "action": action, "process_id": process.id()});
    functions.invoke(Function::Approve, event).await.unwrap_or_else(|error| panic!("{error}: {}", process.story()))
}
