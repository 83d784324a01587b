//! What reached AWS, in order: the record that every claim of these tests about calls rests on.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;
use hyper::Method;
use hyper::http::request::Parts;
use serde_json::{Map, Value, json};

/// One call.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// The prefix of the service's IAM actions.
    pub service: &'static str,
    /// The action.
    pub action: String,
    /// The body, as JSON whatever it was on the wire; of S3, the path.
    pub fields: Value,
    /// The HTTP status of the answer; nothing where there was none.
    pub status: Option<u16>,
}

/// Every call so far. A clone is the same list.
#[derive(Debug, Clone, Default)]
pub struct Calls(Arc<Mutex<Vec<Call>>>);

impl Call {
    pub(crate) fn read(head: &Parts, body: &Bytes) -> Self {
        let header = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if let Some((target, action)) = header("x-amz-target").split_once('.') {
            let service = match target {
                "AmazonSSM" => "ssm",
                "AWSStepFunctions" => "states",
                target if target.starts_with("DynamoDB_") => "dynamodb",
                other => panic!("a call of a service that no function should know: {other}"),
            };
            let fields = serde_json::from_slice(body).unwrap_or_default();
            return Self { service, action: action.to_owned(), fields, status: None };
        }
        if header("content-type").starts_with("application/x-www-form-urlencoded") {
            return Self::of_form(body);
        }
        let action = match head.method {
            Method::PUT => "PutObject",
            Method::GET => "GetObject",
            Method::DELETE => "DeleteObject",
            _ => "an S3 call that no function should make",
        };
        Self { service: "s3", action: action.to_owned(), fields: json!({"path": head.uri.path()}), status: None }
    }

    fn of_form(body: &[u8]) -> Self {
        let mut fields: Map<String, Value> =
            form_urlencoded::parse(body).map(|(name, value)| (name.into_owned(), value.into_owned().into())).collect();
        let mut take = |name: &str| fields.remove(name).and_then(|value| value.as_str().map(str::to_owned));
        let (action, version) = (take("Action").unwrap_or_default(), take("Version").unwrap_or_default());
        let service = match version.as_str() {
            "2016-11-15" => "ec2",
            "2011-01-01" => "autoscaling",
            "2015-12-01" => "elasticloadbalancing",
            "2010-03-31" => "sns",
            other => panic!("{action} of a service that no function should know: version {other}"),
        };
        Self { service, action, fields: fields.into(), status: None }
    }

    /// `service:Action`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}:{}", self.service, self.action)
    }

    /// A field's text.
    #[must_use]
    pub fn text(&self, field: &str) -> Option<&str> {
        self.fields.get(field).and_then(Value::as_str)
    }

    /// Whether it was answered with success.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }

    /// Whether it would change something in EC2: no Describe, Get or List, and no dry run of EC2's own.
    #[must_use]
    pub fn changes_ec2(&self) -> bool {
        let reads = ["Describe", "Get", "List"];
        self.service == "ec2"
            && !reads.iter().any(|read| self.action.starts_with(read))
            && self.text("DryRun") != Some("true")
    }
}

impl Calls {
    /// A list that goes on from these.
    pub(crate) fn after(calls: Vec<Call>) -> Self {
        Self(Arc::new(Mutex::new(calls)))
    }

    pub(crate) fn begin(&self, call: Call) -> usize {
        let mut calls = self.lock();
        calls.push(call);
        calls.len() - 1
    }

    pub(crate) fn end(&self, at: usize, status: u16) {
        if let Some(call) = self.lock().get_mut(at) {
            call.status = Some(status);
        }
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> Vec<Call> {
        self.lock().clone()
    }

    /// How many so far.
    #[must_use]
    pub fn count(&self) -> usize {
        self.lock().len()
    }

    /// Those from the nth on.
    #[must_use]
    pub fn since(&self, n: usize) -> Vec<Call> {
        self.lock().iter().skip(n).cloned().collect()
    }

    /// Those of a name such as `ec2:DeregisterImage`, EC2's own dry runs left out.
    #[must_use]
    pub fn of(&self, name: &str) -> Vec<Call> {
        let mut calls = self.all();
        calls.retain(|call| call.name() == name && call.text("DryRun") != Some("true"));
        calls
    }

    /// The names of those that would change something in EC2.
    #[must_use]
    pub fn changing_ec2(&self) -> Vec<String> {
        self.lock().iter().filter(|call| call.changes_ec2()).map(Call::name).collect()
    }

    /// The notices that were accepted: topic, subject, body.
    #[must_use]
    pub fn notices(&self) -> Vec<(String, String, String)> {
        let text = |call: &Call, field: &str| call.text(field).unwrap_or_default().to_owned();
        self.of("sns:Publish")
            .iter()
            .filter(|call| call.succeeded())
            .map(|call| (text(call, "TopicArn"), text(call, "Subject"), text(call, "Message")))
            .collect()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Call>> {
        self.0.lock().expect("no panic while the calls are held")
    }
}

/// The IAM actions that a call needs: most often its own name; a transaction needs those of its parts.
#[must_use]
pub fn iam_actions(call: &Call) -> BTreeSet<String> {
    if call.service == "dynamodb" && call.action == "TransactWriteItems" {
        let items = call.fields["TransactItems"].as_array().into_iter().flatten();
        return items
            .filter_map(Value::as_object)
            .flat_map(|item| item.keys())
            .map(|part| match part.as_str() {
                "ConditionCheck" => "dynamodb:ConditionCheckItem".to_owned(),
                part => format!("dynamodb:{part}Item"),
            })
            .collect();
    }
    BTreeSet::from([call.name()])
}
