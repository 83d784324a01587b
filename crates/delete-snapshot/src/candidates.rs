//! A fresh look at the snapshots of an image: what each is, and who else needs it.

use std::collections::BTreeMap;

use sunset_aws::snapshots;
use sunset_domain::ids::{ImageId, SnapshotId};
use sunset_domain::snapshot::{Snapshot, SnapshotEvidence};
use sunset_function::{Context, FunctionError};

/// The snapshots that exist, each with what was found of it. A snapshot that is missing here is gone.
pub type Candidates = BTreeMap<SnapshotId, (Snapshot, SnapshotEvidence)>;

/// Looks. `leaving` is an image that is treated as gone although it is not yet: a dry run's.
pub async fn look(
    context: &Context,
    snapshot_ids: &[SnapshotId],
    leaving: Option<&ImageId>,
) -> Result<Candidates, FunctionError> {
    if snapshot_ids.is_empty() {
        return Ok(Candidates::new());
    }
    let clients = &context.clients;
    let found = snapshots::read(clients, snapshot_ids).await?;
    let mut images_on = snapshots::images_on(clients, snapshot_ids).await?;
    let mut candidates = Candidates::new();
    for snapshot in found {
        // Read of every snapshot that was asked about: one that is missing was not read, which is not the same as none.
        let mut referencing_images = images_on
            .remove(&snapshot.id)
            .ok_or_else(|| FunctionError::EvidenceGap(format!("which images stand on {} was not read", snapshot.id)))?;
        referencing_images.retain(|image_id| Some(image_id) != leaving);
        let create_volume_permissions = match snapshots::create_volume_permissions(clients, &snapshot.id).await {
            // It went while we looked.
            Err(error) if error.is_not_found() => continue,
            answer => answer?,
        };
        let lock_state = match snapshots::lock_state(clients, &snapshot.id).await {
            Ok(state) => state,
            // EC2 itself refuses to delete a locked snapshot.
            Err(error) => {
                tracing::info!(snapshot_id = %snapshot.id, %error, "the lock could not be read; EC2 holds it all the same");
                None
            }
        };
        let evidence = SnapshotEvidence { referencing_images, create_volume_permissions, lock_state };
        candidates.insert(snapshot.id.clone(), (snapshot, evidence));
    }
    Ok(candidates)
}
