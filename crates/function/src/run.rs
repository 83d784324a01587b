//! The run loop of a function.

use std::future::Future;
use std::sync::Arc;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;
use serde_json::value::RawValue;
use sunset_domain::input::InvalidInput;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::context::InvalidSettings;
use crate::{Context, FunctionError, ProcessContext};

/// One call of a function.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// Its event.
    pub event: Value,
    /// Lambda's id of the request.
    pub request_id: String,
}

/// Reads the environment once, then serves events until Lambda ends the sandbox.
///
/// # Errors
/// A deployment that cannot work, or the Lambda Runtime API out of reach.
pub async fn run<F>(handle: impl Fn(Arc<Context>, Call) -> F) -> Result<(), Error>
where
    F: Future<Output = Result<Value, FunctionError>>,
{
    serve(Context::from_environment, handle).await
}

/// The same for a function of decommission, which knows more of where it runs; `reading` says which policy files it needs.
///
/// # Errors
/// A deployment that cannot work, or the Lambda Runtime API out of reach.
pub async fn run_process<F>(
    reading: impl Fn(ProcessContext) -> ProcessContext,
    handle: impl Fn(Arc<ProcessContext>, Call) -> F,
) -> Result<(), Error>
where
    F: Future<Output = Result<Value, FunctionError>>,
{
    serve(|variable| Ok(reading(ProcessContext::from_environment(variable)?)), handle).await
}

type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The same for a function with settings of its own.
///
/// # Errors
/// A deployment that cannot work, or the Lambda Runtime API out of reach.
pub async fn serve<C, F>(
    context: impl Fn(Environment<'_>) -> Result<C, InvalidSettings>,
    handle: impl Fn(Arc<C>, Call) -> F,
) -> Result<(), Error>
where
    F: Future<Output = Result<Value, FunctionError>>,
{
    let format = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        // Lambda stamps each line.
        .without_time();
    tracing_subscriber::registry().with(levels(std::env::var("RUST_LOG").ok().as_deref())).with(format).init();
    let context = Arc::new(context(&|name| std::env::var(name).ok())?);
    let handle = &handle;
    // The event is taken raw: what the runtime itself cannot read it would answer without a name that anybody matches.
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Box<RawValue>>| {
        let request_id = event.context.request_id;
        let read = read(&event.payload);
        let context = Arc::clone(&context);
        async move {
            let answer = match read {
                Ok(event) => handle(context, Call { event, request_id: request_id.clone() }).await,
                Err(error) => Err(error),
            };
            if let Err(error) = &answer {
                tracing::warn!(%request_id, error = error.name(), message = %error, "refused or failed");
            }
            answer
        }
    }))
    .await
}

/// Reads an event; one that is nested too deeply is as wrong as any other.
fn read(event: &RawValue) -> Result<Value, FunctionError> {
    serde_json::from_str(event.get())
        .map_err(|error| InvalidInput::NotAnObject { found: format!("unreadable ({error})") }.into())
}

/// What is logged: what `RUST_LOG` says, where it can be read, else what matters to operators.
fn levels(wanted: Option<&str>) -> Targets {
    wanted.filter(|wanted| !wanted.is_empty()).and_then(|wanted| wanted.parse().ok()).unwrap_or_else(|| {
        Targets::new().with_default(LevelFilter::INFO).with_target("aws_smithy_runtime", LevelFilter::WARN)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tracing::Level;

    #[test]
    fn rust_log_chooses_what_is_logged_and_nonsense_leaves_the_default() {
        assert!(!levels(Some("warn,deregister=debug")).would_enable("restore", &Level::INFO));
        assert!(levels(Some("warn,deregister=debug")).would_enable("deregister", &Level::DEBUG));
        for default in [None, Some(""), Some("a=b=c")] {
            assert!(levels(default).would_enable("restore", &Level::INFO));
            assert!(!levels(default).would_enable("aws_smithy_runtime", &Level::INFO));
        }
    }
}
