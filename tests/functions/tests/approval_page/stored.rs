//! What the tables hold, before and after.

use serde_json::Value;
use sunset_functions_tests::{Table, World};

/// The items of all tables, in the order of their text.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored(Vec<(&'static str, Vec<String>)>);

/// Whether an item is what refusals leave: their counts and their lines in the audit.
fn is_of_a_refusal(item: &Value) -> bool {
    let begins = |key: &str, with: &str| item[key].as_str().is_some_and(|text| text.starts_with(with));
    begins("pk", "PAGE#") || begins("process_id", "approve-page#")
}

async fn items(table: &Table, kept: impl Fn(&Value) -> bool) -> Vec<String> {
    let items = table.items().await;
    let mut texts: Vec<String> = items.iter().filter(|item| kept(item)).map(Value::to_string).collect();
    texts.sort_unstable();
    texts
}

async fn of(world: &World, kept: impl Fn(&Value) -> bool + Copy) -> Stored {
    Stored(vec![
        ("ledger", items(&world.ledger, kept).await),
        ("audit", items(&world.audit, kept).await),
        ("tracking", items(&world.tracking, kept).await),
        ("dependencies", items(&world.dependencies, kept).await),
    ])
}

/// Every item of every table.
pub async fn everything(world: &World) -> Stored {
    of(world, |_| true).await
}

/// Everything but what refusals leave: the processes, their votes, their trails, and whatever else there is.
pub async fn processes(world: &World) -> Stored {
    of(world, |item| !is_of_a_refusal(item)).await
}

/// What was refused, as the audit has it, in order.
pub async fn attempts(world: &World) -> Vec<Value> {
    let mut items = world.audit.items().await;
    items.retain(is_of_a_refusal);
    items.sort_by_key(|item| item["seq"].as_u64());
    items
}

/// How many refusals each count has.
pub async fn counts(world: &World) -> Vec<Value> {
    let mut items = world.ledger.items().await;
    items.retain(is_of_a_refusal);
    items
}
