//! The two steps out, on moto.

use serde_json::json;
use sunset_local::image_id;
use sunset_workflows::Seen;

use crate::moto_account::moto;

fn snapshots_of(account: &Seen, names: [&str; 2]) -> [String; 2] {
    names.map(|name| account.images[name].snapshot_ids[0].clone())
}

#[test]
fn a_live_run_disables_and_a_run_after_the_grace_deregisters_and_deletes_the_snapshots() {
    let stage = moto();
    let before = Seen::now(&stage);
    let doomed = ["grace-1", "grace-2"];
    let snapshots = snapshots_of(&before, doomed);
    let input = json!({"include_names": ["grace-*"], "grace_days": 7});

    let run = stage.live(&input).succeeded();
    assert_eq!(["disabled", "deregistered", "failed"].map(|what| run.count(what)), [2, 0, 0]);
    let after = Seen::now(&stage);
    assert_eq!(doomed.map(|name| after.state(name)), [Some("disabled"); 2]);
    assert_eq!(after.snapshots, before.snapshots, "a disabled image keeps its snapshots");
    assert!(doomed.iter().all(|name| after.images[*name].tags.contains_key("sunset:disabled-at")));

    let again = stage.live(&input).succeeded().with_verdict("nothing");
    assert_eq!(stage.reasons(&again, &image_id("grace-1")), ["in_grace"], "within its grace");

    doomed.iter().for_each(|name| stage.disabled_days_ago(&image_id(name), 8));
    let last = stage.live(&input).succeeded();
    assert_eq!(["deregistered", "snapshots_deleted", "failed"].map(|what| last.count(what)), [2, 2, 0]);
    let gone = Seen::now(&stage);
    assert_eq!(doomed.map(|name| gone.state(name)), [None; 2]);
    assert!(!snapshots.iter().any(|id| gone.has_snapshot(id)), "{:?}", gone.snapshots);
    assert_eq!((before.images.len() - gone.images.len(), before.snapshots.len() - gone.snapshots.len()), (2, 2));
    assert!(stage.items_of("PENDING#").is_empty() && stage.items_of("LOCK#").is_empty());
}

#[test]
fn without_grace_a_live_run_deregisters_at_once_and_the_next_one_finds_nothing() {
    let stage = moto();
    let before = Seen::now(&stage);
    let doomed = ["at-once-1", "at-once-2"];
    let snapshots = snapshots_of(&before, doomed);
    let input = json!({"include_names": ["at-once-*"]});

    let run = stage.live(&input).succeeded();
    assert_eq!(["deregistered", "snapshots_deleted", "failed"].map(|what| run.count(what)), [2, 2, 0]);
    let after = Seen::now(&stage);
    assert_eq!(doomed.map(|name| after.state(name)), [None; 2]);
    assert!(!snapshots.iter().any(|id| after.has_snapshot(id)), "{:?}", after.snapshots);
    assert_eq!(["at-once-newest", "at-once-kept"].map(|name| after.state(name)), [Some("available"); 2]);
    assert_eq!(before.images.len() - after.images.len(), 2);

    let again = stage.live(&input).succeeded().with_verdict("nothing");
    assert_eq!((again.count("due"), again.reason()), (0, "nothing is due"));
    assert_eq!(Seen::now(&stage), after);
}
