//! A Lambda Runtime API on loopback, and a bootstrap that is driven by it.

mod api;
mod bootstrap;

pub use api::{FunctionError, RuntimeApi};
pub use bootstrap::{Bootstrap, Killer};
