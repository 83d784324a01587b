//! One run at a time: the lock, the kill switch and the ticks of the schedule.

use std::time::Duration;

use serde_json::{Value, json};
use sunset_local::{Error, image_id};
use sunset_workflows::{Gate, live_stack, unused};

#[test]
fn a_paused_stack_starts_nothing() {
    let scene = live_stack([unused("paused-before")]);
    scene.pause();

    let run = scene.live(&json!({})).succeeded().with_verdict("skipped");
    assert!(run.reason().starts_with("paused"), "{}", run.reason());
    assert!(scene.changes().is_empty() && scene.is_untouched("paused-before"));

    scene.resume();
    scene.live(&json!({})).succeeded();
    assert!(scene.is_gone("paused-before"));
}

#[test]
fn a_pause_in_the_middle_of_a_run_stops_it_before_its_next_act() {
    let names = ["paused-1", "paused-2", "paused-3", "paused-4", "paused-5", "paused-6"];
    let scene = live_stack(names.map(unused));
    scene.pause_before("DeregisterImage", 1);

    let run = scene.live(&json!({})).failed_with("Sunset.RunFailed");

    // Two images are worked on at once: the other one's intent may have been stored before the pause.
    let acts = scene.changes_by("DeregisterImage");
    assert!((1..=2).contains(&acts), "{acts}");
    assert_eq!(scene.changes().len(), acts, "no snapshot went after the pause: {:?}", scene.changes());
    assert_eq!(names.iter().filter(|name| scene.is_untouched(name)).count(), names.len() - acts);
    let summary = scene.summary(&run);
    let failed = summary["failed"].as_array().unwrap();
    let refused = failed.iter().filter(|it| it["message"].as_str().unwrap().starts_with("paused"));
    assert_eq!(
        (failed.len(), refused.count()),
        (names.len(), names.len() - acts),
        "snapshots that wait count too: {summary}"
    );
    scene.live(&json!({})).succeeded().with_verdict("skipped");

    scene.resume();
    let next = scene.live(&json!({})).succeeded();
    assert_eq!(next.count("deregistered"), u64::try_from(names.len() - acts).unwrap());
    assert!(names.iter().all(|name| scene.is_gone(name)), "the snapshots that waited are gone too");
    assert!(scene.items_of("PENDING#").is_empty());
}

#[test]
fn of_two_live_runs_at_once_one_works_and_the_other_is_skipped_and_nothing_is_done_twice() {
    let names = ["at-once-1", "at-once-2", "at-once-3"];
    let scene = live_stack(names.map(unused));
    let gate = Gate::before(scene.ec2, "DescribeImages", 1);
    let mut executions = vec![scene.start_live(&json!({})), scene.start_live(&json!({}))];
    // Whoever holds the lock is reading, and goes on only when the other has ended.
    gate.reached();
    let first_to_end = scene.until("the end of one run", || {
        executions.iter().position(|execution| {
            !matches!(scene.stack.wait_at_most(execution, Duration::from_millis(50)), Err(Error::TooLate { .. }))
        })
    });
    let skipped = executions.remove(first_to_end);
    gate.open();

    let skipped = scene.ended(skipped).succeeded().with_verdict("skipped");
    let worked = scene.ended(executions.remove(0)).succeeded().with_verdict("completed");
    assert!(skipped.reason().contains(&worked.id), "{}", skipped.reason());
    assert_eq!(["deregistered", "snapshots_deleted", "failed"].map(|what| worked.count(what)), [3, 3, 0]);
    assert!(names.iter().all(|name| scene.is_gone(name)));
    let asked = ["DeregisterImage", "DeleteSnapshot"].map(|action| scene.ec2.count(action));
    assert_eq!(asked, [3, 3], "each was asked for once");
    assert!(scene.items_of("LOCK#").is_empty());
}

