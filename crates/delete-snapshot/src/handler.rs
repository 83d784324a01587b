//! One event: an image that is gone, and what of its snapshots goes with it.

use serde_json::{Value, json};
use sunset_aws::act::{self, Permission};
use sunset_domain::ids::SnapshotId;
use sunset_domain::ledger::{SnapshotFate, SnapshotOutcome, SnapshotRecord};
use sunset_domain::line::{ImageLine, LineAction};
use sunset_domain::pending::PendingSnapshot;
use sunset_domain::policy::{Mode, Policy};
use sunset_domain::run::RunRecord;
use sunset_domain::snapshot::{reasons_to_keep, saves_at_most_micro_dollars_a_month};
use sunset_function::{Context, FunctionError};

use crate::candidates::look;
use crate::deletion::delete;

/// Handles one event.
pub async fn handle(context: &Context, event: Value) -> Result<Value, FunctionError> {
    let line = ImageLine::parse(event)?;
    let run = match &line.chosen {
        Some(chosen) => Some(context.open_run(&chosen.run_id).await?),
        None => None,
    };
    let snapshots = match &run {
        Some(run) if run.mode == Mode::Live => live(context, run, &line).await?,
        _ => would(context, run.as_ref(), &line).await?,
    };
    Ok(json!({
        "run_id": run.map(|run| run.run_id),
        "image_id": line.image_id,
        "snapshots": snapshots,
    }))
}

/// Only what `deregister` wrote down before the image went may go: the event's own list is never acted on.
async fn live(context: &Context, run: &RunRecord, line: &ImageLine) -> Result<Vec<SnapshotOutcome>, FunctionError> {
    let pending = context.ledger.pending(Some(&line.image_id)).await?;
    let ids: Vec<SnapshotId> = pending.iter().map(|pending| pending.snapshot_id.clone()).collect();
    let candidates = look(context, &ids, None).await?;
    let mut failed = None;
    for pending in pending {
        // One that fails for ever must not hold back the others, in this run and in every one after it.
        if let Err(error) = delete(context, &run.run_id, &run.policy, pending.clone(), &candidates).await {
            note_failure(context, run, &pending, &error).await;
            failed.get_or_insert(error);
        }
    }
    if let Some(error) = failed {
        return Err(error);
    }
    let records = context.ledger.snapshot_records(&run.run_id, Some(&line.image_id)).await?;
    Ok(records.into_iter().map(|record| record.result).collect())
}

/// Leaves a failure for the report. The failure itself is what is answered, also where this cannot be written.
async fn note_failure(context: &Context, run: &RunRecord, pending: &PendingSnapshot, error: &FunctionError) {
    let record = SnapshotRecord {
        image_id: pending.image_id.clone(),
        result: SnapshotOutcome {
            snapshot_id: pending.snapshot_id.clone(),
            outcome: SnapshotFate::Failed,
            reason: Some(format!("{}: {error}", error.name())),
            size_gib: pending.size_gib,
            saves_at_most_micro_dollars_a_month: 0,
        },
        written_at: context.now(),
    };
    if let Err(unwritten) = context.ledger.put_snapshot_record(&run.run_id, &record).await {
        tracing::warn!(snapshot_id = %pending.snapshot_id, error = %unwritten, "the failure could not be recorded");
    }
}

/// What a live run would meet where EC2 does not say that it would delete a snapshot.
fn obstacle(permission: &Permission) -> Option<String> {
    match permission {
        Permission::Granted => None,
        Permission::Denied => Some("the role holds no right to delete it; AllowLive=true grants it".into()),
        Permission::Unknown(answer) => Some(format!("EC2 does not say whether it would delete it: {answer}")),
    }
}

/// A dry run: as if the image were gone. EC2 is asked whether it would delete, and nothing else happens.
async fn would(
    context: &Context,
    run: Option<&RunRecord>,
    line: &ImageLine,
) -> Result<Vec<SnapshotOutcome>, FunctionError> {
    let drains = line.chosen.as_ref().is_some_and(|chosen| chosen.action == LineAction::Drain);
    let ids = if drains {
        let pending = context.ledger.pending(Some(&line.image_id)).await?;
        pending.into_iter().map(|pending| pending.snapshot_id).collect()
    } else {
        line.snapshot_ids()
    };
    let candidates = look(context, &ids, Some(&line.image_id)).await?;
    let policy: &Policy = run.map_or(&context.policy, |run| &run.policy);
    let mut outcomes = Vec::new();
    for snapshot_id in ids {
        let outcome = match candidates.get(&snapshot_id) {
            None => SnapshotOutcome {
                snapshot_id,
                outcome: SnapshotFate::AlreadyGone,
                reason: None,
                size_gib: None,
                saves_at_most_micro_dollars_a_month: 0,
            },
            Some((snapshot, evidence)) => {
                let reasons =
                    reasons_to_keep(snapshot, evidence, &context.account_id, policy.allow_shared, context.now());
                let goes = reasons.is_empty();
                let reason = if goes {
                    obstacle(&act::would_delete_snapshot(&context.clients, &snapshot_id).await)
                } else {
                    Some(reasons.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
                };
                SnapshotOutcome {
                    snapshot_id,
                    outcome: if goes { SnapshotFate::WouldDelete } else { SnapshotFate::Kept },
                    reason,
                    size_gib: snapshot.size_gib,
                    saves_at_most_micro_dollars_a_month: if goes {
                        saves_at_most_micro_dollars_a_month(snapshot)
                    } else {
                        0
                    },
                }
            }
        };
        if let Some(run) = run {
            let record =
                SnapshotRecord { image_id: line.image_id.clone(), result: outcome.clone(), written_at: context.now() };
            context.ledger.put_snapshot_record(&run.run_id, &record).await?;
        }
        outcomes.push(outcome);
    }
    Ok(outcomes)
}
