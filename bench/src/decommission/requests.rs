//! What people send to a Function URL, as Lambda hands it on.

use serde_json::{Value, json};

use crate::error::BenchError;
use crate::stage::{ACCOUNT_ID, Scene};

/// How a link begins in a notice, behind the page's address.
const TOKEN: &str = "/?l=";

/// A person's vote for a plan, signed with their AWS credentials.
#[must_use]
pub fn vote(person: &str, process_id: &str, plan_hash: &Value) -> Value {
    let session = format!("AROAEXAMPLEEXAMPLE01:{person}@example.com");
    let role = "AWSReservedSSO_Approver_0123456789abcdef";
    let body = json!({
        "schema": 1,
        "action": "vote",
        "process_id": process_id,
        "plan_hash": plan_hash,
        "answer": "approve",
    });
    let authorizer = json!({
        "iam": {
            "accessKey": "ASIAEXAMPLEEXAMPLE01",
            "accountId": ACCOUNT_ID,
            "callerId": session,
            "cognitoIdentity": null,
            "principalOrgId": null,
            "userArn": format!("arn:aws:sts::{ACCOUNT_ID}:assumed-role/{role}/{person}@example.com"),
            "userId": session,
        },
    });
    request("POST", "", "application/json", Some(authorizer), Some(body.to_string()))
}

/// The token of the link that a person was told last.
///
/// # Errors
/// They were told nothing, or without a link.
pub fn link(scene: &Scene, person: &str) -> Result<String, BenchError> {
    let notice = scene.last_notice(&format!("sunset-approver-{person}"))?;
    let token = notice.split_once(TOKEN).and_then(|(_, rest)| rest.split_whitespace().next());
    token
        .map(str::to_owned)
        .ok_or_else(|| BenchError::unexpected(format!("{person} was told without a link: {notice}")))
}

/// A browser that opens a link. `query` is what stands behind the question mark.
#[must_use]
pub fn opens(query: &str) -> Value {
    request("GET", query, "", None, None)
}

/// A browser that sends the form on a link's page, with approval.
///
/// # Errors
/// The page has no form.
pub fn approves(page: &Value, query: &str, resource_id: &str) -> Result<Value, BenchError> {
    let html = page.get("body").and_then(Value::as_str).unwrap_or_default();
    let form_token = html.split_once("name=\"form_token\" value=\"").and_then(|(_, rest)| rest.split('"').next());
    let form_token = form_token.ok_or_else(|| BenchError::unexpected(format!("the page has no form: {page}")))?;
    let end = resource_id.len().checked_sub(6).and_then(|at| resource_id.get(at..)).unwrap_or(resource_id);
    let body = form_urlencoded::Serializer::new(String::new())
        .append_pair("form_token", form_token)
        .append_pair("confirm", end)
        .append_pair("reason", "nothing runs on it any more")
        .append_pair("answer", "approve")
        .finish();
    Ok(request("POST", query, "application/x-www-form-urlencoded", None, Some(body)))
}

/// Where a page sends a browser: what stands behind the question mark.
///
/// # Errors
/// It sends it nowhere.
pub fn sent_on(answer: &Value) -> Result<String, BenchError> {
    let location = answer.pointer("/headers/location").and_then(Value::as_str);
    let query = location.and_then(|location| location.split_once('?')).map(|(_, query)| query.to_owned());
    query.ok_or_else(|| BenchError::unexpected(format!("the page sends nobody on: {answer}")))
}

/// The ledger's stream, which reports a vote.
#[must_use]
pub fn voted(person: &str, process_id: &str, round: u32) -> Value {
    json!({"Records": [{
        "eventID": "7de3041dd709b024af6f29e4fa13d34c",
        "eventName": "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "us-east-1",
        "dynamodb": {
            "ApproximateCreationDateTime": 1_795_169_700,
            "Keys": {"pk": {"S": format!("PROC#{process_id}")}, "sk": {"S": format!("VOTE#{round:04}#{person}")}},
            "SequenceNumber": "4421584500000000017450439091",
            "SizeBytes": 59,
            "StreamViewType": "KEYS_ONLY",
        },
        "eventSourceARN": format!(
            "arn:aws:dynamodb:us-east-1:{ACCOUNT_ID}:table/ledger/stream/2026-11-20T10:15:00.000"
        ),
    }]})
}

fn request(method: &str, query: &str, content_type: &str, authorizer: Option<Value>, body: Option<String>) -> Value {
    let prefix = "abcdefghijklmnopqrstuvwxyz012345";
    let host = format!("{prefix}.lambda-url.us-east-1.on.aws");
    let agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    let mut event = json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/",
        "rawQueryString": query,
        "headers": {
            "accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "accept-language": "en-US,en;q=0.5",
            "host": host,
            "x-forwarded-for": "203.0.113.7",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
            "user-agent": agent,
        },
        "requestContext": {
            "accountId": ACCOUNT_ID,
            "apiId": prefix,
            "authentication": null,
            "domainName": host,
            "domainPrefix": prefix,
            "http": {
                "method": method,
                "path": "/",
                "protocol": "HTTP/1.1",
                "sourceIp": "203.0.113.7",
                "userAgent": agent,
            },
            "requestId": "6f2a1c3e-8b0d-4b7e-9c55-1f0e2d3c4b5a",
            "routeKey": "$default",
            "stage": "$default",
            "time": "20/Nov/2026:10:15:00 +0000",
            "timeEpoch": 1_795_169_700_000_u64,
        },
        "isBase64Encoded": false,
    });
    let mut set = |pointer: &str, name: &str, value: Value| {
        if let Some(fields) = event.pointer_mut(pointer).and_then(Value::as_object_mut) {
            fields.insert(name.to_owned(), value);
        }
    };
    if let Some(authorizer) = authorizer {
        set("/requestContext", "authorizer", authorizer);
    }
    if let Some(body) = body {
        set("/headers", "content-type", json!(content_type));
        set("/headers", "content-length", json!(body.len().to_string()));
        set("", "body", json!(body));
    }
    event
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_of_a_page_is_sent_with_the_end_of_the_id() {
        let page = json!({"body": "<input type=\"hidden\" name=\"form_token\" value=\"v1.a.1.b\">"});
        let sent = approves(&page, "l=x", "i-0123456789abcdef0").unwrap();
        let body = sent["body"].as_str().unwrap();
        assert!(body.starts_with("form_token=v1.a.1.b&confirm=bcdef0&reason="), "{body}");
        assert_eq!(sent["rawQueryString"], "l=x");
        assert!(approves(&json!({"body": "<p>Too late</p>"}), "l=x", "i-1").is_err());
    }

    #[test]
    fn a_browser_follows_where_it_is_sent_and_nowhere_else() {
        let answer = json!({"statusCode": 303, "headers": {"location": "?l=x&done=1"}});
        assert_eq!(sent_on(&answer).unwrap(), "l=x&done=1");
        assert!(sent_on(&json!({"statusCode": 404, "headers": {}})).is_err());
    }
}
