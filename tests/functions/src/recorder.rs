//! A proxy that writes down what reaches AWS.

use std::net::SocketAddr;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{CONNECTION, CONTENT_LENGTH, HeaderMap, HeaderName, TRANSFER_ENCODING};
use hyper::http::request::Parts;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::background;
use crate::calls::{Call, Calls};
use crate::denied::Denied;
use crate::http;
use crate::outages::Outages;
use crate::tokens::Tokens;
use crate::topics::Topics;

/// What stands before the upstream.
#[derive(Debug, Clone, Default)]
pub(crate) struct Front {
    pub(crate) calls: Calls,
    pub(crate) tokens: Tokens,
    pub(crate) denied: Denied,
    pub(crate) topics: Topics,
    pub(crate) outages: Outages,
}

impl Front {
    /// The answer to what never reaches the upstream.
    fn answer(&self, head: &Parts, body: &Bytes) -> Option<Response<Full<Bytes>>> {
        let tokens = self.tokens.answer(head, body);
        tokens.or_else(|| self.denied.answer(head, body)).or_else(|| self.topics.answer(head, body))
    }
}

/// Stands before one upstream until it is dropped.
#[derive(Debug)]
pub(crate) struct Recorder {
    address: SocketAddr,
    accepting: JoinHandle<()>,
}

/// The upstream closed the connection without an answer; so does the recorder.
#[derive(Debug)]
struct HangUp;

impl std::fmt::Display for HangUp {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("the upstream gave no answer")
    }
}

impl std::error::Error for HangUp {}

impl Recorder {
    pub(crate) fn start(front: &Front, upstream: &str) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port of loopback");
        listener.set_nonblocking(true).expect("a listener that does not block");
        let address = listener.local_addr().expect("an address");
        let (front, upstream) = (front.clone(), upstream.to_owned());
        let accepting = background::handle().spawn(async move {
            let listener = TcpListener::from_std(listener).expect("a listener on the background's runtime");
            loop {
                // An accept fails when its client has gone again: the next one may do better.
                let Ok((stream, _)) = listener.accept().await else { continue };
                stream.set_nodelay(true).ok();
                let (front, upstream) = (front.clone(), upstream.clone());
                tokio::spawn(async move {
                    let service = service_fn(|request| forward(request, &front, &upstream));
                    // It ends with an error where a fault was asked for, or where the client was killed.
                    hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service)
                        .await
                        .ok();
                });
            }
        });
        Self { address, accepting }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn forward(request: Request<Incoming>, front: &Front, upstream: &str) -> Result<Response<Full<Bytes>>, HangUp> {
    let calls = &front.calls;
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(|_gone| HangUp)?.to_bytes();
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
    let at = calls.begin(Call::read(&head, &body));
    if let Some(outage) = front.outages.strike(&head) {
        let answer = outage.answer().await;
        calls.end(at, answer.status().as_u16());
        return Ok(answer);
    }
    if let Some(answer) = front.answer(&head, &body) {
        calls.end(at, answer.status().as_u16());
        return Ok(answer);
    }

    let mut onward = Request::new(Full::new(body));
    *onward.method_mut() = head.method.clone();
    *onward.uri_mut() = format!("{upstream}{path}").parse().map_err(|_invalid| HangUp)?;
    *onward.headers_mut() = end_to_end(&head.headers);
    let answer = http::CLIENT.request(onward).await.map_err(|_gone| HangUp)?;
    let (answered, body) = answer.into_parts();
    let body = body.collect().await.map_err(|_gone| HangUp)?.to_bytes();
    calls.end(at, answered.status.as_u16());

    let mut response = Response::new(Full::new(body));
    *response.status_mut() = answered.status;
    *response.headers_mut() = end_to_end(&answered.headers);
    Ok(response)
}

/// The headers that are not about one connection. Lengths are written anew.
fn end_to_end(headers: &HeaderMap) -> HeaderMap {
    const OF_ONE_CONNECTION: [HeaderName; 3] = [CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING];
    let mut headers = headers.clone();
    for name in OF_ONE_CONNECTION {
        headers.remove(name);
    }
    headers.remove("keep-alive");
    headers
}
