//! Restore, by hand: dry unless asked, whole, or a plain no.

use serde_json::{Value, json};
use sunset_functions_tests::{ACCOUNT, Function, Policy, Run, World};
use sunset_wire::{Account, Image, LaunchPermission};

use crate::{DUE, SNAPSHOT, due, intents_precede_acts, one_due, untouched};

async fn restore(world: &World, mode: &str) -> Value {
    let event = json!({"schema": 1, "image_id": DUE, "mode": mode});
    world.functions().invoke(Function::Restore, event).await.unwrap()
}

async fn after_a_run(policy: Policy, account: Account) -> World {
    let world = World::under(policy, account).await;
    Run::live(&world, &world.functions()).await.to_end().await.report();
    world
}

#[tokio::test]
async fn a_restore_is_dry_unless_it_says_live() {
    let world = after_a_run(Policy::quick().with("GRACE_DAYS", 7), one_due()).await;
    let changes = world.calls.changing_ec2();
    let answer = restore(&world, "dry-run").await;
    assert_eq!(answer["outcome"], "would_enable", "{answer}");
    let event = json!({"schema": 1, "image_id": DUE});
    assert_eq!(world.functions().invoke(Function::Restore, event).await.unwrap()["outcome"], "would_enable");
    assert_eq!(world.calls.changing_ec2(), changes);
}

#[tokio::test]
async fn every_kind_of_launch_permission_comes_back() {
    let organization = "arn:aws:organizations::123456789012:organization/o-1";
    let image = due()
        .shared_with("999999999999")
        .shared(LaunchPermission::Organization(organization.to_owned()))
        .shared(LaunchPermission::OrganizationalUnit(format!("{organization}/ou-1")))
        .tag("team", "web");
    let permissions = image.launch_permissions.clone();
    let policy = Policy::quick().with("GRACE_DAYS", 7).with("ALLOW_SHARED", true);
    let world = after_a_run(policy, Account::new(ACCOUNT).image(image)).await;
    world.ec2.account().images.get_mut(DUE).unwrap().tags.remove("team");
    let answer = restore(&world, "live").await;
    assert_eq!(answer["outcome"], "enabled", "{answer}");
    let image = world.ec2.account().images[DUE].clone();
    assert_eq!((image.state.as_str(), &image.launch_permissions), ("available", &permissions));
    assert_eq!(image.tags.get("team").map(String::as_str), Some("web"));
    assert!(image.tags.contains_key("sunset:keep") && !image.tags.contains_key("sunset:disabled-at"));
    intents_precede_acts(&world.calls.all());
    // The next run leaves it.
    let functions = world.functions();
    assert_eq!(Run::live(&world, &functions).await.list().await.unwrap()["verdict"], "nothing");
    let again = restore(&world, "live").await;
    assert_eq!(again["outcome"], "already_available", "{again}");
}

#[tokio::test]
async fn an_image_of_the_recycle_bin_comes_back_with_its_snapshots_first() {
    let world = after_a_run(Policy::quick(), one_due().bins_images(7).bins_snapshots(14)).await;
    assert!(!world.has_image(DUE) && !world.has_snapshot(SNAPSHOT));
    assert_eq!(restore(&world, "dry-run").await["outcome"], "would_restore");
    let answer = restore(&world, "live").await;
    assert_eq!(answer["outcome"], "restored_from_recycle_bin", "{answer}");
    assert!(world.has_image(DUE) && world.has_snapshot(SNAPSHOT));
    let restoring = ["ec2:RestoreSnapshotFromRecycleBin", "ec2:RestoreImageFromRecycleBin"];
    let order: Vec<String> =
        world.calls.changing_ec2().into_iter().filter(|it| restoring.contains(&it.as_str())).collect();
    assert_eq!(order, restoring);
    intents_precede_acts(&world.calls.all());
}

#[tokio::test]
async fn what_cannot_come_back_is_said_plainly() {
    for (account, reason) in [
        (one_due(), "not in the Recycle Bin"),
        (one_due().denies("ListImagesInRecycleBin"), "the Recycle Bin could not be read"),
    ] {
        let world = after_a_run(Policy::quick(), account).await;
        let changes = world.calls.changing_ec2();
        let answer = restore(&world, "live").await;
        assert_eq!(answer["outcome"], "not_restorable", "{answer}");
        assert!(answer["reason"].as_str().unwrap().contains(reason), "{answer}");
        assert_eq!(world.calls.changing_ec2(), changes);
    }
    let world = World::of(Account::new(ACCOUNT)).await;
    assert_eq!(restore(&world, "live").await["outcome"], "not_restorable");
    untouched(&world);
}

#[tokio::test]
async fn an_image_that_sunset_never_touched_is_only_enabled() {
    let world = World::of(Account::new(ACCOUNT).image(Image::new(DUE).disabled())).await;
    assert_eq!(restore(&world, "live").await["outcome"], "enabled");
    assert_eq!(world.image_state(DUE).as_deref(), Some("available"));
    let world = World::of(one_due()).await;
    assert_eq!(restore(&world, "live").await["outcome"], "already_available");
    untouched(&world);
}

#[tokio::test]
async fn a_person_may_restore_while_everything_is_paused() {
    let world = after_a_run(Policy::quick().with("GRACE_DAYS", 7), one_due()).await;
    world.ledger.pause().await;
    assert_eq!(restore(&world, "live").await["outcome"], "enabled");
}

#[tokio::test]
async fn an_image_that_was_enabled_by_hand_stays_and_the_report_says_so() {
    let world = after_a_run(Policy::quick().with("GRACE_DAYS", 7), one_due()).await;
    "available".clone_into(&mut world.ec2.account().images.get_mut(DUE).unwrap().state);
    let functions = world.functions();
    let list = Run::live(&world, &functions).await.list().await.unwrap();
    assert_eq!(list["verdict"], "nothing", "{list}");
    assert!(crate::reasons(&world, &list, DUE).await[0].contains("enabled again by somebody"));
}
