//! One HTTP call to an emulator on loopback.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;
use ureq::Agent;
use ureq::http::{HeaderValue, Method, Request};

use crate::error::{Error, Result, missing, plain};

/// How long one call may take; an invoke may wait for a whole function.
const PATIENCE: Duration = Duration::from_secs(120);

/// An emulator.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    agent: Agent,
    url: String,
    region: String,
}

/// A status, headers by their names in lower case, and a body.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Endpoint {
    pub(crate) fn new(url: &str, region: &str) -> Self {
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            // A redirection is an answer too, and a test looks at it.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(PATIENCE))
            .proxy(None)
            .build()
            .new_agent();
        Self { agent, url: url.trim_end_matches('/').to_owned(), region: region.to_owned() }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn region(&self) -> &str {
        &self.region
    }

    /// Sends a request. `service` is what a signature would name: the emulators find the service by it.
    pub(crate) fn send(
        &self,
        operation: &str,
        service: &str,
        what: (Method, &str),
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Answer> {
        let scope = format!("test/20260101/{}/{service}/aws4_request", self.region);
        let authorization = format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0");
        let mut all = vec![("authorization", authorization.as_str())];
        all.extend(headers);
        self.send_as_it_is(operation, what, &all, body)
    }

    /// Sends a request with these headers and no others of ours.
    pub(crate) fn send_as_it_is(
        &self,
        operation: &str,
        (method, path): (Method, &str),
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Answer> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body).map_err(|e| plain(format!("{operation}: {e}")))?;
        let no_answer = |e: ureq::Error| Error::NoAnswer { operation: operation.to_owned(), detail: e.to_string() };
        let mut response = self.agent.run(request).map_err(no_answer)?;
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers = response.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect();
        let body = response.body_mut().with_config().limit(u64::MAX).read_to_vec().map_err(no_answer)?;
        Ok(Answer { status: response.status().as_u16(), headers, body })
    }

    /// A call of a service that speaks AWS's JSON protocol.
    pub(crate) fn json(&self, service: &str, target: &str, body: &Value) -> Result<Value> {
        let headers = [("x-amz-target", target), ("content-type", "application/x-amz-json-1.0")];
        let answer = self.send(target, service, (Method::POST, "/"), &headers, body.to_string().as_bytes())?;
        if answer.body.is_empty() && answer.status == 200 {
            return Ok(Value::Null);
        }
        let value: Value = serde_json::from_slice(&answer.body).map_err(|_| answer.error(target))?;
        if answer.status == 200 { Ok(value) } else { Err(json_error(target, &value)) }
    }
}

impl Answer {
    /// The error that an unreadable or unexpected answer stands for.
    pub(crate) fn error(&self, operation: &str) -> Error {
        let text = String::from_utf8_lossy(&self.body);
        Error::Answered {
            operation: operation.to_owned(),
            code: format!("HTTP {}", self.status),
            message: text.chars().take(400).collect(),
        }
    }
}

fn json_error(operation: &str, value: &Value) -> Error {
    let text = |names: [&str; 3]| names.iter().find_map(|name| value.get(name)?.as_str()).unwrap_or_default();
    let code = text(["__type", "code", "Code"]);
    Error::Answered {
        operation: operation.to_owned(),
        code: code.rsplit('#').next().unwrap_or(code).to_owned(),
        message: text(["message", "Message", "errorMessage"]).to_owned(),
    }
}

/// A text field of an answer.
pub(crate) fn text(operation: &str, value: &Value, field: &str) -> Result<String> {
    value.get(field).and_then(Value::as_str).map(str::to_owned).ok_or_else(|| missing(operation, field))
}
