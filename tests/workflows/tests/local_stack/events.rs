//! `events/`: what a user sends by hand, sent to what is deployed.

use std::collections::BTreeSet;

use sunset_workflows::{Run, Scene, dry_stack, events};

#[test]
fn every_event_for_a_function_is_answered_rightly_or_refused_by_name() {
    let scene = dry_stack([events::image()]);
    events::send_each(&scene, &|function, event| scene.invoke(function, event));
}

type Holds = fn(Run) -> Run;

#[test]
fn every_event_for_the_workflow_makes_a_run_or_is_refused_by_name() {
    let expected: [(&str, Holds); 5] = [
        ("ami-cleanup", |run| run.succeeded().with_verdict("completed")),
        ("ami-cleanup-live", |run| run.failed_with("Sunset.Invalid")),
        ("ami-cleanup-narrow", |run| run.succeeded().with_verdict("nothing")),
        ("ami-cleanup-scheduled", |run| run.succeeded().with_verdict("completed")),
        ("tutorial", |run| run.succeeded().with_verdict("completed")),
    ];
    let scene = dry_stack([events::image()]);
    for (name, holds) in expected {
        let run = holds(scene.run(&events::event(name)));
        if run.finished.output["verdict"] == "completed" {
            assert_eq!(run.count("would_deregister"), 1, "{name}: {run:?}");
        }
    }
    assert!(scene.changes().is_empty(), "{:?}", scene.changes());

    let sent: BTreeSet<String> = expected.map(|(name, _)| name.to_owned()).into();
    let for_functions = events::names_for_functions();
    let for_the_workflow: BTreeSet<String> = events::names().difference(&for_functions).cloned().collect();
    assert_eq!(sent, for_the_workflow, "an event was not sent");
}

#[test]
fn the_tick_of_the_schedule_is_served_once() {
    let scene: Scene = dry_stack([events::image()]);
    let tick = events::event("ami-cleanup-scheduled");
    let first = scene.run(&tick).succeeded();
    let again = scene.run(&tick).succeeded().with_verdict("skipped");
    assert!(again.reason().contains(&first.id), "{}", again.reason());
}
