//! An HTTP/1.1 server on 127.0.0.1, on a thread of its own, gone when dropped.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::thread::JoinHandle;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

/// The connection ends without an answer.
#[derive(Debug)]
pub(crate) struct HangUp;

impl std::fmt::Display for HangUp {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("hung up")
    }
}

impl std::error::Error for HangUp {}

/// What answers the requests of one server.
pub(crate) trait Answer: Send + Sync + 'static {
    fn answer(self: Arc<Self>, request: Request<Bytes>) -> impl Future<Output = Result<Response<Body>, HangUp>> + Send;
}

/// A whole body, or the first part of one whose connection then breaks.
pub(crate) struct Body {
    bytes: Option<Bytes>,
    breaks: bool,
}

impl Body {
    pub(crate) fn whole(bytes: impl Into<Bytes>) -> Self {
        Self { bytes: Some(bytes.into()), breaks: false }
    }

    /// Its first half, after which the connection breaks.
    pub(crate) fn halved(mut self) -> Self {
        if let Some(bytes) = &mut self.bytes {
            bytes.truncate(bytes.len() / 2);
        }
        self.breaks = true;
        self
    }
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = HangUp;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, HangUp>>> {
        match self.bytes.take() {
            Some(bytes) if !bytes.is_empty() => Poll::Ready(Some(Ok(Frame::data(bytes)))),
            _ if self.breaks => Poll::Ready(Some(Err(HangUp))),
            _ => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        !self.breaks && self.bytes.as_ref().is_none_or(Bytes::is_empty)
    }

    fn size_hint(&self) -> SizeHint {
        match &self.bytes {
            _ if self.breaks => SizeHint::default(),
            Some(bytes) => SizeHint::with_exact(bytes.len() as u64),
            None => SizeHint::with_exact(0),
        }
    }
}

/// A running server.
#[derive(Debug)]
pub(crate) struct Loopback {
    address: SocketAddr,
    stop: Option<oneshot::Sender<Infallible>>,
    thread: Option<JoinHandle<()>>,
}

impl Loopback {
    pub(crate) fn start<A: Answer>(answers: &Arc<A>, tls: Option<TlsAcceptor>) -> Self {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port on 127.0.0.1");
        listener.set_nonblocking(true).expect("a listener that does not block");
        let address = listener.local_addr().expect("the listener's address");
        let (stop, stopped) = oneshot::channel::<Infallible>();
        let answers = Arc::clone(answers);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let thread = std::thread::spawn(move || {
            runtime.block_on(async move {
                tokio::select! {
                    () = accept(listener, answers, tls) => (),
                    // Only ever closed, by the drop of the sender: nothing is sent.
                    _ = stopped => (),
                }
            });
            runtime.shutdown_background();
        });
        Self { address, stop: Some(stop), thread: Some(thread) }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Loopback {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take()
            && thread.thread().id() != std::thread::current().id()
            && thread.join().is_err()
            && !std::thread::panicking()
        {
            std::panic::resume_unwind(Box::new("the loopback server panicked: see its message above"));
        }
    }
}

async fn accept<A: Answer>(listener: std::net::TcpListener, answers: Arc<A>, tls: Option<TlsAcceptor>) {
    let listener = TcpListener::from_std(listener).expect("a listener on the server's own runtime");
    loop {
        // An accept fails when a client is gone already or descriptors run out: the next one may do better.
        let Ok((stream, _)) = listener.accept().await else { continue };
        stream.set_nodelay(true).ok();
        let answers = Arc::clone(&answers);
        let tls = tls.clone();
        tokio::spawn(async move {
            match tls {
                Some(tls) => {
                    // A client that does not trust the certificate is the client's test, not the server's failure.
                    if let Ok(stream) = tls.accept(stream).await {
                        serve(stream, answers).await;
                    }
                }
                None => serve(stream, answers).await,
            }
        });
    }
}

async fn serve<A: Answer, S>(stream: S, answers: Arc<A>)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request: Request<Incoming>| {
        let answers = Arc::clone(&answers);
        async move {
            let (head, body) = request.into_parts();
            let body = body.collect().await.map_err(|_gone| HangUp)?.to_bytes();
            answers.answer(Request::from_parts(head, body)).await
        }
    });
    // An error here is a client that left or a fault that was asked for: both are the test's own doing.
    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await.ok();
}
