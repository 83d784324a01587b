//! Tables that the functions' roles may not use any more, as an account's policies would have it.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http_body_util::Full;
use hyper::http::request::Parts;
use hyper::{Response, StatusCode};
use serde_json::json;

use crate::table::Table;

/// The tables. A clone is the same list.
#[derive(Debug, Clone, Default)]
pub struct Denied(Arc<Mutex<BTreeSet<String>>>);

impl Denied {
    /// Nobody may use this table any more.
    pub fn add(&self, table: &Table) {
        self.0.lock().expect("no panic while the list is held").insert(table.name().to_owned());
    }

    /// Everybody may use every table again.
    pub fn clear(&self) {
        self.0.lock().expect("no panic while the list is held").clear();
    }

    /// The answer to a call about one of them; nothing for any other.
    pub(crate) fn answer(&self, head: &Parts, body: &Bytes) -> Option<Response<Full<Bytes>>> {
        let target = head.headers.get("x-amz-target")?.to_str().ok()?;
        let tables = self.0.lock().expect("no panic while the list is held");
        let names = |table: &String| String::from_utf8_lossy(body).contains(&format!("\"{table}\""));
        if !target.starts_with("DynamoDB_") || !tables.iter().any(names) {
            return None;
        }
        let answer = json!({
            "__type": "com.amazon.coral.service#AccessDeniedException",
            "Message": "User is not authorized to perform this action on this table",
        });
        let mut response = Response::new(Full::from(answer.to_string()));
        *response.status_mut() = StatusCode::BAD_REQUEST;
        response.headers_mut().insert("content-type", "application/x-amz-json-1.0".parse().expect("a header"));
        Some(response)
    }
}
