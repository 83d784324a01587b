//! One event: fresh look, record, permit, call, record.

use serde_json::{Value, json};
use sunset_aws::account;
use sunset_aws::act::{self, Permission};
use sunset_domain::image::{Image, ImageState};
use sunset_domain::ledger::{ImageRecord, ImageStatus, ItemError, ItemRecord, Outcome};
use sunset_domain::line::ImageLine;
use sunset_domain::policy::Mode;
use sunset_domain::verdict::Action;
use sunset_function::{Context, FunctionError};

use crate::fresh_look::fresh_look;
use crate::index::Index;
use crate::out::{step_out, tell_owner};
use crate::terms::{Terms, terms};

/// Handles one event.
pub async fn handle(context: &Context, index: &Index, event: Value) -> Result<Value, FunctionError> {
    let line = ImageLine::parse(event)?;
    let terms = terms(context, &line).await?;
    let (outcome, permission) = match image_out(context, index, &line, &terms).await {
        Ok(done) => done,
        Err(error) => {
            note_refusal(context, &line, &terms, &error).await;
            return Err(error);
        }
    };
    let action = line.chosen.as_ref().map(|chosen| chosen.action.as_str());
    tracing::info!(image_id = %line.image_id, action, outcome = outcome.as_str(), mode = %terms.mode, "done");
    Ok(json!({
        "run_id": terms.run_id,
        "image_id": line.image_id,
        "action": action,
        "mode": terms.mode,
        "outcome": outcome,
        "snapshot_ids": line.snapshot_ids(),
        "permission": permission.as_ref().map(Permission::as_str),
    }))
}

async fn image_out(
    context: &Context,
    index: &Index,
    line: &ImageLine,
    terms: &Terms,
) -> Result<(Outcome, Option<Permission>), FunctionError> {
    let known = context.ledger.image(&line.image_id).await?;
    if let Some(outcome) = finished_before(context, line, terms, known.as_ref()).await? {
        return Ok((outcome, None));
    }
    let image = account::look_at(&context.clients, &line.image_id).await?;
    let Some(image) = image.filter(|image| image.state != ImageState::Deregistered) else {
        return Ok((gone(context, line, terms, known.as_ref()).await?, None));
    };
    let look = match fresh_look(context, index, line, terms, &image, known.as_ref()).await {
        // It went while we looked: another delivery was faster, or a person.
        Err(FunctionError::Aws(error)) if error.is_not_found() && is_gone(context, &image).await? => {
            return Ok((gone(context, line, terms, known.as_ref()).await?, None));
        }
        look => look?,
    };
    match (&terms.run_id, terms.mode) {
        (Some(run_id), Mode::Live) => {
            Ok((step_out(context, run_id, &terms.policy, &image, known.as_ref(), look).await?, None))
        }
        _ => would(context, terms, &image, look.action).await,
    }
}

async fn is_gone(context: &Context, image: &Image) -> Result<bool, FunctionError> {
    let now = account::look_at(&context.clients, &image.id).await?;
    Ok(now.is_none_or(|image| image.state == ImageState::Deregistered))
}

/// An earlier delivery of the same line came to its end: it is answered again, and only what it left undone is done.
async fn finished_before(
    context: &Context,
    line: &ImageLine,
    terms: &Terms,
    known: Option<&ImageRecord>,
) -> Result<Option<Outcome>, FunctionError> {
    let Some(run_id) = &terms.run_id else { return Ok(None) };
    let Some(outcome) = context.ledger.item(run_id, &line.image_id).await?.and_then(|item| item.outcome) else {
        return Ok(None);
    };
    if let (Mode::Live, Some(record)) = (terms.mode, known) {
        tell_owner(context, &terms.policy, record).await?;
    }
    Ok(Some(outcome))
}

/// The image is not there: another delivery, an earlier run or a person took it. A call that was cut off from its
/// record is settled by that, never by calling again.
async fn gone(
    context: &Context,
    line: &ImageLine,
    terms: &Terms,
    known: Option<&ImageRecord>,
) -> Result<Outcome, FunctionError> {
    let Some(run_id) = &terms.run_id else { return Ok(Outcome::AlreadyGone) };
    let now = context.now();
    let item =
        |outcome| ItemRecord { image_id: line.image_id.clone(), outcome: Some(outcome), error: None, written_at: now };
    match known.filter(|record| terms.mode == Mode::Live && record.status == ImageStatus::Deregistering) {
        Some(record) => {
            let own = record.run_id.as_ref() == Some(run_id);
            let outcome = if own { Outcome::Deregistered } else { Outcome::AlreadyGone };
            let settled = record.done(ImageStatus::Deregistered, now);
            context.ledger.done(&settled, Some((run_id, &item(outcome)))).await?;
            Ok(outcome)
        }
        None => {
            context.ledger.put_item_record(run_id, &item(Outcome::AlreadyGone)).await?;
            Ok(Outcome::AlreadyGone)
        }
    }
}

/// A dry run: EC2 is asked whether it would do it, and nothing else happens.
async fn would(
    context: &Context,
    terms: &Terms,
    image: &Image,
    action: Action,
) -> Result<(Outcome, Option<Permission>), FunctionError> {
    let (outcome, permission) = if action == Action::Deregister {
        (Outcome::WouldDeregister, act::would_deregister(&context.clients, &image.id).await)
    } else {
        (Outcome::WouldDisable, act::would_disable(&context.clients, &image.id).await)
    };
    if let Some(run_id) = &terms.run_id {
        let written_at = context.now();
        let item = ItemRecord { image_id: image.id.clone(), outcome: Some(outcome), error: None, written_at };
        context.ledger.put_item_record(run_id, &item).await?;
    }
    Ok((outcome, Some(permission)))
}

/// Leaves the refusal for the report. The refusal itself is what is answered, also where this cannot be written.
async fn note_refusal(context: &Context, line: &ImageLine, terms: &Terms, error: &FunctionError) {
    let Some(run_id) = &terms.run_id else { return };
    let item = ItemRecord {
        image_id: line.image_id.clone(),
        outcome: None,
        error: Some(ItemError { name: error.name().to_owned(), message: error.to_string() }),
        written_at: context.now(),
    };
    if let Err(unwritten) = context.ledger.put_item_record(run_id, &item).await {
        tracing::warn!(image_id = %line.image_id, error = %unwritten, "the refusal could not be recorded");
    }
}
