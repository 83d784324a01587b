//! ami-cleanup and decommission in one account: neither takes what is the other's.

use serde_json::json;
use sunset_local::image_id;
use sunset_workflows::unused;

use super::loopback::{INSTANCE, in_development, process, with_an_instance};

#[test]
fn ami_cleanup_never_touches_the_backup_that_a_process_made() {
    let scene = with_an_instance();
    let process = process(&scene, "EC2Instance", INSTANCE);
    process.approve();
    let ended = process.ended().succeeded_as("completed");
    let backup = {
        let mut account = scene.ec2.account();
        let made = account.images.values().find(|image| image.tags.get("sunset:process") == Some(&ended.process.id));
        let aged = made.unwrap().clone().aged_hours(400 * 24);
        let id = aged.id.clone();
        account.add_image(aged);
        id
    };

    let run = scene.live(&json!({})).succeeded();

    assert_eq!(scene.state(&backup).as_deref(), Some("available"));
    assert_eq!(scene.reasons(&run, &backup), ["kept_by_process"]);
    assert!(scene.is_gone("base-of-all"), "nobody uses the old image any more");
}

#[test]
fn ami_cleanup_leaves_an_image_alone_that_a_process_holds() {
    let scene = with_an_instance();
    scene.ec2.account().add_image(unused("in-its-soak"));
    let id = image_id("in-its-soak");
    in_development(&scene, "AMI", &id);
    let process = process(&scene, "AMI", &id);
    process.approve();
    process.until_token("soaking", "soak");
    let disabled = scene.state(&id);

    let run = scene.live(&json!({})).succeeded();

    assert_eq!((scene.state(&id), disabled.as_deref()), (disabled.clone(), Some("disabled")));
    assert_eq!(scene.reasons(&run, &id), ["kept_by_process"]);
    process.ended().succeeded_as("completed");
}
