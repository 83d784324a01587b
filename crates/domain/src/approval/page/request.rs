//! What people send to the approval page. Only a POST can change anything: mail scanners open every link that they see.

#[cfg(test)]
mod tests;

use std::net::IpAddr;

use serde_json::Value;

use crate::approval::link::Token;
use crate::approval::page::body::{self, Pair};
use crate::approval::page::form::Form;
use crate::approval::page::refused::{Kind, Refused};

/// What a person asks of the page. `head` is a request for the headers alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageRequest {
    /// The page without a link.
    Home {
        /// Only its headers.
        head: bool,
    },
    /// What a link shows.
    Read {
        /// The link.
        token: Token,
        /// Only its headers.
        head: bool,
        /// Right after an answer.
        done: bool,
    },
    /// An answer.
    Answer {
        /// The link.
        token: Token,
        /// The form.
        form: Form,
    },
}

/// The methods that the page has, as the header `allow` writes them.
pub const ALLOWED: &str = "GET, HEAD, POST";

/// A request that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{refused}")]
pub struct BadPageRequest {
    /// What is answered.
    pub refused: Refused,
    /// The link that came with it, which may be anything.
    pub token: Option<Token>,
    /// The header `allow`, where the method is wrong.
    pub allow: Option<&'static str>,
}

impl PageRequest {
    /// Reads an event of the Function URL (payload version 2.0).
    ///
    /// # Errors
    /// [`BadPageRequest`]. Its message repeats nothing of the request.
    pub fn parse(event: &Value) -> Result<Self, BadPageRequest> {
        let query = Query::of(event);
        let token = query.as_ref().ok().and_then(|query| query.token.clone());
        read(event, query).map_err(|refused| BadPageRequest {
            allow: (refused.kind == Kind::Method).then_some(ALLOWED),
            refused,
            token,
        })
    }
}

/// Where a request comes from: the address that AWS saw, not one that the request names.
#[must_use]
pub fn source(event: &Value) -> String {
    let address = text(event, "/requestContext/http/sourceIp").and_then(|text| text.parse::<IpAddr>().ok());
    address.map_or_else(|| "unknown".to_owned(), |address| address.to_canonical().to_string())
}

fn text<'a>(event: &'a Value, pointer: &str) -> Option<&'a str> {
    event.pointer(pointer).and_then(Value::as_str)
}

fn read(event: &Value, query: Result<Query, Refused>) -> Result<PageRequest, Refused> {
    if text(event, "/version") != Some("2.0") {
        return Err(malformed("this is no request of a Function URL of payload version 2.0"));
    }
    if text(event, "/rawPath").unwrap_or("/") != "/" {
        return Err(Refused::new(404, Kind::Malformed, "there is nothing here: open the link as it was sent"));
    }
    let head = match text(event, "/requestContext/http/method") {
        Some("GET") => false,
        Some("HEAD") => true,
        Some("POST") => return answer(event, query?),
        _ => return Err(Refused::new(405, Kind::Method, format!("the page knows {ALLOWED} and nothing else"))),
    };
    match query? {
        Query { token: Some(token), done } => Ok(PageRequest::Read { token, head, done }),
        Query { token: None, done: false } => Ok(PageRequest::Home { head }),
        Query { token: None, done: true } => Err(unknown_query()),
    }
}

fn answer(event: &Value, query: Query) -> Result<PageRequest, Refused> {
    expect_own_page(event)?;
    let Query { token: Some(token), done: false } = query else { return Err(unknown_query()) };
    Ok(PageRequest::Answer { token, form: Form::parse(event)? })
}

fn malformed(message: &str) -> Refused {
    Refused::new(400, Kind::Malformed, message)
}

fn unknown_query() -> Refused {
    malformed("the address has other fields than the link's: open the link as it was sent")
}

/// Refuses a form that another site made a browser send. Browsers write these headers themselves; what writes none is no
/// browser that somebody else could use.
fn expect_own_page(event: &Value) -> Result<(), Refused> {
    let foreign = || Refused::new(403, Kind::Origin, "the form was sent by another site: open the link again");
    for site in headers(event, "sec-fetch-site") {
        if site != Some("same-origin") {
            return Err(foreign());
        }
    }
    let hosts = headers(event, "host");
    for origin in headers(event, "origin") {
        let origin = origin.ok_or_else(foreign)?;
        let from = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://")).ok_or_else(foreign)?;
        let own = |host: &Option<&str>| host.is_some_and(|host| host.eq_ignore_ascii_case(from));
        if from.is_empty() || hosts.is_empty() || !hosts.iter().all(own) {
            return Err(foreign());
        }
    }
    Ok(())
}

/// The values of a header, in whatever case its name is spelt; nothing for a value that is no text.
pub(super) fn headers<'a>(event: &'a Value, name: &str) -> Vec<Option<&'a str>> {
    let headers = event.get("headers").and_then(Value::as_object).into_iter().flatten();
    headers.filter(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str()).collect()
}

#[derive(Default)]
struct Query {
    token: Option<Token>,
    done: bool,
}

impl Query {
    /// Reads the query as it came: in the one that Lambda has taken apart, two fields of one name are one.
    fn of(event: &Value) -> Result<Self, Refused> {
        let raw = text(event, "/rawQueryString").unwrap_or_default();
        let pairs = body::pairs(raw.as_bytes()).ok_or_else(unknown_query)?;
        let mut query = Self::default();
        for Pair { name, value } in pairs {
            match name.as_str() {
                "l" if query.token.is_none() => query.token = Some(Token::new(&value)),
                "done" if !query.done && value == "1" => query.done = true,
                _ => return Err(unknown_query()),
            }
        }
        Ok(query)
    }
}
