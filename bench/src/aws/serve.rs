//! HTTP/1.1 servers on 127.0.0.1, all on one thread, gone when dropped.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

use super::forward::forward;
use super::{Service, Shared, dynamodb, s3, sfn, sns};
use crate::error::BenchError;

/// Servers that are about to run.
pub(super) struct Servers {
    serving: Vec<(TcpListener, Service, Arc<Shared>, Option<TlsAcceptor>)>,
    forwarding: Vec<(TcpListener, SocketAddr)>,
}

/// Servers that run.
#[derive(Debug)]
pub(super) struct Running {
    stop: Option<oneshot::Sender<Infallible>>,
    thread: Option<JoinHandle<()>>,
}

impl Servers {
    pub(super) fn new() -> Self {
        Self { serving: Vec::new(), forwarding: Vec::new() }
    }

    /// Serves a service on a free port.
    pub(super) fn serve(
        &mut self,
        service: Service,
        shared: Arc<Shared>,
        tls: Option<TlsAcceptor>,
    ) -> Result<u16, BenchError> {
        let (listener, port) = listen()?;
        self.serving.push((listener, service, shared, tls));
        Ok(port)
    }

    /// Forwards a free port.
    pub(super) fn forward(&mut self, to: SocketAddr) -> Result<u16, BenchError> {
        let (listener, port) = listen()?;
        self.forwarding.push((listener, to));
        Ok(port)
    }

    pub(super) fn run(self) -> Result<Running, BenchError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| BenchError::server(&error))?;
        let (stop, stopped) = oneshot::channel::<Infallible>();
        let thread = std::thread::spawn(move || {
            runtime.block_on(async move {
                for (listener, service, shared, tls) in self.serving {
                    if let Ok(listener) = tokio::net::TcpListener::from_std(listener) {
                        tokio::spawn(accept(listener, service, shared, tls));
                    }
                }
                for (listener, to) in self.forwarding {
                    if let Ok(listener) = tokio::net::TcpListener::from_std(listener) {
                        tokio::spawn(forward(listener, to));
                    }
                }
                // Only ever closed, by the drop of the sender: nothing is sent.
                stopped.await.ok();
            });
            runtime.shutdown_background();
        });
        Ok(Running { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A server that panicked has said so on standard error, and every call to it failed.
            thread.join().ok();
        }
    }
}

fn listen() -> Result<(TcpListener, u16), BenchError> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(|error| BenchError::server(&error))?;
    listener.set_nonblocking(true).map_err(|error| BenchError::server(&error))?;
    let port = listener.local_addr().map_err(|error| BenchError::server(&error))?.port();
    Ok((listener, port))
}

async fn accept(listener: tokio::net::TcpListener, service: Service, shared: Arc<Shared>, tls: Option<TlsAcceptor>) {
    loop {
        // An accept fails when a client is gone already: the next one may do better.
        let Ok((stream, _)) = listener.accept().await else { continue };
        let (shared, tls) = (Arc::clone(&shared), tls.clone());
        tokio::spawn(async move {
            if stream.set_nodelay(true).is_err() {
                return;
            }
            match tls {
                None => connection(stream, service, shared).await,
                Some(tls) => {
                    // A client that does not trust the certificate reports that itself.
                    if let Ok(stream) = tls.accept(stream).await {
                        connection(stream, service, shared).await;
                    }
                }
            }
        });
    }
}

async fn connection<S>(stream: S, service: Service, shared: Arc<Shared>)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let answer = service_fn(move |request: Request<Incoming>| {
        let shared = Arc::clone(&shared);
        async move {
            let (head, body) = request.into_parts();
            let request = Request::from_parts(head, body.collect().await?.to_bytes());
            Ok::<_, hyper::Error>(respond(service, &shared, &request))
        }
    });
    // An error here is a client that left: every function is killed at its end.
    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await.ok();
}

/// What a service answers.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) content_type: &'static str,
    pub(super) body: Bytes,
}

impl Answer {
    pub(super) fn ok(content_type: &'static str, body: impl Into<Bytes>) -> Self {
        Self { status: 200, content_type, body: body.into() }
    }
}

fn respond(service: Service, shared: &Shared, request: &Request<Bytes>) -> Response<Full<Bytes>> {
    let Answer { status, content_type, body } = match service {
        Service::DynamoDb => dynamodb::answer(shared, request),
        Service::S3 => s3::answer(shared, request),
        Service::Sns => sns::answer(shared, request),
        Service::Sfn => sfn::answer(shared, request),
    };
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = hyper::StatusCode::from_u16(status).unwrap_or(hyper::StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert("content-type", hyper::header::HeaderValue::from_static(content_type));
    headers.insert("x-amzn-requestid", hyper::header::HeaderValue::from_static("00000000-0000-4000-8000-000000000000"));
    response
}
