//! DynamoDB: tables in memory, with the calls and conditions that the ledger and its audit trail use.

mod expression;
mod table;
mod units;
mod update;

use std::collections::BTreeMap;

use bytes::Bytes;
use hyper::Request;
use serde_json::{Map, Value, json};

use self::expression::Expression;
pub use self::table::{Items, Key, Table};
use self::update::Update;
use super::journal::Journal;
use super::serve::Answer;
use super::{Service, Shared};

/// An item, each value under its type: `{"pk": {"S": "…"}}`.
pub type Item = Map<String, Value>;

/// Tables by name.
pub type Tables = BTreeMap<String, Table>;

/// How much tables hold, as DynamoDB reckons it.
#[must_use]
pub fn bytes(tables: &Tables) -> usize {
    tables.values().map(Table::bytes).sum()
}

const JSON: &str = "application/x-amz-json-1.0";

/// A refusal: its code, its message and, of a transaction, its reasons.
struct Refusal {
    code: &'static str,
    message: String,
    reasons: Option<Value>,
}

impl Refusal {
    fn invalid(message: impl Into<String>) -> Self {
        Self { code: "ValidationException", message: message.into(), reasons: None }
    }
}

pub(super) fn answer(shared: &Shared, request: &Request<Bytes>) -> Answer {
    let target = request.headers().get("x-amz-target").and_then(|header| header.to_str().ok()).unwrap_or_default();
    let action = target.strip_prefix("DynamoDB_20120810.").unwrap_or(target);
    let mut state = shared.state();
    let mut journal = shared.journal();
    let result = serde_json::from_slice(request.body())
        .map_err(|error| Refusal::invalid(error.to_string()))
        .and_then(|input: Map<String, Value>| act(action, &input, &mut state.tables, &mut journal));
    match result {
        Ok(output) => {
            journal.record(Service::DynamoDb.prefix(), action, None);
            Answer::ok(JSON, output.to_string())
        }
        Err(Refusal { code, message, reasons }) => {
            journal.record(Service::DynamoDb.prefix(), action, Some(code));
            let mut body = json!({"__type": format!("com.amazonaws.dynamodb.v20120810#{code}"), "message": message});
            if let (Some(reasons), Some(body)) = (reasons, body.as_object_mut()) {
                body.insert("CancellationReasons".into(), reasons);
            }
            Answer { status: 400, content_type: JSON, body: body.to_string().into() }
        }
    }
}

fn act(action: &str, input: &Item, tables: &mut Tables, journal: &mut Journal) -> Result<Value, Refusal> {
    match action {
        "GetItem" => {
            only(input, &["TableName", "Key", "ConsistentRead"])?;
            let table = table(tables, input)?;
            let item = table.items.get(&table.key(map(input, "Key")?)?);
            journal.read_units += units::read(item.map_or(0, units::size));
            Ok(item.map_or_else(|| json!({}), |item| json!({"Item": item})))
        }
        "BatchGetItem" => batch_get(input, tables, journal),
        "Query" => query(input, tables, journal),
        "PutItem" | "DeleteItem" => {
            only(input, &["TableName", "Item", "Key", "ConditionExpression", NAMES, VALUES])?;
            let write = Write::of(action, input, tables)?;
            journal.write_units += write.units(tables)?;
            if !write.allowed(tables)? {
                return Err(Refusal {
                    code: "ConditionalCheckFailedException",
                    message: "The conditional request failed".into(),
                    reasons: None,
                });
            }
            write.apply(tables)?;
            Ok(json!({}))
        }
        "TransactWriteItems" => transact(input, tables, journal),
        _ => Err(Refusal {
            code: "UnknownOperationException",
            message: format!("{action} is not served here"),
            reasons: None,
        }),
    }
}

const NAMES: &str = "ExpressionAttributeNames";
const VALUES: &str = "ExpressionAttributeValues";

