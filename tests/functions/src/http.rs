//! One HTTP call to an emulator.

use std::sync::LazyLock;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Method, Request, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

use crate::background;

pub(crate) type HttpClient = Client<HttpConnector, Full<Bytes>>;

/// Its connections live in the background's runtime, so that every test may use them.
pub(crate) static CLIENT: LazyLock<HttpClient> = LazyLock::new(|| {
    // Shorter than any server keeps a connection: one that closes as it is used would look like a fault that was asked for.
    Client::builder(TokioExecutor::new()).pool_idle_timeout(Duration::from_secs(2)).build_http()
});

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Bytes,
}

/// Sends a request; nothing comes back when the connection is closed without a whole answer.
pub(crate) async fn send(request: Request<Full<Bytes>>) -> Option<Answer> {
    background::there(async {
        let answer = CLIENT.request(request).await.ok()?;
        let (head, body) = answer.into_parts();
        let body = body.collect().await.ok()?.to_bytes();
        Some(Answer { status: head.status, body })
    })
    .await
}

/// Calls a service of MiniStack, which finds it by the credential's scope.
pub(crate) async fn call(
    service: &str,
    (method, url): (Method, String),
    headers: &[(&str, &str)],
    body: impl Into<Bytes>,
) -> Answer {
    let scope = format!("test/20260101/us-east-1/{service}/aws4_request");
    let mut request = Request::builder()
        .method(method)
        .uri(&url)
        .header("authorization", format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Full::from(body.into())).expect("a request of valid parts");
    send(request).await.unwrap_or_else(|| panic!("{url} did not answer"))
}

/// Calls a service that speaks AWS's JSON protocol.
pub(crate) async fn json(url: &str, service: &str, target: &str, body: &Value) -> Value {
    let headers = [("x-amz-target", target), ("content-type", "application/x-amz-json-1.0")];
    let answer = call(service, (Method::POST, format!("{url}/")), &headers, body.to_string()).await;
    assert!(answer.status.is_success(), "{target}: {}", String::from_utf8_lossy(&answer.body));
    if answer.body.is_empty() { Value::Null } else { serde_json::from_slice(&answer.body).expect("JSON") }
}
