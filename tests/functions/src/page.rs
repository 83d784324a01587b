//! People at the approval page: their requests as its Function URL hands them on, and what they are shown.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sunset_domain::approval::link::{Link, LinkKeys};
use sunset_domain::time::Timestamp;
use time::OffsetDateTime;

use crate::functions::{Function, Functions};
use crate::links::LINK_KEYS;

/// The page's host.
const HOST: &str = "abcdefghijklmnopqrstuvwxyz012345.lambda-url.us-east-1.on.aws";

/// The time by the functions' own clock.
#[must_use]
pub fn now() -> Timestamp {
    Timestamp::from_unix_seconds(OffsetDateTime::now_utc().unix_timestamp())
}

/// Signs a link as `approve` does.
#[must_use]
pub fn sign(link: &Link) -> String {
    sign_with(LINK_KEYS, link)
}

/// Signs a link with the keys of a document. One that is over was signed before it was.
///
/// # Panics
/// When the document holds no keys, or the link cannot be signed.
#[must_use]
pub fn sign_with(document: &str, link: &Link) -> String {
    let signed_at = now().min(Timestamp::from_unix_seconds(link.expires_at.unix_seconds() - 1));
    let keys = LinkKeys::parse(document).unwrap_or_else(|error| panic!("{error}: {document}"));
    keys.sign(link, signed_at).unwrap_or_else(|error| panic!("{error}: {link:?}"))
}

/// The fields of the page's form, in order.
#[derive(Debug, Clone, Default)]
pub struct Form(Vec<(String, String)>);

impl Form {
    /// A form with this field.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.push((name.to_owned(), value.into()));
        self
    }

    /// The same without a field.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.0.retain(|(other, _)| other != name);
        self
    }

    /// The same with another value of a field.
    #[must_use]
    pub fn but(self, name: &str, value: impl Into<String>) -> Self {
        self.without(name).with(name, value)
    }

    /// As a browser writes it.
    #[must_use]
    pub fn text(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.0).finish()
    }
}

/// One request to the page.
#[derive(Debug, Clone)]
pub struct Visit(Value);

impl Visit {
    /// A GET of the page without a link.
    #[must_use]
    pub fn home() -> Self {
        Self(json!({
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": "/",
            "rawQueryString": "",
            "headers": {
                "accept": "text/html,application/xhtml+xml",
                "host": HOST,
                "user-agent": "Mozilla/5.0",
                "x-forwarded-for": "203.0.113.24",
                "x-forwarded-port": "443",
                "x-forwarded-proto": "https",
            },
            "requestContext": {
                "accountId": "anonymous",
                "apiId": "abcdefghijklmnopqrstuvwxyz012345",
                "domainName": HOST,
                "domainPrefix": "abcdefghijklmnopqrstuvwxyz012345",
                "http": {
                    "method": "GET",
                    "path": "/",
                    "protocol": "HTTP/1.1",
                    "sourceIp": "203.0.113.24",
                    "userAgent": "Mozilla/5.0",
                },
                "requestId": "3f1c9a52-8f0e-4b1d-9a7c-5d2e6b7f8a90",
                "routeKey": "$default",
                "stage": "$default",
                "time": "20/Nov/2026:09:05:00 +0000",
                "timeEpoch": 1_795_165_500_123_u64,
            },
            "isBase64Encoded": false,
        }))
    }

    /// A GET of what a link shows.
    #[must_use]
    pub fn get(token: &str) -> Self {
        Self::home().query(&format!("l={token}"))
    }

    /// A HEAD of the same.
    #[must_use]
    pub fn head(token: &str) -> Self {
        Self::get(token).method("HEAD")
    }

    /// A form, as a browser sends it from the page of this link.
    #[must_use]
    pub fn post(token: &str, form: &Form) -> Self {
        Self::get(token)
            .method("POST")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("origin", format!("https://{HOST}"))
            .header("sec-fetch-site", "same-origin")
            .body(form.text().as_bytes())
    }

