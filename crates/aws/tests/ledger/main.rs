//! The ledger against a DynamoDB that keeps its conditions and transactions.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "helpers of tests are tests")]

mod processes;
mod support;
mod votes;

use aws_sdk_dynamodb::types::AttributeValue;
use sunset_aws::ledger::{Acquired, Guard, LedgerError, LockHolder};
use sunset_domain::coverage::{Baseline, Source};
use sunset_domain::ids::{ImageId, RunId, SnapshotId};
use sunset_domain::image::{BlockDevice, Image, ImageState, Tags};
use sunset_domain::launch_permission::LaunchPermission;
use sunset_domain::ledger::{
    ImageRecord, ImageStatus, ItemError, ItemRecord, Outcome, SnapshotFate, SnapshotOutcome, SnapshotRecord,
};
use sunset_domain::pending::pending_snapshots;
use sunset_domain::permit::StoredIntent;
use sunset_domain::policy::{Mode, Policy};
use sunset_domain::run::RunRecord;
use sunset_domain::time::Timestamp;

use support::ledger;

/// An intent that a test needs no permit from.
fn unused(_: StoredIntent) {}

fn now() -> Timestamp {
    Timestamp::parse("2026-11-20T09:00:00Z").unwrap()
}

fn run_id(text: &str) -> RunId {
    RunId::parse(text).unwrap()
}

fn holder(run: &str) -> LockHolder {
    LockHolder { run_id: run_id(run), execution_arn: format!("arn:{run}"), acquired_at: now() }
}

fn run(id: &str) -> RunRecord {
    RunRecord {
        run_id: run_id(id),
        execution_arn: Some(format!("arn:{id}")),
        mode: Mode::Live,
        policy: Policy { max_share: 0.25, ..Policy::default() },
        started_at: now(),
        result: None,
        closed_at: None,
    }
}

fn image() -> Image {
    Image {
        id: ImageId::parse("ami-1").unwrap(),
        name: "web-1".into(),
        owner_id: None,
        created_at: Some(now()),
        state: ImageState::Available,
        public: false,
        last_launched_at: None,
        deregistration_protection: None,
        instance_store: false,
        product_codes: false,
        tags: Tags::from([("team", "web"), ("empty", "")]),
        block_devices: ["snap-1", "snap-2"]
            .map(|id| BlockDevice {
                device_name: format!("/dev/{id}"),
                snapshot_id: Some(SnapshotId::parse(id).unwrap()),
                size_gib: Some(8),
            })
            .into(),
    }
}

fn intent(status: ImageStatus, run: &str, known: Option<&ImageRecord>) -> ImageRecord {
    let permissions = vec![LaunchPermission::Account("999999999999".into()), LaunchPermission::Everybody];
    ImageRecord::intent(&image(), permissions, known, status, &run_id(run), now())
}

#[tokio::test]
async fn the_lock_has_one_holder_is_taken_over_only_from_the_one_given_up_and_given_back_only_by_its_own() {
    let (ledger, _) = ledger("lock").await;
    assert_eq!(ledger.acquire_lock(&holder("a"), None).await.unwrap(), Acquired::Yes);
    assert_eq!(ledger.acquire_lock(&holder("a"), None).await.unwrap(), Acquired::Yes);
    assert_eq!(ledger.acquire_lock(&holder("b"), None).await.unwrap(), Acquired::HeldBy(holder("a")));
    let stranger = holder("c");
    assert_eq!(ledger.acquire_lock(&holder("b"), Some(&stranger)).await.unwrap(), Acquired::HeldBy(holder("a")));
    assert_eq!(ledger.acquire_lock(&holder("b"), Some(&holder("a"))).await.unwrap(), Acquired::Yes);
    ledger.release_lock(&run_id("a")).await.unwrap();
    assert_eq!(ledger.acquire_lock(&holder("a"), None).await.unwrap(), Acquired::HeldBy(holder("b")));
    ledger.release_lock(&run_id("b")).await.unwrap();
    assert_eq!(ledger.acquire_lock(&holder("a"), None).await.unwrap(), Acquired::Yes);
}

