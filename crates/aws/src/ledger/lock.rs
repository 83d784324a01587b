//! One run at a time: the lock, the kill switch and the ticks of the schedule.

use serde::{Deserialize, Serialize};
use sunset_domain::ids::RunId;
use sunset_domain::time::Timestamp;

use super::table::{Item, Ledger, LedgerError, item, key, text};

pub(super) const LOCK: &str = "LOCK#ami-cleanup";
pub(super) const PAUSE: &str = "PAUSE";
pub(super) const META: &str = "META";

/// How long a served tick is remembered.
const TICK_DAYS: u32 = 7;

/// Who holds the lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockHolder {
    /// The run.
    pub run_id: RunId,
    /// Its execution, which tells whether it is still at work.
    pub execution_arn: String,
    /// Since when.
    pub acquired_at: Timestamp,
}

/// What came of asking for the lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Acquired {
    /// The run holds it, now or since an earlier delivery.
    Yes,
    /// Another run holds it.
    HeldBy(LockHolder),
}

#[derive(Serialize, Deserialize)]
struct Tick {
    run_id: RunId,
    expires_at_epoch_seconds: i64,
}

impl Ledger {
    /// Takes the lock if it is free, or if `given_up` holds it: a run whose execution the caller has seen to be over.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn acquire_lock(
        &self,
        wanted: &LockHolder,
        given_up: Option<&LockHolder>,
    ) -> Result<Acquired, LedgerError> {
        let mut values = Item::from([(":mine".into(), text(wanted.run_id.as_str()))]);
        let mut condition = "attribute_not_exists(pk) OR run_id = :mine".to_owned();
        if let Some(given_up) = given_up {
            condition.push_str(" OR run_id = :given_up");
            values.insert(":given_up".into(), text(given_up.run_id.as_str()));
        }
        // Read after a failed write, the lock may be free again: then the write is tried once more.
        for _ in 0..2 {
            if self.put_if(item(LOCK, META, wanted)?, &condition, Default::default(), values.clone()).await? {
                return Ok(Acquired::Yes);
            }
            if let Some(holder) = self.get::<LockHolder>(LOCK, META).await? {
                return Ok(Acquired::HeldBy(holder));
            }
        }
        Err(LedgerError::Conflict { key: LOCK.into() })
    }

    /// Gives the lock back; not holding it any more is fine.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn release_lock(&self, run_id: &RunId) -> Result<(), LedgerError> {
        let values = Item::from([(":mine".into(), text(run_id.as_str()))]);
        self.delete_if(key(LOCK, META), "attribute_not_exists(pk) OR run_id = :mine", values).await?;
        Ok(())
    }

    /// Whether the kill switch is on. Whatever is in the item: its presence decides.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn is_paused(&self) -> Result<bool, LedgerError> {
        Ok(self.get::<serde::de::IgnoredAny>(PAUSE, META).await?.is_some())
    }

    /// Claims a tick of the schedule for a run; the run that served it before, if it was another.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn claim_tick(&self, scheduled: Timestamp, run_id: &RunId) -> Result<Option<RunId>, LedgerError> {
        let pk = format!("TICK#{scheduled}");
        let tick =
            Tick { run_id: run_id.clone(), expires_at_epoch_seconds: scheduled.plus_days(TICK_DAYS).unix_seconds() };
        let values = Item::from([(":mine".into(), text(run_id.as_str()))]);
        let condition = "attribute_not_exists(pk) OR run_id = :mine";
        if self.put_if(item(&pk, META, &tick)?, condition, Default::default(), values).await? {
            return Ok(None);
        }
        match self.get::<Tick>(&pk, META).await? {
            Some(tick) => Ok(Some(tick.run_id)),
            None => Err(LedgerError::Conflict { key: pk }),
        }
    }
}
