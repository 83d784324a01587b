//! What people send to the Function URL: votes, objections to what the rule approved, an early end of a soak, what to do
//! about a held process, the release of a lock, and the question how a process stands.

#[cfg(test)]
mod tests;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::Value;

use crate::approval::text::{one_line, readable};
use crate::approval::vote::Answer;
use crate::ids::{PlanHash, ProcessId};
use crate::input::{Fields, InvalidInput};
use crate::process::record::Choice;

/// The longest body that is read.
pub const LONGEST_BODY: usize = 8 * 1024;

/// What a person asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PersonRequest {
    /// How does a process stand?
    Status {
        /// Which.
        process_id: ProcessId,
    },
    /// A vote.
    Vote {
        /// On which process.
        process_id: ProcessId,
        /// On which plan.
        plan_hash: PlanHash,
        /// Yes or no.
        answer: Answer,
        /// Why; always there for a no.
        reason: Option<String>,
    },
    /// Object to what the rule approved, before anything is done (C71).
    OptOut {
        /// Of which process.
        process_id: ProcessId,
        /// Why.
        reason: String,
    },
    /// End the soak now: the way from there is always back.
    EndSoak {
        /// Of which process.
        process_id: ProcessId,
        /// Why.
        reason: String,
    },
    /// Decide about a held process.
    Resolve {
        /// Which.
        process_id: ProcessId,
        /// What is to happen.
        choice: Choice,
        /// Why.
        reason: String,
    },
    /// Release the lock of a process whose execution no longer runs.
    Release {
        /// Which.
        process_id: ProcessId,
        /// The resource's id, typed again.
        confirm: String,
        /// Why.
        reason: String,
    },
}

/// A request that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct BadRequest {
    /// The HTTP status.
    pub status: u16,
    /// What is wrong with it, and what would be right.
    pub message: String,
}

impl BadRequest {
    fn new(status: u16, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }
}

impl From<InvalidInput> for BadRequest {
    fn from(error: InvalidInput) -> Self {
        Self::new(400, error.to_string())
    }
}

/// Whether an event came as an HTTP request: what a state machine sends has no `requestContext`.
#[must_use]
pub fn is_http(event: &Value) -> bool {
    event.get("requestContext").is_some()
}

impl PersonRequest {
    /// Reads an event of the Function URL (payload version 2.0).
    ///
    /// # Errors
    /// [`BadRequest`] with the HTTP status that answers it.
    pub fn parse(event: &Value) -> Result<Self, BadRequest> {
        let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str);
        if text("/version") != Some("2.0") {
            return Err(BadRequest::new(400, "version must be 2.0: this is no request of a Function URL"));
        }
        let path = text("/rawPath").unwrap_or("/");
        if path != "/" {
            return Err(BadRequest::new(404, format!("there is nothing at {}; use /", one_line(path, 80))));
        }
        match text("/requestContext/http/method") {
            Some("GET") => Self::of_query(event),
            Some("POST") => Self::of_body(event),
            other => {
                let method = one_line(other.unwrap_or("no method"), 20);
                Err(BadRequest::new(405, format!("{method} does nothing here; use GET or POST")))
            }
        }
    }

    /// The process that it is about.
    #[must_use]
    pub fn process_id(&self) -> &ProcessId {
        match self {
            Self::Status { process_id }
            | Self::Vote { process_id, .. }
            | Self::OptOut { process_id, .. }
            | Self::EndSoak { process_id, .. }
            | Self::Resolve { process_id, .. }
            | Self::Release { process_id, .. } => process_id,
        }
    }

    fn of_query(event: &Value) -> Result<Self, BadRequest> {
        let query = event.get("queryStringParameters").filter(|query| !query.is_null()).cloned();
        let mut fields = Fields::of(query.unwrap_or_else(|| Value::Object(serde_json::Map::new())), "query ")?;
        let process_id = process_id(&mut fields)?;
        fields.finish()?;
        Ok(Self::Status { process_id })
    }

    fn of_body(event: &Value) -> Result<Self, BadRequest> {
        if event.get("rawQueryString").and_then(Value::as_str).is_some_and(|query| !query.is_empty()) {
            return Err(BadRequest::new(400, "a POST takes no query: put everything into the body"));
        }
        expect_json(event)?;
        let body: Value = serde_json::from_slice(&body(event)?)
            .map_err(|error| BadRequest::new(400, format!("the body is not JSON: {error}")))?;
        let mut fields = Fields::of(body, "")?;
        fields.schema()?;
        let known = ["vote", "opt_out", "end_soak", "resolve", "release"];
        let action = fields.required_text("action", "vote, opt_out, end_soak, resolve or release", |text| {
            known.into_iter().find(|known| *known == text).ok_or(())
        })?;
        let process_id = process_id(&mut fields)?;
        let request = match action {
            "vote" => {
                let plan_hash =
                    fields.required_text("plan_hash", "the plan hash of 64 hexadecimal digits", PlanHash::parse)?;
                let answer = fields.required_text("answer", "approve or reject", |text| match text {
                    "approve" => Ok(Answer::Approve),
                    "reject" => Ok(Answer::Reject),
                    _ => Err(()),
                })?;
                let reason = match answer {
                    Answer::Approve => fields.text("reason", REASON, |text| readable(text, 1000).ok_or(()))?,
                    Answer::Reject => Some(reason(&mut fields)?),
                };
                Self::Vote { process_id, plan_hash, answer, reason }
            }
            "opt_out" => Self::OptOut { process_id, reason: reason(&mut fields)? },
            "end_soak" => Self::EndSoak { process_id, reason: reason(&mut fields)? },
            "resolve" => {
                let choice = fields.required_text("choice", "retry, accept or recover", |text| match text {
                    "retry" => Ok(Choice::Retry),
                    "accept" => Ok(Choice::Accept),
                    "recover" => Ok(Choice::Recover),
                    _ => Err(()),
                })?;
                Self::Resolve { process_id, choice, reason: reason(&mut fields)? }
            }
            _ => {
                let confirm = fields.required_text("confirm", "the id of the process's resource", |text| {
                    readable(text, 64).ok_or(())
                })?;
                Self::Release { process_id, confirm, reason: reason(&mut fields)? }
            }
        };
        fields.finish()?;
        Ok(request)
    }
}

