use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::header::{CONNECTION, CONTENT_LENGTH, HeaderMap, HeaderName, TRANSFER_ENCODING, UPGRADE};
use hyper::{Method, Request, Response, StatusCode, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use super::cutter::{Cut, Cutter};
use super::mutation;
use crate::loopback::{Answer, Body, HangUp};

pub(super) struct Forward {
    cutter: Cutter,
    upstream: String,
    client: Client<HttpConnector, Full<Bytes>>,
}

impl Forward {
    pub(super) fn new(cutter: Cutter, upstream: String) -> Self {
        let upstream = upstream.trim_end_matches('/').to_owned();
        Self { cutter, upstream, client: Client::builder(TokioExecutor::new()).build_http() }
    }

    /// The `Host` header stays as the client signed it.
    async fn forward(&self, request: &Request<Bytes>) -> Result<Response<Body>, HangUp> {
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        let uri: Uri = format!("{}{path}", self.upstream).parse().map_err(|_invalid| HangUp)?;
        let mut onward = Request::new(Full::new(request.body().clone()));
        *onward.method_mut() = request.method().clone();
        *onward.uri_mut() = uri;
        *onward.headers_mut() = end_to_end(request.headers());
        let answer = match self.client.request(onward).await {
            Ok(answer) => answer,
            Err(error) => return bad_gateway(&self.upstream, &error),
        };
        let (head, body) = answer.into_parts();
        let body = match body.collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) => return bad_gateway(&self.upstream, &error),
        };
        let mut response = Response::new(Body::whole(body));
        *response.status_mut() = head.status;
        *response.headers_mut() = end_to_end(&head.headers);
        if request.method() == Method::HEAD
            && let Some(length) = head.headers.get(CONTENT_LENGTH)
        {
            response.headers_mut().insert(CONTENT_LENGTH, length.clone());
        }
        Ok(response)
    }
}

impl Answer for Forward {
    async fn answer(self: Arc<Self>, request: Request<Bytes>) -> Result<Response<Body>, HangUp> {
        let cut = mutation::name_of(&request).and_then(|mutation| self.cutter.count(mutation));
        match cut {
            None => self.forward(&request).await,
            Some(Cut::Twice) => {
                self.forward(&request).await?;
                self.forward(&request).await
            }
            Some(Cut::Before) => {
                self.cutter.act();
                Err(HangUp)
            }
            Some(Cut::After) => {
                let forwarded = self.forward(&request).await;
                self.cutter.act();
                forwarded.and(Err(HangUp))
            }
        }
    }
}

/// The headers that are not about one connection. Lengths are written anew.
fn end_to_end(headers: &HeaderMap) -> HeaderMap {
    const OF_ONE_CONNECTION: [HeaderName; 4] = [CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING, UPGRADE];
    let mut headers = headers.clone();
    for name in OF_ONE_CONNECTION {
        headers.remove(name);
    }
    headers.remove("keep-alive");
    headers
}

fn bad_gateway(upstream: &str, error: &dyn std::error::Error) -> Result<Response<Body>, HangUp> {
    let mut message = format!("failed to reach {upstream}: {error}");
    let mut source = error.source();
    while let Some(error) = source {
        message.push_str(&format!(": {error}"));
        source = error.source();
    }
    Response::builder().status(StatusCode::BAD_GATEWAY).body(Body::whole(message)).map_err(|_invalid| HangUp)
}