    /// By another method.
    #[must_use]
    pub fn method(mut self, method: &str) -> Self {
        self.0["requestContext"]["http"]["method"] = method.into();
        self
    }

    /// With another query, as it is written in the address.
    #[must_use]
    pub fn query(mut self, raw: &str) -> Self {
        self.0["rawQueryString"] = raw.into();
        let pairs = form_urlencoded::parse(raw.as_bytes());
        self.0["queryStringParameters"] = pairs
            .map(|(name, value)| (name.into_owned(), Value::from(value)))
            .collect::<serde_json::Map<_, _>>()
            .into();
        self
    }

    /// Of another path.
    #[must_use]
    pub fn path(mut self, path: &str) -> Self {
        self.0["rawPath"] = path.into();
        self.0["requestContext"]["http"]["path"] = path.into();
        self
    }

    /// From another address.
    #[must_use]
    pub fn from(mut self, address: &str) -> Self {
        self.0["requestContext"]["http"]["sourceIp"] = address.into();
        self.header("x-forwarded-for", address)
    }

    /// With a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0["headers"][name] = value.into().into();
        self
    }

    /// Without a header.
    #[must_use]
    pub fn without_header(mut self, name: &str) -> Self {
        if let Some(headers) = self.0["headers"].as_object_mut() {
            headers.remove(name);
        }
        self
    }

    /// With a body, in base64 as Lambda hands forms on.
    #[must_use]
    pub fn body(mut self, bytes: &[u8]) -> Self {
        self.0["body"] = STANDARD.encode(bytes).into();
        self.0["isBase64Encoded"] = true.into();
        self
    }

    /// With a body as it is.
    #[must_use]
    pub fn plain_body(mut self, text: &str) -> Self {
        self.0["body"] = text.into();
        self.0["isBase64Encoded"] = false.into();
        self
    }

    /// Whatever Lambda might hand on.
    #[must_use]
    pub fn of(event: Value) -> Self {
        Self(event)
    }

    /// As Lambda hands it on.
    #[must_use]
    pub fn event(&self) -> Value {
        self.0.clone()
    }
}

/// What somebody was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The HTTP status.
    pub status: u64,
    /// The headers, in the order of their names.
    pub headers: Vec<(String, String)>,
    /// The document.
    pub html: String,
}

impl Shown {
    /// Takes what the function answered.
    ///
    /// # Panics
    /// When it is no HTTP answer of a page.
    #[must_use]
    pub fn of(answer: &Value) -> Self {
        assert_eq!(answer["isBase64Encoded"], false, "{answer}");
        let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("this is no page: {answer}")).to_owned();
        let headers = answer["headers"].as_object().into_iter().flatten();
        Self {
            status: answer["statusCode"].as_u64().unwrap_or_else(|| panic!("this is no page: {answer}")),
            headers: headers.map(|(name, value)| (name.clone(), text(value))).collect(),
            html: text(&answer["body"]),
        }
    }

    /// A header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// The token of its form; nothing where it has no form.
    #[must_use]
    pub fn form_token(&self) -> Option<&str> {
        let (_, rest) = self.html.split_once("name=\"form_token\" value=\"")?;
        rest.split_once('"').map(|(token, _)| token)
    }

    /// The tokens of the links in it, and of the one that it sends on to.
    #[must_use]
    pub fn tokens(&self) -> Vec<&str> {
        let addresses = self.header("location").into_iter().chain(self.html.split('"'));
        addresses
            .filter_map(|address| address.split_once("?l="))
            .filter_map(|(_, rest)| rest.split('&').next())
            .collect()
    }
}

impl Functions {
    /// Somebody visits the page.
    ///
    /// # Panics
    /// When it is not answered as HTTP.
    pub async fn visit(&self, visit: Visit) -> Shown {
        let answer = self.invoke(Function::ApprovePage, visit.event()).await;
        Shown::of(&answer.unwrap_or_else(|error| panic!("{error}: {visit:?}\n{}", self.logs())))
    }
}
