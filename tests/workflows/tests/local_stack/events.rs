//! `events/`: what a user sends by hand, sent to what is deployed.

use std::collections::BTreeSet;

use sunset_workflows::decommission::Process;
use sunset_workflows::{Run, events};

#[test]
fn every_event_for_a_function_is_answered_rightly_or_refused_by_name() {
    let scene = events::scene();
    events::send_each(&scene, &|function, event| scene.invoke(function, event));
}

type Holds = fn(Run) -> Run;

const CLEANUPS: [(&str, Holds); 5] = [
    ("ami-cleanup", |run| run.succeeded().with_verdict("completed")),
    ("ami-cleanup-live", |run| run.failed_with("Sunset.Invalid")),
    ("ami-cleanup-narrow", |run| run.succeeded().with_verdict("nothing")),
    ("ami-cleanup-scheduled", |run| run.succeeded().with_verdict("completed")),
    ("tutorial", |run| run.succeeded().with_verdict("completed")),
];

const DECOMMISSIONS: [&str; 6] = [
    "decommission-address",
    "decommission-image",
    "decommission-instance",
    "decommission-security-group",
    "decommission-snapshot",
    "decommission-volume",
];

/// It asks for more than the stack allows.
const REFUSED_DECOMMISSION: &str = "decommission-live";

#[test]
fn every_event_for_a_workflow_is_sent() {
    let sent = CLEANUPS.map(|(name, _)| name).into_iter().chain(DECOMMISSIONS).chain([REFUSED_DECOMMISSION]);
    let for_functions = events::names_for_functions();
    let for_a_workflow: BTreeSet<String> = events::names().difference(&for_functions).cloned().collect();
    assert_eq!(sent.map(str::to_owned).collect::<BTreeSet<_>>(), for_a_workflow);
}

#[test]
fn every_event_for_ami_cleanup_makes_a_run_or_is_refused_by_name() {
    let scene = events::scene();
    for (name, holds) in CLEANUPS {
        let run = holds(scene.run(&events::event(name)));
        if run.finished.output["verdict"] == "completed" {
            assert_eq!(run.count("would_deregister"), 1, "{name}: {run:?}");
        }
    }
    assert!(scene.changes().is_empty(), "{:?}", scene.changes());
}

#[test]
fn every_event_for_decommission_makes_a_process_that_changes_nothing_or_is_refused_by_name() {
    let scene = events::scene();
    let processes = DECOMMISSIONS.map(|name| Process::start(scene.stack, &events::event(name)));
    for process in processes {
        process.ended().succeeded_as("completed");
    }

    let refused = scene.stack.start_decommission(&events::event(REFUSED_DECOMMISSION)).unwrap();
    let refused = scene.stack.wait(&refused).unwrap();
    assert_eq!((refused.status.as_str(), refused.error.as_str()), ("FAILED", "Sunset.Invalid"), "{refused:?}");
    assert!(refused.cause.contains("AllowLive=false"), "{refused:?}");
    assert!(scene.changes().is_empty(), "{:?}", scene.changes());
}

#[test]
fn the_tick_of_the_schedule_is_served_once() {
    let scene = events::scene();
    let tick = events::event("ami-cleanup-scheduled");
    let first = scene.run(&tick).succeeded();
    let again = scene.run(&tick).succeeded().with_verdict("skipped");
    assert!(again.reason().contains(&first.id), "{}", again.reason());
}
