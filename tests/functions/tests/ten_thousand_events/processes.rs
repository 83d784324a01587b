//! The functions of decommission: whatever they are given, a named error or a right answer, and EC2 is never changed by
//! one of them alone.

use std::collections::BTreeMap;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use sunset_functions_tests::{ACCOUNT, Function, Policy, Process, State, World};
use sunset_wire::{
    Account, Address, FunctionError, Image, Instance, NetworkInterface, SecurityGroup, Snapshot, Volume,
};

use crate::ERRORS;
use crate::answers::{one_of, same};
use crate::given::{BROKEN, CHANGED, NONSENSE, VALID_AND_DRY};
use crate::process_events::{BATCH, BROKEN_REQUEST, Given, REQUEST, given};

/// Of each function.
const EVENTS: usize = 2_000;

fn account() -> Account {
    Account::new(ACCOUNT)
        .instance(Instance::new("i-0web", "ami-0web"))
        .volume(Volume::new("vol-0root").root_of("i-0web"))
        .volume(Volume::new("vol-0web"))
        .volume(Volume::new("vol-0other"))
        .volume(Volume::new("vol-0third"))
        .snapshot(Snapshot::new("snap-0web"))
        .image(Image::new("ami-0web").named("web").snapshots(["snap-0of"]))
        .network_interface(NetworkInterface::primary_of("i-0web").member_of("sg-0base"))
        .address(Address::new("eipalloc-0web"))
        .security_group(SecurityGroup::new("sg-0web", "web"))
        .security_group(SecurityGroup::new("sg-0idle", "idle"))
        .security_group(SecurityGroup::new("sg-0base", "base"))
}

/// A world with processes: one that people are asked about, one that is only admitted, one that is over, one that the rule
/// approved, a dry run.
async fn world() -> (World, Vec<String>) {
    let policy = Policy::brisk().with("SOAK_SECONDS", 604_800).with("BACKUP_RETENTION_DAYS", 90);
    let world = World::under(policy.with("NOTICE_SECONDS", 600), account()).await;
    let data = json!({"environment": "development", "project": "web", "owner": "team-web"});
    let item = json!({"ResourceId": "sg-0idle", "ResourceType": "SecurityGroup", "TrackingData": data});
    world.tracking.put(item).await;
    let functions = world.functions();
    let mut known = Vec::new();
    for (id, until) in [
        ("vol-0web", State::TallyVotes),
        ("vol-0other", State::AssessResource),
        ("vol-0third", State::TallyVotes),
        ("vol-0gone", State::ProcessBlocked),
    ] {
        let mut process = Process::live(&world, &functions, ("EBSVolume", id)).await.that_nobody_answers();
        process.until(until).await;
        known.push(process.id().to_owned());
    }
    let mut process = Process::live(&world, &functions, ("SecurityGroup", "sg-0idle")).await;
    process.until(State::NoticeOver).await;
    known.push(process.id().to_owned());
    let mut process = Process::dry(&world, &functions, ("EC2Instance", "i-0web")).await;
    process.to_end().await;
    known.push(process.id().to_owned());
    (world, known)
}

async fn survives(function: Function) {
    let (world, known) = world().await;
    let functions = world.functions();
    let bootstrap = functions.warm(function);
    let strategy = given(function, known);
    let mut runner = TestRunner::deterministic();
    let (mut kinds, mut ends) = (BTreeMap::<&str, usize>::new(), BTreeMap::<String, usize>::new());
    for n in 0..EVENTS {
        let given = strategy.new_tree(&mut runner).unwrap().current();
        let before = world.calls.count();
        let answer = bootstrap.invoke(given.event.clone()).await;
        let told = || {
            let event = given.event.to_string();
            let shown: String = event.chars().take(2_000).collect();
            format!("event {n} of {}, {}: {shown}\n{answer:?}", function.name(), given.kind)
        };
        assert!(bootstrap.is_running(), "it died of {}\n{}{}", told(), bootstrap.stdout(), bootstrap.stderr());
        holds(function, &given, &answer).unwrap_or_else(|wrong| panic!("{wrong}: {}", told()));
        let calls = world.calls.since(before);
        if [BROKEN, BROKEN_REQUEST].contains(&given.kind) {
            assert_eq!(calls, [], "called before it refused: {}", told());
        }
        let changes: Vec<_> = calls.iter().filter(|call| call.changes_ec2()).collect();
        assert!(changes.is_empty(), "{changes:?} by {}", told());
        *kinds.entry(given.kind).or_default() += 1;
        *ends.entry(end(&answer)).or_default() += 1;
    }
    eprintln!("{}: {kinds:?} {ends:?}", function.name());
    let mut expected = vec![VALID_AND_DRY, BROKEN, CHANGED, NONSENSE];
    if function == Function::Approve {
        expected.extend([REQUEST, BROKEN_REQUEST, BATCH]);
    }
    for kind in expected {
        assert!(kinds.get(kind).is_some_and(|count| *count > EVENTS / 50), "few {kind}: {kinds:?}");
    }
    let answered: usize = ends.iter().filter(|(end, _)| !end.starts_with("Sunset.")).map(|(_, count)| count).sum();
    assert!(answered > EVENTS / 50, "few right answers: {ends:?}");
    assert_eq!(world.calls.changing_ec2(), [""; 0]);
}

