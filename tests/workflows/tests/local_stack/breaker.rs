//! The breaker: what looks like a mistake halts the whole run.

use serde_json::json;
use sunset_local::image_id;
use sunset_wire::Instance;
use sunset_workflows::{live_stack, unused};

#[test]
fn the_breaker_halts_the_run_tells_people_writes_the_report_and_changes_nothing() {
    let names = ["too-many-1", "too-many-2", "too-many-3"];
    let scene = live_stack(names.map(unused));

    let run = scene.live(&json!({"max_deletions": 2})).failed_with("Sunset.Halted");

    assert!(run.finished.cause.starts_with("3 images are due, over max_deletions 2"), "{}", run.finished.cause);
    assert!(scene.changes().is_empty() && names.iter().all(|name| scene.is_untouched(name)));
    let report = scene.report(&run);
    assert_eq!((&report["verdict"], &report["counts"]["due"]), (&json!("halted"), &json!(3)), "{report}");
    assert_eq!(scene.reasons(&run, &image_id(names[0])), ["expired", "unused"]);
    assert!(scene.stack.object(&format!("runs/{}/manifest.jsonl", run.id)).unwrap().is_none());
    let notices = scene.notices();
    let told =
        notices.iter().filter(|notice| notice.contains("over max_deletions 2") && notice.contains("report.json"));
    assert_eq!(told.count(), 1, "{notices:?}");
    assert!(scene.items_of("LOCK#").is_empty() && scene.items_of("IMAGE#").is_empty());
}

#[test]
fn a_share_of_the_account_that_is_too_large_halts_the_run() {
    let names: Vec<String> = (1..=12).map(|number| format!("too-large-a-share-{number}")).collect();
    let scene = live_stack(names.iter().map(|name| unused(name)));

    let run = scene.live(&json!({"max_share": 0.5})).failed_with("Sunset.Halted");

    assert!(run.finished.cause.starts_with("12 of 12 images are due, over max_share 0.5"), "{}", run.finished.cause);
    assert!(scene.changes().is_empty());
}

#[test]
fn a_source_that_shrank_implausibly_halts_the_run_until_its_new_size_is_accepted() {
    let names = ["implausible-1", "implausible-2"];
    let scene = live_stack(names.map(unused));
    let instance = |number: usize| Instance::new(format!("i-{number:017x}"), "ami-00000000000000001");
    let instances: Vec<Instance> = (0..40).map(instance).collect();
    scene.ec2.account().instances = instances.into_iter().map(|it| (it.id.clone(), it)).collect();
    scene.dry(&json!({})).succeeded();

    scene.ec2.account().instances.clear();
    let run = scene.live(&json!({})).failed_with("Sunset.Halted");
    assert!(run.finished.cause.starts_with("instances held 0, after 40"), "{}", run.finished.cause);
    let again = scene.live(&json!({})).failed_with("Sunset.Halted");
    assert!(again.finished.cause.contains("accept_baseline"), "a halted run accepts nothing: {}", again.finished.cause);
    assert!(scene.changes().is_empty() && names.iter().all(|name| scene.is_untouched(name)));

    scene.live(&json!({"accept_baseline": true})).succeeded();
    assert!(names.iter().all(|name| scene.is_gone(name)));
    scene.live(&json!({})).succeeded().with_verdict("nothing");
}
