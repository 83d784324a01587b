//! One transaction: its writes and conditions, and what each failed condition means.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{ConditionCheck, Delete, Put, TransactWriteItem, Update};
use aws_smithy_types::error::operation::BuildError;

use super::table::{Item, Ledger, LedgerError};
use crate::error::AwsError;

fn unbuildable(error: BuildError) -> LedgerError {
    AwsError::refused("TransactWriteItems", error.to_string()).into()
}

/// The writes of one transaction, and what each failed condition means.
pub(super) struct Transaction<'a> {
    ledger: &'a Ledger,
    items: Vec<TransactWriteItem>,
    meanings: Vec<LedgerError>,
}

impl<'a> Transaction<'a> {
    pub(super) fn new(ledger: &'a Ledger) -> Self {
        Self { ledger, items: Vec::new(), meanings: Vec::new() }
    }

    /// The ledger that it writes.
    pub(super) fn ledger(&self) -> &'a Ledger {
        self.ledger
    }

    pub(super) fn check(
        &mut self,
        at: Item,
        condition: &str,
        values: Item,
        meaning: LedgerError,
    ) -> Result<(), LedgerError> {
        self.check_named(at, condition, HashMap::new(), values, meaning)
    }

    /// A condition that calls attributes by other names than their own.
    pub(super) fn check_named(
        &mut self,
        at: Item,
        condition: &str,
        names: HashMap<String, String>,
        values: Item,
        meaning: LedgerError,
    ) -> Result<(), LedgerError> {
        let check = ConditionCheck::builder()
            .table_name(&self.ledger.table)
            .set_key(Some(at))
            .condition_expression(condition)
            .set_expression_attribute_names((!names.is_empty()).then_some(names))
            .set_expression_attribute_values((!values.is_empty()).then_some(values))
            .build()
            .map_err(unbuildable)?;
        self.items.push(TransactWriteItem::builder().condition_check(check).build());
        self.meanings.push(meaning);
        Ok(())
    }

    /// Puts an item that replaces what the condition names.
    pub(super) fn put(&mut self, new: Item, condition: Option<(&str, Item)>, what: &str) -> Result<(), LedgerError> {
        let meaning = LedgerError::Conflict { key: what.to_owned() };
        let ledger = self.ledger;
        self.put_in(&ledger.table, new, condition, meaning)
    }

    /// Puts an item into another table.
    pub(super) fn put_in(
        &mut self,
        table: &str,
        new: Item,
        condition: Option<(&str, Item)>,
        meaning: LedgerError,
    ) -> Result<(), LedgerError> {
        let mut put = Put::builder().table_name(table).set_item(Some(new));
        if let Some((condition, values)) = condition {
            put = put
                .condition_expression(condition)
                .set_expression_attribute_values((!values.is_empty()).then_some(values));
        }
        let put = put.build().map_err(unbuildable)?;
        self.items.push(TransactWriteItem::builder().put(put).build());
        self.meanings.push(meaning);
        Ok(())
    }

    /// Changes those attributes of an item that the expression names, and leaves the others as they are.
    pub(super) fn update(
        &mut self,
        at: Item,
        expression: &str,
        condition: Option<&str>,
        values: Item,
        what: &str,
    ) -> Result<(), LedgerError> {
        let update = Update::builder()
            .table_name(&self.ledger.table)
            .set_key(Some(at))
            .update_expression(expression)
            .set_condition_expression(condition.map(str::to_owned))
            .set_expression_attribute_values(Some(values))
            .build()
            .map_err(unbuildable)?;
        self.items.push(TransactWriteItem::builder().update(update).build());
        self.meanings.push(LedgerError::Conflict { key: what.to_owned() });
        Ok(())
    }

    pub(super) fn delete(&mut self, at: Item, what: &str) -> Result<(), LedgerError> {
        let delete = Delete::builder().table_name(&self.ledger.table).set_key(Some(at)).build().map_err(unbuildable)?;
        self.items.push(TransactWriteItem::builder().delete(delete).build());
        self.meanings.push(LedgerError::Conflict { key: what.to_owned() });
        Ok(())
    }

    pub(super) async fn write(self) -> Result<(), LedgerError> {
        let Self { ledger, items, meanings } = self;
        let unknown = || LedgerError::Conflict { key: "an item of the transaction".into() };
        ledger.transact(items, |at| meanings.get(at).cloned().unwrap_or_else(unknown)).await
    }
}
