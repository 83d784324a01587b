//! One step out: record, permit, call, record.

use sunset_aws::account;
use sunset_aws::act::{self, Done};
use sunset_aws::ledger::Guard;
use sunset_aws::notices;
use sunset_domain::ids::RunId;
use sunset_domain::image::{Image, ImageState, Tags};
use sunset_domain::ledger::{ImageRecord, ImageStatus, ItemRecord, Outcome};
use sunset_domain::notice;
use sunset_domain::pending::pending_snapshots;
use sunset_domain::permit::Permit;
use sunset_domain::policy::{Mode, Policy};
use sunset_domain::restore::DISABLED_AT_TAG;
use sunset_domain::verdict::Action;
use sunset_function::{Context, FunctionError};

use crate::fresh_look::FreshLook;

/// Takes the step that the fresh look allows. What undo needs is stored before the call that makes it necessary.
pub async fn step_out(
    context: &Context,
    run_id: &RunId,
    policy: &Policy,
    image: &Image,
    known: Option<&ImageRecord>,
    look: FreshLook,
) -> Result<Outcome, FunctionError> {
    if look.action == Action::Deregister {
        deregister(context, run_id, image, known, look).await
    } else {
        disable(context, run_id, policy, image, known, look).await
    }
}

/// Whether this very run stored the intent before and was cut off: then what is found done, it did.
fn cut_off(known: Option<&ImageRecord>, run_id: &RunId, intended: ImageStatus) -> bool {
    known.is_some_and(|record| record.status == intended && record.run_id.as_ref() == Some(run_id))
}

async fn deregister(
    context: &Context,
    run_id: &RunId,
    image: &Image,
    known: Option<&ImageRecord>,
    look: FreshLook,
) -> Result<Outcome, FunctionError> {
    let now = context.now();
    let status = ImageStatus::Deregistering;
    let record = ImageRecord::intent(image, look.launch_permissions, known, status, run_id, now);
    let intent = context.ledger.intend(Guard::Run(run_id), &record, &pending_snapshots(image, run_id, now)).await?;
    let permit = Permit::new(Mode::Live, intent)?;
    let outcome = match act::deregister_image(&permit, &context.clients, &image.id).await? {
        Done::Before if !cut_off(known, run_id, status) => Outcome::AlreadyGone,
        Done::Now | Done::Before => Outcome::Deregistered,
    };
    let record = record.done(ImageStatus::Deregistered, context.now());
    context.ledger.done(&record, Some((run_id, &item(image, outcome, &record)))).await?;
    Ok(outcome)
}

async fn disable(
    context: &Context,
    run_id: &RunId,
    policy: &Policy,
    image: &Image,
    known: Option<&ImageRecord>,
    look: FreshLook,
) -> Result<Outcome, FunctionError> {
    let status = ImageStatus::Disabling;
    let record = ImageRecord::intent(image, look.launch_permissions, known, status, run_id, context.now());
    let intent = context.ledger.intend(Guard::Run(run_id), &record, &[]).await?;
    let permit = Permit::new(Mode::Live, intent)?;
    // Disabled by somebody else, only its grace begins.
    let outcome = if image.state == ImageState::Disabled && !cut_off(known, run_id, status) {
        Outcome::AlreadyDisabled
    } else {
        if image.state != ImageState::Disabled
            && let Err(error) = act::disable_image(&permit, &context.clients, &image.id).await
            // The answer may be that of a second delivery, or be lost: what EC2 shows now settles it.
            && !is_disabled(context, image).await
        {
            return Err(error.into());
        }
        Outcome::Disabled
    };
    let record = record.done(ImageStatus::Disabled, context.now());
    context.ledger.done(&record, Some((run_id, &item(image, outcome, &record)))).await?;
    let shown = Tags::from([(DISABLED_AT_TAG.to_owned(), record.written_at.to_string())]);
    // The tag only shows what the ledger decides: without it the image is no less disabled.
    if let Err(error) = act::create_tags(&permit, &context.clients, image.id.as_str(), &shown).await {
        tracing::warn!(image_id = %image.id, %error, "tag {DISABLED_AT_TAG} could not be set");
    }
    tell_owner(context, policy, &record).await?;
    Ok(outcome)
}

async fn is_disabled(context: &Context, image: &Image) -> bool {
    let now = account::look_at(&context.clients, &image.id).await;
    now.is_ok_and(|image| image.is_some_and(|image| image.state == ImageState::Disabled))
}

fn item(image: &Image, outcome: Outcome, record: &ImageRecord) -> ItemRecord {
    ItemRecord { image_id: image.id.clone(), outcome: Some(outcome), error: None, written_at: record.written_at }
}

/// Tells the owner once that an image is disabled; an owner's topic that refuses is replaced by the stack's.
///
/// # Errors
/// [`FunctionError`] if nobody could be told: the step is done, and a retry tells.
pub async fn tell_owner(context: &Context, policy: &Policy, record: &ImageRecord) -> Result<(), FunctionError> {
    if record.owner_told_at.is_some() || record.status != ImageStatus::Disabled {
        return Ok(());
    }
    let notice::Notice { subject, body } = notice::disabled(record, policy);
    let sns = context.clients.sns();
    let owner = record.tags.get(notice::OWNER_TAG).filter(|topic| notices::is_topic_arn(topic));
    let told = match owner {
        None => false,
        Some(topic) => match notices::publish(sns, topic, &subject, &body).await {
            Ok(()) => true,
            Err(error) => {
                tracing::warn!(image_id = %record.image_id, %topic, %error, "the owner's topic refused; the stack's is told");
                false
            }
        },
    };
    if !told {
        notices::publish(sns, &context.topic_arn, &subject, &body).await?;
    }
    let told = ImageRecord {
        version: record.version + 1,
        owner_told_at: Some(context.now()),
        written_at: context.now(),
        ..record.clone()
    };
    context.ledger.done(&told, None).await?;
    Ok(())
}
