use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use hyper::{Method, Request, Response, StatusCode};
use serde_json::Value;
use tokio::sync::{mpsc, oneshot, watch};

use crate::loopback::{Answer, Body, HangUp, Loopback};

const PREFIX: &str = "/2018-06-01/runtime/";
const ARN: &str = "arn:aws:lambda:us-east-1:123456789012:function:function-under-test";

/// How an invocation failed, as Step Functions would see it.
#[derive(Debug, Clone, PartialEq)]
pub struct FunctionError {
    /// The error type, such as `Sunset.Throttled`, `Runtime.ExitError` or `Sandbox.Timedout`.
    pub error_type: String,
    /// The message.
    pub message: String,
    /// The whole error as the function sent it; null when it sent none.
    pub body: Value,
}

impl FunctionError {
    pub(super) fn new(error_type: &str, message: impl Into<String>) -> Self {
        Self { error_type: error_type.to_owned(), message: message.into(), body: Value::Null }
    }

    fn from_body(header: Option<&str>, body: &[u8]) -> Self {
        let body: Value =
            serde_json::from_slice(body).unwrap_or_else(|_| String::from_utf8_lossy(body).into_owned().into());
        let text = |field: &str| body.get(field).and_then(Value::as_str).map(str::to_owned);
        let error_type =
            text("errorType").or_else(|| header.map(str::to_owned)).unwrap_or_else(|| "Unknown".to_owned());
        Self { error_type, message: text("errorMessage").unwrap_or_default(), body }
    }
}

impl fmt::Display for FunctionError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.error_type, self.message)
    }
}

impl std::error::Error for FunctionError {}

/// The Runtime API of one function. It hands out one invocation to whoever asks for the next.
#[derive(Debug)]
pub struct RuntimeApi {
    shared: Arc<Shared>,
    loopback: Loopback,
}

#[derive(Debug)]
struct Shared {
    queue: mpsc::UnboundedSender<Invocation>,
    next: tokio::sync::Mutex<mpsc::UnboundedReceiver<Invocation>>,
    waiting: Mutex<HashMap<String, oneshot::Sender<Result<Value, FunctionError>>>>,
    init_error: watch::Sender<Option<FunctionError>>,
    /// How often the next invocation was asked for.
    asked: watch::Sender<usize>,
    count: AtomicU64,
}

#[derive(Debug)]
struct Invocation {
    id: String,
    event: Bytes,
    deadline: SystemTime,
}

impl RuntimeApi {
    /// Starts on a free port of 127.0.0.1.
    #[must_use]
    pub fn start() -> Self {
        let (queue, next) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared {
            queue,
            next: tokio::sync::Mutex::new(next),
            waiting: Mutex::new(HashMap::new()),
            init_error: watch::Sender::new(None),
            asked: watch::Sender::new(0),
            count: AtomicU64::new(0),
        });
        let loopback = Loopback::start(&shared, None);
        Self { shared, loopback }
    }

    /// What `AWS_LAMBDA_RUNTIME_API` should say.
    #[must_use]
    pub fn address(&self) -> String {
        self.loopback.address().to_string()
    }

    /// Waits until a function has asked for its first event, or has failed to start.
    ///
    /// # Errors
    /// What the function reported while it started.
    pub async fn ready(&self) -> Result<(), FunctionError> {
        let (mut asked, mut failed) = (self.shared.asked.subscribe(), self.shared.init_error.subscribe());
        tokio::select! {
            started = asked.wait_for(|asked| *asked > 0) => started.map(drop).map_err(|_| stopped()),
            error = failed.wait_for(Option::is_some) => Err(error.ok().and_then(|error| error.clone()).unwrap_or_else(stopped)),
        }
    }

    /// Invokes the function and waits for its answer, at most so long.
    ///
    /// # Errors
    /// What the function answered or reported while it started, or `Sandbox.Timedout`.
    pub async fn invoke(&self, event: &Value, timeout: Duration) -> Result<Value, FunctionError> {
        let number = self.shared.count.fetch_add(1, Ordering::Relaxed);
        let id = format!("10000000-0000-4000-8000-{number:012x}");
        let (answer, answered) = oneshot::channel();
        self.shared.waiting().insert(id.clone(), answer);
        let forget = Forget { shared: &self.shared, id: &id };
        let invocation =
            Invocation { id: id.clone(), event: event.to_string().into(), deadline: SystemTime::now() + timeout };
        self.shared.queue.send(invocation).map_err(|_| stopped())?;
        let mut failed = self.shared.init_error.subscribe();
        let result = tokio::select! {
            biased;
            answer = answered => answer.unwrap_or_else(|_| Err(stopped())),
            error = failed.wait_for(Option::is_some) => Err(error.ok().and_then(|error| error.clone()).unwrap_or_else(stopped)),
            () = tokio::time::sleep(timeout) => {
                let seconds = timeout.as_secs_f64();
                Err(FunctionError::new("Sandbox.Timedout", format!("Task timed out after {seconds:.2} seconds")))
            }
        };
        drop(forget);
        result
    }
}