/// Refuses what would otherwise be ignored.
fn only(input: &Item, served: &[&str]) -> Result<(), Refusal> {
    // Neither changes what is done.
    let harmless = |name: &str| name == "ReturnConsumedCapacity" || name == "ClientRequestToken";
    match input.keys().find(|name| !served.contains(&name.as_str()) && !harmless(name)) {
        Some(name) => Err(Refusal::invalid(format!("{name} is not served here"))),
        None => Ok(()),
    }
}

fn map<'a>(input: &'a Item, name: &str) -> Result<&'a Item, Refusal> {
    input.get(name).and_then(Value::as_object).ok_or_else(|| Refusal::invalid(format!("{name} is missing")))
}

fn text<'a>(input: &'a Item, name: &str) -> Result<&'a str, Refusal> {
    input.get(name).and_then(Value::as_str).ok_or_else(|| Refusal::invalid(format!("{name} is missing")))
}

fn table<'a>(tables: &'a Tables, input: &Item) -> Result<&'a Table, Refusal> {
    named(tables, text(input, "TableName")?)
}

fn named<'a>(tables: &'a Tables, name: &str) -> Result<&'a Table, Refusal> {
    tables.get(name).ok_or_else(|| Refusal {
        code: "ResourceNotFoundException",
        message: format!("no such table: {name}"),
        reasons: None,
    })
}

fn expression<'a>(input: &'a Item, text: &'a str) -> Expression<'a> {
    let part = |name: &str| input.get(name).and_then(Value::as_object);
    Expression { text, names: part(NAMES), values: part(VALUES) }
}

fn batch_get(input: &Item, tables: &Tables, journal: &mut Journal) -> Result<Value, Refusal> {
    only(input, &["RequestItems"])?;
    let mut responses = Map::new();
    for (name, wanted) in map(input, "RequestItems")? {
        let table = named(tables, name)?;
        let keys = wanted.get("Keys").and_then(Value::as_array).ok_or_else(|| Refusal::invalid("Keys is missing"))?;
        let mut items = Vec::new();
        for key in keys {
            let key = table.key(key.as_object().ok_or_else(|| Refusal::invalid("a key is no map"))?)?;
            let item = table.items.get(&key);
            journal.read_units += units::read(item.map_or(0, units::size));
            items.extend(item.map(|item| Value::Object(item.clone())));
        }
        responses.insert(name.clone(), Value::Array(items));
    }
    Ok(json!({"Responses": responses, "UnprocessedKeys": {}}))
}

/// Everything in one page: no partition of the bench comes near the megabyte where DynamoDB would begin a second.
fn query(input: &Item, tables: &Tables, journal: &mut Journal) -> Result<Value, Refusal> {
    only(input, &["TableName", "KeyConditionExpression", "ConsistentRead", NAMES, VALUES])?;
    let condition = expression(input, text(input, "KeyConditionExpression")?);
    let mut items = Vec::new();
    let mut bytes = 0;
    for item in table(tables, input)?.items.values() {
        if condition.holds(Some(item)).map_err(Refusal::invalid)? {
            bytes += units::size(item);
            items.push(Value::Object(item.clone()));
        }
    }
    journal.read_units += units::read(bytes);
    Ok(json!({"Count": items.len(), "ScannedCount": items.len(), "Items": items}))
}

/// One write, by itself or in a transaction.
struct Write<'a> {
    table: &'a str,
    key: (String, String),
    condition: Option<Expression<'a>>,
    change: Change<'a>,
}

enum Change<'a> {
    Nothing,
    Put(&'a Item),
    Set(&'a Item, Update<'a>),
    Delete,
}

