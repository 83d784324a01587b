use bytes::Bytes;
use hyper::{Method, Request};

const DYNAMODB: &[&str] = &["BatchWriteItem", "DeleteItem", "PutItem", "TransactWriteItems", "UpdateItem"];
const STEP_FUNCTIONS: &[&str] = &["SendTaskFailure", "SendTaskSuccess"];
const READS: &[&str] = &["Describe", "Get", "List"];

/// The name of a call that changes something; nothing for a read, EC2's own dry runs among them.
pub(super) fn name_of(request: &Request<Bytes>) -> Option<String> {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if let Some((service, action)) = header("x-amz-target").split_once('.') {
        return match service {
            "AWSStepFunctions" if STEP_FUNCTIONS.contains(&action) => Some(format!("states:{action}")),
            service if service.starts_with("DynamoDB_") && DYNAMODB.contains(&action) => {
                Some(format!("dynamodb:{action}"))
            }
            _ => None,
        };
    }
    if header("content-type").starts_with("application/x-www-form-urlencoded") {
        return query_protocol(request.body());
    }
    let s3 = match *request.method() {
        Method::PUT => "s3:PutObject",
        Method::POST => "s3:PostObject",
        Method::DELETE => "s3:DeleteObject",
        _ => return None,
    };
    Some(s3.to_owned())
}

fn query_protocol(body: &[u8]) -> Option<String> {
    let (mut action, mut version, mut dry) = (String::new(), String::new(), false);
    for (key, value) in form_urlencoded::parse(body) {
        match key.as_ref() {
            "Action" => action = value.into_owned(),
            "Version" => version = value.into_owned(),
            "DryRun" => dry = value == "true",
            _ => (),
        }
    }
    let writes = !READS.iter().any(|read| action.starts_with(read));
    match version.as_str() {
        "2010-03-31" => (action == "Publish" || action == "PublishBatch").then(|| format!("sns:{action}")),
        "2015-12-01" => writes.then(|| format!("elasticloadbalancing:{action}")),
        "2016-11-15" => (writes && !dry).then(|| format!("ec2:{action}")),
        _ => None,
    }
}
