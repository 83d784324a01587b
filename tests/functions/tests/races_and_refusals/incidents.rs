//! What happened to the users of other cleaners, and does not happen here.

use serde_json::json;
use sunset_functions_tests::{ACCOUNT, End, Policy, Run, World};
use sunset_wire::{
    Account, Fault, Group, Image, LaunchPermission, LaunchTemplate, Parameter, Size, SpotRequest, TemplateRef, When,
};

use crate::{DUE, SNAPSHOT, due, gone, one_due, reasons, untouched};

/// The one image of an account stays, and why.
async fn stays_because(account: Account) -> Vec<String> {
    let world = World::of(account).await;
    let functions = world.functions();
    let list = Run::live(&world, &functions).await.list().await.unwrap();
    assert_eq!((&list["verdict"], &list["counts"]["due"]), (&json!("nothing"), &json!(0)), "{list}");
    untouched(&world);
    reasons(&world, &list, DUE).await
}

#[tokio::test]
async fn cloud_custodian_6554_an_image_used_by_a_launch_template_or_spot_request_only_stays() {
    let template = LaunchTemplate::new("lt-0a", "web").version(DUE);
    let reasons = stays_because(one_due().launch_template(template)).await;
    assert_eq!(reasons, ["used by launch template web (lt-0a) version 1"]);
    let reasons = stays_because(one_due().spot_request(SpotRequest::new("sir-0a", DUE))).await;
    assert_eq!(reasons, ["used by Spot Instance request sir-0a"]);
}

#[tokio::test]
async fn terraform_aws_github_runner_4571_a_misspelt_filter_is_refused_and_never_means_no_filter() {
    let world = World::of(one_due()).await;
    let functions = world.functions();
    for (field, value) in [
        ("exclude_name", json!(["due*"])),
        ("Exclude_Names", json!(["due*"])),
        ("exclude_names ", json!(["due*"])),
        ("excludes", json!(["due*"])),
        ("exclude_names", json!("due*")),
        ("exclude_names", json!([""])),
        ("exclude_tags", json!(["=x"])),
    ] {
        let mut input = json!({"schema": 1, "mode": "live"});
        input[field] = value;
        let End::Failed(error) = Run::start(&world, &functions, input.clone()).await.to_end().await else {
            panic!("{input} was accepted")
        };
        assert_eq!(error.error_type, "Sunset.Invalid", "{input}: {error}");
        assert!(error.message.contains(field.trim()), "{input}: {error}");
    }
    assert_eq!(world.calls.all(), [], "refused before any call");
}

#[tokio::test]
async fn terraform_aws_github_runner_4601_more_than_ten_parameters_are_read() {
    for position in [0, 9, 10, 49, 50, 119] {
        let account = (0..120).fold(one_due(), |account, n| {
            let value = if n == position { DUE } else { "ami-0other" };
            account.parameter(Parameter::new(format!("/runner/{n:03}"), value))
        });
        let reasons = stays_because(account).await;
        assert_eq!(reasons, [format!("used by SSM parameter /runner/{position:03}")]);
    }
}

#[tokio::test]
async fn guardian_prism_1037_an_override_of_a_mixed_instances_policy_keeps_its_image() {
    let account = one_due()
        .launch_template(LaunchTemplate::new("lt-0base", "base").version("ami-0other"))
        .launch_template(LaunchTemplate::new("lt-0arm", "arm").version(DUE).version("ami-0other").default_version(2))
        .group(
            Group::new("web")
                .mixed(TemplateRef::id("lt-0base", "$Latest"))
                .override_template(TemplateRef::named("arm", "1")),
        );
    let reasons = stays_because(account).await;
    assert!(reasons.iter().any(|reason| reason.contains("web") || reason.contains("arm")), "{reasons:?}");
}

