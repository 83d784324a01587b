//! A plain HTTP client: nothing of the SDK, so that a test sees the wire itself.

#![allow(dead_code, reason = "every test file uses a part of it")]
#![allow(clippy::expect_used, reason = "a helper of tests fails as a test does")]

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Request, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use sunset_wire::Ec2;

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: String,
}

impl Answer {
    /// The text of every element of this name, in order.
    pub fn all(&self, element: &str) -> Vec<&str> {
        let (open, close) = (format!("<{element}>"), format!("</{element}>"));
        self.body.split(&open).skip(1).filter_map(|rest| rest.split_once(&close)).map(|(text, _)| text).collect()
    }

    pub fn one(&self, element: &str) -> Option<&str> {
        self.all(element).first().copied()
    }

    pub fn code(&self) -> &str {
        self.one("Code").unwrap_or("no error")
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }
}

pub async fn send(request: Request<Full<Bytes>>) -> Option<Answer> {
    let client: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
    let response = client.request(request).await.ok()?;
    let status: StatusCode = response.status();
    let body = response.into_body().collect().await.ok()?.to_bytes();
    Some(Answer { status: status.as_u16(), body: String::from_utf8(body.to_vec()).expect("UTF-8") })
}

fn form(url: &str, version: &str, action: &str, params: &[(&str, &str)]) -> Request<Full<Bytes>> {
    let body = form_urlencoded::Serializer::new(String::new())
        .append_pair("Action", action)
        .append_pair("Version", version)
        .extend_pairs(params)
        .finish();
    Request::post(url)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Full::from(body))
        .expect("a request")
}

pub fn ec2_request(url: &str, action: &str, params: &[(&str, &str)]) -> Request<Full<Bytes>> {
    form(url, "2016-11-15", action, params)
}

pub async fn try_ec2(ec2: &Ec2, action: &str, params: &[(&str, &str)]) -> Option<Answer> {
    send(ec2_request(&ec2.url(), action, params)).await
}

pub async fn ec2(ec2: &Ec2, action: &str, params: &[(&str, &str)]) -> Answer {
    try_ec2(ec2, action, params).await.expect("an answer")
}

pub async fn auto_scaling(ec2: &Ec2, action: &str, params: &[(&str, &str)]) -> Answer {
    send(form(&ec2.url(), "2011-01-01", action, params)).await.expect("an answer")
}

pub async fn load_balancing(ec2: &Ec2, action: &str, params: &[(&str, &str)]) -> Answer {
    send(form(&ec2.url(), "2015-12-01", action, params)).await.expect("an answer")
}

pub async fn ssm(ec2: &Ec2, action: &str, body: Value) -> Answer {
    let request = Request::post(ec2.url())
        .header("content-type", "application/x-amz-json-1.1")
        .header("x-amz-target", format!("AmazonSSM.{action}"))
        .body(Full::from(body.to_string()))
        .expect("a request");
    send(request).await.expect("an answer")
}

/// Reads every page of an action.
pub async fn pages(server: &Ec2, action: &str, params: &[(&str, &str)]) -> Vec<Answer> {
    let mut pages: Vec<Answer> = Vec::new();
    loop {
        let token = pages.last().map(|page| page.one("nextToken").map(str::to_owned));
        let mut params = params.to_vec();
        match &token {
            Some(None) => return pages,
            Some(Some(token)) => params.push(("NextToken", token)),
            None => (),
        }
        let page = ec2(server, action, &params).await;
        assert_eq!(page.status, 200, "{}", page.body);
        pages.push(page);
    }
}
