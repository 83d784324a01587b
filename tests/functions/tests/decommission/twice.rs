//! One process a resource, and one process an execution.

use serde_json::json;
use sunset_functions_tests::{Function, Person, Process, State, Workflow, World};

use crate::cut_off::rolled_back;
use crate::sound::sound;
use crate::stories::{ALL, SPARE_VOLUME, VOLUME, depends};
use crate::whole::{backups, completed};
use crate::{is_free, side_by_side, untouched};

#[tokio::test]
async fn a_second_process_is_answered_with_the_first() {
    side_by_side(ALL.into_iter().map(async |story| {
        let world = story.world().await;
        let functions = world.functions();
        let mut first = Process::live(&world, &functions, story.resource).await;
        first.until(State::AssessResource).await;
        for at in [State::AssessResource, State::ExecuteReversible, State::SoakPeriod, State::ExecuteIrreversible] {
            first.until(at).await;
            let mut second = Process::live(&world, &functions, story.resource).await;
            assert_eq!(second.to_end().await, State::AlreadyUnderWay, "{at:?}: {}", second.story());
            assert_eq!(second.answer()["process_id"], first.id(), "{at:?}");
        }
        assert_eq!(first.to_end().await, State::ProcessCompleted, "{}", first.story());
        completed(&world, &first, &story).await;
        sound(&world).await;
    }))
    .await;
}

#[tokio::test]
async fn of_two_that_start_at_once_one_is_admitted() {
    side_by_side((0..10).map(async |_| {
        let world = VOLUME.world().await;
        let functions = world.functions();
        let event = async || {
            let execution = world.aws().start_execution(Workflow::Decommission).await;
            json!({
                "schema": 1, "action": "admit", "execution": execution.as_event(),
                "input": {
                    "schema": 1, "resource_type": "EBSVolume", "resource_id": "vol-0data", "initiator": "eve",
                    "reason": "unused", "mode": "live",
                },
            })
        };
        let starts =
            [(event().await, functions.cold(Function::Assess)), (event().await, functions.cold(Function::Assess))];
        let admit = async |(event, bootstrap): &(serde_json::Value, sunset_wire::Bootstrap)| loop {
            match bootstrap.invoke(event.clone()).await {
                Ok(answer) => break answer,
                // The machine asks once more, and meets whoever was faster.
                Err(error) => assert_eq!(error.error_type, "Sunset.Conflict", "{error}"),
            }
        };
        let [one, other] = &starts;
        let (one, other) = tokio::join!(admit(one), admit(other));
        let mut verdicts = [one["verdict"].as_str().unwrap(), other["verdict"].as_str().unwrap()];
        verdicts.sort_unstable();
        assert_eq!(verdicts, ["admitted", "duplicate"], "{one} {other}");
        assert_eq!(one["process_id"], other["process_id"], "both name the one that holds it");
        untouched(&world);
        sound(&world).await;
    }))
    .await;
}

#[tokio::test]
async fn a_start_that_is_delivered_twice_is_one_process() {
    let world = SPARE_VOLUME.world().await;
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, SPARE_VOLUME.resource).await.that_is_delivered_twice();
    process.until(State::AssessResource).await;
    let records: Vec<_> = world.ledger.items().await.into_iter().filter(|item| item["sk"] == "META").collect();
    // The process, and its lock.
    assert_eq!(records.len(), 2, "{records:#?}");
    assert_eq!(process.record().await["version"], 1);
    assert_eq!(process.to_end().await, State::ProcessCompleted, "{}", process.story());
    sound(&world).await;
}

#[tokio::test]
async fn a_resource_that_is_free_again_may_be_tried_again() {
    let world = VOLUME.world().await;
    let functions = world.functions();
    let mut first = Process::live(&world, &functions, VOLUME.resource).await;
    first.until(State::Reassess).await;
    depends(&world, VOLUME.resource, "billing", "critical").await;
    assert_eq!(first.to_end().await, State::ProcessRolledBack, "{}", first.story());
    world.dependencies.delete(&json!({"ResourceId": "vol-0data"})).await;

    let mut second = Process::live(&world, &functions, VOLUME.resource).await;
    assert_eq!(second.to_end().await, State::ProcessCompleted, "{}", second.story());
    completed(&world, &second, &VOLUME).await;
    let fences = (first.record().await["fence"].clone(), second.record().await["fence"].clone());
    assert_eq!(fences, (json!(1), json!(2)), "a fence never counts backwards");
    // What the first one backed up is still its own.
    for process in [&first, &second] {
        assert_eq!(world.ec2.account().snapshots_tagged("sunset:process", process.id()).count(), 1);
    }
    sound(&world).await;
}

/// What a function answers does not depend on who asks for it again, or when.
#[tokio::test]
async fn functions_of_states_that_are_over_change_nothing_any_more() {
    let world = VOLUME.world().await;
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, VOLUME.resource).await;
    assert_eq!(process.to_end().await, State::ProcessCompleted, "{}", process.story());
    let record = process.record().await;
    let changes = world.calls.changing_ec2().len();
    for (function, action) in late() {
        let mut event = json!({"schema": 1, "action": action, "process_id": process.id()});
        if ["await_notice", "await", "soak", "await_window", "hold"].contains(&action) {
            event["task_token"] = world.tokens.issue().into();
        }
        // Answered as before or refused by name; either way nothing happens.
        if let Err(error) = functions.invoke(function, event).await {
            assert_eq!(error.error_type, "Sunset.Stale", "{action}: {error}");
        }
        assert_eq!(process.record().await["status"], record["status"], "{action}");
    }
    assert_eq!(world.calls.changing_ec2().len(), changes);
    assert!(is_free(&world, VOLUME.resource).await);
    completed(&world, &process, &VOLUME).await;
    sound(&world).await;
}

