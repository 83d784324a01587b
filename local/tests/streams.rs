//! What the stream of a table tells a function, as AWS tells it. Needs the installed tools.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::ops::Deref;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sunset_local::{Options, Stack};

use support::deployed;

/// A table whose new votes are told to a function, which refuses some of them the first time.
const VOTES: &str = r#"
Resources:
  Role: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {Statement: []}}}
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: pk, AttributeType: S}, {AttributeName: sk, AttributeType: S}]
      KeySchema: [{AttributeName: pk, KeyType: HASH}, {AttributeName: sk, KeyType: RANGE}]
      StreamSpecification: {StreamViewType: KEYS_ONLY}
  Hear:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.11
      Handler: index.handler
      Role: !GetAtt Role.Arn
      Code:
        ZipFile: |
          import json, os, tempfile
          def first_time(sk):
              # A file: after an error the function begins anew.
              try:
                  os.mkdir(os.path.join(tempfile.gettempdir(), sk[-6:]))
              except FileExistsError:
                  return False
              return True
          def handler(event, context):
              failures = []
              for record in event["Records"]:
                  data = record["dynamodb"]
                  sk = data["Keys"]["sk"]["S"]
                  print("heard", json.dumps([record["eventName"], sk, sorted(data)]), flush=True)
                  if sk.endswith("raises") and first_time(sk):
                      raise ValueError("not now")
                  if sk.endswith("fails") and first_time(sk):
                      failures.append({"itemIdentifier": data["SequenceNumber"]})
              return {"batchItemFailures": failures}
  Version: {Type: AWS::Lambda::Version, Properties: {FunctionName: !Ref Hear}}
  Alias:
    Type: AWS::Lambda::Alias
    Properties: {Name: live, FunctionName: !Ref Hear, FunctionVersion: !GetAtt Version.Version}
  Source:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      FunctionName: !Ref Alias
      EventSourceArn: !GetAtt Table.StreamArn
      StartingPosition: LATEST
      BatchSize: 10
      FunctionResponseTypes: [ReportBatchItemFailures]
      FilterCriteria:
        Filters:
          - Pattern: '{"eventName": ["INSERT"], "dynamodb": {"Keys": {"sk": {"S": [{"prefix": "VOTE#"}]}}}}'
Outputs:
  Ready: {Value: !Ref Source}
"#;

/// The stack, and what keeps it alive.
struct Votes {
    attached: Stack,
    _driven: Stack,
}

impl Deref for Votes {
    type Target = Stack;

    fn deref(&self) -> &Stack {
        &self.attached
    }
}

/// Writes items as one transaction.
fn transact(stack: &Stack, sks: &[&str]) {
    let table = stack.deployment().unwrap().resource("Table").unwrap();
    let items: Vec<Value> = sks
        .iter()
        .map(|sk| json!({"Put": {"TableName": table, "Item": {"pk": {"S": "PROC#1"}, "sk": {"S": sk}, "n": {"N": "1"}}}}))
        .collect();
    let scope = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/dynamodb/aws4_request";
    ureq::post(stack.aws_url())
        .header("authorization", format!("{scope}, SignedHeaders=host, Signature=0"))
        .header("x-amz-target", "DynamoDB_20120810.TransactWriteItems")
        .header("content-type", "application/x-amz-json-1.0")
        .send(json!({"TransactItems": items}).to_string())
        .unwrap();
}

/// What the function heard so far: event, sort key, and what the record holds.
fn heard(stack: &Stack) -> Vec<Value> {
    let lines = stack.logs("hear").unwrap();
    lines.iter().filter_map(|line| serde_json::from_str(line.trim().strip_prefix("heard ")?).ok()).collect()
}

fn times(heard: &[Value], sk: &str) -> usize {
    heard.iter().filter(|it| it[1] == sk).count()
}

fn until_heard(stack: &Stack, sk: &str, wanted: usize) -> Vec<Value> {
    let start = Instant::now();
    loop {
        let all = heard(stack);
        if times(&all, sk) >= wanted {
            return all;
        }
        assert!(start.elapsed() < Duration::from_secs(20), "{sk} was not heard {wanted} times: {all:?}");
        sleep(Duration::from_millis(20));
    }
}

fn with_votes(name: &str) -> Votes {
    let driven = Stack::up(Options::new(name)).unwrap();
    let attached = deployed(&driven, VOTES, |attached| {
        attached.deployment().is_ok_and(|deployment| deployment.output("Ready").is_ok())
    });
    Votes { attached, _driven: driven }
}

#[test]
fn new_votes_of_a_transaction_are_heard_soon_and_what_failed_is_heard_again() {
    let stack = with_votes("test-streams");
    transact(&stack, &["META", "VOTE#0001#warm"]);
    until_heard(&stack, "VOTE#0001#warm", 1);

    let start = Instant::now();
    transact(&stack, &["META", "VOTE#0001#ada", "STEP#1"]);
    let all = until_heard(&stack, "VOTE#0001#ada", 1);
    assert!(start.elapsed() < Duration::from_millis(1500), "it took {:?}", start.elapsed());
    let record = all.last().unwrap();
    assert_eq!(record[0], "INSERT");
    assert!(!record[2].as_array().unwrap().contains(&json!("NewImage")), "only the keys are told: {record}");

    transact(&stack, &["VOTE#0001#ada", "VOTE#0001#fails", "VOTE#0001#grace"]);
    until_heard(&stack, "VOTE#0001#fails", 2);
    transact(&stack, &["VOTE#0001#raises"]);
    until_heard(&stack, "VOTE#0001#raises", 2);
    transact(&stack, &["VOTE#0001#last"]);
    let all = until_heard(&stack, "VOTE#0001#last", 1);
    assert_eq!(times(&all, "VOTE#0001#ada"), 1, "the same item again is no new vote: {all:?}");
    assert_eq!(times(&all, "VOTE#0001#raises"), 2, "{all:?}");
    assert_eq!((times(&all, "META"), times(&all, "STEP#1")), (0, 0), "{all:?}");
}

#[test]
fn what_came_before_the_first_failure_of_a_batch_is_heard_once() {
    let stack = with_votes("test-streams-batch");
    transact(&stack, &["VOTE#0001#ada", "VOTE#0002#fails", "VOTE#0003#lin"]);
    let all = until_heard(&stack, "VOTE#0002#fails", 2);
    assert_eq!(times(&all, "VOTE#0001#ada"), 1, "{all:?}");
    let all = until_heard(&stack, "VOTE#0003#lin", 2);
    assert_eq!(times(&all, "VOTE#0002#fails"), 2, "{all:?}");
}
