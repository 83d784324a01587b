//! Runs, people and the kill switch, between list and deregister.

use serde_json::json;
use sunset_functions_tests::{End, Function, Policy, Run, World};

use crate::{DUE, gone, name, one_due, reasons, untouched};

#[tokio::test]
async fn the_kill_switch_stops_a_run_that_has_listed_already() {
    let world = World::of(one_due()).await;
    let functions = world.functions();
    let run = Run::live(&world, &functions).await;
    let (run_id, lines) = run.listed().await;
    world.ledger.pause().await;
    assert_eq!(name(run.delete_image(&lines[0]).await), "Sunset.Denied");
    untouched(&world);
    let failed = run.report(&run_id).await.unwrap_err();
    assert_eq!(failed.error_type, "Sunset.RunFailed");
    assert!(failed.message.contains("1 of 1 items failed"), "{failed}");

    run.execution.stop().await;
    let list = Run::live(&world, &functions).await.list().await.unwrap();
    assert_eq!(list["verdict"], "skipped", "{list}");
    assert!(list["reason"].as_str().unwrap().starts_with("paused"), "{list}");
    world.ledger.resume().await;
    Run::live(&world, &functions).await.to_end().await.report();
    gone(&world);
}

#[tokio::test]
async fn the_kill_switch_stops_a_deletion_of_snapshots_too_and_the_next_run_ends_it() {
    let world = World::of(one_due()).await;
    let functions = world.functions();
    let run = Run::live(&world, &functions).await;
    let (run_id, lines) = run.listed().await;
    run.delete_image(&lines[0]).await.unwrap();
    world.ledger.pause().await;
    assert_eq!(name(run.delete_snapshot(&lines[0]).await), "Sunset.Denied");
    assert!(world.has_snapshot("snap-0due"));
    world.ledger.resume().await;
    // That it could not be deleted is no secret.
    let failed = run.report(&run_id).await.unwrap_err();
    assert_eq!(failed.error_type, "Sunset.RunFailed", "{failed}");
    run.execution.stop().await;
    let report = Run::live(&world, &functions).await.to_end().await.report();
    assert_eq!(
        (&report["counts"]["items"], &report["counts"]["snapshots_deleted"]),
        (&json!(1), &json!(1)),
        "{report}"
    );
    gone(&world);
}

// C169
#[tokio::test]
async fn a_second_execution_is_skipped_while_the_first_is_at_work_and_goes_on_when_it_is_over() {
    let world = World::of(one_due()).await;
    let functions = world.functions();
    let first = Run::live(&world, &functions).await;
    let (_, lines) = first.listed().await;
    let second = Run::live(&world, &functions).await;
    let list = second.list().await.unwrap();
    assert_eq!(list["verdict"], "skipped", "{list}");
    assert!(list["reason"].as_str().unwrap().contains("is still at work"), "{list}");
    // Asked again, it answers as before, even where it would be its turn by now.
    first.execution.stop().await;
    assert_eq!(second.list().await.unwrap(), list);

    let third = Run::live(&world, &functions).await;
    assert_eq!(third.list().await.unwrap()["verdict"], "proceed");
    // The first may still have a function at work: it no longer holds the lock.
    assert_eq!(name(first.delete_image(&lines[0]).await), "Sunset.Stale");
    untouched(&world);
    third.to_end().await.report();
    gone(&world);
}

// C169
#[tokio::test]
async fn a_tick_that_comes_twice_is_served_once() {
    let world = World::of(one_due()).await;
    let functions = world.functions();
    let input = json!({"schema": 1, "mode": "live", "scheduled_time": "2026-11-20T09:00:00Z"});
    let first = Run::start(&world, &functions, input.clone()).await;
    first.to_end().await.report();
    let End::Done { list, .. } = Run::start(&world, &functions, input).await.to_end().await else { panic!() };
    assert_eq!(list["verdict"], "skipped", "{list}");
    assert!(list["reason"].as_str().unwrap().starts_with("the tick of 2026-11-20T09:00:00Z was served"), "{list}");
    gone(&world);
}

#[tokio::test]
async fn a_closed_run_refuses_whatever_comes_late() {
    let world = World::of(one_due()).await;
    let functions = world.functions();
    let run = Run::live(&world, &functions).await;
    let (run_id, lines) = run.listed().await;
    // The machine gave up on the image; its function may yet be started.
    assert_eq!(run.report(&run_id).await.unwrap_err().error_type, "Sunset.RunFailed");
    assert_eq!(name(run.delete_image(&lines[0]).await), "Sunset.Stale");
    assert_eq!(name(run.delete_snapshot(&lines[0]).await), "Sunset.Stale");
    untouched(&world);
}

