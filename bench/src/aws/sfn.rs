//! Step Functions: `DescribeExecution`, of executions that are all over, and `SendTaskSuccess`, which is
//! counted and wakes nobody.

use bytes::Bytes;
use hyper::Request;
use serde_json::{Value, json};

use super::serve::Answer;
use super::{Service, Shared};

const JSON: &str = "application/x-amz-json-1.0";

pub(super) fn answer(shared: &Shared, request: &Request<Bytes>) -> Answer {
    let target = request.headers().get("x-amz-target").and_then(|header| header.to_str().ok()).unwrap_or_default();
    let action = target.strip_prefix("AWSStepFunctions.").unwrap_or(target);
    let input: Value = serde_json::from_slice(request.body()).unwrap_or_default();
    let text = |name: &str| input.get(name).and_then(Value::as_str);
    let body = match action {
        "DescribeExecution" => text("executionArn").map(described),
        "SendTaskSuccess" => text("taskToken").and(text("output")).map(|_| json!({})),
        _ => None,
    };
    if action == "SendTaskSuccess" && body.is_some() {
        shared.state().wakes += 1;
    }
    shared.journal().record(Service::Sfn.prefix(), action, body.is_none().then_some("InvalidAction"));
    match body {
        Some(body) => Answer::ok(JSON, body.to_string()),
        None => {
            let body = json!({"__type": "InvalidAction", "message": format!("{action} is not served here")});
            Answer { status: 400, content_type: JSON, body: body.to_string().into() }
        }
    }
}

fn described(arn: &str) -> Value {
    let machine = arn.rsplit_once(':').map_or(arn, |(machine, _)| machine).replace(":execution:", ":stateMachine:");
    json!({"executionArn": arn, "stateMachineArn": machine, "status": "SUCCEEDED", "startDate": 1_700_000_000})
}