/// An error's name, an HTTP status, or `answered`.
fn end(answer: &Result<Value, FunctionError>) -> String {
    match answer {
        Err(error) => error.error_type.clone(),
        Ok(answer) => answer["statusCode"].as_u64().map_or_else(|| "answered".to_owned(), |status| status.to_string()),
    }
}

fn holds(function: Function, given: &Given, answer: &Result<Value, FunctionError>) -> Result<(), String> {
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => return refused(given, error),
    };
    match given.kind {
        BROKEN => Err("it was not refused".into()),
        BROKEN_REQUEST => {
            let status = answer["statusCode"].as_u64().unwrap_or_default();
            let text = answer["body"].as_str().unwrap_or_default();
            let body: Value = serde_json::from_str(text).map_err(|error| format!("no JSON: {error}"))?;
            let short = text.len() < 4_000 && body["error"].is_string();
            if (400..500).contains(&status) && short { Ok(()) } else { Err(format!("{status} {text}")) }
        }
        BATCH => same(&answer["batchItemFailures"], &json!([])),
        _ if answer.get("statusCode").is_some() => Ok(()),
        VALID_AND_DRY => right(function, &given.event, answer),
        _ => Ok(()),
    }
}

fn refused(given: &Given, error: &FunctionError) -> Result<(), String> {
    if !ERRORS.contains(&error.error_type.as_str()) {
        return Err("no name that a state machine knows".into());
    }
    if error.message.is_empty() || error.message.len() > 4_000 {
        return Err(format!("a message of {} bytes", error.message.len()));
    }
    if [REQUEST, BROKEN_REQUEST, BATCH].contains(&given.kind) {
        return Err("what people and the stream send is answered, whatever it is".into());
    }
    let invalid = error.error_type == "Sunset.Invalid";
    if given.kind == BROKEN && !invalid {
        return Err("a broken event is invalid".into());
    }
    Ok(())
}

/// What a right answer looks like.
fn right(function: Function, event: &Value, answer: &Value) -> Result<(), String> {
    if event["action"] == "admit" {
        one_of(&answer["verdict"], &["admitted", "duplicate"])?;
        return one_of(&answer["mode"], &["dry-run", "live"]);
    }
    same(&answer["process_id"], &event["process_id"])?;
    match (function, event["action"].as_str().unwrap_or_default()) {
        (Function::Assess, "assess") => one_of(&answer["verdict"], &["assessed", "blocked"]),
        (Function::Assess, _) => one_of(&answer["verdict"], &["proceed", "roll_back", "waiting"]),
        (Function::Plan, "draft") => one_of(&answer["verdict"], &["drafted", "blocked"]),
        (Function::Plan, _) => one_of(&answer["verdict"], &["confirmed", "changed", "blocked", "given_up"]),
        (Function::Approve, "auto") => one_of(&answer["decision"], &["approved", "ask"]),
        (Function::Approve, "tally") => {
            one_of(&answer["decision"], &["approved", "rejected", "expired", "waiting", "blocked"])
        }
        (Function::Approve, "notice_over") => one_of(&answer["decision"], &["over", "waiting", "opted_out"]),
        (Function::Approve, "resolution") => one_of(&answer["choice"], &["retry", "accept", "recover", "none"]),
        (Function::Execute, "rollback") => {
            one_of(&answer["state"], &["waiting", "rolled_back", "rollback_failed", "failed", "held"])
        }
        (Function::Execute, "window") => one_of(&answer["state"], &["open", "closed", "waiting", "roll_back", "never"]),
        (Function::Execute, _) => one_of(&answer["state"], &["waiting", "done", "failed", "roll_back", "closed"]),
        (Function::Validate, "check") => one_of(&answer["state"], &["waiting", "done", "failed"]),
        (Function::Validate, "verify_audit") => same(&answer["sound"], &json!(true)),
        _ => Ok(()),
    }
}

#[tokio::test]
async fn assess_survives_2000_events() {
    survives(Function::Assess).await;
}

#[tokio::test]
async fn plan_survives_2000_events() {
    survives(Function::Plan).await;
}

#[tokio::test]
async fn approve_survives_2000_events() {
    survives(Function::Approve).await;
}

#[tokio::test]
async fn execute_survives_2000_events() {
    survives(Function::Execute).await;
}

#[tokio::test]
async fn validate_survives_2000_events() {
    survives(Function::Validate).await;
}
