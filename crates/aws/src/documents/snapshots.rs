//! Snapshots, whole.

use aws_sdk_ec2::types::{Snapshot, SnapshotState};

use super::{PROCESS_TAG, STEP_TAG, filter, one};
use crate::account::pages::{Read, read_all};
use crate::clients::Clients;
use crate::error::AwsError;

pub(crate) const OPERATION: &str = "DescribeSnapshots";

/// The snapshot of this id.
pub(crate) async fn by_id(clients: &Clients, id: &str) -> Result<Option<Snapshot>, AwsError> {
    let read = read_all(OPERATION, async |token| {
        let page = clients
            .ec2()
            .describe_snapshots()
            .snapshot_ids(id)
            .set_next_token(token)
            .send()
            .await
            .map_err(|error| AwsError::of(OPERATION, &error))?;
        Ok((page.snapshots.unwrap_or_default(), page.next_token))
    })
    .await;
    one(OPERATION, id, read, |document| document.snapshot_id())
}

/// The account's snapshots that a step of a process made.
pub(crate) async fn made_by(clients: &Clients, process_id: &str, step: &str) -> Read<Snapshot> {
    let (mut snapshots, outcome) = read_all(OPERATION, async |token| {
        let page = clients
            .ec2()
            .describe_snapshots()
            .owner_ids("self")
            .filters(filter(&format!("tag:{PROCESS_TAG}"), process_id))
            .filters(filter(&format!("tag:{STEP_TAG}"), step))
            .max_results(1000)
            .set_next_token(token)
            .send()
            .await
            .map_err(|error| AwsError::of(OPERATION, &error))?;
        Ok((page.snapshots.unwrap_or_default(), page.next_token))
    })
    .await;
    let tagged = |snapshot: &Snapshot, key, value| {
        snapshot.tags().iter().any(|tag| tag.key() == Some(key) && tag.value() == Some(value))
    };
    snapshots.retain(|snapshot| tagged(snapshot, PROCESS_TAG, process_id) && tagged(snapshot, STEP_TAG, step));
    (snapshots, outcome)
}

/// A snapshot's state, in EC2's word.
pub(crate) fn state(snapshot: &Snapshot) -> &str {
    snapshot.state().map_or("unknown", SnapshotState::as_str)
}
