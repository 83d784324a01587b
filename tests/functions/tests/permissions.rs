//! Every role against the calls that its function makes: nothing that a function asks for is missing from its role, and
//! nothing that its role holds is never asked for.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use sunset_functions_tests::{ACCOUNT, Call, End, Function, Functions, Policy, Run, World, iam_actions, ministack};
use sunset_wire::{
    Account, Fleet, Group, Image, ImageReference, Instance, LaunchConfiguration, LaunchTemplate, Parameter, Snapshot,
    SpotFleet, SpotRequest, TemplateRef,
};

/// Every call of every function, over all that the functions are for.
#[derive(Default)]
struct Made(BTreeMap<Function, Vec<Call>>);

impl Made {
    fn add(&mut self, functions: &Functions) {
        for function in Function::AMI_CLEANUP {
            self.0.entry(function).or_default().extend(functions.calls_of(function));
        }
    }

    fn actions(&self, function: Function) -> BTreeSet<String> {
        self.0[&function].iter().flat_map(iam_actions).collect()
    }
}

/// An account in which every source of evidence holds something, and some images are due.
async fn everything_in_use() -> Account {
    let owners = ministack().await.create_topic("owners").await;
    Account::new(ACCOUNT)
        .image(
            Image::new("ami-0due")
                .named("due")
                .tag("sunset:owner", owners)
                .tag("team", "web")
                .shared_with("999999999999")
                .snapshots(["snap-0due"]),
        )
        .image(Image::new("ami-0two").named("two").aged_hours(900).snapshots(["snap-0two", "snap-0locked"]))
        .snapshot(Snapshot::new("snap-0locked").locked())
        .image(Image::new("ami-0used").named("used").snapshots(["snap-0used"]))
        .instance(Instance::new("i-0used", "ami-0used"))
        .launch_template(
            LaunchTemplate::new("lt-0a", "a").version("ami-0used").version("resolve:ssm:/golden").default_version(2),
        )
        .group(Group::new("web").launch_template(TemplateRef::id("lt-0a", "1")))
        .launch_configuration(LaunchConfiguration::new("old", "ami-0used"))
        .spot_request(SpotRequest::new("sir-0a", "ami-0used"))
        .spot_fleet(SpotFleet::new("sfr-0a").image("ami-0used"))
        .fleet(Fleet::new("fleet-0a").override_image("ami-0used"))
        .parameter(Parameter::new("/golden", "ami-0used"))
        .reference(ImageReference::new(
            "ami-0used",
            "ec2:Instance",
            "arn:aws:ec2:us-east-1:123456789012:instance/i-0used",
        ))
}

fn policy() -> Policy {
    Policy::quick().with("ALLOW_SHARED", true).with("SECOND_OPINION", true)
}

async fn restore(functions: &Functions, image: &str, mode: &str) -> Value {
    let event = json!({"schema": 1, "image_id": image, "mode": mode});
    functions.invoke(Function::Restore, event).await.unwrap()
}

/// Plays everything that the functions are for, in worlds of their own.
async fn everything(made: &mut Made) {
    at_once_and_back_from_the_bin(made).await;
    by_way_of_the_grace_and_back(made).await;
    taken_over_from_a_dead_run(made).await;
    halted(made).await;
}

async fn at_once_and_back_from_the_bin(made: &mut Made) {
    let account = everything_in_use().await.bins_images(7).bins_snapshots(14);
    let world = World::under(policy(), account).await;
    let functions = world.functions();
    Run::dry(&world, &functions).await.to_end().await.report();
    let report = Run::live(&world, &functions).await.to_end().await.report();
    assert_eq!(report["counts"]["deregistered"], 2, "{report}");
    assert_eq!(report["counts"]["snapshots_kept"], 1, "{report}");
    restore(&functions, "ami-0due", "dry-run").await;
    assert_eq!(restore(&functions, "ami-0due", "live").await["outcome"], "restored_from_recycle_bin");
    // One of its snapshots was kept, and waits until the image is back.
    assert_eq!(restore(&functions, "ami-0two", "live").await["outcome"], "restored_from_recycle_bin");
    made.add(&functions);
}

