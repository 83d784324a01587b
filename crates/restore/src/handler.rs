//! One event: look, record, permit, call, record.

use serde_json::{Value, json};
use sunset_aws::account;
use sunset_aws::ledger::Guard;
use sunset_aws::recycle_bin;
use sunset_domain::ids::SnapshotId;
use sunset_domain::image::{ImageState, distinct_snapshot_ids};
use sunset_domain::ledger::ImageStatus;
use sunset_domain::permit::{Permit, StoredIntent};
use sunset_domain::policy::Mode;
use sunset_domain::restore::{RestoreEvent, WayBack, way_back};
use sunset_function::{Context, FunctionError};

use crate::back::{bring_back, give_back, restoring};

/// Handles one event.
pub async fn handle(context: &Context, event: Value) -> Result<Value, FunctionError> {
    let event = RestoreEvent::parse(event, context.allow_live)?;
    let known = context.ledger.image(&event.image_id).await?;
    let image = account::look_at(&context.clients, &event.image_id).await?;
    let bin = if image.as_ref().is_none_or(|image| image.state == ImageState::Deregistered) {
        let snapshots: Vec<SnapshotId> =
            known.as_ref().map(|record| distinct_snapshot_ids(&record.block_devices)).unwrap_or_default();
        Some(recycle_bin::look(&context.clients, &event.image_id, &snapshots).await)
    } else {
        None
    };
    let way = way_back(image.as_ref(), known.as_ref(), bin.as_ref());
    let answer = |outcome: &str, reason: String, given: Value| {
        tracing::info!(image_id = %event.image_id, outcome, reason, mode = %event.mode, "restore");
        json!({"image_id": event.image_id, "mode": event.mode, "outcome": outcome, "reason": reason, "given_back": given})
    };
    let (would, done) = match &way {
        WayBack::No { reason } => return Ok(answer("not_restorable", reason.clone(), Value::Null)),
        WayBack::AlreadyAvailable => {
            return Ok(answer(
                "already_available",
                "it is available, and Sunset did nothing to it".into(),
                Value::Null,
            ));
        }
        WayBack::Enable | WayBack::Reapply => ("would_enable", "enabled"),
        WayBack::FromRecycleBin { .. } => ("would_restore", "restored_from_recycle_bin"),
    };
    if event.mode == Mode::DryRun {
        let permissions = known.as_ref().map(|record| &record.launch_permissions);
        let reason = "dry run: start with \"mode\": \"live\" to bring it back".to_owned();
        return Ok(answer(would, reason, json!({"launch_permissions": permissions})));
    }
    let record = restoring(context, known.as_ref());
    let intent = match &record {
        Some(record) => context.ledger.intend(Guard::Person, record, &[]).await?,
        // Nothing is known of it, so nothing can be lost: enabling an image only makes it launchable.
        None => StoredIntent::written(event.image_id.as_str()),
    };
    let permit = Permit::new(Mode::Live, intent)?;
    let image = bring_back(context, &permit, &event.image_id, &way).await?;
    let given = give_back(context, &permit, &image, record.as_ref(), event.keep).await?;
    if let Some(record) = &record {
        let pending = context.ledger.pending(Some(&event.image_id)).await?;
        context.ledger.restored(&record.done(ImageStatus::Restored, context.now()), &pending).await?;
    }
    let reason = if event.keep {
        "tagged sunset:keep, so that the next run leaves it; remove the tag to let it go again"
    } else {
        "not tagged sunset:keep: the next run may find it due again"
    };
    Ok(answer(done, reason.into(), json!({"launch_permissions": given.launch_permissions, "tags": given.tags})))
}
