//! The approval page, as anybody reaches it who has a link or none.

use std::collections::BTreeMap;

use time::OffsetDateTime;
use ureq::http::Method;

use crate::error::{Result, plain};
use crate::function_url::host;
use crate::stack::Stack;
use crate::stored::Item;
use crate::wire::query::encoded;

/// The template's output that names the page.
const PAGE_URL: &str = "ApprovalPageUrl";
/// The partitions of the audit table that hold what the page refused, each a day's.
const ATTEMPTS: &str = "approve-page#";
/// The field of every form of the page that proves that the page itself made it.
const FORM_TOKEN: &str = "form_token";

/// What the page answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The HTTP status.
    pub status: u16,
    /// The headers by their names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The page.
    pub body: String,
}

impl Shown {
    /// The value of the page's input of this name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        let mut inputs = self.body.split('<').filter(|tag| tag.starts_with("input "));
        inputs.find(|tag| attribute(tag, "name") == Some(name)).and_then(|tag| attribute(tag, "value"))
    }

    /// Where the answer leads, if it leads anywhere.
    #[must_use]
    pub fn location(&self) -> Option<&str> {
        self.headers.get("location").map(String::as_str)
    }
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    tag.split_once(&format!(" {name}=\""))?.1.split('"').next()
}

impl Stack {
    /// The page as this machine reaches it.
    ///
    /// # Errors
    /// When nothing is deployed, or the page is not part of it.
    pub fn page_url(&self) -> Result<String> {
        Ok(format!("http://{}/", self.host_here(PAGE_URL)?))
    }

    /// Sends the page a request with these headers and no others of ours but `host`. Its address is one on this machine, as
    /// [`Stack::here`] makes it; what answers with a redirection is not followed.
    ///
    /// # Errors
    /// When nobody answers.
    pub fn visit(&self, method: &Method, url: &str, headers: &[(&str, &str)], body: &[u8]) -> Result<Shown> {
        let host = host(url).ok_or_else(|| plain(format!("{url} is no address")))?;
        let path = url.split_once(host).map(|(_, path)| path).filter(|path| !path.is_empty()).unwrap_or("/");
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        let mut all = vec![("host", host)];
        all.extend(headers);
        let answer = self.aws().send_as_it_is("the page", (method.clone(), &path), &all, body)?;
        let body = String::from_utf8_lossy(&answer.body).into_owned();
        Ok(Shown { status: answer.status, headers: answer.headers, body })
    }

    /// Sends the page a form, as a browser does that shows it: these fields, and the proof that the page gave with the form.
    ///
    /// # Errors
    /// When nobody answers, or when there is no form behind the link.
    pub fn answer_by_link(&self, link: &str, fields: &[(&str, &str)]) -> Result<Shown> {
        let shown = self.visit(&Method::GET, link, &[], &[])?;
        let proof = shown
            .field(FORM_TOKEN)
            .ok_or_else(|| plain(format!("the page shows no form but HTTP {}: {}", shown.status, shown.body)))?;
        let all = fields.iter().copied().chain([(FORM_TOKEN, proof)]);
        let form: Vec<String> = all.map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
        let headers = [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "same-origin")];
        self.visit(&Method::POST, link, &headers, form.join("&").as_bytes())
    }

    /// What the page refused today, in order.
    ///
    /// # Errors
    /// What DynamoDB answers.
    pub fn page_attempts(&self) -> Result<Vec<Item>> {
        self.audit_events(&format!("{ATTEMPTS}{}", OffsetDateTime::now_utc().date()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_of_a_form_are_read() {
        let body =
            r#"<form><input type="hidden" name="form_token" value="1.a-b"><input name="confirm" value=""></form>"#;
        let shown = Shown { status: 200, headers: BTreeMap::new(), body: body.to_owned() };
        assert_eq!(shown.field("form_token"), Some("1.a-b"));
        assert_eq!(shown.field("confirm"), Some(""));
        assert_eq!(shown.field("reason"), None);
    }
}
