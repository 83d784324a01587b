//! One snapshot: record, permit, call, record.

use std::time::Duration;

use sunset_aws::act::{self, SnapshotDeletion, SnapshotRefusal};
use sunset_domain::ids::RunId;
use sunset_domain::ledger::{SnapshotFate, SnapshotOutcome, SnapshotRecord};
use sunset_domain::pending::PendingSnapshot;
use sunset_domain::permit::Permit;
use sunset_domain::policy::{Mode, Policy};
use sunset_domain::reason::Reason;
use sunset_domain::snapshot::{reasons_to_keep, saves_at_most_micro_dollars_a_month};
use sunset_function::{Context, FunctionError};

use crate::candidates::{Candidates, look};

/// EC2 goes on counting an image's reference for a moment after it is deregistered.
const LAG_PAUSES: [Duration; 3] = [Duration::from_millis(500), Duration::from_secs(2), Duration::from_secs(5)];

/// Deletes one snapshot that waits, or keeps it with a reason.
pub async fn delete(
    context: &Context,
    run_id: &RunId,
    policy: &Policy,
    pending: PendingSnapshot,
    candidates: &Candidates,
) -> Result<(), FunctionError> {
    let mut looked;
    let mut candidates = candidates;
    let mut pauses = LAG_PAUSES.iter();
    loop {
        let Some((snapshot, evidence)) = candidates.get(&pending.snapshot_id) else {
            return gone(context, run_id, &pending).await;
        };
        let reasons = reasons_to_keep(snapshot, evidence, &context.account_id, policy.allow_shared, context.now());
        let refusal = if reasons.is_empty() {
            let intended = PendingSnapshot {
                deleting_at: Some(pending.deleting_at.unwrap_or_else(|| context.now())),
                saves_at_most_micro_dollars_a_month: saves_at_most_micro_dollars_a_month(snapshot),
                ..pending.clone()
            };
            let intent = context.ledger.intend_deletion(run_id, &intended).await?;
            let permit = Permit::new(Mode::Live, intent)?;
            match act::delete_snapshot(&permit, &context.clients, &pending.snapshot_id).await? {
                SnapshotDeletion::Deleted => return deleted(context, run_id, &intended, SnapshotFate::Deleted).await,
                SnapshotDeletion::AlreadyGone => return gone(context, run_id, &pending).await,
                SnapshotDeletion::Refused { because, message } => match because {
                    SnapshotRefusal::InUse => Reason::SnapshotInUse { by: vec![message] },
                    SnapshotRefusal::ManagedByBackup => Reason::ManagedBy { service: "AWS Backup".into(), by: message },
                    SnapshotRefusal::Locked => Reason::Locked { state: message },
                    SnapshotRefusal::Protected => Reason::Refused { answer: message },
                },
            }
        } else if only_the_image_itself(&reasons, &pending) {
            Reason::SnapshotInUse { by: vec![pending.image_id.to_string()] }
        } else {
            return kept(context, run_id, pending, &reasons).await;
        };
        // Used, by EC2's count or by its lagging list: count again for a moment, then leave it to the next run.
        match (&refusal, pauses.next()) {
            (Reason::SnapshotInUse { .. }, Some(pause)) => {
                tokio::time::sleep(*pause).await;
                looked = look(context, std::slice::from_ref(&pending.snapshot_id), None).await?;
                candidates = &looked;
            }
            _ => return kept(context, run_id, pending, &[refusal]).await,
        }
    }
}

fn only_the_image_itself(reasons: &[Reason], pending: &PendingSnapshot) -> bool {
    matches!(reasons, [Reason::SnapshotInUse { by }] if matches!(by.as_slice(), [image] if image == pending.image_id.as_str()))
}

/// A snapshot that is gone after its deletion was begun was deleted by Sunset, however the call's answer was lost.
async fn gone(context: &Context, run_id: &RunId, pending: &PendingSnapshot) -> Result<(), FunctionError> {
    // Read again: another delivery may have begun the deletion, or recorded its end, since this one read what waits.
    let waiting = context.ledger.pending(Some(&pending.image_id)).await?;
    match waiting.iter().find(|waiting| waiting.snapshot_id == pending.snapshot_id) {
        None => Ok(()),
        Some(begun) if begun.deleting_at.is_some() => deleted(context, run_id, begun, SnapshotFate::Deleted).await,
        Some(_) => deleted(context, run_id, pending, SnapshotFate::AlreadyGone).await,
    }
}

async fn deleted(
    context: &Context,
    run_id: &RunId,
    pending: &PendingSnapshot,
    fate: SnapshotFate,
) -> Result<(), FunctionError> {
    let record = SnapshotRecord {
        image_id: pending.image_id.clone(),
        result: SnapshotOutcome {
            snapshot_id: pending.snapshot_id.clone(),
            outcome: fate,
            reason: None,
            size_gib: pending.size_gib,
            saves_at_most_micro_dollars_a_month: pending.saves_at_most_micro_dollars_a_month,
        },
        written_at: context.now(),
    };
    context.ledger.deleted(run_id, pending, &record).await?;
    tracing::info!(snapshot_id = %pending.snapshot_id, image_id = %pending.image_id, ?fate, "snapshot");
    Ok(())
}

async fn kept(
    context: &Context,
    run_id: &RunId,
    pending: PendingSnapshot,
    reasons: &[Reason],
) -> Result<(), FunctionError> {
    let reason = reasons.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    tracing::info!(snapshot_id = %pending.snapshot_id, image_id = %pending.image_id, reason, "snapshot kept");
    let record = SnapshotRecord {
        image_id: pending.image_id.clone(),
        result: SnapshotOutcome {
            snapshot_id: pending.snapshot_id.clone(),
            outcome: SnapshotFate::Kept,
            reason: Some(reason),
            size_gib: pending.size_gib,
            saves_at_most_micro_dollars_a_month: 0,
        },
        written_at: context.now(),
    };
    context.ledger.put_snapshot_record(run_id, &record).await?;
    context.ledger.note_kept(&PendingSnapshot { kept_at: Some(context.now()), ..pending }).await?;
    Ok(())
}
