//! A table: how its items are keyed, and its items.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Item, Refusal, units};

/// A table's items by the values of their partition key and their sort key; the latter is empty where there is none.
pub type Items = BTreeMap<(String, String), Item>;

/// A table.
#[derive(Debug, Clone)]
pub struct Table {
    key: Key,
    /// Its items.
    pub items: Items,
}

/// The attributes of a table's key. The first is a text.
#[derive(Debug, Clone, Copy)]
pub enum Key {
    /// A partition key alone.
    One(&'static str),
    /// A partition key and a sort key, a text too.
    Two(&'static str, &'static str),
    /// A partition key and a sort key that is a number from nought.
    Numbered(&'static str, &'static str),
}

impl Table {
    /// An empty table.
    #[must_use]
    pub fn new(key: Key) -> Self {
        Self { key, items: Items::new() }
    }

    /// The key that a request names by all its attributes and nothing else.
    pub(super) fn key(&self, named: &Item) -> Result<(String, String), Refusal> {
        let parts = if matches!(self.key, Key::One(_)) { 1 } else { 2 };
        if named.len() != parts {
            return Err(Refusal::invalid("The provided key element does not match the schema"));
        }
        self.key_of(named)
    }

    /// The key of an item.
    pub(super) fn key_of(&self, item: &Item) -> Result<(String, String), Refusal> {
        let part = |name: &str, kind: &str| {
            let value = item.get(name).and_then(|value| value.get(kind).and_then(Value::as_str));
            value.map(str::to_owned).ok_or_else(|| Refusal::invalid(format!("the key {name} is missing or no {kind}")))
        };
        Ok(match self.key {
            Key::One(hash) => (part(hash, "S")?, String::new()),
            Key::Two(hash, range) => (part(hash, "S")?, part(range, "S")?),
            // Numbers as long as each other are in the order of their digits.
            Key::Numbered(hash, range) => (part(hash, "S")?, format!("{:0>20}", part(range, "N")?)),
        })
    }

    /// Adds an item.
    ///
    /// # Errors
    /// It has no such key.
    pub fn put(&mut self, item: Item) -> Result<(), String> {
        let key = self.key_of(&item).map_err(|refusal| refusal.message)?;
        self.items.insert(key, item);
        Ok(())
    }

    /// How much it holds, as DynamoDB reckons it.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.items.values().map(units::size).sum()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn item(value: &Value) -> &Item {
        value.as_object().unwrap()
    }

    #[test]
    fn numbered_items_are_in_the_order_of_their_numbers() {
        let mut table = Table::new(Key::Numbered("process_id", "seq"));
        for seq in ["10", "9", "1"] {
            table.put(item(&json!({"process_id": {"S": "p"}, "seq": {"N": seq}})).clone()).unwrap();
        }
        let order: Vec<&Value> = table.items.values().map(|item| &item["seq"]["N"]).collect();
        assert_eq!(order, ["1", "9", "10"]);
    }

    #[test]
    fn a_key_names_every_part_and_nothing_else() {
        let table = Table::new(Key::Two("pk", "sk"));
        assert!(table.key(item(&json!({"pk": {"S": "a"}, "sk": {"S": "b"}}))).is_ok());
        for wrong in [
            json!({"pk": {"S": "a"}}),
            json!({"pk": {"S": "a"}, "sk": {"N": "1"}}),
            json!({"pk": {"S": "a"}, "sk": {"S": "b"}, "more": {"S": "c"}}),
        ] {
            assert!(table.key(item(&wrong)).is_err(), "{wrong}");
        }
        assert!(Table::new(Key::One("ResourceId")).key(item(&json!({"ResourceId": {"S": "i-1"}}))).is_ok());
    }
}
