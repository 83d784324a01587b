//! Evidence that is missing, or that changes while a run works.

use serde_json::json;
use sunset_local::image_id;
use sunset_wire::{Instance, LaunchTemplate};
use sunset_workflows::{live_stack, unused};

#[test]
fn an_image_that_gains_a_reference_between_list_and_deregister_stays() {
    let names = ["gains-an-instance", "gains-a-template", "gains-nothing"];
    let scene = live_stack(names.map(unused));
    // By the time that list asks who may launch its shortlist, it has read who uses the images.
    scene.ec2.faults().on("DescribeImageAttribute", 1, |account| {
        let instance = Instance::new("i-00000000000000abc", image_id("gains-an-instance"));
        account.instances.insert(instance.id.clone(), instance);
        let template = LaunchTemplate::new("lt-00000000000000abc", "late").version(image_id("gains-a-template"));
        account.launch_templates.insert(template.id.clone(), template);
    });

    let run = scene.live(&json!({})).succeeded();

    assert_eq!(scene.manifest(&run.id).len(), 3, "the list chose all of them");
    assert_eq!(["deregistered", "stale", "failed"].map(|what| run.count(what)), [1, 2, 0]);
    assert!(scene.is_untouched(names[0]) && scene.is_untouched(names[1]) && scene.is_gone(names[2]));
    let summary = scene.summary(&run);
    let why = |name: &str| {
        let left =
            summary["failed"].as_array().unwrap().iter().find(|it| it["image_id"] == json!(image_id(name))).unwrap();
        left["message"].as_str().unwrap().to_owned()
    };
    assert!(
        why(names[0]).contains("i-00000000000000abc") && why(names[1]).contains("lt-00000000000000abc"),
        "{summary}"
    );
}

#[test]
fn a_source_that_is_denied_blocks_everything_and_the_report_says_so() {
    for (action, source) in [
        ("DescribeAutoScalingGroups", "auto_scaling_groups"),
        ("DescribeInstances", "instances"),
        ("GetParameters", "ssm_parameters"),
    ] {
        let scene = live_stack([unused("blocked-1"), unused("blocked-2")]);
        {
            let mut account = scene.ec2.account();
            let parameter = sunset_wire::Parameter::new("/any", "text");
            account.parameters.insert(parameter.name.clone(), parameter);
            account.denied.insert(action.to_owned());
        }

        let run = scene.live(&json!({})).succeeded().with_verdict("nothing");

        assert_eq!(["due", "blocked"].map(|what| run.count(what)), [0, 2], "{action}");
        assert!(run.reason().contains("2 images are blocked"), "{}", run.reason());
        assert!(scene.changes().is_empty());
        assert_eq!(scene.reasons(&run, &image_id("blocked-1")), ["unread"; 1], "{action}");
        let report = scene.report(&run);
        let denied: Vec<&str> = report["sources"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|it| it["coverage"] == "denied")
            .map(|it| it["source"].as_str().unwrap())
            .collect();
        assert_eq!(denied, [source], "{report}");
        let text = scene.stack.object(&format!("runs/{}/report.md", run.id)).unwrap().unwrap();
        assert!(String::from_utf8(text).unwrap().contains(source), "{source}");
    }
}

#[test]
fn an_image_that_is_opted_out_while_it_is_disabled_stays() {
    let scene = live_stack([unused("opted-out"), unused("not-opted-out")]);
    let input = json!({"grace_days": 7});
    scene.live(&input).succeeded();
    for name in ["opted-out", "not-opted-out"] {
        scene.disabled_days_ago(&image_id(name), 8);
    }
    let opted_out = image_id("opted-out");
    scene
        .ec2
        .account()
        .images
        .get_mut(&opted_out)
        .unwrap()
        .tags
        .insert("sunset:keep".into(), "we still need it".into());

    let run = scene.live(&input).succeeded();

    assert_eq!(run.count("deregistered"), 1);
    assert!(scene.is_gone("not-opted-out"));
    assert_eq!(scene.state(&opted_out).as_deref(), Some("disabled"));
    assert_eq!(scene.reasons(&run, &opted_out), ["opted_out"]);
}