async fn by_way_of_the_grace_and_back(made: &mut Made) {
    let world = World::under(policy().with("GRACE_DAYS", 7), everything_in_use().await).await;
    let functions = world.functions();
    let report = Run::live(&world, &functions).await.to_end().await.report();
    assert_eq!(report["counts"]["disabled"], 2, "{report}");
    world.ec2.account().images.get_mut("ami-0due").unwrap().tags.remove("team");
    assert_eq!(restore(&functions, "ami-0due", "live").await["outcome"], "enabled");
    made.add(&functions);
}

async fn taken_over_from_a_dead_run(made: &mut Made) {
    let world = World::under(policy(), everything_in_use().await).await;
    let functions = world.functions();
    let dead = Run::live(&world, &functions).await;
    let (_, lines) = dead.listed().await;
    dead.delete_image(&lines[0]).await.unwrap();
    dead.execution.stop().await;
    let report = Run::live(&world, &functions).await.to_end().await.report();
    assert_eq!(report["counts"]["already_gone"], 1, "{report}");
    made.add(&functions);
}

async fn halted(made: &mut Made) {
    let world = World::under(policy().with("MAX_DELETIONS", 1), everything_in_use().await).await;
    let functions = world.functions();
    assert!(matches!(Run::live(&world, &functions).await.to_end().await, End::Halted(_)));
    made.add(&functions);
}

#[tokio::test]
async fn each_role_holds_what_its_function_asks_for_and_nothing_that_it_never_does() {
    let mut made = Made::default();
    everything(&mut made).await;
    let mut wrong = Vec::new();
    for function in Function::AMI_CLEANUP {
        let held: BTreeSet<String> = function.iam_actions().into_iter().map(|(_, action)| action).collect();
        let asked = made.actions(function);
        let name = function.name();
        wrong.extend(asked.difference(&held).map(|action| format!("{name} asks for {action}, which its role lacks")));
        wrong.extend(
            held.difference(&asked).map(|action| format!("{name}'s role holds {action}, which it never asks for")),
        );
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn without_allow_live_nothing_is_asked_for_that_only_live_roles_hold() {
    let world = World::under(policy().with("ALLOW_LIVE", false), everything_in_use().await).await;
    let functions = world.functions();
    let report = Run::dry(&world, &functions).await.to_end().await.report();
    assert_eq!(report["counts"]["would_deregister"], 2, "{report}");
    restore(&functions, "ami-0due", "dry-run").await;
    for function in Function::AMI_CLEANUP {
        let held = function.iam_actions();
        let live: BTreeSet<&String> =
            held.iter().filter(|(when, _)| when == "live").map(|(_, action)| action).collect();
        for call in functions.calls_of(function) {
            // EC2's own dry run asks whether the right is there: "no" is an answer too.
            let only_asks = call.text("DryRun") == Some("true");
            assert!(only_asks || iam_actions(&call).iter().all(|action| !live.contains(action)), "{call:?}");
        }
    }
}

#[tokio::test]
async fn what_the_roles_scope_by_resource_or_key_is_all_that_is_asked_for() {
    let mut made = Made::default();
    everything(&mut made).await;
    let keys = |call: &Call| {
        let fields = call.fields.as_object().unwrap().clone();
        fields
            .into_iter()
            .filter(|(name, _)| name.starts_with("Tag.") && name.ends_with(".Key"))
            .map(|(_, key)| key)
            .collect::<Vec<_>>()
    };
    for (function, calls) in &made.0 {
        for call in calls {
            let told = format!("{} makes {call:?}", function.name());
            match call.name().as_str() {
                "s3:PutObject" | "s3:GetObject" => {
                    assert!(call.text("path").unwrap().starts_with("/sunset-functions/runs/"), "{told}");
                }
                "sns:Publish" => {
                    let topic = call.text("TopicArn").unwrap();
                    let owners = *function == Function::Deregister && topic.ends_with(":owners");
                    assert!(owners || topic.ends_with(":sunset-notices"), "{told}");
                }
                "states:DescribeExecution" => {
                    assert!(call.text("executionArn").unwrap().contains(":execution:ami-cleanup:"), "{told}");
                }
                "ec2:CreateTags" if *function == Function::Deregister => {
                    assert_eq!(keys(call), ["sunset:disabled-at"], "{told}");
                }
                "ec2:DeleteTags" => assert_eq!(keys(call), ["sunset:disabled-at"], "{told}"),
                _ => {}
            }
        }
    }
}
