//! A source that cannot be read holds every image that it could have kept.

use serde_json::json;
use sunset_functions_tests::{ACCOUNT, End, Function, Policy, Run, World};
use sunset_wire::{Account, Fault, Image, ImageReference, Instance, When};

use crate::{DUE, gone, name, one_due, reasons, report_of, untouched};

/// Every source that a deletion rests on, and the call that reads it.
const SOURCES: [(&str, &str); 10] = [
    ("images", "DescribeImages"),
    ("instances", "DescribeInstances"),
    ("launch_templates", "DescribeLaunchTemplateVersions"),
    ("auto_scaling_groups", "DescribeAutoScalingGroups"),
    ("launch_configurations", "DescribeLaunchConfigurations"),
    ("spot_instance_requests", "DescribeSpotInstanceRequests"),
    ("spot_fleet_requests", "DescribeSpotFleetRequests"),
    ("fleets", "DescribeFleets"),
    ("ssm_parameters", "DescribeParameters"),
    ("launch_permissions", "DescribeImageAttribute"),
];

#[tokio::test]
async fn a_source_that_is_denied_blocks_every_deletion_and_the_report_names_it() {
    for (source, call) in SOURCES {
        let world = World::of(one_due().denies(call)).await;
        let functions = world.functions();
        let list = Run::live(&world, &functions).await.list().await.unwrap();
        assert_eq!((&list["verdict"], &list["manifest"]), (&json!("nothing"), &json!(null)), "{source}: {list}");
        let report = report_of(&world, &list).await;
        let sources = report["sources"].as_array().unwrap();
        let told =
            sources.iter().find(|it| it["source"] == source).unwrap_or_else(|| panic!("{source} is not reported"));
        assert_eq!(told["coverage"], "denied", "{told}");
        if source != "images" {
            assert_eq!(list["counts"]["blocked"], 1, "{source}: {list}");
            assert!(reasons(&world, &list, DUE).await.iter().any(|reason| reason.starts_with(source)), "{source}");
        }
        untouched(&world);
    }
}

#[tokio::test]
async fn parameters_that_may_be_listed_and_not_read_block_too() {
    let account = one_due().denies("GetParameters").parameter(sunset_wire::Parameter::new("/golden", "ami-0other"));
    let world = World::of(account).await;
    let functions = world.functions();
    let list = Run::live(&world, &functions).await.list().await.unwrap();
    assert_eq!((&list["verdict"], &list["counts"]["blocked"]), (&json!("nothing"), &json!(1)), "{list}");
}

#[tokio::test]
async fn a_source_that_is_denied_between_list_and_deregister_is_a_gap_and_the_image_stays() {
    for (source, call) in SOURCES {
        let world = World::of(one_due()).await;
        let functions = world.functions();
        let run = Run::live(&world, &functions).await;
        let (_, lines) = run.listed().await;
        world.ec2.account().denied.insert(call.to_owned());
        let refused = name(run.delete_image(&lines[0]).await);
        // Of the image itself and who may launch it there is no index: what EC2 answers is answered.
        let asked_directly = ["images", "launch_permissions"].contains(&source);
        assert_eq!(refused, if asked_directly { "Sunset.Denied" } else { "Sunset.EvidenceGap" }, "{source}");
        untouched(&world);
    }
}

#[tokio::test]
async fn an_index_that_is_not_complete_is_not_kept_by_the_warm_sandbox() {
    let world = World::of(one_due()).await;
    let functions = world.functions();
    let run = Run::live(&world, &functions).await;
    let (_, lines) = run.listed().await;
    world.ec2.account().denied.insert("DescribeFleets".to_owned());
    assert_eq!(name(run.delete_image(&lines[0]).await), "Sunset.EvidenceGap");
    world.ec2.account().denied.clear();
    run.child(&lines[0]).await.unwrap();
    gone(&world);
}

#[tokio::test]
async fn a_complete_index_is_read_once_by_a_warm_sandbox() {
    let account = (0..5).fold(Account::new(ACCOUNT), |account, n| {
        account.image(Image::new(format!("ami-0due{n}")).named(format!("due{n}x")).snapshots([format!("snap-0due{n}")]))
    });
    let world = World::of(account).await;
    let functions = world.functions();
    Run::live(&world, &functions).await.to_end().await.report();
    // Once by the list, once by deregister, for five images.
    assert_eq!(world.ec2.count("DescribeFleets"), 2);
    assert_eq!(world.ec2.count("DescribeAutoScalingGroups"), 2);
}

#[tokio::test]
async fn a_source_that_breaks_in_the_middle_of_its_pages_blocks() {
    let account =
        (0..30).fold(one_due(), |account, n| account.instance(Instance::new(format!("i-0{n:02}"), "ami-0other")));
    let world = World::of(account).await;
    world.ec2.pages_at_most("DescribeInstances", 10);
    world.ec2.faults().add("DescribeInstances", When::After(1), Fault::error(400, "InvalidNextToken", "expired"));
    let functions = world.functions();
    let list = Run::live(&world, &functions).await.list().await.unwrap();
    assert_eq!((&list["verdict"], &list["counts"]["blocked"]), (&json!("nothing"), &json!(1)), "{list}");
    untouched(&world);
}

