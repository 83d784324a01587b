//! The intent before an act and the record after it, each one transaction.

use aws_sdk_dynamodb::types::AttributeValue;
use sunset_domain::ids::RunId;
use sunset_domain::ledger::{ImageRecord, ItemRecord, SnapshotRecord};
use sunset_domain::pending::PendingSnapshot;
use sunset_domain::permit::StoredIntent;

use super::images::image_key;
use super::lock::{LOCK, META, PAUSE};
use super::pending::{PENDING, pending_sk};
use super::runs::{image_in_run, null, run_key, snapshot_in_run};
use super::table::{Item, Ledger, LedgerError, item, key, text};
use super::transaction::Transaction;

/// What must hold at the moment of every intent.
#[derive(Debug, Clone, Copy)]
pub enum Guard<'a> {
    /// A run acts: it holds the lock, it is not closed, and nobody has paused.
    Run(&'a RunId),
    /// A person acts by hand.
    Person,
}

impl Transaction<'_> {
    fn guard(&mut self, guard: Guard<'_>) -> Result<(), LedgerError> {
        let Guard::Run(run_id) = guard else { return Ok(()) };
        self.check(
            key(LOCK, META),
            "run_id = :mine",
            Item::from([(":mine".into(), text(run_id.as_str()))]),
            LedgerError::LockLost { run_id: run_id.to_string() },
        )?;
        self.check(key(PAUSE, META), "attribute_not_exists(pk)", Item::new(), LedgerError::Paused)?;
        self.check(
            key(&run_key(run_id), META),
            "attribute_exists(pk) AND (attribute_not_exists(closed_at) OR attribute_type(closed_at, :null))",
            null(),
            LedgerError::RunClosed { run_id: run_id.to_string() },
        )
    }

    /// An image's record, which replaces the version before it and no other.
    fn image(&mut self, record: &ImageRecord) -> Result<(), LedgerError> {
        let pk = image_key(&record.image_id);
        let new = item(&pk, META, record)?;
        let condition = if record.version <= 1 {
            ("attribute_not_exists(pk)", Item::new())
        } else {
            let before = AttributeValue::N((record.version - 1).to_string());
            ("version = :before", Item::from([(":before".into(), before)]))
        };
        self.put(new, Some(condition), &pk)
    }
}

impl Ledger {
    /// Stores the intent to change an image, with everything that undoing it needs and the snapshots that go after it.
    ///
    /// # Errors
    /// [`LedgerError::LockLost`], [`LedgerError::Paused`] and [`LedgerError::RunClosed`] where the guard does not hold,
    /// [`LedgerError::HeldByProcess`] where a decommission process holds the image, [`LedgerError::Conflict`] where somebody wrote the record in between. Nothing is written then.
    pub async fn intend(
        &self,
        guard: Guard<'_>,
        record: &ImageRecord,
        pending: &[PendingSnapshot],
    ) -> Result<StoredIntent, LedgerError> {
        let mut transaction = Transaction::new(self);
        transaction.guard(guard)?;
        transaction.free_of_processes(record.image_id.as_str())?;
        transaction.image(record)?;
        for snapshot in pending {
            let sk = pending_sk(snapshot);
            transaction.put(item(PENDING, &sk, snapshot)?, None, &sk)?;
        }
        transaction.write().await?;
        Ok(StoredIntent::written(record.image_id.as_str()))
    }

    /// Records that an image was changed, and in a run what became of it. It is recorded whoever holds the lock by
    /// now: it has happened.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn done(&self, record: &ImageRecord, in_run: Option<(&RunId, &ItemRecord)>) -> Result<(), LedgerError> {
        let mut transaction = Transaction::new(self);
        transaction.image(record)?;
        if let Some((run_id, outcome)) = in_run {
            let sk = image_in_run(&outcome.image_id);
            transaction.put(item(&run_key(run_id), &sk, outcome)?, None, &sk)?;
        }
        transaction.write().await
    }

    /// Stores the intent to delete a snapshot that waits.
    ///
    /// # Errors
    /// As [`Ledger::intend`].
    pub async fn intend_deletion(
        &self,
        run_id: &RunId,
        pending: &PendingSnapshot,
    ) -> Result<StoredIntent, LedgerError> {
        let mut transaction = Transaction::new(self);
        transaction.guard(Guard::Run(run_id))?;
        transaction.free_of_processes(pending.snapshot_id.as_str())?;
        let sk = pending_sk(pending);
        let still = Item::from([(":seen".into(), text(pending.written_at.to_string()))]);
        transaction.put(item(PENDING, &sk, pending)?, Some(("written_at = :seen", still)), &sk)?;
        transaction.write().await?;
        Ok(StoredIntent::written(pending.snapshot_id.as_str()))
    }

    /// Records that a snapshot that waited is gone.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn deleted(
        &self,
        run_id: &RunId,
        pending: &PendingSnapshot,
        record: &SnapshotRecord,
    ) -> Result<(), LedgerError> {
        let mut transaction = Transaction::new(self);
        let sk = snapshot_in_run(&record.image_id, &record.result.snapshot_id);
        transaction.put(item(&run_key(run_id), &sk, record)?, None, &sk)?;
        let waited = pending_sk(pending);
        transaction.delete(key(PENDING, &waited), &waited)?;
        transaction.write().await
    }

    /// Records that an image was brought back: its snapshots wait no longer.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn restored(&self, record: &ImageRecord, pending: &[PendingSnapshot]) -> Result<(), LedgerError> {
        let mut transaction = Transaction::new(self);
        transaction.image(record)?;
        for snapshot in pending {
            let sk = pending_sk(snapshot);
            transaction.delete(key(PENDING, &sk), &sk)?;
        }
        transaction.write().await
    }
}