const REASON: &str = "why: 1 to 1000 printable characters";

fn reason(fields: &mut Fields) -> Result<String, InvalidInput> {
    fields.required_text("reason", REASON, |text| readable(text, 1000).ok_or(()))
}

fn process_id(fields: &mut Fields) -> Result<ProcessId, InvalidInput> {
    fields.required_text("process_id", "the id of a process, 26 characters", ProcessId::parse)
}

/// A body of another type may mean something else than it says when it is read as JSON.
fn expect_json(event: &Value) -> Result<(), BadRequest> {
    let headers = event.get("headers").and_then(Value::as_object);
    let content_type = headers
        .and_then(|headers| headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type")))
        .and_then(|(_, value)| value.as_str())
        .unwrap_or_default();
    let mut parts = content_type.split(';').map(str::trim);
    let is_json = parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"));
    let is_utf8 = parts
        .all(|parameter| parameter.is_empty() || parameter.to_ascii_lowercase().replace('"', "") == "charset=utf-8");
    if is_json && is_utf8 {
        return Ok(());
    }
    let found = if content_type.is_empty() { "missing".to_owned() } else { one_line(content_type, 80) };
    Err(BadRequest::new(415, format!("the header content-type is {found}; it must be application/json")))
}

fn body(event: &Value) -> Result<Vec<u8>, BadRequest> {
    let too_long = || BadRequest::new(413, format!("the body is longer than {LONGEST_BODY} bytes"));
    let text = event.get("body").and_then(Value::as_str).unwrap_or_default();
    let encoded = event.get("isBase64Encoded").and_then(Value::as_bool).unwrap_or_default();
    // Base64 is a third longer than what it holds.
    if text.len() > LONGEST_BODY * 4 / 3 + 4 {
        return Err(too_long());
    }
    let bytes = if encoded {
        BASE64.decode(text).map_err(|_| BadRequest::new(400, "the body is not the base64 that it claims to be"))?
    } else {
        text.as_bytes().to_vec()
    };
    if bytes.len() > LONGEST_BODY {
        return Err(too_long());
    }
    if bytes.is_empty() {
        return Err(BadRequest::new(
            400,
            "the body is empty; it must be a JSON object with schema, action and process_id",
        ));
    }
    Ok(bytes)
}
