//! What holds after every story, wherever it was cut: the ledger tells what the account shows.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use sunset_functions_tests::{End, World};

use crate::Then;

/// What the ledger holds of all runs.
struct Told {
    items: Vec<Value>,
}

impl Told {
    fn of_runs<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = (&'a str, &'a Value)> {
        self.items.iter().filter_map(move |item| {
            let run = item["pk"].as_str()?.strip_prefix("RUN#")?;
            item["sk"].as_str()?.starts_with(kind).then_some((run, item))
        })
    }

    /// How often each image came to an outcome, over all runs.
    fn images(&self, outcome: &str) -> BTreeMap<&str, usize> {
        let with = |item: &&Value| item["outcome"] == outcome;
        counted(self.of_runs("IMAGE#").map(|(_, item)| item).filter(with).map(|item| &item["image_id"]))
    }

    /// How often each snapshot came to an outcome, over all runs.
    fn snapshots(&self, outcome: &str) -> BTreeMap<&str, usize> {
        let with = |item: &&Value| item["result"]["outcome"] == outcome;
        counted(self.of_runs("SNAPSHOT#").map(|(_, item)| item).filter(with).map(|item| &item["result"]["snapshot_id"]))
    }

    fn pk(&self, pk: &str) -> impl Iterator<Item = &Value> {
        self.items.iter().filter(move |item| item["pk"] == pk)
    }
}

fn counted<'a>(ids: impl Iterator<Item = &'a Value>) -> BTreeMap<&'a str, usize> {
    let mut counts = BTreeMap::new();
    for id in ids {
        *counts.entry(id.as_str().unwrap()).or_default() += 1;
    }
    counts
}

pub async fn settled(world: &World, then: Then, end: &End, told: &str) {
    let ledger = Told { items: world.ledger.items().await };
    nothing_waits_for_long(&ledger, told);
    gone_is_recorded_once(world, &ledger, told);
    reports_count_what_the_ledger_holds(world, &ledger, told).await;
    if then == Then::Retry {
        all_acts_are_in_one_report(world, end, told).await;
    }
}

/// The lock is free, and a snapshot waits only where it was kept for a reason.
fn nothing_waits_for_long(ledger: &Told, told: &str) {
    assert_eq!(ledger.pk("LOCK#ami-cleanup").count(), 0, "the lock is still held: {told}");
    let waiting: Vec<_> = ledger.pk("PENDING#snapshots").filter(|it| it["kept_at"].is_null()).collect();
    assert!(waiting.is_empty(), "{waiting:?} wait for nobody: {told}");
}

/// Each destruction is recorded by one run, and each thing that is gone was.
fn gone_is_recorded_once(world: &World, ledger: &Told, told: &str) {
    let account = world.ec2.account();
    let (deregistered, already_gone) = (ledger.images("deregistered"), ledger.images("already_gone"));
    let (deleted, were_gone) = (ledger.snapshots("deleted"), ledger.snapshots("already_gone"));
    for (id, times) in deregistered.iter().chain(&deleted).chain(&ledger.images("disabled")) {
        assert_eq!(*times, 1, "{id} was recorded {times} times: {told}");
    }
    for id in account.deregistered.keys().map(String::as_str) {
        assert!(deregistered.contains_key(id) || already_gone.contains_key(id), "{id} went unrecorded: {told}");
        let record = ledger.pk(&format!("IMAGE#{id}")).next().unwrap_or_else(|| panic!("{id} has no record: {told}"));
        assert_eq!(record["status"], "deregistered", "{told}");
    }
    for id in deregistered.keys().chain(already_gone.keys()) {
        assert!(!account.has_image(id), "{id} is recorded as gone and is not: {told}");
    }
    let gone: BTreeSet<&str> = world
        .calls
        .of("ec2:DeleteSnapshot")
        .iter()
        .filter_map(|call| call.text("SnapshotId"))
        .filter(|id| !account.has_snapshot(id))
        .map(|id| {
            *deleted
                .keys()
                .chain(were_gone.keys())
                .find(|it| **it == id)
                .unwrap_or_else(|| panic!("{id} went unrecorded: {told}"))
        })
        .collect();
    assert_eq!(deleted.keys().copied().collect::<BTreeSet<_>>(), gone, "{told}");
    for id in deleted.keys() {
        assert!(!account.has_snapshot(id), "{id} is recorded as deleted and is not: {told}");
    }
}

async fn summary(world: &World, run: &str) -> Value {
    serde_json::from_str(&world.aws().object(&format!("runs/{run}/summary.json")).await).unwrap()
}

/// The summary of each run that reported is the count of that run's own records.
async fn reports_count_what_the_ledger_holds(world: &World, ledger: &Told, told: &str) {
    let reported: BTreeSet<String> = ledger
        .of_runs("META")
        .filter(|(_, run)| run["closed_at"].is_string() && run["result"]["verdict"] == "proceed")
        .map(|(id, _)| id.to_owned())
        .collect();
    for run in &reported {
        let counts = summary(world, run).await["counts"].clone();
        let items = |kind: &str, field: &str, outcome: &str| {
            let of_run = ledger.of_runs(kind).filter(|(id, _)| id == run);
            of_run.filter(|(_, item)| item.pointer(field).is_some_and(|it| it == outcome)).count()
        };
        for outcome in ["disabled", "deregistered", "already_gone", "already_disabled"] {
            assert_eq!(counts[outcome], items("IMAGE#", "/outcome", outcome), "{outcome} in {counts}: {told}");
        }
        for (count, outcome) in
            [("snapshots_deleted", "deleted"), ("snapshots_already_gone", "already_gone"), ("snapshots_kept", "kept")]
        {
            assert_eq!(counts[count], items("SNAPSHOT#", "/result/outcome", outcome), "{count} in {counts}: {told}");
        }
        assert_eq!(counts["failed"], 0, "{told}");
    }
}

/// Called again until it is done, one run did everything, and its report says so.
async fn all_acts_are_in_one_report(world: &World, end: &End, told: &str) {
    let End::Done { list, report: Some(report), .. } = end else { panic!("there is no report: {told}") };
    let counts = summary(world, list["run_id"].as_str().unwrap()).await["counts"].clone();
    assert_eq!(report["counts"], counts, "the answer and the document differ: {told}");
    let number = |name: &str| counts[name].as_u64().unwrap() as usize;
    let account = world.ec2.account();
    assert_eq!(number("deregistered") + number("already_gone"), account.deregistered.len(), "{counts}: {told}");
    let deleted: BTreeSet<_> = world
        .calls
        .of("ec2:DeleteSnapshot")
        .iter()
        .filter_map(|call| call.text("SnapshotId").map(str::to_owned))
        .collect();
    assert_eq!(number("snapshots_deleted") + number("snapshots_already_gone"), deleted.len(), "{counts}: {told}");
}
