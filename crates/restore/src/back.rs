//! The way back, step by step; each step may already have been taken by an earlier call.

use std::time::Duration;

use sunset_aws::account;
use sunset_aws::act;
use sunset_domain::ids::ImageId;
use sunset_domain::image::{Image, ImageState, Tags};
use sunset_domain::launch_permission::LaunchPermission;
use sunset_domain::ledger::{ImageRecord, ImageStatus};
use sunset_domain::never_touch::KEEP_TAG;
use sunset_domain::permit::{Permit, StoredIntent};
use sunset_domain::policy::Mode;
use sunset_domain::restore::{DISABLED_AT_TAG, WayBack, tags_to_restore};
use sunset_function::{Context, FunctionError};

/// What was given back.
#[derive(Debug, Default)]
pub struct GivenBack {
    /// Launch permissions.
    pub launch_permissions: Vec<LaunchPermission>,
    /// Tags.
    pub tags: Tags,
}

/// How long a restored image is waited for.
const PAUSES: [u64; 6] = [1, 2, 3, 5, 8, 13];

/// Makes the image available again.
pub async fn bring_back(
    context: &Context,
    permit: &Permit,
    image_id: &ImageId,
    way: &WayBack,
) -> Result<Image, FunctionError> {
    match way {
        WayBack::Enable => {
            act::enable_image(permit, &context.clients, image_id).await?;
        }
        WayBack::FromRecycleBin { snapshots } => {
            for snapshot_id in snapshots {
                // A permit covers one subject: this one follows from the intent to bring the image back.
                let permit = Permit::new(Mode::Live, StoredIntent::written(snapshot_id.as_str()))?;
                act::restore_snapshot_from_recycle_bin(&permit, &context.clients, snapshot_id).await?;
            }
            act::restore_image_from_recycle_bin(permit, &context.clients, image_id).await?;
        }
        WayBack::AlreadyAvailable | WayBack::Reapply | WayBack::No { .. } => {}
    }
    for pause in PAUSES {
        match account::look_at(&context.clients, image_id).await? {
            Some(image) if image.state == ImageState::Available => return Ok(image),
            _ => tokio::time::sleep(Duration::from_secs(pause)).await,
        }
    }
    Err(FunctionError::EvidenceGap(format!("{image_id} was asked back and is not available yet; call again to finish")))
}

/// Gives back the launch permissions and tags that are recorded and missing.
pub async fn give_back(
    context: &Context,
    permit: &Permit,
    image: &Image,
    record: Option<&ImageRecord>,
    keep: bool,
) -> Result<GivenBack, FunctionError> {
    let clients = &context.clients;
    let mut given = GivenBack::default();
    if let Some(record) = record {
        let present = account::launch_permissions(clients, &image.id).await?;
        given.launch_permissions =
            record.launch_permissions.iter().filter(|permission| !present.contains(permission)).cloned().collect();
        if !given.launch_permissions.is_empty() {
            act::add_launch_permissions(permit, clients, &image.id, &given.launch_permissions).await?;
        }
        given.tags = tags_to_restore(&record.tags, &image.tags);
    }
    if keep && !image.tags.contains_key(KEEP_TAG) {
        given.tags.insert(KEEP_TAG.to_owned(), format!("restored {}", context.now()));
    }
    if !given.tags.is_empty() {
        act::create_tags(permit, clients, image.id.as_str(), &given.tags).await?;
    }
    if image.tags.contains_key(DISABLED_AT_TAG) {
        act::delete_tags(permit, clients, image.id.as_str(), &[DISABLED_AT_TAG]).await?;
    }
    Ok(given)
}

/// The record of the intent, as a successor of what is known; an image that Sunset never touched has none.
pub fn restoring(context: &Context, known: Option<&ImageRecord>) -> Option<ImageRecord> {
    known.map(|record| record.done(ImageStatus::Restoring, context.now()))
}
