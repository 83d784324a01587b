//! A ledger's table, read and changed from outside.

use std::ops::Deref;

use serde_json::{Value, json};

use crate::ministack::MiniStack;
use crate::table::Table;

/// A table of its own for one world.
#[derive(Debug, Clone)]
pub struct Ledger(Table);

impl Deref for Ledger {
    type Target = Table;

    fn deref(&self) -> &Table {
        &self.0
    }
}

impl Ledger {
    pub(crate) async fn create(aws: &'static MiniStack, name: String) -> Self {
        Self(Table::create(aws, name, &[("pk", "S"), ("sk", "S")]).await)
    }

    /// The items of a partition.
    pub async fn partition(&self, pk: &str) -> Vec<Value> {
        let mut items = self.items().await;
        items.retain(|item| item["pk"] == pk);
        items
    }

    /// One item.
    pub async fn item(&self, pk: &str, sk: &str) -> Option<Value> {
        self.partition(pk).await.into_iter().find(|item| item["sk"] == sk)
    }

    /// Takes an item away.
    pub async fn remove(&self, pk: &str, sk: &str) {
        self.delete(&json!({"pk": pk, "sk": sk})).await;
    }

    /// Replaces one attribute of an item that is there.
    pub async fn set(&self, pk: &str, sk: &str, attribute: &str, value: Value) {
        let mut item = self.item(pk, sk).await.unwrap_or_else(|| panic!("there is no item {pk}/{sk}"));
        item[attribute] = value;
        self.put(item).await;
    }

    /// The kill switch.
    pub async fn pause(&self) {
        self.put(json!({"pk": "PAUSE", "sk": "META"})).await;
    }

    /// The kill switch, off again.
    pub async fn resume(&self) {
        self.remove("PAUSE", "META").await;
    }
}
