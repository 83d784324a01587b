//! The one style sheet, and what the Content-Security-Policy calls it by.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// The style sheet, as every page holds it.
pub(crate) const STYLE: &str = include_str!("style.css");

/// `'sha256-…'`: allows this style sheet, and no other.
pub(crate) static SOURCE: LazyLock<String> =
    LazyLock::new(|| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(STYLE.as_bytes()))));

#[cfg(test)]
mod tests;