#[tokio::test]
async fn a_run_that_nobody_began_is_refused() {
    let world = World::of(one_due()).await;
    let functions = world.functions();
    let line = json!({"run_id": "20260101T000000Z-000000000000", "action": "deregister", "ImageId": DUE});
    for function in [Function::Deregister, Function::DeleteSnapshot] {
        assert_eq!(name(functions.invoke(function, line.clone()).await), "Sunset.Invalid");
    }
    let report = json!({"schema": 1, "action": "report", "run_id": "20260101T000000Z-000000000000"});
    assert_eq!(name(functions.invoke(Function::ListExpiredAmis, report).await), "Sunset.Invalid");
    untouched(&world);
}

#[tokio::test]
async fn a_line_may_not_ask_for_more_than_its_run_allows() {
    let world = World::under(Policy::quick().with("GRACE_DAYS", 7), one_due()).await;
    let functions = world.functions();
    let run = Run::live(&world, &functions).await;
    let (_, mut lines) = run.listed().await;
    assert_eq!(lines[0]["action"], "disable");
    lines[0]["action"] = "deregister".into();
    let answer = run.delete_image(&lines[0]).await.unwrap();
    assert_eq!(answer["outcome"], "disabled", "what the rule decides is weaker, and that is done: {answer}");
    assert_eq!(world.image_state(DUE).as_deref(), Some("disabled"));
}

#[tokio::test]
async fn a_dry_runs_line_changes_nothing_whatever_it_says() {
    let world = World::of(one_due()).await;
    let functions = world.functions();
    let run = Run::dry(&world, &functions).await;
    let (run_id, mut lines) = run.listed().await;
    lines[0]["Mode"] = "live".into();
    let answer = run.delete_image(&lines[0]).await.unwrap();
    assert_eq!(
        (&answer["outcome"], &answer["permission"]),
        (&json!("would_deregister"), &json!("granted")),
        "{answer}"
    );
    let answer = run.delete_snapshot(&lines[0]).await.unwrap();
    assert_eq!(answer["snapshots"][0]["outcome"], "would_delete", "{answer}");
    let report = run.report(&run_id).await.unwrap();
    assert_eq!(report["savings"]["would_delete_at_most_micro_dollars_a_month"], 400_000, "{report}");
    untouched(&world);
}

#[tokio::test]
async fn an_image_that_goes_between_the_pages_of_a_reading_is_nobodys_error() {
    let world = World::of(one_due()).await;
    world.ec2.faults().on("DescribeImageAttribute", 1, |account| {
        account.deregistered.extend(account.images.remove_entry(DUE));
    });
    let functions = world.functions();
    let list = Run::live(&world, &functions).await.list().await.unwrap();
    assert_eq!(list["verdict"], "nothing", "{list}");
    assert_eq!(reasons(&world, &list, DUE).await.len(), 1);
    untouched(&world);
}

#[tokio::test]
async fn an_image_that_goes_while_deregister_looks_at_it_is_already_gone() {
    let world = World::of(one_due()).await;
    let functions = world.functions();
    let run = Run::live(&world, &functions).await;
    let (_, lines) = run.listed().await;
    // Asked for the second time: the list was the first.
    world.ec2.faults().on("DescribeImageAttribute", 2, |account| {
        account.deregistered.extend(account.images.remove_entry(DUE));
    });
    assert_eq!(run.delete_image(&lines[0]).await.unwrap()["outcome"], "already_gone");
    untouched(&world);
}

#[tokio::test]
async fn an_image_that_somebody_else_removed_is_already_gone_and_its_snapshots_are_theirs() {
    let world = World::of(one_due()).await;
    let functions = world.functions();
    let run = Run::live(&world, &functions).await;
    let (_, lines) = run.listed().await;
    {
        let mut account = world.ec2.account();
        let removed = account.images.remove_entry(DUE);
        account.deregistered.extend(removed);
    }
    assert_eq!(run.delete_image(&lines[0]).await.unwrap()["outcome"], "already_gone");
    assert_eq!(run.delete_snapshot(&lines[0]).await.unwrap()["snapshots"], json!([]));
    assert!(world.has_snapshot("snap-0due"), "whoever deregistered the image may need it");
    untouched(&world);
}
