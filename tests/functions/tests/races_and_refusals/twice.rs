//! Schedules, Lambda and Step Functions all deliver twice.

use std::time::Duration;

use serde_json::{Value, json};
use sunset_functions_tests::{Function, Functions, Policy, Run, World};
use sunset_wire::FunctionError;

use crate::{DUE, SNAPSHOT, gone, one_due};

// C165
#[tokio::test]
async fn deregistering_twice_is_deregistering_once() {
    let world = World::of(one_due()).await;
    let functions = world.functions();
    let run = Run::live(&world, &functions).await;
    let (run_id, lines) = run.listed().await;
    let first = run.delete_image(&lines[0]).await.unwrap();
    assert_eq!(first["outcome"], "deregistered");
    assert_eq!(run.delete_image(&lines[0]).await.unwrap(), first);
    let deleted = run.delete_snapshot(&lines[0]).await.unwrap();
    assert_eq!(deleted["snapshots"][0]["outcome"], "deleted");
    assert_eq!(run.delete_snapshot(&lines[0]).await.unwrap(), deleted);
    let report = run.report(&run_id).await.unwrap();
    assert_eq!(run.report(&run_id).await.unwrap(), report);
    assert_eq!((&report["counts"]["deregistered"], &report["counts"]["snapshots_deleted"]), (&json!(1), &json!(1)));
    assert_eq!(world.calls.changing_ec2(), ["ec2:DeregisterImage", "ec2:DeleteSnapshot"]);
    assert_eq!(world.calls.notices().len(), 1, "people are told once");
    gone(&world);
}

// C165: EC2's two words for an image that is gone.
#[tokio::test]
async fn an_image_that_is_gone_by_the_time_of_the_call_is_no_error() {
    for forgets in [true, false] {
        let account = if forgets { one_due().forgets_deregistered_images() } else { one_due() };
        let world = World::of(account).await;
        world.ec2.faults().on("DeregisterImage", 1, |account| {
            account.deregistered.extend(account.images.remove_entry(DUE));
        });
        let functions = world.functions();
        let report = Run::live(&world, &functions).await.to_end().await.report();
        assert_eq!(
            (&report["counts"]["already_gone"], &report["counts"]["failed"]),
            (&json!(1), &json!(0)),
            "{report}"
        );
        // Its snapshots were written down before the call, so they are not orphaned either.
        gone(&world);
    }
}

#[tokio::test]
async fn disabling_twice_is_disabling_once_and_the_owner_is_told_once() {
    let world = World::under(Policy::quick().with("GRACE_DAYS", 7), one_due()).await;
    let functions = world.functions();
    let run = Run::live(&world, &functions).await;
    let (_, lines) = run.listed().await;
    let first = run.delete_image(&lines[0]).await.unwrap();
    assert_eq!(first["outcome"], "disabled");
    assert_eq!(run.delete_image(&lines[0]).await.unwrap(), first);
    assert_eq!(world.calls.changing_ec2(), ["ec2:DisableImage", "ec2:CreateTags"]);
    assert_eq!(world.calls.notices().len(), 1);
}

/// What a function answers to an event that comes to two sandboxes at once, each retried as the state machine would.
async fn at_once(world: &World, function: Function, line: &Value) -> [Result<Value, FunctionError>; 2] {
    let (one, other) = (world.functions(), world.functions());
    let deliver = async |functions: &Functions| {
        match functions.invoke(function, line.clone()).await {
            Err(error) if error.error_type == "Sunset.Conflict" => {
                // The state machine waits for seconds; whoever was faster is done by then.
                tokio::time::sleep(Duration::from_millis(500)).await;
                functions.invoke(function, line.clone()).await
            }
            answer => answer,
        }
    };
    let (one, other) = tokio::join!(deliver(&one), deliver(&other));
    [one, other]
}

// C165, C169
#[tokio::test]
async fn two_deliveries_of_a_line_at_once_come_to_one_end() {
    for _ in 0..10 {
        let world = World::of(one_due()).await;
        let functions = world.functions();
        let run = Run::live(&world, &functions).await;
        let (run_id, lines) = run.listed().await;
        for answer in at_once(&world, Function::Deregister, &lines[0]).await {
            let answer = answer.unwrap();
            assert!(["deregistered", "already_gone"].map(|it| json!(it)).contains(&answer["outcome"]), "{answer}");
        }
        for answer in at_once(&world, Function::DeleteSnapshot, &lines[0]).await {
            let answer = answer.unwrap();
            assert_eq!(answer["snapshots"].as_array().unwrap().len(), 1, "{answer}");
        }
        let report = run.report(&run_id).await.unwrap();
        let counts = &report["counts"];
        let number = |name: &str| counts[name].as_u64().unwrap();
        assert_eq!((number("deregistered"), number("failed")), (1, 0), "{report}");
        assert_eq!((number("snapshots_deleted"), number("snapshots_already_gone")), (1, 0), "{report}");
        let succeeded = world.calls.of("ec2:DeregisterImage").iter().filter(|call| call.succeeded()).count();
        assert_eq!(succeeded, 1);
        assert!(!world.has_image(DUE) && !world.has_snapshot(SNAPSHOT));
    }
}

#[tokio::test]
async fn two_deliveries_of_a_disabling_at_once_come_to_one_end() {
    for _ in 0..10 {
        let world = World::under(Policy::quick().with("GRACE_DAYS", 7), one_due()).await;
        let functions = world.functions();
        let run = Run::live(&world, &functions).await;
        let (run_id, lines) = run.listed().await;
        for answer in at_once(&world, Function::Deregister, &lines[0]).await {
            let answer = answer.unwrap();
            assert!(["disabled", "already_disabled"].map(|it| json!(it)).contains(&answer["outcome"]), "{answer}");
        }
        let report = run.report(&run_id).await.unwrap();
        assert_eq!((&report["counts"]["disabled"], &report["counts"]["failed"]), (&json!(1), &json!(0)), "{report}");
    }
}

#[tokio::test]
async fn two_deliveries_of_a_list_at_once_write_one_manifest() {
    let world = World::of(one_due()).await;
    let functions = world.functions();
    let run = Run::live(&world, &functions).await;
    let event = json!({
        "schema": 1,
        "action": "list",
        "execution": run.execution.as_event(),
        "input": {"schema": 1, "mode": "live"},
    });
    let [one, other] = at_once(&world, Function::ListExpiredAmis, &event).await;
    let (one, other) = (one.unwrap(), other.unwrap());
    assert_eq!((&one["run_id"], &one["manifest"]), (&other["run_id"], &other["manifest"]));
    run.to_end().await.report();
    gone(&world);
}
