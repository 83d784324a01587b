//! Answers as a Function URL takes them, with the headers that keep a personal page personal.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use crate::style;

/// A page, and what is to be said in the headers about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The HTTP status.
    pub status: u16,
    /// The whole document.
    pub html: String,
    /// The methods that would have been right: with 405.
    pub allow: Option<String>,
    /// When it is worth trying again: with 429 and 503.
    pub retry_after_seconds: Option<u32>,
}

impl Page {
    pub(crate) fn new(status: u16, html: maud::Markup) -> Self {
        Self { status, html: html.into_string(), allow: None, retry_after_seconds: None }
    }
}

/// Nothing is loaded, run, framed or sent elsewhere. The empty icon keeps browsers from asking for one, and `data:` is
/// what it is written as.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let style = style::SOURCE.as_str();
    format!(
        "default-src 'none'; style-src {style}; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
});

fn headers() -> Map<String, Value> {
    [
        ("content-security-policy", POLICY.as_str()),
        ("x-content-type-options", "nosniff"),
        // The address holds the personal link: no other host may learn it. Its own must, or a form's Origin is null.
        ("referrer-policy", "same-origin"),
        ("cache-control", "no-store"),
        ("strict-transport-security", "max-age=31536000"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("permissions-policy", "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"),
        ("x-robots-tag", "noindex, nofollow"),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), json!(value)))
    .collect()
}

/// The HTTP answer that shows a page; to HEAD, the same without its body.
#[must_use]
pub fn respond(page: &Page, head: bool) -> Value {
    let mut headers = headers();
    headers.insert("content-type".into(), json!("text/html; charset=utf-8"));
    if let Some(allow) = &page.allow {
        headers.insert("allow".into(), json!(header_value(allow)));
    }
    if let Some(seconds) = page.retry_after_seconds {
        headers.insert("retry-after".into(), json!(seconds.to_string()));
    }
    json!({
        "statusCode": page.status,
        "headers": headers,
        "body": if head { "" } else { page.html.as_str() },
        "isBase64Encoded": false,
    })
}

/// The HTTP answer that sends a browser on with GET, so that reloading what it then shows sends no form again.
#[must_use]
pub fn redirect(location: &str) -> Value {
    let mut headers = headers();
    headers.insert("location".into(), json!(header_value(location)));
    json!({"statusCode": 303, "headers": headers, "body": "", "isBase64Encoded": false})
}

/// What may stand in a header: nothing that ends it.
fn header_value(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').collect()
}

#[cfg(test)]
mod tests;