#[tokio::test]
async fn a_tick_is_served_by_one_run_however_often_it_comes() {
    let (ledger, _) = ledger("ticks").await;
    assert_eq!(ledger.claim_tick(now(), &run_id("a")).await.unwrap(), None);
    assert_eq!(ledger.claim_tick(now(), &run_id("a")).await.unwrap(), None);
    assert_eq!(ledger.claim_tick(now(), &run_id("b")).await.unwrap(), Some(run_id("a")));
}

#[tokio::test]
async fn a_run_reads_back_as_it_was_written_and_is_closed_for_good() {
    let (ledger, _) = ledger("runs").await;
    let mut record = run("a");
    assert_eq!(ledger.begin_run(record.clone()).await.unwrap(), record);
    let again = RunRecord { mode: Mode::DryRun, ..record.clone() };
    assert_eq!(ledger.begin_run(again).await.unwrap(), record, "the first record counts");
    record.closed_at = Some(now());
    ledger.update_run(&record).await.unwrap();
    assert_eq!(ledger.run(&run_id("a")).await.unwrap(), Some(record.clone()));
    assert_eq!(ledger.update_run(&record).await, Ok(()), "the same words twice");
    record.closed_at = Some(now().plus_hours(1));
    assert_eq!(ledger.update_run(&record).await, Err(LedgerError::RunClosed { run_id: "a".into() }));
}

#[tokio::test]
async fn an_intent_wants_the_lock_an_open_run_and_no_pause_and_writes_nothing_without_them() {
    let (ledger, dynamodb) = ledger("guard").await;
    let record = intent(ImageStatus::Deregistering, "a", None);
    let pending = pending_snapshots(&image(), &run_id("a"), now());
    let a = run_id("a");
    let intend = || ledger.intend(Guard::Run(&a), &record, &pending);

    assert!(matches!(intend().await, Err(LedgerError::LockLost { .. })));
    ledger.acquire_lock(&holder("a"), None).await.unwrap();
    assert!(matches!(intend().await, Err(LedgerError::RunClosed { .. })), "a run without a record is no open run");
    ledger.begin_run(run("a")).await.unwrap();

    let pause =
        || [("pk", "PAUSE"), ("sk", "META")].map(|(name, text)| (name.to_owned(), AttributeValue::S(text.into())));
    dynamodb.put_item().table_name("guard").set_item(Some(pause().into())).send().await.unwrap();
    assert!(ledger.is_paused().await.unwrap());
    assert!(matches!(intend().await, Err(LedgerError::Paused)));
    assert_eq!(ledger.image(&image().id).await.unwrap(), None);
    assert_eq!(ledger.pending(None).await.unwrap(), []);

    dynamodb.delete_item().table_name("guard").set_key(Some(pause().into())).send().await.unwrap();
    assert!(!ledger.is_paused().await.unwrap());
    unused(intend().await.unwrap());
    assert_eq!(ledger.image(&image().id).await.unwrap(), Some(record.clone()));
    assert_eq!(ledger.pending(Some(&image().id)).await.unwrap(), pending);
    assert!(matches!(intend().await, Err(LedgerError::Conflict { .. })), "the same version twice");
}

#[tokio::test]
async fn what_was_done_is_recorded_with_its_outcome_and_only_over_the_version_it_follows() {
    let (ledger, _) = ledger("done").await;
    ledger.begin_run(run("a")).await.unwrap();
    ledger.acquire_lock(&holder("a"), None).await.unwrap();
    let intended = intent(ImageStatus::Disabling, "a", None);
    unused(ledger.intend(Guard::Run(&run_id("a")), &intended, &[]).await.unwrap());
    let done = intended.done(ImageStatus::Disabled, now());
    let item = ItemRecord { image_id: image().id, outcome: Some(Outcome::Disabled), error: None, written_at: now() };
    ledger.done(&done, Some((&run_id("a"), &item))).await.unwrap();
    assert!(matches!(ledger.done(&done, None).await, Err(LedgerError::Conflict { .. })));
    assert_eq!(ledger.items(&run_id("a")).await.unwrap(), std::slice::from_ref(&item));

    let refusal = ItemRecord {
        outcome: None,
        error: Some(ItemError { name: "Sunset.Stale".into(), message: "late".into() }),
        ..item.clone()
    };
    ledger.put_item_record(&run_id("a"), &refusal).await.unwrap();
    assert_eq!(ledger.item(&run_id("a"), &image().id).await.unwrap(), Some(item), "an outcome stands");
    ledger.put_item_record(&run_id("b"), &refusal).await.unwrap();
    assert_eq!(ledger.item(&run_id("b"), &image().id).await.unwrap(), Some(refusal));
}

