//! Snapshots that stay when their image goes, each for a reason that is told.

use serde_json::{Value, json};
use sunset_functions_tests::{ACCOUNT, End, Policy, Run, World};
use sunset_wire::{Account, Image, Snapshot};

use crate::{DUE, SNAPSHOT, due, gone, intents_precede_acts, one_due};

/// Runs, and gives what became of the one image's snapshots.
async fn snapshots_after_a_run(world: &World) -> Vec<Value> {
    let functions = world.functions();
    let run = Run::live(world, &functions).await;
    let (run_id, lines) = run.listed().await;
    assert_eq!(run.delete_image(&lines[0]).await.unwrap()["outcome"], "deregistered");
    let answer = run.delete_snapshot(&lines[0]).await.unwrap();
    let report = run.report(&run_id).await.unwrap();
    assert_eq!(report["counts"]["failed"], 0, "a snapshot that stays fails nothing: {report}");
    run.execution.stop().await;
    intents_precede_acts(&world.calls.all());
    answer["snapshots"].as_array().unwrap().clone()
}

// C161, C164
#[tokio::test]
async fn locked_shared_foreign_managed_and_wanted_snapshots_are_kept_with_their_reason() {
    let cases: [(&str, Snapshot, &str); 8] = [
        ("locked", Snapshot::new(SNAPSHOT).locked(), "locked (governance)"),
        ("shared", Snapshot::new(SNAPSHOT).shared_with("999999999999"), "shared with account 999999999999"),
        ("public", Snapshot::new(SNAPSHOT).public(), "public"),
        (
            "foreign",
            Snapshot::new(SNAPSHOT).owned_by("999999999999").shared_with(ACCOUNT),
            "owned by 999999999999; shared with account 123456789012",
        ),
        ("managed by Backup", Snapshot::new(SNAPSHOT).managed_by_backup(), "managed by AWS Backup"),
        ("tagged by Backup", Snapshot::new(SNAPSHOT).tag("aws:backup:source-resource", "x"), "managed by AWS Backup"),
        (
            "tagged by DLM",
            Snapshot::new(SNAPSHOT).tag("aws:dlm:lifecycle-policy-id", "x"),
            "managed by Data Lifecycle Manager",
        ),
        ("wanted", Snapshot::new(SNAPSHOT).tag("sunset:keep", "audit"), "opted out by tag sunset:keep=audit"),
    ];
    for (what, snapshot, reason) in cases {
        let world = World::of(one_due().snapshot(snapshot)).await;
        let snapshots = snapshots_after_a_run(&world).await;
        assert_eq!(snapshots[0]["outcome"], "kept", "{what}: {snapshots:?}");
        assert!(snapshots[0]["reason"].as_str().unwrap().starts_with(reason), "{what}: {snapshots:?}");
        assert!(!world.has_image(DUE) && world.has_snapshot(SNAPSHOT), "{what}");
    }
}

#[tokio::test]
async fn a_lock_that_cannot_be_read_is_met_by_ec2_itself() {
    let world = World::of(one_due().snapshot(Snapshot::new(SNAPSHOT).locked()).denies("DescribeLockedSnapshots")).await;
    let snapshots = snapshots_after_a_run(&world).await;
    assert_eq!(snapshots[0]["outcome"], "kept", "{snapshots:?}");
    assert!(snapshots[0]["reason"].as_str().unwrap().starts_with("locked"), "{snapshots:?}");
    assert!(world.has_snapshot(SNAPSHOT));
}

#[tokio::test]
async fn one_snapshot_that_stays_does_not_hold_its_neighbours() {
    let account = Account::new(ACCOUNT)
        .image(Image::new(DUE).named("due").snapshots(["snap-0a", "snap-0b", "snap-0c"]).ephemeral())
        .snapshot(Snapshot::new("snap-0b").locked());
    let world = World::of(account).await;
    let outcomes: Vec<_> = snapshots_after_a_run(&world).await.iter().map(|it| it["outcome"].clone()).collect();
    assert_eq!(outcomes, ["deleted", "kept", "deleted"]);
    assert!(!world.has_snapshot("snap-0a") && world.has_snapshot("snap-0b") && !world.has_snapshot("snap-0c"));
}

// C164
#[tokio::test]
async fn the_last_image_out_frees_a_shared_snapshot() {
    let other = Image::new("ami-0young").named("young").aged_hours(50).snapshots([SNAPSHOT]);
    let world = World::of(one_due().image(other)).await;
    let snapshots = snapshots_after_a_run(&world).await;
    assert_eq!(snapshots[0]["outcome"], "kept", "{snapshots:?}");
    assert_eq!(snapshots[0]["reason"], "still used by ami-0young");
    // The other image comes of age.
    world.ec2.account().images.get_mut("ami-0young").unwrap().created -= time::Duration::hours(100);
    Run::live(&world, &world.functions()).await.to_end().await.report();
    gone(&world);
    assert!(!world.has_image("ami-0young"));
}

#[tokio::test]
async fn a_snapshot_that_was_kept_is_looked_at_again_after_a_day_and_not_before() {
    let world = World::of(one_due().snapshot(Snapshot::new(SNAPSHOT).locked())).await;
    assert_eq!(snapshots_after_a_run(&world).await[0]["outcome"], "kept");
    world.ec2.account().snapshots.get_mut(SNAPSHOT).unwrap().lock = None;
    let functions = world.functions();
    let End::Done { list, .. } = Run::live(&world, &functions).await.to_end().await else { panic!("a run") };
    assert_eq!((&list["verdict"], &list["counts"]["drain"]), (&json!("nothing"), &json!(0)), "{list}");

    world.ledger.set("PENDING#snapshots", &format!("{DUE}#{SNAPSHOT}"), "kept_at", json!("2026-01-01T00:00:00Z")).await;
    let report = Run::live(&world, &functions).await.to_end().await.report();
    assert_eq!(report["counts"]["snapshots_deleted"], 1, "{report}");
    gone(&world);
}

#[tokio::test]
async fn only_what_the_ledger_recorded_is_deleted_whatever_the_event_names() {
    let account = one_due().snapshot(Snapshot::new("snap-0precious"));
    let world = World::of(account).await;
    let functions = world.functions();
    let run = Run::live(&world, &functions).await;
    let (_, lines) = run.listed().await;
    let mut forged = lines[0].clone();
    forged["BlockDeviceMappings"] = json!([{"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": "snap-0precious"}}]);
    // Before the image is gone nothing is recorded, so that nothing goes.
    assert_eq!(run.delete_snapshot(&forged).await.unwrap()["snapshots"], json!([]));
    assert!(world.has_snapshot("snap-0precious") && world.has_snapshot(SNAPSHOT));
    run.delete_image(&forged).await.unwrap();
    let answer = run.delete_snapshot(&forged).await.unwrap();
    assert_eq!(answer["snapshots"][0]["snapshot_id"], SNAPSHOT, "{answer}");
    assert!(world.has_snapshot("snap-0precious"), "an event deleted what no image held");
    gone(&world);
}

#[tokio::test]
async fn a_run_with_allow_shared_deletes_shared_snapshots_and_never_public_ones() {
    let policy = Policy::quick().with("ALLOW_SHARED", true);
    for (snapshot, stays) in
        [(Snapshot::new(SNAPSHOT).shared_with("999999999999"), false), (Snapshot::new(SNAPSHOT).public(), true)]
    {
        let world = World::under(policy.clone(), Account::new(ACCOUNT).image(due()).snapshot(snapshot)).await;
        snapshots_after_a_run(&world).await;
        assert_eq!(world.has_snapshot(SNAPSHOT), stays);
    }
}
