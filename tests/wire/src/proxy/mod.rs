//! A proxy that stands before an AWS and cuts at one mutating call: the process dies before it, or after it.

mod cutter;
mod forward;
mod mutation;

use std::sync::Arc;

pub use cutter::{Cut, Cutter};

use crate::loopback::Loopback;

/// A proxy before one upstream. Proxies that share a [`Cutter`] count together.
#[derive(Debug)]
pub struct CuttingProxy {
    loopback: Loopback,
}

impl CuttingProxy {
    /// Starts before an upstream such as `http://127.0.0.1:4666`.
    #[must_use]
    pub fn start(cutter: &Cutter, upstream: impl Into<String>) -> Self {
        let forward = Arc::new(forward::Forward::new(cutter.clone(), upstream.into()));
        Self { loopback: Loopback::start(&forward, None) }
    }

    /// Where to send what is meant for the upstream.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.loopback.address())
    }
}
