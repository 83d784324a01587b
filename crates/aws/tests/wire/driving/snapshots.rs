use serde_json::json;
use sunset_aws::driver::{ActError, Acted, StepCall, StepView, look};
use sunset_domain::runbook::action::Action;
use sunset_wire::{Fault, Image, Snapshot, Spoilt, Volume, When};

use super::{OTHER_PROCESS, PROCESS, code, done, gives, go, impossible, not_done, step, view};
use crate::support::{account, serve};

fn create() -> StepCall {
    step(Action::CreateSnapshot, json!({"volume_id": "vol-1"}))
}

fn failed(id: &str) -> String {
    format!("snapshot {id} is error: The snapshot could not be completed")
}

#[tokio::test]
async fn a_snapshot_is_made_with_its_tags_and_found_by_them() {
    let (ec2, clients) = serve(account().volume(Volume::new("vol-1")).snapshots_complete_after(1)).await;
    assert_eq!(view(&clients, &create()).await, not_done("not made"));
    let acted = go(&clients, &create()).await.unwrap();
    let id = acted.outputs["snapshot_id"].as_str().unwrap().to_owned();
    match view(&clients, &create()).await {
        StepView::UnderWay { now } => {
            assert!(now.starts_with(&format!("pending as {id}")), "{now}")
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(view(&clients, &create()).await, gives("snapshot_id", &id));
    let tags = ec2.account().snapshots[&id].tags.clone();
    assert_eq!(tags["sunset:process"], PROCESS);
    assert_eq!(tags["sunset:step"], "the-step");
    assert_eq!(tags["sunset:keep-until"], "2027-03-01T00:00:00Z");
    assert_eq!(tags["Name"], "backup of vol-1");
}

#[tokio::test]
async fn a_snapshot_of_another_volume_step_or_process_is_not_this_ones() {
    let mine =
        |id: &str| Snapshot::new(id).of_volume("vol-1").tag("sunset:process", PROCESS).tag("sunset:step", "the-step");
    let account = account()
        .volume(Volume::new("vol-1"))
        .snapshot(mine("snap-1").of_volume("vol-2"))
        .snapshot(mine("snap-2").tag("sunset:step", "another"))
        .snapshot(mine("snap-3").tag("sunset:process", OTHER_PROCESS))
        .snapshot(mine("snap-4").owned_by("999999999999"));
    let (ec2, clients) = serve(account).await;
    assert_eq!(view(&clients, &create()).await, not_done("not made"));
    // Of several the furthest counts.
    ec2.account().add_snapshot(mine("snap-5").in_state("error"));
    assert_eq!(view(&clients, &create()).await, impossible(&failed("snap-5")));
    ec2.account().add_snapshot(mine("snap-6").in_state("pending"));
    assert!(matches!(view(&clients, &create()).await, StepView::UnderWay { .. }));
    ec2.account().add_snapshot(mine("snap-7"));
    assert_eq!(view(&clients, &create()).await, gives("snapshot_id", "snap-7"));
}

#[tokio::test]
async fn snapshots_that_could_not_be_read_to_the_last_page_are_not_none() {
    let (ec2, clients) = serve(account().volume(Volume::new("vol-1"))).await;
    go(&clients, &create()).await.unwrap();
    ec2.pages_at_most("DescribeSnapshots", 0);
    assert!(look(&clients, &create()).await.is_err());
}

#[tokio::test]
async fn a_snapshot_that_came_to_nothing_says_why() {
    let account = account().volume(Volume::new("vol-1")).spoils_backups_of("vol-1", Spoilt::Error);
    let (_ec2, clients) = serve(account).await;
    let id = go(&clients, &create()).await.unwrap().outputs["snapshot_id"].as_str().unwrap().to_owned();
    assert_eq!(view(&clients, &create()).await, impossible(&failed(&id)));
}

#[tokio::test]
async fn too_many_snapshots_of_a_volume_at_once_is_throttling() {
    let (ec2, clients) = serve(account().volume(Volume::new("vol-1"))).await;
    let rate = Fault::error(400, "SnapshotCreationPerVolumeRateExceeded", "wait");
    ec2.faults().add("CreateSnapshot", When::Nth(1), rate);
    match go(&clients, &create()).await {
        Err(ActError::Aws(error)) => assert!(!error.is_final()),
        other => panic!("{other:?}"),
    }
    assert_eq!(ec2.count("CreateSnapshot"), 1);
}

#[tokio::test]
async fn a_snapshot_is_deleted_and_gone_before_is_gone() {
    let (_ec2, clients) = serve(account().snapshot(Snapshot::new("snap-1"))).await;
    let delete = step(Action::DeleteSnapshot, json!({"snapshot_id": "snap-1"}));
    assert_eq!(view(&clients, &delete).await, not_done("completed"));
    assert_eq!(go(&clients, &delete).await, Ok(Acted::default()));
    assert_eq!(view(&clients, &delete).await, done());
    assert_eq!(go(&clients, &delete).await, Ok(Acted::default()));
}

#[tokio::test]
async fn a_snapshot_that_ec2_keeps_for_a_reason_is_kept_and_no_error() {
    let account = account()
        .image(Image::new("ami-1").snapshots(["snap-1"]))
        .snapshot(Snapshot::new("snap-2").locked())
        .snapshot(Snapshot::new("snap-3").managed_by_backup())
        .snapshot(Snapshot::new("snap-4"));
    let (ec2, clients) = serve(account).await;
    for (id, says) in [("snap-1", "ami-1"), ("snap-2", "locked"), ("snap-3", "AWS Backup")] {
        let delete = step(Action::DeleteSnapshot, json!({"snapshot_id": id}));
        let kept = go(&clients, &delete).await.unwrap().kept.unwrap();
        assert!(kept.starts_with(&format!("snapshot {id} stays: ")) && kept.contains(says), "{kept}");
        assert!(ec2.account().has_snapshot(id));
    }
    ec2.faults().add("DeleteSnapshot", When::Every, Fault::error(400, "InvalidParameterValue", "something else"));
    let delete = step(Action::DeleteSnapshot, json!({"snapshot_id": "snap-4"}));
    assert_eq!(code(go(&clients, &delete).await), "InvalidParameterValue");
}
