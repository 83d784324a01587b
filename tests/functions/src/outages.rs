//! Calls of DynamoDB that fail, as it says so itself.

use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;
use http_body_util::Full;
use hyper::http::request::Parts;
use hyper::{Response, StatusCode};
use serde_json::json;

/// How a call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outage {
    /// There was more than the table takes.
    Throttled,
    /// DynamoDB itself is not well.
    Failing,
    /// It is not allowed.
    Denied,
    /// It never answers.
    Hanging,
    /// Somebody else writes the second item of the transaction at the same moment.
    Overtaken,
}

/// The calls that fail. A clone is the same list.
#[derive(Debug, Clone, Default)]
pub struct Outages(Arc<Mutex<Vec<Rule>>>);

#[derive(Debug)]
struct Rule {
    action: String,
    served: usize,
    failing: usize,
    outage: Outage,
}

impl Outage {
    fn meaning(self) -> (StatusCode, &'static str) {
        match self {
            Self::Throttled => (StatusCode::BAD_REQUEST, "ProvisionedThroughputExceededException"),
            Self::Failing | Self::Hanging => (StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError"),
            Self::Denied => (StatusCode::BAD_REQUEST, "AccessDeniedException"),
            Self::Overtaken => (StatusCode::BAD_REQUEST, "TransactionCanceledException"),
        }
    }

    /// What DynamoDB answers, should it answer at all.
    pub(crate) async fn answer(self) -> Response<Full<Bytes>> {
        if self == Self::Hanging {
            std::future::pending::<()>().await;
        }
        let (status, code) = self.meaning();
        let mut answer = json!({"__type": format!("com.amazonaws.dynamodb.v20120810#{code}"), "message": "not now"});
        if self == Self::Overtaken {
            let reasons = ["None", "ConditionalCheckFailed", "None", "None"];
            answer["CancellationReasons"] = reasons.iter().map(|code| json!({"Code": code})).collect();
        }
        let mut response = Response::new(Full::from(answer.to_string()));
        *response.status_mut() = status;
        response.headers_mut().insert("content-type", "application/x-amz-json-1.0".parse().expect("a header"));
        response
    }
}

impl Outages {
    /// Every call of this action fails from now on.
    pub fn of(&self, action: &str, outage: Outage) {
        self.add(action, (0, usize::MAX), outage);
    }

    /// Every call of this action fails, the first so many left out.
    pub fn after(&self, action: &str, served: usize, outage: Outage) {
        self.add(action, (served, usize::MAX), outage);
    }

    /// The next so many calls of this action fail.
    pub fn times(&self, action: &str, failing: usize, outage: Outage) {
        self.add(action, (0, failing), outage);
    }

    fn add(&self, action: &str, (served, failing): (usize, usize), outage: Outage) {
        self.lock().push(Rule { action: action.to_owned(), served, failing, outage });
    }

    /// Nothing fails any more.
    pub fn clear(&self) {
        self.lock().clear();
    }

    /// How a call fails; nothing for one that does not.
    pub(crate) fn strike(&self, head: &Parts) -> Option<Outage> {
        let (service, action) = head.headers.get("x-amz-target")?.to_str().ok()?.split_once('.')?;
        let mut rules = self.lock();
        let rule = rules.iter_mut().find(|rule| rule.action == action && service.starts_with("DynamoDB_"))?;
        if rule.served > 0 {
            rule.served -= 1;
            return None;
        }
        rule.failing = rule.failing.checked_sub(1)?;
        Some(rule.outage)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Rule>> {
        self.0.lock().expect("no panic while the list is held")
    }
}