#[tokio::test]
async fn an_empty_first_page_is_not_an_empty_account() {
    let world = World::of(one_due().instance(Instance::new("i-0", DUE))).await;
    world.ec2.first_page_empty("*");
    let functions = world.functions();
    let list = Run::live(&world, &functions).await.list().await.unwrap();
    assert_eq!((&list["verdict"], &list["counts"]["images"]), (&json!("nothing"), &json!(1)), "{list}");
    assert_eq!(reasons(&world, &list, DUE).await, ["used by instance i-0 (running)"]);
}

#[tokio::test]
async fn a_source_that_shrank_beyond_belief_halts_the_run_until_a_person_accepts_it() {
    let account =
        (0..60).fold(one_due(), |account, n| account.instance(Instance::new(format!("i-0{n:02}"), "ami-0other")));
    let world = World::of(account).await;
    let functions = world.functions();
    assert_eq!(Run::dry(&world, &functions).await.list().await.unwrap()["verdict"], "proceed");
    world.ec2.account().instances.clear();
    let End::Halted(list) = Run::live(&world, &functions).await.to_end().await else { panic!("a run that is halted") };
    assert!(list["reason"].as_str().unwrap().starts_with("instances held 0, after 60"), "{list}");
    untouched(&world);
    let (_, subject, body) = world.calls.notices().pop().unwrap();
    assert!(subject.contains("halted") && body.contains("instances held 0"), "{subject}\n{body}");

    let accepting = json!({"schema": 1, "mode": "live", "accept_baseline": true});
    Run::start(&world, &functions, accepting).await.to_end().await.report();
    gone(&world);
}

// C168
#[tokio::test]
async fn too_many_due_images_halt_the_whole_run_and_delete_nothing() {
    let account = (0..12).fold(Account::new(ACCOUNT), |account, n| {
        account.image(Image::new(format!("ami-0due{n:02}")).named(format!("due{n}x")))
    });
    for policy in [Policy::quick().with("MAX_DELETIONS", 11), Policy::quick().with("MAX_SHARE", 0.9)] {
        let world = World::under(policy, account.clone()).await;
        let functions = world.functions();
        let End::Halted(list) = Run::live(&world, &functions).await.to_end().await else {
            panic!("a run that is halted")
        };
        assert_eq!(list["manifest"], json!(null), "{list}");
        assert_eq!(list["counts"]["due"], 12, "people see what would have been due: {list}");
        // What halts a run is not asked about image by image.
        assert_eq!(world.ec2.count("DescribeImageAttribute"), 0);
        untouched(&world);
        assert!(world.ledger.partition("LOCK#ami-cleanup").await.is_empty());
    }
}

#[tokio::test]
async fn the_second_opinion_alone_keeps_an_image() {
    let reference =
        || ImageReference::new(DUE, "imagebuilder:ImageRecipe", "arn:aws:imagebuilder:us-east-1:123456789012:x");
    let policy = Policy::quick().with("SECOND_OPINION", true);
    let world = World::under(policy, one_due().reference(reference())).await;
    let functions = world.functions();
    let list = Run::live(&world, &functions).await.list().await.unwrap();
    assert_eq!(list["verdict"], "nothing", "{list}");
    assert!(reasons(&world, &list, DUE).await[0].contains("imagebuilder:ImageRecipe"));

    // And where it appears only after the list.
    world.ec2.account().references.clear();
    let run = Run::live(&world, &functions).await;
    let (_, lines) = run.listed().await;
    world.ec2.account().references.push(reference());
    assert_eq!(name(run.delete_image(&lines[0]).await), "Sunset.Stale");
    untouched(&world);
}

#[tokio::test]
async fn a_second_opinion_that_is_denied_blocks() {
    let policy = Policy::quick().with("SECOND_OPINION", true);
    let world = World::under(policy, one_due().denies("DescribeImageReferences")).await;
    let functions = world.functions();
    let list = Run::live(&world, &functions).await.list().await.unwrap();
    assert_eq!((&list["verdict"], &list["counts"]["blocked"]), (&json!("nothing"), &json!(1)), "{list}");
}

#[tokio::test]
async fn snapshots_that_cannot_be_read_only_cost_the_report_its_figures() {
    let world = World::of(one_due().denies("DescribeSnapshots")).await;
    let functions = world.functions();
    let list = Run::live(&world, &functions).await.list().await.unwrap();
    assert_eq!(list["verdict"], "proceed", "{list}");
    // What deletes them does not do without.
    let event = json!({"ImageId": DUE, "BlockDeviceMappings": [{"Ebs": {"SnapshotId": "snap-0due"}}]});
    assert_eq!(name(functions.invoke(Function::DeleteSnapshot, event).await), "Sunset.Denied");
}
