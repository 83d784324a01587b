//! S3: objects put and got, in path style.

use std::collections::BTreeMap;

use bytes::Bytes;
use hyper::{Method, Request};

use super::serve::Answer;
use super::{Service, Shared};

/// Objects by `/<bucket>/<key>`.
pub type Objects = BTreeMap<String, Bytes>;

pub(super) fn answer(shared: &Shared, request: &Request<Bytes>) -> Answer {
    let path = request.uri().path();
    let put = |body: Bytes| {
        let bytes = body.len() as u64;
        shared.state().objects.insert(path.to_owned(), body);
        let mut journal = shared.journal();
        journal.put_bytes += bytes;
        journal.record(Service::S3.prefix(), "PutObject", None);
        Answer::ok("application/xml", Bytes::new())
    };
    match *request.method() {
        Method::PUT if chunked(request) => match unchunked(request.body()) {
            Some(body) => put(body),
            None => refuse(shared, "PutObject", 400, "InvalidChunk"),
        },
        Method::PUT => put(request.body().clone()),
        Method::GET => {
            let object = shared.state().objects.get(path).cloned();
            match object {
                Some(body) => {
                    shared.journal().record(Service::S3.prefix(), "GetObject", None);
                    Answer::ok("application/octet-stream", body)
                }
                None => refuse(shared, "GetObject", 404, "NoSuchKey"),
            }
        }
        _ => refuse(shared, request.method().as_str(), 405, "MethodNotAllowed"),
    }
}

fn refuse(shared: &Shared, action: &str, status: u16, code: &str) -> Answer {
    shared.journal().record(Service::S3.prefix(), action, Some(code));
    let body = format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>{code}</Message></Error>");
    Answer { status, content_type: "application/xml", body: body.into() }
}

/// Whether the body comes in signed or checksummed chunks, as some SDKs send it over TLS.
fn chunked(request: &Request<Bytes>) -> bool {
    let encoding = request.headers().get("content-encoding").and_then(|header| header.to_str().ok());
    encoding.is_some_and(|encoding| encoding.split(',').any(|part| part.trim() == "aws-chunked"))
}

/// The content of `<hex size>[;…]\r\n<bytes>\r\n…0\r\n<trailers>`; nothing, where it is broken.
fn unchunked(body: &Bytes) -> Option<Bytes> {
    let mut content = Vec::with_capacity(body.len());
    let mut rest = body.as_ref();
    loop {
        let end = rest.windows(2).position(|pair| pair == b"\r\n")?;
        let (head, after) = rest.split_at_checked(end)?;
        let size = std::str::from_utf8(head).ok()?.split(';').next()?;
        let size = usize::from_str_radix(size.trim(), 16).ok()?;
        if size == 0 {
            return Some(content.into());
        }
        let (chunk, after) = after.get(2..)?.split_at_checked(size)?;
        content.extend_from_slice(chunk);
        rest = after.strip_prefix(b"\r\n")?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunked_body_is_put_together_without_its_signatures_and_trailers() {
        let body =
            Bytes::from_static(b"3;chunk-signature=x\r\nabc\r\n2\r\nde\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n");
        assert_eq!(unchunked(&body).unwrap(), "abcde");
        assert_eq!(unchunked(&Bytes::from_static(b"9\r\nabc")), None);
        assert_eq!(unchunked(&Bytes::from_static(b"x\r\nabc\r\n")), None);
    }
}