impl<'a> Write<'a> {
    fn of(kind: &str, input: &'a Item, tables: &Tables) -> Result<Self, Refusal> {
        let table = table(tables, input)?;
        let key = || table.key(map(input, "Key")?);
        let (key, change) = match kind {
            "PutItem" | "Put" => {
                let item = map(input, "Item")?;
                (table.key_of(item)?, Change::Put(item))
            }
            "DeleteItem" | "Delete" => (key()?, Change::Delete),
            "Update" => {
                let update =
                    Update::of(expression(input, text(input, "UpdateExpression")?)).map_err(Refusal::invalid)?;
                (key()?, Change::Set(map(input, "Key")?, update))
            }
            "ConditionCheck" => (key()?, Change::Nothing),
            other => return Err(Refusal::invalid(format!("{other} is not served here"))),
        };
        let condition = input.get("ConditionExpression").and_then(Value::as_str).map(|text| expression(input, text));
        Ok(Self { table: text(input, "TableName")?, key, condition, change })
    }

    fn before<'t>(&self, tables: &'t Tables) -> Result<Option<&'t Item>, Refusal> {
        Ok(named(tables, self.table)?.items.get(&self.key))
    }

    fn allowed(&self, tables: &Tables) -> Result<bool, Refusal> {
        let item = self.before(tables)?;
        self.condition.map_or(Ok(true), |condition| condition.holds(item)).map_err(Refusal::invalid)
    }

    /// The item afterwards, if there is one.
    fn after(&self, before: Option<&Item>) -> Option<Item> {
        match &self.change {
            Change::Nothing => before.cloned(),
            Change::Put(item) => Some((*item).clone()),
            Change::Set(key, update) => Some(update.applied(before, key)),
            Change::Delete => None,
        }
    }

    /// A write takes the units of the larger of the item before and the item after.
    fn units(&self, tables: &Tables) -> Result<u64, Refusal> {
        let before = self.before(tables)?;
        let after = self.after(before).as_ref().map_or(0, units::size);
        Ok(units::write(before.map_or(0, units::size).max(after)))
    }

    fn apply(self, tables: &mut Tables) -> Result<(), Refusal> {
        let after = self.after(self.before(tables)?);
        let Some(Table { items, .. }) = tables.get_mut(self.table) else {
            return Err(Refusal::invalid("no such table"));
        };
        match after {
            Some(item) => items.insert(self.key, item),
            None => items.remove(&self.key),
        };
        Ok(())
    }
}

