//! The table: items in and out, pages, and what a failed write means.

use std::collections::HashMap;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sunset_domain::canonical::NotCanonical;
use sunset_domain::process::status::NoSuchTransition;

use crate::error::{AwsError, AwsErrorKind};

/// An item, or the names and values of an expression.
pub(super) type Item = HashMap<String, AttributeValue>;

/// The ledger.
#[derive(Debug, Clone)]
pub struct Ledger {
    pub(super) dynamodb: aws_sdk_dynamodb::Client,
    pub(super) table: String,
}

/// Why the ledger could not be read or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// DynamoDB did not do it.
    #[error(transparent)]
    Aws(#[from] AwsError),
    /// An item that this release cannot read.
    #[error("item {key} of the ledger cannot be read: {cause}")]
    Unreadable {
        /// Its key.
        key: String,
        /// Why.
        cause: String,
    },
    /// Somebody wrote the item in between.
    #[error("{key} was written by somebody else in between")]
    Conflict {
        /// Its key.
        key: String,
    },
    /// Another run holds the lock.
    #[error("run {run_id} does not hold the lock: another run is at work, or this one was given up")]
    LockLost {
        /// The run that wanted to act.
        run_id: String,
    },
    /// The kill switch is on.
    #[error("paused: item PAUSE is in the ledger, and while it is there nothing is changed")]
    Paused,
    /// A decommission process holds the resource.
    #[error("{resource_id} is held by a decommission process, which alone may change it")]
    HeldByProcess {
        /// The resource.
        resource_id: String,
    },
    /// ami-cleanup is at work on the image.
    #[error("ami-cleanup is at work on {image_id}: restore it first, or let ami-cleanup take it")]
    HeldByAmiCleanup {
        /// The image.
        image_id: String,
    },
    /// The process does not hold its resource any more.
    #[error("process {process_id} does not hold {resource_id} any more: its lock was released")]
    ProcessLockLost {
        /// The process.
        process_id: String,
        /// The resource.
        resource_id: String,
    },
    /// What the process was to become it cannot become.
    #[error(transparent)]
    Transition(#[from] NoSuchTransition),
    /// An audit event that cannot be written down: nothing happens without one.
    #[error("an audit event {0}")]
    Audit(#[from] NotCanonical),
    /// The run was closed by its report.
    #[error("run {run_id} is closed: nothing acts in its name any more")]
    RunClosed {
        /// The run.
        run_id: String,
    },
}

pub(super) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

pub(super) fn key(pk: &str, sk: &str) -> Item {
    Item::from([("pk".into(), text(pk)), ("sk".into(), text(sk))])
}

fn shown(pk: &str, sk: &str) -> String {
    format!("{pk}/{sk}")
}

/// A record as an item with its key.
pub(super) fn item<T: Serialize>(pk: &str, sk: &str, record: &T) -> Result<Item, LedgerError> {
    let unreadable =
        |cause: serde_dynamo::Error| LedgerError::Unreadable { key: shown(pk, sk), cause: cause.to_string() };
    let mut item: Item = serde_dynamo::aws_sdk_dynamodb_1::to_item(record).map_err(unreadable)?;
    item.extend(key(pk, sk));
    Ok(item)
}

pub(super) fn record<T: DeserializeOwned>(item: Item) -> Result<T, LedgerError> {
    let part = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default();
    let key = shown(&part("pk"), &part("sk"));
    serde_dynamo::aws_sdk_dynamodb_1::from_item(item)
        .map_err(|cause| LedgerError::Unreadable { key, cause: cause.to_string() })
}

impl Ledger {
    /// The ledger in `table`.
    #[must_use]
    pub fn new(dynamodb: aws_sdk_dynamodb::Client, table: impl Into<String>) -> Self {
        Self { dynamodb, table: table.into() }
    }

    /// Reads one item as it is now.
    pub(super) async fn get<T: DeserializeOwned>(&self, pk: &str, sk: &str) -> Result<Option<T>, LedgerError> {
        let answer = self
            .dynamodb
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key(pk, sk)))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| AwsError::of("GetItem", &error))?;
        answer.item.map(record).transpose()
    }

    /// Reads every item of a partition whose sort key begins with `prefix`, as they are now.
    pub(super) async fn all<T: DeserializeOwned>(&self, pk: &str, prefix: &str) -> Result<Vec<T>, LedgerError> {
        let mut records = Vec::new();
        let mut start = None;
        loop {
            let mut query = self
                .dynamodb
                .query()
                .table_name(&self.table)
                .consistent_read(true)
                .set_exclusive_start_key(start)
                .expression_attribute_values(":pk", text(pk));
            query = if prefix.is_empty() {
                query.key_condition_expression("pk = :pk")
            } else {
                query
                    .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
                    .expression_attribute_values(":prefix", text(prefix))
            };
            let page = query.send().await.map_err(|error| AwsError::of("Query", &error))?;
            for item in page.items.unwrap_or_default() {
                records.push(record(item)?);
            }
            start = page.last_evaluated_key.filter(|key| !key.is_empty());
            if start.is_none() {
                return Ok(records);
            }
        }
    }

    /// Writes an item under a condition; `false`: the condition did not hold.
    pub(super) async fn put_if(
        &self,
        item: Item,
        condition: &str,
        names: HashMap<String, String>,
        values: Item,
    ) -> Result<bool, LedgerError> {
        let answer = self
            .dynamodb
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression(condition)
            .set_expression_attribute_names((!names.is_empty()).then_some(names))
            .set_expression_attribute_values((!values.is_empty()).then_some(values))
            .send()
            .await;
        match answer.map_err(|error| AwsError::of("PutItem", &error)) {
            Ok(_) => Ok(true),
            Err(error) if error.kind == AwsErrorKind::ConditionFailed => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes an item, whatever was there.
    pub(super) async fn put(&self, item: Item) -> Result<(), LedgerError> {
        self.dynamodb
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .send()
            .await
            .map_err(|error| AwsError::of("PutItem", &error))?;
        Ok(())
    }

    /// Deletes an item under a condition; `false`: the condition did not hold.
    pub(super) async fn delete_if(&self, key: Item, condition: &str, values: Item) -> Result<bool, LedgerError> {
        let answer = self
            .dynamodb
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(key))
            .condition_expression(condition)
            .set_expression_attribute_values((!values.is_empty()).then_some(values))
            .send()
            .await;
        match answer.map_err(|error| AwsError::of("DeleteItem", &error)) {
            Ok(_) => Ok(true),
            Err(error) if error.kind == AwsErrorKind::ConditionFailed => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes all or nothing. `on_failed` says what it means that the condition of the item at an index did not hold.
    pub(super) async fn transact(
        &self,
        items: Vec<TransactWriteItem>,
        on_failed: impl Fn(usize) -> LedgerError,
    ) -> Result<(), LedgerError> {
        let Err(error) = self.dynamodb.transact_write_items().set_transact_items(Some(items)).send().await else {
            return Ok(());
        };
        if let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error.as_service_error() {
            let codes: Vec<&str> =
                cancelled.cancellation_reasons().iter().map(|reason| reason.code().unwrap_or_default()).collect();
            if let Some(at) = codes.iter().position(|code| *code == "ConditionalCheckFailed") {
                return Err(on_failed(at));
            }
            let kind = if codes.contains(&"TransactionConflict") {
                return Err(LedgerError::Conflict { key: "an item of the transaction".into() });
            } else if codes.iter().any(|code| matches!(*code, "ThrottlingError" | "ProvisionedThroughputExceeded")) {
                AwsErrorKind::Throttled
            } else {
                AwsErrorKind::Refused
            };
            return Err(AwsError {
                operation: "TransactWriteItems",
                kind,
                code: Some("TransactionCanceledException".into()),
                message: codes.join(", "),
            }
            .into());
        }
        Err(AwsError::of("TransactWriteItems", &error).into())
    }
}
