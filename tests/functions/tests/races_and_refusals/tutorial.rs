//! The tutorial's faults, C158–C170, and its own events.
//!
//! C162 is the whole of the cut-off tests; C165 and C169 are among what comes twice; C166 is among lost answers; what of C170
//! is a right is among the permissions.

use serde_json::{Value, json};
use sunset_functions_tests::{ACCOUNT, End, Function, Policy, Run, World, ministack};
use sunset_wire::{Account, BlockDevice, Image, Snapshot};

use crate::{DUE, SNAPSHOT, due, gone, one_due, reasons, untouched};

/// The image that the tutorial's events name.
const TUTORIALS: &str = "ami-0d548220085c3a287";
const TUTORIALS_SNAPSHOT: &str = "snap-03741d041ff197f39";

fn event(name: &str) -> Value {
    let path = format!("{}/../../events/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn tutorials_policy() -> Policy {
    Policy::quick().with("VALID_HOURS", 1).with("MIN_IDLE_DAYS", 0)
}

// C153, C154
#[tokio::test]
async fn the_tutorials_own_events_are_taken_by_hand_and_change_nothing() {
    let image = Image::new(TUTORIALS).named("tutorial").snapshots([TUTORIALS_SNAPSHOT]);
    let world = World::under(tutorials_policy(), Account::new(ACCOUNT).image(image)).await;
    let functions = world.functions();
    let answer = functions.invoke(Function::Deregister, event("deregister-tutorial")).await.unwrap();
    assert_eq!((&answer["outcome"], &answer["image_id"]), (&json!("would_deregister"), &json!(TUTORIALS)), "{answer}");
    assert_eq!(answer["snapshot_ids"], json!([TUTORIALS_SNAPSHOT]), "{answer}");
    let answer = functions.invoke(Function::DeleteSnapshot, event("delete-snapshot-tutorial")).await.unwrap();
    assert_eq!(answer["snapshots"][0]["outcome"], "would_delete", "{answer}");
    assert_eq!(answer["snapshots"][0]["reason"], Value::Null, "EC2 would allow it: {answer}");
    untouched(&world);
    assert_eq!(world.ledger.items().await, [Value::Null; 0], "by hand nothing is written down");
}

#[tokio::test]
async fn a_dry_run_says_that_the_role_holds_no_right_to_delete_a_snapshot() {
    let image = Image::new(TUTORIALS).named("tutorial").snapshots([TUTORIALS_SNAPSHOT]);
    let account = Account::new(ACCOUNT).image(image).denies("DeleteSnapshot");
    let world = World::under(tutorials_policy(), account).await;
    let functions = world.functions();
    let answer = functions.invoke(Function::DeleteSnapshot, event("delete-snapshot-tutorial")).await.unwrap();
    assert_eq!(answer["snapshots"][0]["outcome"], "would_delete", "{answer}");
    let reason = answer["snapshots"][0]["reason"].as_str().unwrap();
    assert!(reason.contains("AllowLive=true grants it"), "{reason}");
    untouched(&world);
}

#[tokio::test]
async fn the_tutorials_own_event_does_not_get_past_a_reason_to_stay() {
    let image = Image::new(TUTORIALS).named("tutorial").tag("sunset:keep", "").snapshots([TUTORIALS_SNAPSHOT]);
    let world = World::under(tutorials_policy(), Account::new(ACCOUNT).image(image)).await;
    let functions = world.functions();
    let refused = functions.invoke(Function::Deregister, event("deregister-tutorial")).await.unwrap_err();
    assert_eq!(refused.error_type, "Sunset.Stale", "{refused}");
    assert!(refused.message.contains("opted out by tag sunset:keep"), "{refused}");
}

#[tokio::test]
async fn the_tutorials_input_runs_where_the_stack_is_deployed_so() {
    let policy = Policy::quick().with("VALID_HOURS", 1).with("MIN_IDLE_DAYS", 0);
    let world = World::under(policy, one_due()).await;
    let functions = world.functions();
    let mut input = event("tutorial");
    input["mode"] = "live".into();
    Run::start(&world, &functions, input).await.to_end().await.report();
    gone(&world);
    // Elsewhere it would allow more than is deployed.
    let defaults = world.functions_under(&Policy::defaults());
    let End::Failed(error) = Run::start(&world, &defaults, event("tutorial")).await.to_end().await else { panic!() };
    assert_eq!(error.error_type, "Sunset.Invalid");
    assert!(error.message.contains("an input may only tighten"), "{error}");
}

// C158
#[tokio::test]
async fn c158_an_image_of_25_hours_is_over_a_limit_of_one_hour_and_of_24() {
    for (hours, limit, goes) in [(25, 1, true), (25, 24, true), (24 * 365, 1, true), (25, 26, false), (0, 1, false)] {
        let account = Account::new(ACCOUNT).image(due().aged_hours(hours));
        let world = World::under(tutorials_policy().with("VALID_HOURS", limit), account).await;
        let functions = world.functions();
        let list = Run::live(&world, &functions).await.list().await.unwrap();
        assert_eq!(list["counts"]["due"], u64::from(goes), "{hours} of {limit}: {list}");
    }
}

// C159
#[tokio::test]
async fn c159_not_every_old_image_goes() {
    let member = |n: i64| Image::new(format!("ami-0web{n}")).named(format!("web-{n}")).aged_hours(2000 - n);
    let account = Account::new(ACCOUNT)
        .image(member(1))
        .image(member(2))
        .image(member(3))
        .image(due().named("tagged").tag("sunset:keep", ""))
        .image(Image::new("ami-0api1").named("api-1").aged_hours(3000))
        .image(Image::new("ami-0web0").named("web-0").tag("env", "prod").aged_hours(4000))
        .image(Image::new("ami-0pending").named("web-9").in_state("pending").aged_hours(1999))
        .image(Image::new("ami-0foreign").named("web-8").owned_by("999999999999").shared_with(ACCOUNT));
    let policy =
        Policy::quick().with("INCLUDE_NAMES", "web-*,tagged").with("EXCLUDE_TAGS", "env=prod").with("KEEP_NEWEST", 2);
    let world = World::under(policy, account).await;
    let functions = world.functions();
    let run = Run::live(&world, &functions).await;
    let (_, lines) = run.listed().await;
    assert_eq!(lines.iter().map(|line| line["ImageId"].clone()).collect::<Vec<_>>(), ["ami-0web1"]);
}

// C160
#[tokio::test]
async fn c160_an_image_that_was_launched_lately_is_not_idle() {
    let world = World::of(Account::new(ACCOUNT).image(due().launched_hours_ago(29 * 24))).await;
    let functions = world.functions();
    let list = Run::live(&world, &functions).await.list().await.unwrap();
    let reasons = reasons(&world, &list, DUE).await;
    assert!(reasons[0].starts_with("last launched") && reasons.len() == 1, "{reasons:?}");
}

// C161
#[tokio::test]
async fn c161_what_a_service_manages_or_a_person_protects_stays() {
    for (image, reason) in [
        (due().named("AwsBackup_i-0123456789abcdef0_x"), "managed by AWS Backup"),
        (due().tag("aws:backup:source-resource", "arn:x"), "managed by AWS Backup"),
        (due().tag("aws:dlm:lifecycle-policy-id", "policy-1"), "managed by Data Lifecycle Manager"),
        (due().tag("dlm:managed", "true"), "managed by Data Lifecycle Manager"),
        (due().tag("Ec2ImageBuilderArn", "arn:x"), "managed by EC2 Image Builder"),
        (due().tag("aws:cloudformation:stack-name", "x"), "managed by CloudFormation"),
        (due().protected(), "deregistration protection is on"),
        (due().product_code("code"), "carries product codes"),
        (due().instance_store(), "instance-store"),
        (due().tag("sunset:process", "decommission-1"), "made by process decommission-1"),
    ] {
        let world = World::of(Account::new(ACCOUNT).image(image)).await;
        let functions = world.functions();
        let list = Run::live(&world, &functions).await.list().await.unwrap();
        let found = reasons(&world, &list, DUE).await;
        assert!(found.len() == 1 && found[0].starts_with(reason), "{reason}: {found:?}");
        assert_eq!(list["verdict"], "nothing");
    }
}

// C163
#[tokio::test]
async fn c163_mappings_without_ebs_are_fine() {
    let image = due().ephemeral().no_device().block_device(BlockDevice::empty_volume("/dev/xvdz"));
    let world = World::of(Account::new(ACCOUNT).image(image)).await;
    let report = Run::live(&world, &world.functions()).await.to_end().await.report();
    assert_eq!(
        (&report["counts"]["snapshots_deleted"], &report["counts"]["failed"]),
        (&json!(1), &json!(0)),
        "{report}"
    );
    gone(&world);
}

// C163
#[tokio::test]
async fn c163_an_image_without_any_snapshot_goes_too() {
    let world = World::of(Account::new(ACCOUNT).image(Image::new(DUE).named("due").ephemeral())).await;
    let report = Run::live(&world, &world.functions()).await.to_end().await.report();
    assert_eq!(report["counts"]["deregistered"], 1, "{report}");
    assert!(!world.has_image(DUE));
}

// C162
#[tokio::test]
async fn c162_several_snapshots_of_one_image_all_go() {
    let ids: Vec<String> = (0..27).map(|n| format!("snap-0vol{n:02}")).collect();
    let world = World::of(Account::new(ACCOUNT).image(Image::new(DUE).named("due").snapshots(ids.clone()))).await;
    let report = Run::live(&world, &world.functions()).await.to_end().await.report();
    assert_eq!(report["counts"]["snapshots_deleted"], 27, "{report}");
    assert!(ids.iter().all(|id| !world.has_snapshot(id)));
}

// C164
#[tokio::test]
async fn c164_a_shared_or_locked_snapshot_fails_nobody() {
    let account = Account::new(ACCOUNT)
        .image(due().aged_hours(2000))
        .image(Image::new("ami-0two").named("two").snapshots([SNAPSHOT, "snap-0locked"]))
        .snapshot(Snapshot::new("snap-0locked").locked());
    let world = World::of(account).await;
    let report = Run::live(&world, &world.functions()).await.to_end().await.report();
    let counts = &report["counts"];
    assert_eq!(
        (&counts["deregistered"], &counts["snapshots_deleted"], &counts["failed"]),
        (&json!(2), &json!(1), &json!(0)),
        "{report}"
    );
    assert!(!world.has_snapshot(SNAPSHOT) && world.has_snapshot("snap-0locked"));
}

// C167
#[tokio::test]
async fn c167_what_travels_through_the_machine_does_not_grow_with_the_images() {
    let account = (0..400).fold(Account::new(ACCOUNT), |account, n| {
        let image = Image::new(format!("ami-0due{n:03}")).named(format!("due{n}x")).described("x".repeat(200));
        account.image(image.snapshots([format!("snap-0due{n:03}")]))
    });
    let world = World::under(Policy::quick().with("MAX_DELETIONS", 1000), account).await;
    world.ec2.pages_at_most("DescribeImages", 150);
    let functions = world.functions();
    let run = Run::live(&world, &functions).await;
    let list = run.list().await.unwrap();
    assert!(list.to_string().len() < 2_000, "{} bytes", list.to_string().len());
    assert_eq!(run.lines(&list).await.len(), 400);
}

// C168
#[tokio::test]
async fn c168_an_owner_is_told_what_why_until_when_and_how_to_keep_it() {
    let topic = ministack().await.create_topic("owners").await;
    let account = Account::new(ACCOUNT).image(due().named("web-1").tag("sunset:owner", &topic));
    let world = World::under(Policy::quick().with("GRACE_DAYS", 7), account).await;
    Run::live(&world, &world.functions()).await.to_end().await.report();
    let notices = world.calls.notices();
    let (to, subject, body) = &notices[0];
    assert_eq!(*to, topic);
    assert!(subject.starts_with(&format!("{DUE} is disabled and will be deregistered after ")), "{subject}");
    for word in ["web-1", "Why: it was created", "To keep it, before", "sunset:keep", "restore"] {
        assert!(body.contains(word), "{word}: {body}");
    }
}

// C168
#[tokio::test]
async fn c168_where_the_owners_topic_does_not_answer_the_stacks_does() {
    for topic in ["arn:aws:sns:us-east-1:123456789012:no-such-topic", "web-team", ""] {
        let account = Account::new(ACCOUNT).image(due().tag("sunset:owner", topic));
        let world = World::under(Policy::quick().with("GRACE_DAYS", 7), account).await;
        Run::live(&world, &world.functions()).await.to_end().await.report();
        let (to, subject, _) = &world.calls.notices()[0];
        assert_eq!(to, world.aws().topic_arn());
        assert!(subject.starts_with(DUE), "{subject}");
    }
}

// C168
#[tokio::test]
async fn c168_a_stack_that_is_not_live_changes_nothing_whoever_asks() {
    let world = World::of(one_due()).await;
    let functions = world.functions_under(&Policy::quick().with("ALLOW_LIVE", false));
    let End::Failed(error) = Run::live(&world, &functions).await.to_end().await else { panic!("it is not live") };
    assert_eq!(error.error_type, "Sunset.Invalid");
    assert!(error.message.contains("AllowLive=false"), "{error}");
    let report = Run::dry(&world, &functions).await.to_end().await.report();
    assert_eq!(
        (&report["counts"]["would_deregister"], &report["counts"]["deregistered"]),
        (&json!(1), &json!(0)),
        "{report}"
    );
    let restore = json!({"schema": 1, "image_id": DUE, "mode": "live"});
    assert_eq!(functions.invoke(Function::Restore, restore).await.unwrap_err().error_type, "Sunset.Invalid");
    untouched(&world);
}

// C168
#[tokio::test]
async fn c168_a_dry_run_says_where_the_role_may_not() {
    let world = World::of(one_due().denies("DeregisterImage")).await;
    let functions = world.functions();
    let run = Run::dry(&world, &functions).await;
    let (_, lines) = run.listed().await;
    let answer = run.delete_image(&lines[0]).await.unwrap();
    assert_eq!((&answer["outcome"], &answer["permission"]), (&json!("would_deregister"), &json!("denied")), "{answer}");
}

// C170
#[tokio::test]
async fn c170_no_log_holds_the_whole_event() {
    let mut line = event("deregister-tutorial");
    line["Description"] = "a-word-that-must-not-be-logged".into();
    let world = World::of(one_due()).await;
    let functions = world.functions();
    functions.invoke(Function::Deregister, line).await.unwrap();
    assert!(!functions.logs().contains("a-word-that-must-not-be-logged"), "{}", functions.logs());
}
