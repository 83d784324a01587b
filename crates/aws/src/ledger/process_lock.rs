//! One process a resource: a lock with a fence. Nothing takes it over by the clock; a person may release it, on record.

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};
use sunset_domain::ids::ProcessId;
use sunset_domain::process::record::ProcessRecord;
use sunset_domain::time::Timestamp;

use super::lock::META;
use super::runs::null;
use super::table::{Item, Ledger, LedgerError, item, key, text};
use super::transaction::Transaction;

/// The lock of a resource. It stays when it is free, because its fence must never count backwards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessLock {
    /// The process that holds it; nothing when it is free.
    pub process_id: Option<ProcessId>,
    /// How often it was taken.
    pub fence: u64,
    /// When it was last taken or released.
    pub changed_at: Timestamp,
}

pub(super) fn lock_key(resource_id: &str) -> String {
    format!("LOCK#{resource_id}")
}

fn number(number: u64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

const FREE: &str = "attribute_not_exists(pk) OR attribute_type(process_id, :null)";

impl Transaction<'_> {
    /// Nobody may change what a process holds.
    pub(super) fn free_of_processes(&mut self, resource_id: &str) -> Result<(), LedgerError> {
        let meaning = LedgerError::HeldByProcess { resource_id: resource_id.to_owned() };
        self.check(key(&lock_key(resource_id), META), FREE, null(), meaning)
    }

    /// Takes the lock, which was seen free under this fence.
    pub(super) fn take_lock(&mut self, record: &ProcessRecord, seen: Option<&ProcessLock>) -> Result<(), LedgerError> {
        let resource_id = record.resource.id();
        let pk = lock_key(resource_id);
        let lock = ProcessLock {
            process_id: Some(record.process_id.clone()),
            fence: record.fence,
            changed_at: record.created_at,
        };
        let condition = match seen {
            None => ("attribute_not_exists(pk)", Item::new()),
            Some(seen) => {
                let mut values = null();
                values.insert(":seen".into(), number(seen.fence));
                ("attribute_type(process_id, :null) AND fence = :seen", values)
            }
        };
        self.put(item(&pk, META, &lock)?, Some(condition), &pk)
    }

    /// The process still holds its resource, under its own fence.
    pub(super) fn holds_lock(&mut self, record: &ProcessRecord) -> Result<(), LedgerError> {
        self.check(key(&lock_key(record.resource.id()), META), MINE, mine(record), lost(record))
    }

    /// Gives the lock back.
    pub(super) fn release_lock(&mut self, record: &ProcessRecord, now: Timestamp) -> Result<(), LedgerError> {
        let lock = ProcessLock { process_id: None, fence: record.fence, changed_at: now };
        let new = item(&lock_key(record.resource.id()), META, &lock)?;
        let ledger = self.ledger();
        self.put_in(&ledger.table, new, Some((MINE, mine(record))), lost(record))
    }
}

const MINE: &str = "process_id = :mine AND fence = :fence";

fn mine(record: &ProcessRecord) -> Item {
    Item::from([(":mine".into(), text(record.process_id.as_str())), (":fence".into(), number(record.fence))])
}

fn lost(record: &ProcessRecord) -> LedgerError {
    LedgerError::ProcessLockLost {
        process_id: record.process_id.to_string(),
        resource_id: record.resource.id().to_owned(),
    }
}

impl Ledger {
    /// The lock of a resource; nothing where none was ever taken.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn process_lock(&self, resource_id: &str) -> Result<Option<ProcessLock>, LedgerError> {
        self.get(&lock_key(resource_id), META).await
    }
}
