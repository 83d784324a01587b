//! What people are told. Every notice that any scenario reads must fit, and may carry no task token.

use serde_json::json;
use sunset_local::image_id;
use sunset_wire::{Fault, When};
use sunset_workflows::{live_stack, unused};

#[test]
fn the_owner_of_a_disabled_image_is_told_what_why_until_when_and_by_which_tag() {
    let scene = live_stack([]);
    let (topic, queue) = scene.stack.make_topic("owner-web").unwrap();
    scene.ec2.account().add_image(unused("owned").tag("sunset:owner", topic));
    scene.ec2.account().add_image(unused("unowned"));
    let [owned, unowned] = ["owned", "unowned"].map(image_id);

    scene.live(&json!({"grace_days": 7})).succeeded();

    let told = scene.notices_of(&queue);
    let about =
        |notices: &[String], id: &str| notices.iter().filter(|it| it.starts_with(&format!("Image {id}"))).count();
    assert_eq!((told.len(), about(&told, &owned)), (1, 1), "{told:?}");
    for part in [owned.as_str(), "owned", "2160 hours", "To keep it, before 20", "sunset:keep", "restore"] {
        assert!(told[0].contains(part), "{part}: {}", told[0]);
    }
    let operators = scene.notices();
    assert_eq!((about(&operators, &owned), about(&operators, &unowned)), (0, 1), "{operators:?}");
    assert!(operators.iter().any(|notice| notice.contains("2 images disabled")), "{operators:?}");

    scene.live(&json!({"grace_days": 7})).succeeded();
    assert!(scene.notices_of(&queue).is_empty(), "nobody is told twice");
}

#[test]
fn an_owners_topic_that_does_not_exist_is_replaced_by_the_stacks() {
    let nowhere = "arn:aws:sns:us-east-1:123456789012:owner-who-left";
    let scene = live_stack([unused("forsaken").tag("sunset:owner", nowhere)]);

    scene.live(&json!({"grace_days": 7})).succeeded();

    let notices = scene.notices();
    let about = format!("Image {}", image_id("forsaken"));
    assert_eq!(notices.iter().filter(|notice| notice.starts_with(&about)).count(), 1, "{notices:?}");
}

#[test]
fn a_notice_about_many_failures_fits_and_says_that_it_is_cut() {
    let names: Vec<String> = (1..=10).map(|number| format!("long-story-{number}")).collect();
    let scene = live_stack(names.iter().map(|name| unused(name)));
    let story = Fault::error(400, "OperationNotPermitted", "a very long story ".repeat(500));
    scene.ec2.faults().add("DeregisterImage", When::Every, story);

    let run = scene.live(&json!({})).failed_with("Sunset.RunFailed");

    let notices = scene.notices();
    let [notice] = notices.as_slice() else { panic!("{notices:?}") };
    assert!(notice.len() < 64_000 && notice.contains("… cut"), "{} bytes", notice.len());
    let whole = scene.stack.object(&format!("runs/{}/summary.md", run.id)).unwrap().unwrap();
    assert!(whole.len() > 80_000, "the whole is in the bucket: {} bytes", whole.len());
}
