//! Making and deleting a snapshot.

use aws_sdk_ec2::types::{Snapshot, SnapshotState};
use sunset_domain::ids::{SnapshotId, VolumeId};
use sunset_domain::permit::Permit;

use super::tags::of_backup;
use super::view::{done, gives, impossible, not_done, under_way};
use super::{Acted, StepCall, StepView};
use crate::act::{self, ActError, Permission, SnapshotDeletion};
use crate::clients::Clients;
use crate::documents::snapshots;
use crate::error::AwsError;

/// Of several that the step made, the furthest counts, and of those the first.
pub(super) async fn look_created(
    clients: &Clients,
    call: &StepCall,
    volume_id: &VolumeId,
) -> Result<StepView, AwsError> {
    let (made, outcome) = snapshots::made_by(clients, call.process_id.as_str(), call.step.as_str()).await;
    outcome?;
    let made = made.iter().filter(|snapshot| snapshot.volume_id() == Some(volume_id.as_str()));
    let began = |snapshot: &Snapshot| snapshot.start_time().map(|time| time.as_nanos());
    let best = made.min_by_key(|snapshot| (rank(snapshot), began(snapshot), snapshot.snapshot_id().map(str::to_owned)));
    let Some(snapshot) = best else {
        return Ok(not_done("not made"));
    };
    let id = snapshot.snapshot_id().unwrap_or_default();
    Ok(match rank(snapshot) {
        0 => gives("snapshot_id", id),
        1 => under_way(format!(
            "pending as {id}{}",
            snapshot.progress().map(|progress| format!(" ({progress})")).unwrap_or_default()
        )),
        _ => impossible(failed(id, snapshot)),
    })
}

fn rank(snapshot: &Snapshot) -> u8 {
    match snapshot.state() {
        Some(SnapshotState::Completed) => 0,
        Some(SnapshotState::Pending) => 1,
        _ => 2,
    }
}

/// What EC2 says of a snapshot that came to nothing.
pub(super) fn failed(id: &str, snapshot: &Snapshot) -> String {
    let said = snapshot.state_message().filter(|message| !message.is_empty());
    let said = said.map(|message| format!(": {message}")).unwrap_or_default();
    format!("snapshot {id} is {}{said}", snapshots::state(snapshot))
}

pub(super) async fn look_deleted(clients: &Clients, id: &SnapshotId) -> Result<StepView, AwsError> {
    let snapshot = snapshots::by_id(clients, id.as_str()).await?;
    Ok(snapshot.map_or_else(done, |snapshot| not_done(snapshots::state(&snapshot))))
}

pub(super) async fn create(
    permit: &Permit,
    clients: &Clients,
    call: &StepCall,
    volume_id: &VolumeId,
) -> Result<Acted, ActError> {
    let id = act::create_snapshot(permit, clients, volume_id, &description(call), &tags(call, volume_id)).await?;
    Ok(Acted::gives("snapshot_id", id.as_str()))
}

pub(super) async fn would_create(clients: &Clients, call: &StepCall, volume_id: &VolumeId) -> Permission {
    act::would_create_snapshot(clients, volume_id, &description(call), &tags(call, volume_id)).await
}

pub(super) async fn delete(permit: &Permit, clients: &Clients, id: &SnapshotId) -> Result<Acted, ActError> {
    let kept = match act::delete_snapshot(permit, clients, id).await? {
        SnapshotDeletion::Deleted | SnapshotDeletion::AlreadyGone => None,
        SnapshotDeletion::Refused { message, .. } => Some(format!("snapshot {id} stays: {message}")),
    };
    Ok(Acted { kept, ..Acted::default() })
}

fn description(call: &StepCall) -> String {
    format!("Made by Sunset process {} in step {}", call.process_id, call.step)
}

fn tags(call: &StepCall, volume_id: &VolumeId) -> sunset_domain::tags::Tags {
    of_backup(call, &format!("backup of {volume_id}"))
}
