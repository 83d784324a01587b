//! What every Lambda function shares at its start: settings, clients, logs, error names, the run loop, metrics.

pub mod context;
pub mod error;
pub mod metrics;
pub mod plan_documents;
pub mod policy_file;
pub mod process;
pub mod run;
pub mod tell;

pub use context::Context;
pub use error::FunctionError;
pub use process::ProcessContext;
