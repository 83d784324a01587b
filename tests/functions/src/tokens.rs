//! The task tokens of states that wait: Step Functions as far as whoever sends them back can tell.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;
use http_body_util::Full;
use hyper::http::request::Parts;
use hyper::{Response, StatusCode};
use serde_json::{Value, json};

/// Every token that was given out. A clone is the same book.
#[derive(Debug, Clone, Default)]
pub struct Tokens(Arc<Mutex<BTreeMap<String, Token>>>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    Waiting,
    Woken,
    TimedOut,
}

impl Tokens {
    /// Another book with the same tokens in it.
    pub(crate) fn copy(&self) -> Self {
        Self(Arc::new(Mutex::new(self.lock().clone())))
    }

    /// A token of a state that waits from now on.
    #[must_use]
    pub fn issue(&self) -> String {
        let mut tokens = self.lock();
        let token = format!("token-{}", tokens.len());
        tokens.insert(token.clone(), Token::Waiting);
        token
    }

    /// The state waits no longer: what comes later comes too late. Whether somebody had woken it before.
    pub fn time_out(&self, token: &str) -> bool {
        let before = self.lock().insert(token.to_owned(), Token::TimedOut);
        before == Some(Token::Woken)
    }

    /// Whether somebody woke the state.
    #[must_use]
    pub fn is_woken(&self, token: &str) -> bool {
        self.lock().get(token) == Some(&Token::Woken)
    }

    /// The answer to whoever sends a token back; nothing for any other call.
    pub(crate) fn answer(&self, head: &Parts, body: &Bytes) -> Option<Response<Full<Bytes>>> {
        let target = head.headers.get("x-amz-target")?.to_str().ok()?;
        if !["AWSStepFunctions.SendTaskSuccess", "AWSStepFunctions.SendTaskFailure"].contains(&target) {
            return None;
        }
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let mut tokens = self.lock();
        let (status, answer) = match body["taskToken"].as_str().and_then(|token| tokens.get_mut(token)) {
            Some(token @ Token::Waiting) => {
                *token = Token::Woken;
                (StatusCode::OK, json!({}))
            }
            Some(_) => (StatusCode::BAD_REQUEST, refused("TaskTimedOut")),
            None => (StatusCode::BAD_REQUEST, refused("InvalidToken")),
        };
        let mut response = Response::new(Full::from(answer.to_string()));
        *response.status_mut() = status;
        response.headers_mut().insert("content-type", "application/x-amz-json-1.0".parse().expect("a header"));
        Some(response)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Token>> {
        self.0.lock().expect("no panic while the tokens are held")
    }
}

fn refused(error: &str) -> Value {
    json!({"__type": error, "message": format!("Task Timed Out or token unknown: {error}")})
}
