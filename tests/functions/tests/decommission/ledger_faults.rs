//! The ledger, the audit trail, the kill switch and the lock: without them nothing happens.

use serde_json::{Value, json};
use sunset_functions_tests::{Function, Person, Policy, Process, State, World};

use crate::cut_off::rolled_back;
use crate::picture::picture;
use crate::sound::sound;
use crate::stories::{ALL, INSTANCE, SPARE_VOLUME, Story, VOLUME};
use crate::whole::completed;
use crate::{is_free, side_by_side, told, untouched};

/// How many calls have changed EC2.
fn changes(world: &World) -> usize {
    world.calls.changing_ec2().len()
}

#[tokio::test]
async fn without_an_audit_table_no_process_begins() {
    let world = VOLUME.world().await;
    let nowhere = world.functions_under(&Policy::brisk().with("AUDIT_TABLE", "nowhere"));
    let mut process = Process::live(&world, &nowhere, VOLUME.resource).await;
    assert_eq!(process.to_end().await, State::ProcessFailed);
    assert_eq!(world.ledger.items().await, [Value::Null; 0]);

    world.denied.add(&world.audit);
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, VOLUME.resource).await;
    assert_eq!(process.to_end().await, State::ProcessFailed);
    assert_eq!(process.error()["Error"], "Sunset.Denied");
    assert_eq!(world.ledger.items().await, [Value::Null; 0]);
    untouched(&world);
}

#[tokio::test]
async fn an_audit_table_that_is_lost_before_the_first_act_stops_every_act() {
    side_by_side(ALL.into_iter().map(async |story| {
        let world = story.world().await;
        let functions = world.functions();
        let mut process = Process::live(&world, &functions, story.resource).await;
        process.until(State::ExecuteReversible).await;
        world.denied.add(&world.audit);
        let before = process.record().await;
        process.to_end().await;
        untouched(&world);
        assert_eq!(process.record().await, before, "no event, no change");
        // It is back: whoever starts the way back finds everything as it was.
        world.denied.clear();
        let event = json!({"schema": 1, "action": "rollback", "process_id": process.id()});
        let answer = functions.invoke(Function::Execute, event).await.unwrap();
        assert!(["rolled_back", "failed"].map(Value::from).contains(&answer["state"]), "{answer}");
        assert!(is_free(&world, story.resource).await);
        untouched(&world);
        sound(&world).await;
    }))
    .await;
}

#[tokio::test]
async fn an_audit_table_that_is_lost_in_the_soak_stops_the_destruction() {
    side_by_side(ALL.into_iter().map(async |story| {
        let world = story.world().await;
        let functions = world.functions();
        let mut process = Process::live(&world, &functions, story.resource).await;
        process.until(State::ExecuteIrreversible).await;
        let before = changes(&world);
        world.denied.add(&world.audit);
        // Not even the way back can be written down, so it is not gone.
        assert_eq!(process.to_end().await, State::ProcessFailed, "{}", process.story());
        assert_eq!(changes(&world), before, "{}", process.story());
        assert_eq!(told(&process, "status").await, "soaking");
        assert!(!is_free(&world, story.resource).await, "nobody else begins with what rests");
        // It is back: whoever starts the way back then finds everything as it was.
        world.denied.clear();
        let event = json!({"schema": 1, "action": "rollback", "process_id": process.id()});
        let mut answer = json!({"state": "waiting"});
        while answer["state"] == "waiting" {
            answer = functions.invoke(Function::Execute, event.clone()).await.unwrap();
        }
        assert_eq!(answer["state"], "rolled_back", "{answer}");
        rolled_back(&world, &process, &story, &process.story()).await;
        sound(&world).await;
    }))
    .await;
}

#[tokio::test]
async fn a_ledger_that_is_lost_stops_everything() {
    let world = VOLUME.world().await;
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, VOLUME.resource).await;
    process.until(State::ExecuteIrreversible).await;
    let before = changes(&world);
    world.denied.add(&world.ledger);
    process.step().await;
    assert_eq!(process.error()["Error"], "Sunset.Denied", "{}", process.story());
    assert_eq!(changes(&world), before);
    world.denied.clear();
    // Nothing irreversible was intended: the way is back.
    assert_eq!(process.state(), State::HandleDecommissioningFailure);
    assert_eq!(process.to_end().await, State::ProcessRolledBack, "{}", process.story());
    rolled_back(&world, &process, &VOLUME, "the ledger was lost").await;
    sound(&world).await;
}

