//! Images that fail, and what the run makes of it.

use serde_json::json;
use sunset_local::image_id;
use sunset_wire::{Fault, When};
use sunset_workflows::{live_stack, unused};

fn names(family: &str, many: usize) -> Vec<String> {
    (1..=many).map(|number| format!("{family}-{number}")).collect()
}

#[test]
fn an_image_that_fails_for_ever_does_not_stop_the_others_and_is_counted() {
    let names = names("one-in-twelve", 12);
    let scene = live_stack(names.iter().map(|name| unused(name)));
    let poisoned = image_id(&names[0]);
    scene.ec2.faults().add("DeregisterImage", When::Naming(poisoned.clone()), Fault::InternalError);

    let run = scene.live(&json!({})).succeeded();

    assert_eq!(["deregistered", "snapshots_deleted", "failed"].map(|what| run.count(what)), [11, 11, 1]);
    assert!(names[1..].iter().all(|name| scene.is_gone(name)));
    assert!(scene.is_untouched(&names[0]));
    let failed = &scene.summary(&run)["failed"][0];
    assert_eq!((&failed["image_id"], &failed["error"]), (&json!(poisoned), &json!("Sunset.Transient")), "{failed}");
    let children = scene.stack.children(&run.execution).unwrap();
    let failures: Vec<&str> = children.iter().filter(|it| it.status == "FAILED").map(|it| it.error.as_str()).collect();
    assert_eq!((children.len(), failures), (12, vec!["Sunset.Transient"]));
    assert!(scene.items_of("LOCK#").is_empty());
}

#[test]
fn a_run_fails_when_too_large_a_share_of_its_images_failed() {
    let names = names("one-in-four", 4);
    let scene = live_stack(names.iter().map(|name| unused(name)));
    let refusal = Fault::error(400, "OperationNotPermitted", "deregistration protection is enabled");
    scene.ec2.faults().add("DeregisterImage", When::Naming(image_id(&names[3])), refusal);

    let run = scene.live(&json!({})).failed_with("Sunset.RunFailed");

    assert!(run.message().starts_with("1 of 4 items failed, over max_failed_share 0.1"), "{}", run.message());
    assert!(names[..3].iter().all(|name| scene.is_gone(name)) && scene.is_untouched(&names[3]));
    let summary = scene.summary(&run);
    assert_eq!((&summary["counts"]["deregistered"], &summary["counts"]["failed"]), (&json!(3), &json!(1)));
    let notices = scene.notices();
    assert!(notices.iter().any(|notice| notice.contains(&image_id(&names[3]))), "{notices:?}");
    assert!(scene.items_of("LOCK#").is_empty());

    scene.ec2.faults().clear();
    scene.live(&json!({})).succeeded();
    assert!(names.iter().all(|name| scene.is_gone(name)), "the next run finishes what is left");
}

#[test]
fn throttled_calls_are_tried_again_until_everything_is_gone() {
    let names = names("throttled", 3);
    let scene = live_stack(names.iter().map(|name| unused(name)));
    scene.ec2.faults().add("DeregisterImage", When::First(4), Fault::Throttled);
    scene.ec2.faults().add("DeleteSnapshot", When::First(2), Fault::Throttled);

    let run = scene.live(&json!({})).succeeded();

    assert_eq!(["deregistered", "snapshots_deleted", "failed"].map(|what| run.count(what)), [3, 3, 0]);
    assert!(names.iter().all(|name| scene.is_gone(name)));
}

#[test]
fn an_answer_that_was_lost_is_settled_by_looking_and_nothing_is_done_twice() {
    let names = names("lost-answer", 2);
    let scene = live_stack(names.iter().map(|name| unused(name)));
    scene.ec2.faults().add("DeregisterImage", When::Nth(1), Fault::CloseAfter);
    scene.ec2.faults().add("DeleteSnapshot", When::Nth(1), Fault::CloseAfter);

    let run = scene.live(&json!({})).succeeded();

    assert_eq!(["deregistered", "snapshots_deleted", "failed"].map(|what| run.count(what)), [2, 2, 0]);
    assert!(names.iter().all(|name| scene.is_gone(name)));
    assert!(scene.items_of("PENDING#").is_empty());
}
