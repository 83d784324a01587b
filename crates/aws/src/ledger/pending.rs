//! Snapshots that wait for their image to go.

use aws_sdk_dynamodb::types::AttributeValue;
use sunset_domain::ids::ImageId;
use sunset_domain::pending::PendingSnapshot;

use super::table::{Item, Ledger, LedgerError, item, key, text};

pub(super) const PENDING: &str = "PENDING#snapshots";

pub(super) fn pending_sk(pending: &PendingSnapshot) -> String {
    format!("{}#{}", pending.image_id, pending.snapshot_id)
}

impl Ledger {
    /// Every snapshot that waits, or those of one image.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn pending(&self, image_id: Option<&ImageId>) -> Result<Vec<PendingSnapshot>, LedgerError> {
        let prefix = image_id.map(|image_id| format!("{image_id}#")).unwrap_or_default();
        self.all(PENDING, &prefix).await
    }

    /// Forgets that a snapshot waits, unless it was written anew since `seen` was read: the image stayed.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn forget_pending(&self, seen: &PendingSnapshot) -> Result<(), LedgerError> {
        let values = Item::from([(":seen".into(), text(seen.written_at.to_string()))]);
        self.delete_if(key(PENDING, &pending_sk(seen)), "attribute_not_exists(pk) OR written_at = :seen", values)
            .await?;
        Ok(())
    }

    /// Notes that a snapshot was kept, so that it is left alone for a while.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn note_kept(&self, pending: &PendingSnapshot) -> Result<(), LedgerError> {
        let seen = Item::from([(":seen".into(), AttributeValue::S(pending.written_at.to_string()))]);
        let new = item(PENDING, &pending_sk(pending), pending)?;
        self.put_if(new, "written_at = :seen", Default::default(), seen).await?;
        Ok(())
    }
}