#[test]
fn the_lock_of_a_run_that_was_stopped_is_taken_over_and_what_is_left_of_that_run_acts_no_more() {
    let names = ["stopped-1", "stopped-2", "straggler"];
    let scene = live_stack(names.map(unused));
    let gate = Gate::before(scene.ec2, "DescribeImages", 1);
    let stopped = scene.start_live(&json!({}));
    gate.reached();
    scene.stack.stop_execution(&stopped).unwrap();
    gate.open();
    // Its function still ends what it was doing: it writes its manifest, and leaves the lock.
    let stopped_run = scene.until("the list of the stopped run", || {
        let id = scene.run_id(&stopped);
        let record = scene.stack.items(&format!("RUN#{id}")).unwrap().into_iter().find(|item| item["sk"] == "META");
        record.filter(|record| !record["result"].is_null()).map(|_| id)
    });
    assert_eq!(scene.items_of("LOCK#")[0]["run_id"], json!(stopped_run));

    let next = scene.live(&json!({"exclude_names": ["straggler"]})).succeeded();
    assert_eq!(next.count("deregistered"), 2);
    assert!(scene.is_gone("stopped-1") && scene.is_gone("stopped-2"));
    assert!(scene.items_of("LOCK#").is_empty());

    let straggler = image_id("straggler");
    let left = scene.manifest(&stopped_run).into_iter().find(|line| line["ImageId"] == json!(straggler)).unwrap();
    let (error, message) = scene.invoke("deregister", &left).unwrap_err();
    assert_eq!(error, "Sunset.Stale", "{message}");
    assert!(message.contains("does not hold the lock") && scene.is_untouched("straggler"), "{message}");
}

#[test]
fn a_tick_that_is_delivered_twice_is_served_once() {
    let scene = live_stack([unused("tick-1")]);
    let tick = json!({"scheduled_time": "2026-11-20T09:00:00Z"});

    let served = scene.live(&tick).succeeded().with_verdict("completed");
    scene.ec2.account().add_image(unused("tick-2"));
    let again = scene.live(&tick).succeeded().with_verdict("skipped");
    assert!(again.reason().contains(&served.id), "{}", again.reason());
    assert!(scene.is_gone("tick-1") && scene.is_untouched("tick-2"));

    scene.live(&json!({"scheduled_time": "2026-11-20T10:00:00Z"})).succeeded().with_verdict("completed");
    assert!(scene.is_gone("tick-2"), "the next tick is another one");
}

#[test]
fn an_execution_that_lambda_delivers_twice_is_one_run() {
    let scene = live_stack([unused("delivered-twice")]);
    let run = scene.live(&json!({})).succeeded();
    scene.ec2.account().add_image(unused("came-later"));
    let list = json!({
        "schema": 1,
        "action": "list",
        "execution": {"arn": run.execution.arn, "started_at": started_at(&run.id)},
        "input": {"schema": 1, "mode": "live"},
    });

    let again = scene.invoke("list-expired-amis", &list).unwrap();
    assert_eq!(
        (&again["run_id"], &again["counts"]["due"]),
        (&json!(run.id), &json!(1)),
        "as it answered before: {again}"
    );
    let line = &scene.manifest(&run.id)[0];
    let (error, message) = scene.invoke("deregister", line).unwrap_err();
    assert_eq!(error, "Sunset.Stale", "the run is closed: {message}");
    assert!(scene.is_untouched("came-later"));
}

/// When the execution started, as its run's id tells: `20261120T090000Z-…`.
fn started_at(run_id: &str) -> Value {
    let (day, time) = run_id.split('-').next().unwrap().trim_end_matches('Z').split_once('T').unwrap();
    let part = |text: &str, separator: &str, at: [usize; 2]| {
        [&text[..at[0]], &text[at[0]..at[1]], &text[at[1]..]].join(separator)
    };
    json!(format!("{}T{}Z", part(day, "-", [4, 6]), part(time, ":", [2, 4])))
}
