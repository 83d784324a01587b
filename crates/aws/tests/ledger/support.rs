//! A DynamoDB that keeps its conditions and transactions, with tables of a test's own.

use std::sync::OnceLock;

use aws_sdk_dynamodb::types::{AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType};
use sunset_aws::clients::Clients;
use sunset_aws::ledger::Ledger;
use sunset_local::{Options, Stack};

static STACK: OnceLock<Stack> = OnceLock::new();

fn dynamodb() -> aws_sdk_dynamodb::Client {
    let stack = STACK.get_or_init(|| Stack::up(Options::new(&format!("ledger-{}", std::process::id()))).unwrap());
    let url = stack.aws_url().to_owned();
    let clients = Clients::from_environment(&|name| match name {
        "AWS_ENDPOINT_URL" => Some(url.clone()),
        "AWS_REGION" => Some("us-east-1".into()),
        _ => None,
    });
    let credentials = aws_sdk_dynamodb::config::Credentials::new("test", "test", None, None, "test");
    let config = clients.dynamodb.config().to_builder().credentials_provider(credentials).build();
    aws_sdk_dynamodb::Client::from_conf(config)
}

/// A table with these keys, the first of them the partition's.
pub async fn table(name: &str, keys: [(&str, ScalarAttributeType); 2]) -> aws_sdk_dynamodb::Client {
    let dynamodb = dynamodb();
    let (mut schema, mut attributes) = (Vec::new(), Vec::new());
    for ((name, of_type), kind) in keys.into_iter().zip([KeyType::Hash, KeyType::Range]) {
        schema.push(KeySchemaElement::builder().attribute_name(name).key_type(kind).build().unwrap());
        attributes.push(AttributeDefinition::builder().attribute_name(name).attribute_type(of_type).build().unwrap());
    }
    dynamodb
        .create_table()
        .table_name(name)
        .set_key_schema(Some(schema))
        .set_attribute_definitions(Some(attributes))
        .billing_mode(BillingMode::PayPerRequest)
        .send()
        .await
        .unwrap();
    dynamodb
}

/// A ledger in a table of its own.
pub async fn ledger(name: &str) -> (Ledger, aws_sdk_dynamodb::Client) {
    let dynamodb = table(name, [("pk", ScalarAttributeType::S), ("sk", ScalarAttributeType::S)]).await;
    (Ledger::new(dynamodb.clone(), name), dynamodb)
}