fn transact(input: &Item, tables: &mut Tables, journal: &mut Journal) -> Result<Value, Refusal> {
    only(input, &["TransactItems"])?;
    let items = input.get("TransactItems").and_then(Value::as_array);
    let items = items.ok_or_else(|| Refusal::invalid("TransactItems is missing"))?;
    let mut writes = Vec::new();
    for item in items {
        let (kind, inner) = item
            .as_object()
            .and_then(|item| item.iter().next())
            .and_then(|(kind, inner)| Some((kind, inner.as_object()?)))
            .ok_or_else(|| Refusal::invalid("an empty item in a transaction"))?;
        writes.push(Write::of(kind, inner, tables)?);
    }
    let mut codes = Vec::new();
    for write in &writes {
        journal.write_units += 2 * write.units(tables)?;
        codes.push(if write.allowed(tables)? { "None" } else { "ConditionalCheckFailed" });
    }
    if codes.iter().any(|code| *code != "None") {
        let reasons = codes.iter().map(|code| json!({"Code": code})).collect();
        let message = format!(
            "Transaction cancelled, please refer cancellation reasons for specific reasons [{}]",
            codes.join(", ")
        );
        return Err(Refusal { code: "TransactionCanceledException", message, reasons: Some(reasons) });
    }
    for write in writes {
        write.apply(tables)?;
    }
    Ok(json!({}))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tables() -> Tables {
        Tables::from([("ledger".to_owned(), Table::new(Key::Two("pk", "sk")))])
    }

    fn ask(tables: &mut Tables, action: &str, input: Value) -> Result<Value, &'static str> {
        let mut journal = Journal::default();
        act(action, input.as_object().unwrap(), tables, &mut journal).map_err(|refusal| refusal.code)
    }

    fn item(pk: &str, sk: &str) -> Value {
        json!({"pk": {"S": pk}, "sk": {"S": sk}})
    }

    #[test]
    fn an_item_is_put_once_and_got_and_queried_by_its_prefix() {
        let mut tables = tables();
        let put = json!({"TableName": "ledger", "Item": item("RUN#1", "IMAGE#a"), "ConditionExpression": "attribute_not_exists(pk)"});
        assert_eq!(ask(&mut tables, "PutItem", put.clone()), Ok(json!({})));
        assert_eq!(ask(&mut tables, "PutItem", put), Err("ConditionalCheckFailedException"));
        let get = json!({"TableName": "ledger", "Key": item("RUN#1", "IMAGE#a"), "ConsistentRead": true});
        assert_eq!(ask(&mut tables, "GetItem", get), Ok(json!({"Item": item("RUN#1", "IMAGE#a")})));
        let query = |prefix: &str| {
            json!({"TableName": "ledger", "KeyConditionExpression": "pk = :pk AND begins_with(sk, :prefix)",
                   "ExpressionAttributeValues": {":pk": {"S": "RUN#1"}, ":prefix": {"S": prefix}}})
        };
        assert_eq!(ask(&mut tables, "Query", query("IMAGE#")).unwrap()["Count"], 1);
        assert_eq!(ask(&mut tables, "Query", query("SNAPSHOT#")).unwrap()["Count"], 0);
    }

    #[test]
    fn a_transaction_is_written_whole_or_not_at_all() {
        let mut tables = tables();
        let put = |sk: &str| json!({"Put": {"TableName": "ledger", "Item": item("A", sk)}});
        let check = |condition: &str| json!({"ConditionCheck": {"TableName": "ledger", "Key": item("PAUSE", "META"), "ConditionExpression": condition}});
        let refused = json!({"TransactItems": [put("1"), check("attribute_exists(pk)")]});
        assert_eq!(ask(&mut tables, "TransactWriteItems", refused), Err("TransactionCanceledException"));
        assert!(tables["ledger"].items.is_empty());
        let allowed = json!({"TransactItems": [put("1"), put("2"), check("attribute_not_exists(pk)")]});
        assert_eq!(ask(&mut tables, "TransactWriteItems", allowed), Ok(json!({})));
        assert_eq!(tables["ledger"].items.len(), 2);
    }

    #[test]
    fn an_update_changes_what_it_names_where_its_condition_holds() {
        let mut tables = tables();
        let mut known = item("PROC#1", "META");
        known["version"] = json!({"N": "1"});
        tables.get_mut("ledger").unwrap().put(known.as_object().unwrap().clone()).unwrap();
        let update = json!({"TransactItems": [{"Update": {
            "TableName": "ledger", "Key": item("PROC#1", "META"), "UpdateExpression": "SET version = :after",
            "ConditionExpression": "version = :before",
            "ExpressionAttributeValues": {":before": {"N": "1"}, ":after": {"N": "2"}},
        }}]});
        assert_eq!(ask(&mut tables, "TransactWriteItems", update.clone()), Ok(json!({})));
        known["version"] = json!({"N": "2"});
        let key = ("PROC#1".to_owned(), "META".to_owned());
        assert_eq!(Value::Object(tables["ledger"].items[&key].clone()), known);
        assert_eq!(ask(&mut tables, "TransactWriteItems", update), Err("TransactionCanceledException"));
    }

    #[test]
    fn what_is_not_served_is_refused() {
        let mut tables = tables();
        let put = json!({"TableName": "ledger", "Item": item("A", "B"), "ReturnValues": "ALL_OLD"});
        assert_eq!(ask(&mut tables, "PutItem", put), Err("ValidationException"));
        assert_eq!(ask(&mut tables, "Scan", json!({})), Err("UnknownOperationException"));
    }
}
