//! Bodies and queries as browsers write them: `application/x-www-form-urlencoded`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::approval::page::refused::{Kind, Refused};
use crate::approval::page::request::headers;

/// The longest body that is read, in bytes.
pub const LONGEST_BODY: usize = 8 * 1024;

/// A field and what it holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) name: String,
    pub(super) value: String,
}

/// The fields in their order; nothing where what is escaped is not, or is no UTF-8.
pub(super) fn pairs(bytes: &[u8]) -> Option<Vec<Pair>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let escaped = |rest: &str| rest.as_bytes().get(..2).is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit));
    if !text.split('%').skip(1).all(escaped) {
        return None;
    }
    let pairs: Vec<Pair> = form_urlencoded::parse(bytes)
        .map(|(name, value)| Pair { name: name.into_owned(), value: value.into_owned() })
        .collect();
    // What is no UTF-8 is read as this character, which nobody types.
    let lost = |text: &str| text.contains(char::REPLACEMENT_CHARACTER);
    (!pairs.iter().any(|pair| lost(&pair.name) || lost(&pair.value))).then_some(pairs)
}

/// The fields of a body.
pub(super) fn fields(event: &Value) -> Result<Vec<Pair>, Refused> {
    expect_form(event)?;
    let broken = || Refused::new(400, Kind::Body, "the form cannot be read: open the link again");
    let too_long = || Refused::new(413, Kind::Body, format!("the form is longer than {LONGEST_BODY} bytes"));
    let text = event.get("body").and_then(Value::as_str).unwrap_or_default();
    // Base64 is a third longer than what it holds.
    if text.len() > LONGEST_BODY * 4 / 3 + 4 {
        return Err(too_long());
    }
    let encoded = event.get("isBase64Encoded").and_then(Value::as_bool).unwrap_or_default();
    let bytes = if encoded { STANDARD.decode(text).map_err(|_| broken())? } else { text.as_bytes().to_vec() };
    if bytes.len() > LONGEST_BODY {
        return Err(too_long());
    }
    pairs(&bytes).ok_or_else(broken)
}

/// A body of another type may mean something else than it says when it is read as a form.
fn expect_form(event: &Value) -> Result<(), Refused> {
    if let [Some(content_type)] = headers(event, "content-type").as_slice() {
        let mut parts = content_type.split(';').map(str::trim);
        let is_form = parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("application/x-www-form-urlencoded"));
        let is_utf8 = |part: &str| part.is_empty() || part.to_ascii_lowercase().replace('"', "") == "charset=utf-8";
        if is_form && parts.all(is_utf8) {
            return Ok(());
        }
    }
    let message = "an answer is a form: the header content-type must be application/x-www-form-urlencoded";
    Err(Refused::new(415, Kind::Body, message))
}
