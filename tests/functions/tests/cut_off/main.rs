//! The process is killed before and after every call that changes anything, then run again: whatever was cut, the account
//! ends as it should, and the ledger says what happened, once. No snapshot is orphaned between the two steps (C162).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod restoring;
mod settled;
mod stories;

use std::time::Instant;

use sunset_functions_tests::{End, Function, Run, World, intents_precede_acts};
use sunset_wire::{Cut, Cutter};

use settled::settled;
use stories::Story;

/// How it goes on after the cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    /// The function is called again with the same event, as Step Functions does.
    Retry,
    /// Nobody calls it again; the execution ends, and the next run begins.
    NextRun,
}

/// Plays a story once for each call that can be cut, until one is not reached. How many were.
async fn cut_at_every_call(story: &impl Story, cut: Cut, then: Then) -> usize {
    for n in 0.. {
        let world = World::under(story.policy(), story.account().await).await;
        story.before(&world).await;
        let cutter = Cutter::at(n, cut);
        let functions = world.functions_cut_by(&cutter);
        let mut run = Run::live(&world, &functions).await;
        if then == Then::NextRun {
            run = run.that_ends_at_a_crash();
        }
        let mut end = run.to_end().await;
        if matches!(end, End::Abandoned) {
            functions.cool_down();
            end = Run::live(&world, &functions).await.to_end().await;
        }
        let told = format!("{cut:?} call {n} of {:#?}, then {then:?}: {end:#?}", cutter.journal());
        assert!(matches!(&end, End::Done { failed, .. } if failed.is_empty()), "{told}\n{}", functions.logs());
        intents_precede_acts(&world.calls.all());
        settled(&world, then, &end, &told).await;
        story.ends_well(&world, then, &told).await;
        if !cutter.reached() {
            return n;
        }
    }
    unreachable!("a run has an end")
}

async fn survives_every_cut(story: impl Story) {
    let begun = Instant::now();
    let mut counts = Vec::new();
    for (cut, then) in [
        (Cut::Before, Then::Retry),
        (Cut::After, Then::Retry),
        (Cut::Before, Then::NextRun),
        (Cut::After, Then::NextRun),
        (Cut::Twice, Then::Retry),
    ] {
        counts.push(cut_at_every_call(&story, cut, then).await);
    }
    eprintln!("{counts:?} cuts in {:.1?}", begun.elapsed());
    assert!(counts.iter().all(|count| *count > 8), "too little was cut: {counts:?}");
}

#[tokio::test]
async fn a_run_without_grace_removes_what_is_due_and_no_snapshot_is_orphaned() {
    survives_every_cut(stories::WithoutGrace).await;
}

#[tokio::test]
async fn a_run_with_grace_disables_records_the_launch_permissions_and_tells_the_owner() {
    survives_every_cut(stories::WithGrace).await;
}

#[tokio::test]
async fn a_run_after_the_grace_removes_what_was_disabled() {
    survives_every_cut(stories::AfterTheGrace).await;
}

#[tokio::test]
async fn the_last_image_out_takes_the_shared_snapshot_along() {
    survives_every_cut(stories::SharedSnapshots).await;
}

#[tokio::test]
async fn a_dry_run_changes_nothing_wherever_it_is_cut() {
    for cut in [Cut::Before, Cut::After, Cut::Twice] {
        for n in 0.. {
            let world = World::of(stories::WithoutGrace.account().await).await;
            let cutter = Cutter::at(n, cut);
            let functions = world.functions_cut_by(&cutter);
            let report = Run::dry(&world, &functions).await.to_end().await.report();
            assert_eq!(report["counts"]["would_deregister"], 2, "{cut:?} {n}: {report}");
            assert_eq!(report["counts"]["snapshots_would_delete"], 3, "{cut:?} {n}: {report}");
            assert_eq!(world.calls.changing_ec2(), [""; 0]);
            let written = world.ledger.items().await;
            for prefix in ["IMAGE#", "PENDING#", "LOCK#"] {
                assert!(!written.iter().any(|item| item["pk"].as_str().unwrap().starts_with(prefix)), "{written:#?}");
            }
            if !cutter.reached() {
                break;
            }
        }
    }
}

/// What only a person calls, and calls again when it fails.
async fn by_hand(functions: &sunset_functions_tests::Functions, event: &serde_json::Value) -> serde_json::Value {
    let mut last = None;
    for _ in 0..3 {
        match functions.invoke(Function::Restore, event.clone()).await {
            Ok(answer) => return answer,
            Err(error) => last = Some(error),
        }
    }
    panic!("{}\n{}", last.unwrap(), functions.logs())
}
