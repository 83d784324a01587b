//! The ledger, replayed along the calls that wrote it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::calls::Call;
use crate::table::plain_item;

/// `pk` and `sk`.
pub(crate) type Key = (String, String);

/// The ledger as it was after some of the calls.
#[derive(Debug, Default)]
pub(crate) struct Replay {
    items: BTreeMap<Key, Written>,
}

/// An item as it was last written.
#[derive(Debug)]
pub(crate) struct Written {
    pub(crate) item: Value,
    /// The partitions that the same transaction checked.
    pub(crate) checked: BTreeSet<String>,
}

fn key_of(item: &Value) -> Key {
    let part = |name: &str| item[name].as_str().unwrap_or_default().to_owned();
    (part("pk"), part("sk"))
}

impl Replay {
    /// Takes a call that DynamoDB answered with success.
    pub(crate) fn write(&mut self, call: &Call) {
        match call.action.as_str() {
            "PutItem" => self.put(&call.fields["Item"], BTreeSet::new()),
            "DeleteItem" => self.delete(&call.fields["Key"]),
            "TransactWriteItems" => {
                let parts: Vec<&Value> = call.fields["TransactItems"].as_array().into_iter().flatten().collect();
                let checks = parts.iter().filter_map(|part| part.get("ConditionCheck"));
                let checked: BTreeSet<String> = checks.map(|check| key_of(&plain_item(&check["Key"])).0).collect();
                for part in &parts {
                    if let Some(put) = part.get("Put") {
                        self.put(&put["Item"], checked.clone());
                    }
                    if let Some(delete) = part.get("Delete") {
                        self.delete(&delete["Key"]);
                    }
                    if let Some(update) = part.get("Update") {
                        self.update(update, &checked);
                    }
                }
            }
            "GetItem" | "BatchGetItem" | "Query" => {}
            other => panic!("{other} cannot be replayed"),
        }
    }

    fn put(&mut self, item: &Value, checked: BTreeSet<String>) {
        let item = plain_item(item);
        self.items.insert(key_of(&item), Written { item, checked });
    }

    /// `SET a = :a, b = :b ADD c :c`, where either part may be missing.
    fn update(&mut self, update: &Value, checked: &BTreeSet<String>) {
        let key = plain_item(&update["Key"]);
        let values = plain_item(&update["ExpressionAttributeValues"]);
        let expression = update["UpdateExpression"].as_str().unwrap_or_default();
        let (set, add) = expression.split_once("ADD ").unwrap_or((expression, ""));
        let known = self.items.remove(&key_of(&key)).map(|written| written.item);
        let mut item = known.unwrap_or_else(|| key.clone());
        for assignment in set.trim_start_matches("SET ").split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (name, value) =
                assignment.split_once(" = ").unwrap_or_else(|| panic!("{expression} cannot be replayed"));
            item[name] = values[value].clone();
        }
        for addition in add.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (name, value) = addition.split_once(' ').unwrap_or_else(|| panic!("{expression} cannot be replayed"));
            let sum = item[name].as_i64().unwrap_or_default() + values[value].as_i64().unwrap_or_default();
            item[name] = sum.into();
        }
        self.items.insert(key_of(&key), Written { item, checked: checked.clone() });
    }

    fn delete(&mut self, key: &Value) {
        self.items.remove(&key_of(&plain_item(key)));
    }

    pub(crate) fn get(&self, pk: &str, sk: &str) -> Option<&Written> {
        self.items.get(&(pk.to_owned(), sk.to_owned()))
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Written> {
        self.items.values()
    }

    pub(crate) fn partition<'a>(&'a self, pk: &'a str) -> impl Iterator<Item = &'a Written> {
        self.items.iter().filter(move |((of, _), _)| of == pk).map(|(_, written)| written)
    }
}
