//! One text for one value: JSON as RFC 8785 writes it, and its SHA-256.

use serde::Serialize;
use sha2::{Digest, Sha256};

/// A value that JSON cannot write.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot be written as canonical JSON: {0}")]
pub struct NotCanonical(String);

/// Canonical JSON (RFC 8785).
///
/// # Errors
/// [`NotCanonical`].
pub fn canonical_json<T: Serialize>(value: &T) -> Result<String, NotCanonical> {
    serde_json_canonicalizer::to_string(value).map_err(|error| NotCanonical(error.to_string()))
}

/// The SHA-256 of the canonical JSON, in hexadecimal.
///
/// # Errors
/// [`NotCanonical`].
pub fn sha256<T: Serialize>(value: &T) -> Result<String, NotCanonical> {
    let digest = Sha256::digest(canonical_json(value)?.as_bytes());
    Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_order_of_fields_does_not_matter_and_every_value_does() {
        assert_eq!(canonical_json(&json!({"b": 1, "a": [true, null, "é"]})).unwrap(), r#"{"a":[true,null,"é"],"b":1}"#);
        assert_eq!(sha256(&json!({"b": 1, "a": 2})).unwrap(), sha256(&json!({"a": 2, "b": 1})).unwrap());
        assert_ne!(sha256(&json!({"a": 1})).unwrap(), sha256(&json!({"a": 2})).unwrap());
    }
}
