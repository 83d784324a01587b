//! The emulators' wire formats, as far as the driver needs them.

pub(crate) mod attributes;
pub(crate) mod http;
pub(crate) mod query;
pub(crate) mod signature;
