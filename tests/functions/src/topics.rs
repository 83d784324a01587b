//! Topics that do not take what is published to them, for a while or for good.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;
use http_body_util::Full;
use hyper::http::request::Parts;
use hyper::{Response, StatusCode};

/// The topics, by name. A clone is the same list.
#[derive(Debug, Clone, Default)]
pub struct Topics(Arc<Mutex<BTreeMap<String, Trouble>>>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    Fails,
    Denied,
}

impl Trouble {
    fn answer(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::Fails => (StatusCode::INTERNAL_SERVER_ERROR, "Receiver", "InternalError"),
            Self::Denied => (StatusCode::FORBIDDEN, "Sender", "AuthorizationError"),
        }
    }
}

impl Topics {
    /// This topic fails with a 500 until it is well again.
    pub fn fails(&self, name: &str) {
        self.lock().insert(name.to_owned(), Trouble::Fails);
    }

    /// Nobody may publish to this topic until it is well again.
    pub fn denies(&self, name: &str) {
        self.lock().insert(name.to_owned(), Trouble::Denied);
    }

    /// Every topic is well.
    pub fn clear(&self) {
        self.lock().clear();
    }

    /// The answer to what is published to one of them; nothing for any other call.
    pub(crate) fn answer(&self, head: &Parts, body: &Bytes) -> Option<Response<Full<Bytes>>> {
        let kind = head.headers.get("content-type")?.to_str().ok()?;
        if !kind.starts_with("application/x-www-form-urlencoded") {
            return None;
        }
        let topic = form_urlencoded::parse(body).find(|(name, _)| name == "TopicArn")?.1;
        let (_, name) = topic.rsplit_once(':')?;
        let (status, fault, code) = self.lock().get(name)?.answer();
        let xml = format!(
            "<ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><Error><Type>{fault}</Type>\
             <Code>{code}</Code><Message>not this topic, not now</Message></Error>\
             <RequestId>3f1c9a52-8f0e-4b1d-9a7c-5d2e6b7f8a90</RequestId></ErrorResponse>"
        );
        let mut response = Response::new(Full::from(xml));
        *response.status_mut() = status;
        response.headers_mut().insert("content-type", "text/xml".parse().expect("a header"));
        Some(response)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Trouble>> {
        self.0.lock().expect("no panic while the list is held")
    }
}
