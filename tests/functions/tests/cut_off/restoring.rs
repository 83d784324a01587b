//! Restore, cut at every call: the image comes back whole, and half-way back nothing that undo needs is lost.

use serde_json::{Value, json};
use sunset_functions_tests::{ACCOUNT, End, Function, Policy, Run, World, intents_precede_acts};
use sunset_wire::{Account, Cut, Cutter, Image, LaunchPermission};

use crate::stories::PARTNER;
use crate::{Then, by_hand};

const ID: &str = "ami-0missed";

fn account() -> Account {
    let missed = Image::new(ID).named("missed").tag("team", "web").shared_with(PARTNER).snapshots(["snap-0missed"]);
    Account::new(ACCOUNT).image(missed)
}

/// Cuts a restore at each call, and afterwards restores again; in between there may be a run.
async fn cut_at_every_call(policy: Policy, account: Account, cut: Cut, then: Then) {
    for n in 0.. {
        let world = World::under(policy.clone(), account.clone()).await;
        let report = Run::live(&world, &world.functions()).await.to_end().await.report();
        assert_eq!(
            report["counts"]["disabled"].as_u64().max(report["counts"]["deregistered"].as_u64()),
            Some(1),
            "{report}"
        );

        let cutter = Cutter::at(n, cut);
        let functions = world.functions_cut_by(&cutter);
        let event = json!({"schema": 1, "image_id": ID, "mode": "live"});
        if then == Then::NextRun {
            let answer = functions.invoke(Function::Restore, event.clone()).await;
            assert_eq!(answer.is_err(), cutter.reached(), "{cut:?} {n}: {answer:?}");
            let end = Run::live(&world, &functions).await.to_end().await;
            assert!(matches!(end, End::Done { .. }), "{cut:?} {n}: {end:?}");
        }
        let answer = by_hand(&functions, &event).await;
        let told = format!("{cut:?} call {n} of {:#?}, then {then:?}: {answer}", cutter.journal());
        intents_precede_acts(&world.calls.all());
        is_back_whole(&world, &told).await;
        if !cutter.reached() {
            assert!(n >= 4, "too little was cut: {told}");
            return;
        }
    }
}

async fn is_back_whole(world: &World, told: &str) {
    let image = world.ec2.account().images.get(ID).cloned().unwrap_or_else(|| panic!("it is not back: {told}"));
    assert_eq!(image.state, "available", "{told}");
    assert_eq!(image.launch_permissions, [LaunchPermission::User(PARTNER.to_owned())], "{told}");
    let mut tags: Vec<&str> = image.tags.keys().map(String::as_str).collect();
    tags.sort_unstable();
    assert_eq!(tags, ["sunset:keep", "team"], "{told}");
    assert!(world.has_snapshot("snap-0missed"), "{told}");
    let record = world.ledger.item(&format!("IMAGE#{ID}"), "META").await.unwrap();
    assert_eq!((&record["status"], &record["disabled_at"]), (&json!("restored"), &Value::Null), "{record}: {told}");
    assert_eq!(world.ledger.partition("PENDING#snapshots").await, [Value::Null; 0], "{told}");
}

#[tokio::test]
async fn a_disabled_image_comes_back_with_its_launch_permissions_and_tags() {
    let policy = Policy::quick().with("GRACE_DAYS", 7).with("ALLOW_SHARED", true);
    for cut in [Cut::Before, Cut::After, Cut::Twice] {
        cut_at_every_call(policy.clone(), account(), cut, Then::Retry).await;
    }
}

#[tokio::test]
async fn a_half_restored_image_keeps_what_undo_needs_through_the_next_run() {
    let policy = Policy::quick().with("GRACE_DAYS", 7).with("ALLOW_SHARED", true);
    for cut in [Cut::Before, Cut::After] {
        cut_at_every_call(policy.clone(), account(), cut, Then::NextRun).await;
    }
}

#[tokio::test]
async fn a_deregistered_image_comes_back_from_the_recycle_bin() {
    let policy = Policy::quick().with("ALLOW_SHARED", true);
    for (cut, then) in [
        (Cut::Before, Then::Retry),
        (Cut::After, Then::Retry),
        (Cut::Twice, Then::Retry),
        (Cut::Before, Then::NextRun),
        (Cut::After, Then::NextRun),
    ] {
        cut_at_every_call(policy.clone(), account().bins_images(7).bins_snapshots(14), cut, then).await;
    }
}