#[tokio::test]
async fn a_snapshot_waits_until_it_is_deleted_forgotten_or_its_image_is_back() {
    let (ledger, _) = ledger("pending").await;
    let a = run_id("a");
    ledger.begin_run(run("a")).await.unwrap();
    ledger.acquire_lock(&holder("a"), None).await.unwrap();
    let record = intent(ImageStatus::Deregistering, "a", None);
    let pending = pending_snapshots(&image(), &a, now());
    unused(ledger.intend(Guard::Run(&a), &record, &pending).await.unwrap());

    let mut begun = pending[0].clone();
    begun.deleting_at = Some(now());
    unused(ledger.intend_deletion(&a, &begun).await.unwrap());
    assert_eq!(ledger.pending(None).await.unwrap()[0], begun);
    let gone = SnapshotRecord {
        image_id: image().id,
        result: SnapshotOutcome {
            snapshot_id: begun.snapshot_id.clone(),
            outcome: SnapshotFate::Deleted,
            reason: None,
            size_gib: Some(8),
            saves_at_most_micro_dollars_a_month: 400_000,
        },
        written_at: now(),
    };
    ledger.deleted(&a, &begun, &gone).await.unwrap();
    assert_eq!(ledger.pending(None).await.unwrap(), [pending[1].clone()]);
    assert_eq!(ledger.snapshot_records(&a, Some(&image().id)).await.unwrap(), std::slice::from_ref(&gone));
    assert_eq!(ledger.snapshot_records(&a, None).await.unwrap(), [gone]);
    assert!(matches!(ledger.intend_deletion(&a, &begun).await, Err(LedgerError::Conflict { .. })), "it waits no more");

    let mut anew = pending[1].clone();
    anew.written_at = now().plus_hours(1);
    ledger.forget_pending(&anew).await.unwrap();
    assert_eq!(ledger.pending(None).await.unwrap().len(), 1, "what was written anew is not forgotten");
    let deregistered = record.done(ImageStatus::Deregistered, now());
    ledger.done(&deregistered, None).await.unwrap();
    ledger.restored(&deregistered.done(ImageStatus::Restored, now()), &pending[1..]).await.unwrap();
    assert_eq!(ledger.pending(None).await.unwrap(), []);
}

#[tokio::test]
async fn records_of_hundreds_of_images_are_read_together_and_those_without_one_are_left_out() {
    let (ledger, _) = ledger("many").await;
    let ids: Vec<ImageId> = (0..250).map(|n| ImageId::parse(&format!("ami-{n}")).unwrap()).collect();
    for id in ids.iter().step_by(2) {
        let record = ImageRecord { image_id: id.clone(), ..intent(ImageStatus::Disabling, "a", None) };
        unused(ledger.intend(Guard::Person, &record, &[]).await.unwrap());
    }
    let records = ledger.images(&ids).await.unwrap();
    assert_eq!(records.len(), 125);
    assert!(records.iter().all(|(id, record)| *id == record.image_id));
}

#[tokio::test]
async fn the_baseline_reads_back_and_is_empty_before_the_first() {
    let (ledger, _) = ledger("baseline").await;
    assert_eq!(ledger.baseline().await.unwrap(), Baseline::new());
    let items = Baseline::from([(Source::Instances, 40), (Source::SsmParameters, 2)]);
    ledger.put_baseline(items.clone()).await.unwrap();
    assert_eq!(ledger.baseline().await.unwrap(), items);
}
