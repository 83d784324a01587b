//! Ten thousand generated events for each workflow, valid and broken, through the real bootstraps: each is a typed error or a right answer,
//! never a crash; what is broken is refused before any call, and nothing that is not live and whole changes EC2.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod answers;
mod given;
mod nonsense;
mod process_events;
mod processes;

use std::collections::BTreeMap;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use sunset_functions_tests::{ACCOUNT, Function, Policy, Run, World};
use sunset_wire::{Account, FunctionError, Image, Instance};

use given::{Given, Known, given};

/// Of each function.
const EVENTS: usize = 2_500;

/// Every name that a state machine may meet. `Sunset.Internal` is a defect and not among them.
const ERRORS: [&str; 8] = [
    "Sunset.Throttled",
    "Sunset.Transient",
    "Sunset.Conflict",
    "Sunset.Denied",
    "Sunset.Invalid",
    "Sunset.EvidenceGap",
    "Sunset.Stale",
    "Sunset.RunFailed",
];

fn account() -> Account {
    Account::new(ACCOUNT)
        .image(Image::new("ami-0due").named("due").snapshots(["snap-0due"]))
        .image(Image::new("ami-0used").named("used").snapshots(["snap-0used"]))
        .instance(Instance::new("i-0used", "ami-0used"))
        .image(Image::new("ami-0off").named("off").disabled().snapshots(["snap-0off"]))
}

/// A world in which a dry and a live run have listed, and are at work.
async fn world() -> (World, Known) {
    let world = World::under(Policy::quick().with("GRACE_DAYS", 7), account()).await;
    let functions = world.functions();
    let (dry, _) = Run::dry(&world, &functions).await.listed().await;
    let (live, _) = Run::live(&world, &functions).await.listed().await;
    (world, Known { dry, live })
}

#[derive(Default, Debug)]
struct Counts {
    /// Of what was generated.
    kinds: BTreeMap<&'static str, usize>,
    /// Of what was answered: an error's name, or `answered`.
    ends: BTreeMap<String, usize>,
}

async fn survives(function: Function) {
    let (world, known) = world().await;
    let functions = world.functions();
    let bootstrap = functions.warm(function);
    let strategy = given(function, known.clone());
    let mut runner = TestRunner::deterministic();
    let mut counts = Counts::default();
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
        holds(&given, &answer, &told);
        let calls = world.calls.since(before);
        if given.kind == given::BROKEN {
            assert_eq!(calls, [], "called before it refused: {}", told());
        }
        if !given.may_change(&known) {
            let changes: Vec<_> = calls.iter().filter(|call| call.changes_ec2()).collect();
            assert!(changes.is_empty(), "{changes:?} by {}", told());
        }
        if let Ok(answer) = &answer {
            answers::check(function, &given.event, answer).unwrap_or_else(|wrong| panic!("{wrong}: {}", told()));
        }
        *counts.kinds.entry(given.kind).or_default() += 1;
        *counts.ends.entry(answer.map_or_else(|error| error.error_type, |_| "answered".to_owned())).or_default() += 1;
        put_back(&world);
    }
    eprintln!("{}: {counts:?}", function.name());
    for kind in given::KINDS {
        assert!(counts.kinds.get(kind).is_some_and(|count| *count > EVENTS / 50), "few {kind}: {counts:?}");
    }
    assert!(counts.ends.get("answered").is_some_and(|count| *count > EVENTS / 50), "few right answers: {counts:?}");
}

fn holds(given: &Given, answer: &Result<Value, FunctionError>, told: &dyn Fn() -> String) {
    match answer {
        Ok(_) => assert_ne!(given.kind, given::BROKEN, "{}", told()),
        Err(error) => {
            assert!(ERRORS.contains(&error.error_type.as_str()), "{}", told());
            assert!(!error.message.is_empty(), "{}", told());
            assert!(error.message.len() < 4_000, "a message of {} bytes: {}", error.message.len(), told());
            let expected = given.kind != given::BROKEN || error.error_type == "Sunset.Invalid";
            assert!(expected, "{}", told());
            assert!(given.kind != given::VALID_AND_DRY || error.error_type != "Sunset.Invalid", "{}", told());
        }
    }
}

/// What a live and whole event changed is as before for the next.
fn put_back(world: &World) {
    let mut live = world.ec2.account();
    let changed = ["ami-0due", "ami-0off"].iter().any(|id| {
        let wanted = if *id == "ami-0off" { "disabled" } else { "available" };
        live.image_state(id) != Some(wanted)
    });
    if changed {
        *live = account();
    }
}

#[tokio::test]
async fn list_expired_amis_survives_2500_events() {
    survives(Function::ListExpiredAmis).await;
}

#[tokio::test]
async fn deregister_survives_2500_events() {
    survives(Function::Deregister).await;
}

#[tokio::test]
async fn delete_snapshot_survives_2500_events() {
    survives(Function::DeleteSnapshot).await;
}

#[tokio::test]
async fn restore_survives_2500_events() {
    survives(Function::Restore).await;
}

#[tokio::test]
async fn after_all_that_nonsense_the_same_processes_do_their_work() {
    let (world, known) = world().await;
    let functions = world.functions();
    let mut runner = TestRunner::deterministic();
    for function in Function::AMI_CLEANUP {
        let strategy = given(function, known.clone());
        for _ in 0..50 {
            let given = strategy.new_tree(&mut runner).unwrap().current();
            if !given.may_change(&known) {
                functions.invoke(function, given.event).await.ok();
            }
        }
    }
    let line = json!({"run_id": known.live, "action": "disable", "ImageId": "ami-0due"});
    let answer = functions.invoke(Function::Deregister, line).await.unwrap();
    assert_eq!(answer["outcome"], "disabled", "{answer}");
    let event = json!({"schema": 1, "image_id": "ami-0due", "mode": "live"});
    assert_eq!(functions.invoke(Function::Restore, event).await.unwrap()["outcome"], "enabled");
}
