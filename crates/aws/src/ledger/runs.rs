//! Runs: their records, what became of their images and snapshots, and what their readings held.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use sunset_domain::coverage::Baseline;
use sunset_domain::ids::{ImageId, RunId, SnapshotId};
use sunset_domain::ledger::{ItemRecord, SnapshotRecord};
use sunset_domain::run::RunRecord;

use super::lock::META;
use super::table::{Item, Ledger, LedgerError, item};

const BASELINE: &str = "BASELINE#ami-cleanup";

pub(super) fn run_key(run_id: &RunId) -> String {
    format!("RUN#{run_id}")
}

pub(super) fn image_in_run(image_id: &ImageId) -> String {
    format!("IMAGE#{image_id}")
}

pub(super) fn snapshot_in_run(image_id: &ImageId, snapshot_id: &SnapshotId) -> String {
    format!("SNAPSHOT#{image_id}#{snapshot_id}")
}

#[derive(Serialize, Deserialize)]
struct BaselineRecord {
    items: Baseline,
}

impl Ledger {
    /// The record of a run.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn run(&self, run_id: &RunId) -> Result<Option<RunRecord>, LedgerError> {
        self.get(&run_key(run_id), META).await
    }

    /// Writes the record of a run that has begun, unless it has one; the record that counts is returned.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn begin_run(&self, record: RunRecord) -> Result<RunRecord, LedgerError> {
        let pk = run_key(&record.run_id);
        let new = item(&pk, META, &record)?;
        if self.put_if(new, "attribute_not_exists(pk)", HashMap::new(), Item::new()).await? {
            return Ok(record);
        }
        self.get(&pk, META).await?.ok_or(LedgerError::Conflict { key: pk })
    }

    /// Replaces the record of a run that is not closed. Closing it twice in the same words is closing it once.
    ///
    /// # Errors
    /// [`LedgerError::RunClosed`] if it is closed; [`LedgerError`].
    pub async fn update_run(&self, record: &RunRecord) -> Result<(), LedgerError> {
        let new = item(&run_key(&record.run_id), META, record)?;
        let open = "attribute_not_exists(closed_at) OR attribute_type(closed_at, :null)";
        if self.put_if(new, open, HashMap::new(), null()).await? {
            return Ok(());
        }
        // A write whose answer was lost is repeated, and then meets itself.
        match self.run(&record.run_id).await? {
            Some(stored) if stored == *record => Ok(()),
            _ => Err(LedgerError::RunClosed { run_id: record.run_id.to_string() }),
        }
    }

    /// What became of one image in a run.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn item(&self, run_id: &RunId, image_id: &ImageId) -> Result<Option<ItemRecord>, LedgerError> {
        self.get(&run_key(run_id), &image_in_run(image_id)).await
    }

    /// What became of every image of a run.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn items(&self, run_id: &RunId) -> Result<Vec<ItemRecord>, LedgerError> {
        self.all(&run_key(run_id), "IMAGE#").await
    }

    /// Writes what became of an image where nothing was changed: a dry run, a refusal, an image that was gone. An
    /// outcome that another delivery has recorded stands.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn put_item_record(&self, run_id: &RunId, record: &ItemRecord) -> Result<(), LedgerError> {
        let new = item(&run_key(run_id), &image_in_run(&record.image_id), record)?;
        let open = "attribute_not_exists(outcome) OR attribute_type(outcome, :null)";
        self.put_if(new, open, HashMap::new(), null()).await?;
        Ok(())
    }

    /// What became of the snapshots of a run, or of one image's in it.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn snapshot_records(
        &self,
        run_id: &RunId,
        image_id: Option<&ImageId>,
    ) -> Result<Vec<SnapshotRecord>, LedgerError> {
        let prefix = image_id.map_or_else(|| "SNAPSHOT#".to_owned(), |image_id| format!("SNAPSHOT#{image_id}#"));
        self.all(&run_key(run_id), &prefix).await
    }

    /// Writes what became of a snapshot where nothing was changed. A deletion that another delivery has recorded stands.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn put_snapshot_record(&self, run_id: &RunId, record: &SnapshotRecord) -> Result<(), LedgerError> {
        let sk = snapshot_in_run(&record.image_id, &record.result.snapshot_id);
        let new = item(&run_key(run_id), &sk, record)?;
        let names = HashMap::from([("#result".to_owned(), "result".to_owned())]);
        let deleted = Item::from([(":deleted".into(), super::table::text("deleted"))]);
        self.put_if(new, "attribute_not_exists(pk) OR #result.outcome <> :deleted", names, deleted).await?;
        Ok(())
    }

    /// What the last complete reading of each source held; empty before the first.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn baseline(&self) -> Result<Baseline, LedgerError> {
        Ok(self.get::<BaselineRecord>(BASELINE, META).await?.map(|record| record.items).unwrap_or_default())
    }

    /// Remembers what a complete reading held.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn put_baseline(&self, items: Baseline) -> Result<(), LedgerError> {
        self.put(item(BASELINE, META, &BaselineRecord { items })?).await
    }
}

/// The type that an `Option::None` is stored as.
pub(super) fn null() -> Item {
    Item::from([(":null".into(), super::table::text("NULL"))])
}