/// While somebody has paused everything, whoever is next waits, and goes on where it stood.
async fn waits_until_the_switch_is_off(at: State) {
    side_by_side(ALL.into_iter().map(async |story| {
        let world = story.world().await;
        let functions = world.functions();
        let mut process = Process::live(&world, &functions, story.resource).await;
        process.until(at).await;
        let before = changes(&world);
        world.ledger.pause().await;
        for _ in 0..3 {
            process.step().await;
            assert_eq!(process.answer()["state"], "waiting", "{}", process.story());
            assert!(process.answer()["wait_seconds"].as_u64().unwrap() >= 60, "{}", process.answer());
        }
        assert_eq!(process.state(), at);
        assert_eq!(changes(&world), before);
        world.ledger.resume().await;
        assert_eq!(process.to_end().await, State::ProcessCompleted, "{}", process.story());
        completed(&world, &process, &story).await;
        sound(&world).await;
    }))
    .await;
}

#[tokio::test]
async fn the_kill_switch_stops_the_first_act() {
    waits_until_the_switch_is_off(State::ExecuteReversible).await;
}

#[tokio::test]
async fn the_kill_switch_stops_the_destruction() {
    waits_until_the_switch_is_off(State::ExecuteIrreversible).await;
}

/// What changed meanwhile is looked at before anything goes on.
#[tokio::test]
async fn what_the_kill_switch_held_up_is_looked_at_again() {
    side_by_side(ALL.into_iter().map(async |story| {
        let world = story.world().await;
        let functions = world.functions();
        let mut process = Process::live(&world, &functions, story.resource).await;
        process.until(State::ExecuteIrreversible).await;
        world.ledger.pause().await;
        process.step().await;
        crate::stories::depends(&world, story.resource, "billing", "critical").await;
        world.ledger.resume().await;
        assert_eq!(process.to_end().await, State::ProcessRolledBack, "{}", process.story());
        rolled_back(&world, &process, &story, "paused").await;
        sound(&world).await;
    }))
    .await;
}

#[tokio::test]
async fn the_kill_switch_holds_the_way_back_too_until_it_is_off() {
    let world = INSTANCE.world().await;
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, INSTANCE.resource).await;
    process.until(State::Reassess).await;
    crate::stories::depends(&world, INSTANCE.resource, "billing", "critical").await;
    process.until(State::HandleDecommissioningFailure).await;
    let before = changes(&world);
    world.ledger.pause().await;
    process.step().await;
    assert_eq!(changes(&world), before, "{}", process.story());
    assert!(!is_free(&world, INSTANCE.resource).await, "it is not as it was, so it is still held");
    world.ledger.resume().await;
    let event = json!({"schema": 1, "action": "rollback", "process_id": process.id()});
    let mut state = json!("waiting");
    for _ in 0..20 {
        if state != "waiting" {
            break;
        }
        state = functions.invoke(Function::Execute, event.clone()).await.unwrap()["state"].clone();
    }
    assert_eq!(state, "rolled_back");
    rolled_back(&world, &process, &INSTANCE, "after the switch was off again").await;
    sound(&world).await;
}

/// Somebody lets go of a resource in the middle: whoever works on may still be called, and does nothing more.
async fn nothing_more_happens(world: &World, process: &mut Process<'_>) {
    let before = changes(world);
    for _ in 0..6 {
        if process.state().is_end() {
            break;
        }
        process.step().await;
    }
    assert_eq!(changes(world), before, "{}", process.story());
}

#[tokio::test]
async fn a_lock_that_is_released_by_hand_ends_every_act() {
    side_by_side(ALL.into_iter().map(async |story| {
        for at in [State::ExecuteReversible, State::Reassess, State::ExecuteIrreversible] {
            let world = story.world().await;
            let functions = world.functions();
            let mut process = Process::live(&world, &functions, story.resource).await;
            process.until(at).await;
            process.execution.stop().await;
            let (status, body) = process.releases(Person::Kay, story.resource.1).await;
            assert_eq!(status, 200, "{at:?}: {body}");
            assert!(is_free(&world, story.resource).await);
            nothing_more_happens(&world, &mut process).await;
            let status = told(&process, "status").await;
            assert!(["cancelled", "failed"].contains(&status.as_str()), "{at:?}: {status}");
            sound(&world).await;
        }
    }))
    .await;
}

