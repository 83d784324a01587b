//! What a process waits for, and goes on after.

use std::thread::sleep;
use std::time::Duration;

use sunset_wire::{Fault, When};

use super::loopback::{INSTANCE, process, with_an_instance};

/// Longer than a soak, and several looks at the switch.
const A_WHILE: Duration = Duration::from_secs(5);

#[test]
fn while_everything_is_paused_a_process_takes_no_step_and_then_it_goes_on() {
    let scene = with_an_instance();
    let process = process(&scene, "EC2Instance", INSTANCE);
    process.until_token("awaiting_approval", "approval");
    scene.pause();
    process.approve();
    // What it is made of is written down, which changes nothing.
    process.until_status("in_progress");
    sleep(A_WHILE / 10);
    assert_eq!((process.status().as_str(), scene.changes().len()), ("in_progress", 0), "{:?}", scene.changes());

    scene.resume();
    process.until_token("soaking", "soak");
    scene.pause();
    sleep(A_WHILE);
    assert_eq!(scene.ec2.account().instance_state(INSTANCE), Some("stopped"), "{:?}", process.events());

    scene.resume();
    process.ended().succeeded_as("completed");
    assert_eq!(scene.changes_by("TerminateInstances"), 1);
}

#[test]
fn throttled_calls_are_tried_again_and_nothing_is_done_twice() {
    let scene = with_an_instance();
    for action in ["StopInstances", "CreateImage", "TerminateInstances"] {
        scene.ec2.faults().add(action, When::First(2), Fault::Throttled);
    }
    let process = process(&scene, "EC2Instance", INSTANCE);
    process.approve();

    process.ended().succeeded_as("completed");

    let once = ["StopInstances", "CreateImage", "TerminateInstances"].map(|action| scene.changes_by(action));
    assert_eq!(once, [1, 1, 1], "{:?}", scene.changes());
}