#[tokio::test]
async fn cloud_nuke_829_an_excluded_image_is_not_touched_through_its_snapshot() {
    // It shares its snapshot with an image that goes.
    let golden = Image::new("ami-0golden").named("golden-web").snapshots([SNAPSHOT, "snap-0golden"]);
    let world = World::under(Policy::quick().with("EXCLUDE_NAMES", "golden-*"), one_due().image(golden)).await;
    let report = Run::live(&world, &world.functions()).await.to_end().await.report();
    assert_eq!(
        (&report["counts"]["deregistered"], &report["counts"]["snapshots_kept"]),
        (&json!(1), &json!(1)),
        "{report}"
    );
    assert!(!world.has_image(DUE) && world.image_state("ami-0golden").as_deref() == Some("available"));
    assert!(world.has_snapshot(SNAPSHOT) && world.has_snapshot("snap-0golden"));
    assert!(world.calls.of("ec2:DeleteSnapshot").is_empty(), "EC2's refusal is not what protects it");
}

#[tokio::test]
async fn cloud_custodian_5924_and_9452_an_image_that_other_accounts_may_launch_stays() {
    let organization = "arn:aws:organizations::123456789012:organization/o-1";
    let unit = "arn:aws:organizations::123456789012:ou/o-1/ou-1";
    for (image, reason) in [
        (due().shared_with("999999999999"), "shared with account 999999999999".to_owned()),
        (due().shared(LaunchPermission::Organization(organization.to_owned())), format!("shared with {organization}")),
        (due().shared(LaunchPermission::OrganizationalUnit(unit.to_owned())), format!("shared with {unit}")),
        (due().public(), "public: everybody may launch it".to_owned()),
    ] {
        assert_eq!(stays_because(Account::new(ACCOUNT).image(image)).await, [reason]);
    }
}

#[tokio::test]
async fn cloud_custodian_9138_and_9444_a_snapshot_of_a_disabled_image_is_in_use() {
    let disabled = Image::new("ami-0quiet").named("quiet").tag("sunset:keep", "").snapshots([SNAPSHOT]).disabled();
    let world = World::of(one_due().image(disabled)).await;
    let report = Run::live(&world, &world.functions()).await.to_end().await.report();
    assert_eq!(report["counts"]["snapshots_kept"], 1, "{report}");
    assert!(!world.has_image(DUE) && world.has_snapshot(SNAPSHOT));
    assert!(world.calls.of("ec2:DeleteSnapshot").is_empty(), "EC2's refusal is not what protects it");
}

#[tokio::test]
async fn cloud_custodian_4568_one_missing_launch_template_does_not_end_the_run() {
    let account = one_due()
        .image(Image::new("ami-0pinned").named("pinned").snapshots(["snap-0pinned"]))
        .launch_template(
            LaunchTemplate::new("lt-0a", "a").version("ami-0pinned").version("ami-0other").default_version(2),
        )
        .group(Group::new("orphan").launch_template(TemplateRef::id("lt-0gone", "3")))
        .group(Group::new("orphan-by-name").launch_template(TemplateRef::named("gone", "$Latest")))
        .group(Group::new("lost-version").launch_template(TemplateRef::id("lt-0a", "99")))
        .group(Group::new("pins").launch_template(TemplateRef::id("lt-0a", "1")));
    let world = World::of(account).await;
    let report = Run::live(&world, &world.functions()).await.to_end().await.report();
    assert_eq!(report["counts"]["deregistered"], 1, "{report}");
    assert!(world.has_image("ami-0pinned"), "what can be looked up counts beside what cannot");
    gone(&world);
}

#[tokio::test]
async fn aws_amicleaner_89_thousands_of_images_are_read_in_pages_through_throttling() {
    let size = Size { images: 4000, instances: 600, launch_templates: 60, groups: 30, parameters: 200 };
    let world = World::of(Account::big(ACCOUNT, size)).await;
    world.ec2.faults().add("DescribeImages", When::EachKth(3), Fault::Throttled);
    world.ec2.faults().add("DescribeInstances", When::Nth(1), Fault::Throttled);
    let functions = world.functions();
    let End::Halted(list) = Run::live(&world, &functions).await.to_end().await else {
        panic!("thousands are too many")
    };
    assert_eq!((&list["counts"]["images"], &list["counts"]["blocked"]), (&json!(4000), &json!(0)), "{list}");
    // Some seven pages, what was throttled, and the parameters in tens.
    let calls = world.ec2.calls().len();
    assert!(calls < 80, "{calls} calls for 4,000 images");
    untouched(&world);
}
