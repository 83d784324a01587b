//! A ledger's table, read and changed from outside.

use serde_json::{Map, Value, json};

use crate::ministack::MiniStack;

/// A table of its own for one world.
#[derive(Debug, Clone)]
pub struct Ledger {
    aws: &'static MiniStack,
    table: String,
}

impl Ledger {
    pub(crate) async fn create(aws: &'static MiniStack, table: String) -> Self {
        let key = |name: &str, kind: &str| json!({"AttributeName": name, "KeyType": kind});
        let attribute = |name: &str| json!({"AttributeName": name, "AttributeType": "S"});
        let body = json!({
            "TableName": table,
            "KeySchema": [key("pk", "HASH"), key("sk", "RANGE")],
            "AttributeDefinitions": [attribute("pk"), attribute("sk")],
            "BillingMode": "PAY_PER_REQUEST",
        });
        aws.json("dynamodb", "DynamoDB_20120810.CreateTable", &body).await;
        Self { aws, table }
    }

    pub(crate) fn table(&self) -> &str {
        &self.table
    }

    async fn ask(&self, operation: &str, mut body: Value) -> Value {
        body["TableName"] = self.table.clone().into();
        self.aws.json("dynamodb", &format!("DynamoDB_20120810.{operation}"), &body).await
    }

    /// Every item, as plain JSON.
    pub async fn items(&self) -> Vec<Value> {
        let mut items = Vec::new();
        let mut start = Value::Null;
        loop {
            let mut body = json!({"ConsistentRead": true});
            if !start.is_null() {
                body["ExclusiveStartKey"] = start;
            }
            let page = self.ask("Scan", body).await;
            items.extend(page["Items"].as_array().into_iter().flatten().map(plain_item));
            start = page.get("LastEvaluatedKey").cloned().unwrap_or_default();
            if start.is_null() {
                return items;
            }
        }
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

    /// Writes an item: an object with `pk`, `sk` and whatever else.
    pub async fn put(&self, item: Value) {
        let Value::Object(fields) = item else { panic!("an item is an object") };
        self.ask("PutItem", json!({"Item": typed_item(&fields)})).await;
    }

    /// Takes an item away.
    pub async fn delete(&self, pk: &str, sk: &str) {
        self.ask("DeleteItem", json!({"Key": {"pk": {"S": pk}, "sk": {"S": sk}}})).await;
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
        self.delete("PAUSE", "META").await;
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