#[tokio::test]
async fn a_lock_that_another_process_has_ends_every_act() {
    side_by_side(ALL.into_iter().map(async |story| {
        for at in [State::ExecuteReversible, State::ExecuteIrreversible, State::HandleDecommissioningFailure] {
            let world = story.world().await;
            let functions = world.functions();
            let mut process = Process::live(&world, &functions, story.resource).await;
            if at == State::HandleDecommissioningFailure {
                process.until(State::Reassess).await;
                crate::stories::depends(&world, story.resource, "billing", "critical").await;
            }
            process.until(at).await;
            let pk = format!("LOCK#{}", story.resource.1);
            world.ledger.set(&pk, "META", "process_id", json!("01KAG3V7Q4M2ZD9X5T8R6W0B1C")).await;
            nothing_more_happens(&world, &mut process).await;
            let lock = world.ledger.item(&pk, "META").await.unwrap();
            assert_eq!(lock["process_id"], "01KAG3V7Q4M2ZD9X5T8R6W0B1C", "nobody takes another's lock away");
            sound(&world).await;
        }
    }))
    .await;
}

#[tokio::test]
async fn a_fence_that_is_higher_ends_every_act() {
    let world = VOLUME.world().await;
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, VOLUME.resource).await;
    process.until(State::ExecuteIrreversible).await;
    world.ledger.set("LOCK#vol-0data", "META", "fence", json!(7)).await;
    nothing_more_happens(&world, &mut process).await;
    sound(&world).await;
}

/// Changes a process's newest plan behind its back.
async fn edit_plan(world: &World, process: &Process<'_>, edit: fn(&mut Value)) {
    let pk = format!("PROC#{}", process.id());
    let plan = format!("PLAN#{:04}", process.record().await["plan"].as_u64().unwrap());
    let item = world.ledger.item(&pk, &plan).await.unwrap();
    let mut document: Value = serde_json::from_str(item["document"].as_str().unwrap()).unwrap();
    edit(&mut document);
    world.ledger.set(&pk, &plan, "document", document.to_string().into()).await;
}

#[tokio::test]
async fn a_plan_that_is_edited_after_its_approval_is_not_carried_out() {
    type Edit = fn(&mut Value);
    let edits: [(&str, Edit); 4] = [
        ("another resource", |plan| {
            let text = plan.to_string().replace("vol-0spare", "vol-0other");
            *plan = serde_json::from_str(&text).unwrap();
        }),
        ("no backup", |plan| {
            let steps = plan["runbook"]["steps"].as_array_mut().unwrap();
            steps.retain(|step| !["create_snapshot", "verify_backup"].contains(&step["action"].as_str().unwrap()));
            for step in steps {
                if step["effect"] == "irreversible" {
                    step["recovery"] = Value::Null;
                }
            }
        }),
        ("a shorter soak", |plan| plan["runbook"]["soak_seconds"] = json!(0)),
        ("another description", |plan| plan["runbook"]["steps"][0]["description"] = "nothing to see here".into()),
    ];
    let story: Story = SPARE_VOLUME;
    side_by_side(edits.into_iter().map(async |(what, edit)| {
        for at in [State::ExecuteReversible, State::ExecuteIrreversible] {
            let account = story.account().volume(sunset_wire::Volume::new("vol-0other"));
            let world = story.world_with(account).await;
            let functions = world.functions();
            let mut process = Process::live(&world, &functions, story.resource).await;
            process.until(at).await;
            let before = changes(&world);
            edit_plan(&world, &process, edit).await;
            process.step().await;
            assert_eq!(process.error()["Error"], "Sunset.Stale", "{what} at {at:?}: {}", process.story());
            assert_eq!(changes(&world), before, "{what} at {at:?}");
            assert!(world.ec2.account().has_volume("vol-0spare") && world.ec2.account().has_volume("vol-0other"));
        }
    }))
    .await;
}

#[tokio::test]
async fn an_approval_that_is_written_into_the_record_does_not_fit_the_trail() {
    let world = SPARE_VOLUME.world().await;
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, SPARE_VOLUME.resource).await.that_nobody_answers();
    process.until(State::TallyVotes).await;
    // Whoever may write the table may write anything; what it cannot write is a trail that says so.
    let before = picture(&world.ec2.account());
    let pk = format!("PROC#{}", process.id());
    let hash = process.record().await["plan_hash"].clone();
    world.ledger.set(&pk, "META", "approved_plan_hash", hash).await;
    let event = json!({"schema": 1, "action": "reversible", "process_id": process.id()});
    let error = functions.invoke(Function::Execute, event).await.unwrap_err();
    assert_eq!(error.error_type, "Sunset.Stale", "the status does not allow it either: {error}");
    assert_eq!(picture(&world.ec2.account()), before);
    untouched(&world);
}
