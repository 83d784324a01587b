//! A DynamoDB table, read and changed from outside, its items as plain JSON.

use serde_json::{Map, Value, json};

use crate::ministack::MiniStack;

/// One table.
#[derive(Debug, Clone)]
pub struct Table {
    aws: &'static MiniStack,
    name: String,
    keys: &'static [Key],
}

/// A key's name and the type of its attribute.
pub(crate) type Key = (&'static str, &'static str);

/// How many writes a batch takes.
const BATCH: usize = 25;

impl Table {
    /// Makes a table with this partition key, and this sort key if there are two.
    pub(crate) async fn create(aws: &'static MiniStack, name: String, keys: &'static [Key]) -> Self {
        let kinds = ["HASH", "RANGE"].into_iter();
        let schema = keys.iter().zip(kinds).map(|((name, _), kind)| json!({"AttributeName": name, "KeyType": kind}));
        let attributes = keys.iter().map(|(name, kind)| json!({"AttributeName": name, "AttributeType": kind}));
        let body = json!({
            "TableName": name,
            "KeySchema": schema.collect::<Vec<_>>(),
            "AttributeDefinitions": attributes.collect::<Vec<_>>(),
            "BillingMode": "PAY_PER_REQUEST",
        });
        aws.json("dynamodb", "DynamoDB_20120810.CreateTable", &body).await;
        Self { aws, name, keys }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    async fn ask(&self, operation: &str, mut body: Value) -> Value {
        body["TableName"] = self.name.clone().into();
        self.aws.json("dynamodb", &format!("DynamoDB_20120810.{operation}"), &body).await
    }

    async fn typed_items(&self) -> Vec<Value> {
        let mut items = Vec::new();
        let mut start = Value::Null;
        loop {
            let mut body = json!({"ConsistentRead": true});
            if !start.is_null() {
                body["ExclusiveStartKey"] = start;
            }
            let page = self.ask("Scan", body).await;
            items.extend(page["Items"].as_array().into_iter().flatten().cloned());
            start = page.get("LastEvaluatedKey").cloned().unwrap_or_default();
            if start.is_null() {
                return items;
            }
        }
    }

    /// Every item.
    pub async fn items(&self) -> Vec<Value> {
        self.typed_items().await.iter().map(plain_item).collect()
    }

    /// Writes an item: an object with the keys and whatever else.
    pub async fn put(&self, item: Value) {
        let Value::Object(fields) = item else { panic!("an item is an object") };
        self.ask("PutItem", json!({"Item": typed_item(&fields)})).await;
    }

    /// Takes an item away, which is found by its keys.
    pub async fn delete(&self, item: &Value) {
        let key = self.keys.iter().map(|(name, _)| ((*name).to_owned(), typed(&item[*name])));
        self.ask("DeleteItem", json!({"Key": key.collect::<Map<_, _>>()})).await;
    }

    /// Takes over every item of another table.
    pub(crate) async fn copy_from(&self, other: &Self) {
        for items in other.typed_items().await.chunks(BATCH) {
            let puts: Vec<Value> = items.iter().map(|item| json!({"PutRequest": {"Item": item}})).collect();
            let mut tables = Map::new();
            tables.insert(self.name.clone(), puts.into());
            let body = json!({"RequestItems": tables});
            let left = self.aws.json("dynamodb", "DynamoDB_20120810.BatchWriteItem", &body).await;
            let unprocessed = left["UnprocessedItems"].as_object().is_some_and(|tables| !tables.is_empty());
            assert!(!unprocessed, "not everything was copied: {left}");
        }
    }
}

fn typed_item(fields: &Map<String, Value>) -> Value {
    Value::Object(fields.iter().map(|(name, value)| (name.clone(), typed(value))).collect())
}

fn typed(value: &Value) -> Value {
    match value {
        Value::Null => json!({"NULL": true}),
        Value::Bool(it) => json!({"BOOL": it}),
        Value::Number(it) => json!({"N": it.to_string()}),
        Value::String(it) => json!({"S": it}),
        Value::Array(items) => json!({"L": items.iter().map(typed).collect::<Vec<_>>()}),
        Value::Object(fields) => json!({"M": typed_item(fields)}),
    }
}

/// An item as DynamoDB writes it, as plain JSON.
pub(crate) fn plain_item(item: &Value) -> Value {
    let fields = item.as_object().into_iter().flatten();
    Value::Object(fields.map(|(name, value)| (name.clone(), plain(value))).collect())
}

fn plain(attribute: &Value) -> Value {
    let (kind, value) = attribute.as_object().and_then(|it| it.iter().next()).expect("a typed attribute");
    match kind.as_str() {
        "NULL" => Value::Null,
        "N" => value.as_str().and_then(|text| serde_json::from_str(text).ok()).expect("a number"),
        "L" => value.as_array().into_iter().flatten().map(plain).collect(),
        "M" => plain_item(value),
        _ => value.clone(),
    }
}
