//! What the approval page reads and counts beside processes and votes.

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Deserialize;
use sunset_domain::approval::page::attempt::{Attempt, partition};
use sunset_domain::approval::page::rate::expires_at_epoch_seconds;
use sunset_domain::approval::page::waiting::Waiting;

use super::lock::META;
use super::processes::{Processes, person_key};
use super::table::{Item, LedgerError, key, record, text};
use super::transaction::Transaction;
use crate::error::AwsError;

/// A person is shown so many processes that wait for them.
pub const MOST_WAITING: usize = 100;

#[derive(Deserialize)]
struct Refused {
    refused: u32,
}

impl Processes {
    /// How many requests were refused under a key.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn refused(&self, rate_key: &str) -> Result<u32, LedgerError> {
        Ok(self.ledger.get::<Refused>(rate_key, META).await?.map_or(0, |count| count.refused))
    }

    /// Writes a refused request down and counts it under every key, in one transaction.
    ///
    /// # Errors
    /// [`LedgerError`]; [`LedgerError::Conflict`] where another attempt has the same number.
    pub async fn record_attempt(&self, attempt: &Attempt, seq: u64, rate_keys: &[String]) -> Result<(), LedgerError> {
        let partition = partition(attempt.at);
        let place = format!("attempt {seq} of {partition}");
        let mut new: Item = serde_dynamo::aws_sdk_dynamodb_1::to_item(attempt)
            .map_err(|cause| LedgerError::Unreadable { key: place.clone(), cause: cause.to_string() })?;
        // The link's own process stands beside: the table's key is the day.
        if let Some(process_id) = new.remove("process_id") {
            new.insert("link_process_id".into(), process_id);
        }
        new.insert("process_id".into(), text(partition));
        new.insert("seq".into(), AttributeValue::N(seq.to_string()));
        let mut transaction = Transaction::new(&self.ledger);
        let is_new = Some(("attribute_not_exists(process_id)", Item::new()));
        transaction.put_in(&self.audit_table, new, is_new, LedgerError::Conflict { key: place })?;
        let until = AttributeValue::N(expires_at_epoch_seconds(attempt.at).to_string());
        for rate_key in rate_keys {
            let values = Item::from([(":until".into(), until.clone()), (":one".into(), AttributeValue::N("1".into()))]);
            let counts = "SET expires_at_epoch_seconds = :until ADD refused :one";
            transaction.update(key(rate_key, META), counts, None, values, rate_key)?;
        }
        transaction.write().await
    }

    /// What waits for a person, as it was when they were asked: the records say whether it still does. The newest first,
    /// and at most [`MOST_WAITING`] of them; whether there are more.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn waiting(&self, person: &str) -> Result<(Vec<Waiting>, bool), LedgerError> {
        let page = self
            .ledger
            .dynamodb
            .query()
            .table_name(&self.ledger.table)
            .consistent_read(true)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", text(person_key(person)))
            .scan_index_forward(false)
            .limit(i32::try_from(MOST_WAITING).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(|error| AwsError::of("Query", &error))?;
        let more = page.last_evaluated_key.is_some_and(|key| !key.is_empty());
        let waiting: Result<Vec<Waiting>, LedgerError> =
            page.items.unwrap_or_default().into_iter().map(record).collect();
        Ok((waiting?, more))
    }
}