fn stopped() -> FunctionError {
    FunctionError::new("Runtime.ExitError", "the Runtime API has stopped")
}

/// Forgets an invocation that nobody waits for any more.
struct Forget<'a> {
    shared: &'a Shared,
    id: &'a str,
}

impl Drop for Forget<'_> {
    fn drop(&mut self) {
        self.shared.waiting().remove(self.id);
    }
}

impl Shared {
    fn waiting(&self) -> MutexGuard<'_, HashMap<String, oneshot::Sender<Result<Value, FunctionError>>>> {
        self.waiting.lock().expect("no panic while the invocations are held")
    }

    async fn next(&self) -> Result<Response<Body>, HangUp> {
        self.asked.send_modify(|asked| *asked += 1);
        let mut next = self.next.lock().await;
        let invocation = loop {
            let invocation = next.recv().await.ok_or(HangUp)?;
            if self.waiting().contains_key(&invocation.id) {
                break invocation;
            }
        };
        let deadline = invocation.deadline.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        let trace = "Root=1-00000000-000000000000000000000000;Parent=0000000000000000;Sampled=0";
        Response::builder()
            .header("content-type", "application/json")
            .header("lambda-runtime-aws-request-id", &invocation.id)
            .header("lambda-runtime-deadline-ms", deadline.to_string())
            .header("lambda-runtime-invoked-function-arn", ARN)
            .header("lambda-runtime-trace-id", trace)
            .body(Body::whole(invocation.event))
            .map_err(|_invalid| HangUp)
    }

    fn finish(&self, id: &str, result: Result<Value, FunctionError>) -> StatusCode {
        match self.waiting().remove(id) {
            Some(waiting) => {
                waiting.send(result).ok();
                StatusCode::ACCEPTED
            }
            None => StatusCode::FORBIDDEN,
        }
    }
}

impl Answer for Shared {
    async fn answer(self: Arc<Self>, request: Request<Bytes>) -> Result<Response<Body>, HangUp> {
        let error_type =
            request.headers().get("lambda-runtime-function-error-type").and_then(|header| header.to_str().ok());
        let path = request.uri().path().strip_prefix(PREFIX).unwrap_or_default();
        let status = match (request.method(), path.split('/').collect::<Vec<_>>().as_slice()) {
            (&Method::GET, ["invocation", "next"]) => return self.next().await,
            (&Method::POST, ["init", "error"]) => {
                self.init_error.send_replace(Some(FunctionError::from_body(error_type, request.body())));
                StatusCode::ACCEPTED
            }
            (&Method::POST, ["invocation", id, "error"]) => {
                self.finish(id, Err(FunctionError::from_body(error_type, request.body())))
            }
            (&Method::POST, ["invocation", id, "response"]) => {
                let result = serde_json::from_slice(request.body()).map_err(|error| {
                    FunctionError::new("Runtime.MarshalError", format!("the function's response is not JSON: {error}"))
                });
                self.finish(id, result)
            }
            _ => StatusCode::NOT_FOUND,
        };
        let body =
            if status == StatusCode::ACCEPTED { r#"{"status":"OK"}"# } else { r#"{"errorType":"InvalidRequestID"}"# };
        Response::builder()
            .status(status)
            .header("content-type", "application/json")
            .body(Body::whole(body))
            .map_err(|_invalid| HangUp)
    }
}
