//! What every Lambda function shares at its start: settings, clients, logs, error names, the run loop, metrics.

pub mod context;
pub mod error;
pub mod metrics;
pub mod run;

pub use context::Context;
pub use error::FunctionError;
