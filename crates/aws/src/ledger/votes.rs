//! A vote, under conditions that whoever only takes votes can hold: of the process's record it touches what counts its
//! writes and names its newest event, and nothing else.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::Value;
use sunset_domain::approval::vote::Vote;
use sunset_domain::policy::Mode;
use sunset_domain::process::audit::{EventType, Head};
use sunset_domain::process::record::ProcessRecord;
use sunset_domain::time::Timestamp;

use super::lock::META;
use super::processes::{Processes, pk, votes_prefix};
use super::table::{Item, LedgerError, item, key, text};
use super::transaction::Transaction;

impl Processes {
    /// Writes a vote, an objection too, with its audit event, or nothing. One person has one in a round.
    ///
    /// # Errors
    /// [`LedgerError::Conflict`] where somebody wrote the process in between or the person has answered before,
    /// [`LedgerError::ProcessLockLost`] where the process does not hold its resource any more.
    pub async fn cast(
        &self,
        before: &ProcessRecord,
        vote: &Vote,
        actor: &str,
        now: Timestamp,
        data: Value,
    ) -> Result<ProcessRecord, LedgerError> {
        let event = before.audit.next(&before.process_id, EventType::VoteCast, actor, now, data)?;
        let after = ProcessRecord {
            audit: event.head(),
            version: before.version.saturating_add(1),
            updated_at: now,
            ..before.clone()
        };
        let pk = pk(&before.process_id);
        let mut transaction = Transaction::new(&self.ledger);
        if before.mode == Mode::Live {
            transaction.holds_lock(before)?;
        }
        let number = |number: u64| AttributeValue::N(number.to_string());
        let values = Item::from([
            (":before".into(), number(before.version)),
            (":version".into(), number(after.version)),
            (":audit".into(), head(&pk, &after.audit)?),
            (":now".into(), text(now.to_string())),
        ]);
        let set = "SET version = :version, audit = :audit, updated_at = :now";
        transaction.update(key(&pk, META), set, Some("version = :before"), values, &pk)?;
        let sk = format!("{}{}", votes_prefix(vote.round), vote.person);
        transaction.put(item(&pk, &sk, vote)?, Some(("attribute_not_exists(pk)", Item::new())), &pk)?;
        self.event(&mut transaction, &event)?;
        transaction.write().await?;
        Ok(after)
    }
}

fn head(pk: &str, head: &Head) -> Result<AttributeValue, LedgerError> {
    serde_dynamo::aws_sdk_dynamodb_1::to_attribute_value(head)
        .map_err(|cause| LedgerError::Unreadable { key: format!("{pk}/{META}"), cause: cause.to_string() })
}