fn late() -> Vec<(Function, &'static str)> {
    vec![
        (Function::Assess, "assess"),
        (Function::Assess, "reassess"),
        (Function::Plan, "draft"),
        (Function::Plan, "confirm"),
        (Function::Approve, "auto"),
        (Function::Approve, "await_notice"),
        (Function::Approve, "notice_over"),
        (Function::Approve, "request"),
        (Function::Approve, "await"),
        (Function::Approve, "remind"),
        (Function::Approve, "escalate"),
        (Function::Approve, "tally"),
        (Function::Approve, "soak"),
        (Function::Approve, "await_window"),
        (Function::Approve, "hold"),
        (Function::Approve, "resolution"),
        (Function::Execute, "reversible"),
        (Function::Execute, "window"),
        (Function::Execute, "irreversible"),
        (Function::Execute, "rollback"),
        (Function::Validate, "check"),
        (Function::Validate, "report"),
        (Function::Validate, "verify_audit"),
    ]
}

/// Whoever calls a function out of turn is refused by name.
#[tokio::test]
async fn functions_of_states_that_are_not_yet_reached_are_refused() {
    for at in [State::AssessResource, State::DraftPlan, State::TallyVotes] {
        let world: World = VOLUME.world().await;
        let functions = world.functions();
        let mut process = Process::live(&world, &functions, VOLUME.resource).await.that_nobody_answers();
        process.until(at).await;
        let record = process.record().await;
        for (function, action) in [
            (Function::Assess, "reassess"),
            (Function::Plan, "confirm"),
            (Function::Approve, "await_notice"),
            (Function::Approve, "notice_over"),
            (Function::Approve, "soak"),
            (Function::Approve, "await_window"),
            (Function::Approve, "hold"),
            (Function::Execute, "reversible"),
            (Function::Execute, "window"),
            (Function::Execute, "irreversible"),
            (Function::Validate, "check"),
        ] {
            let mut event = json!({"schema": 1, "action": action, "process_id": process.id()});
            if ["await_notice", "soak", "await_window", "hold"].contains(&action) {
                event["task_token"] = world.tokens.issue().into();
            }
            let error = functions.invoke(function, event).await.unwrap_err();
            assert_eq!(error.error_type, "Sunset.Stale", "{action} at {at:?}: {error}");
        }
        assert_eq!(process.record().await, record, "{at:?}");
        untouched(&world);
        sound(&world).await;
    }
}

/// Two deliveries of the same event at the same moment, each to a process of its own, as Lambda may.
#[tokio::test]
async fn two_deliveries_at_once_come_to_one_end() {
    side_by_side(ALL.into_iter().map(async |story| {
        for back in [false, true] {
            let world = story.world().await;
            let functions = world.functions();
            let pair = [functions.cold(Function::Execute), functions.cold(Function::Execute)];
            let mut process = Process::live(&world, &functions, story.resource).await;
            for (state, action) in [
                (State::ExecuteReversible, "reversible"),
                (State::ExecuteIrreversible, "irreversible"),
                (State::HandleDecommissioningFailure, "rollback"),
            ] {
                if back && action == "irreversible" {
                    depends(&world, story.resource, "billing", "critical").await;
                    continue;
                }
                if !back && action == "rollback" {
                    continue;
                }
                process.until(state).await;
                let event = json!({"schema": 1, "action": action, "process_id": process.id()});
                let (one, other) = tokio::join!(pair[0].invoke(event.clone()), pair[1].invoke(event.clone()));
                for error in [one, other].into_iter().filter_map(Result::err) {
                    let expected = ["Sunset.Conflict", "Sunset.Stale"];
                    assert!(expected.contains(&error.error_type.as_str()), "{action} of {:?}: {error}", story.resource);
                }
            }
            let expected = if back { State::ProcessRolledBack } else { State::ProcessCompleted };
            assert_eq!(process.to_end().await, expected, "{}", process.story());
            assert_eq!(backups(&world, &process).len(), story.backups, "{}", process.story());
            if back {
                rolled_back(&world, &process, &story, "at once").await;
            } else {
                completed(&world, &process, &story).await;
            }
            sound(&world).await;
        }
    }))
    .await;
}

/// A person says no at the very moment of the destruction: one of the two comes first.
#[tokio::test]
async fn a_person_and_the_destruction_at_once_come_to_one_end() {
    side_by_side((0..8).map(async |_| {
        let world = SPARE_VOLUME.world().await;
        let functions = world.functions();
        let mut process = Process::live(&world, &functions, SPARE_VOLUME.resource).await;
        process.until(State::ExecuteIrreversible).await;
        let execute = functions.cold(Function::Execute);
        let event = json!({"schema": 1, "action": "irreversible", "process_id": process.id()});
        let (_, (status, body)) = tokio::join!(execute.invoke(event), process.ends_the_soak(Person::Kay));
        let end = process.to_end().await;
        let destroyed = !world.ec2.account().has_volume("vol-0spare");
        if status == 200 {
            assert_eq!((end, destroyed), (State::ProcessRolledBack, false), "{body}: {}", process.story());
        } else {
            assert!([409, 503].contains(&status), "{status}: {body}");
            assert_eq!((end, destroyed), (State::ProcessCompleted, true), "{body}: {}", process.story());
        }
        sound(&world).await;
    }))
    .await;
}
