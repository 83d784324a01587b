//! The keys that links are signed with. One signs; those before it verify until every link of theirs has expired.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::Sha256;

use crate::time::Timestamp;

/// The version of the key document that this release reads.
pub const KEYS_SCHEMA: u64 = 1;
/// The bytes of a secret: as many as SHA-256 gives, which is what RFC 2104 recommends.
const SECRET_BYTES: usize = 32;
const MOST_KEYS: usize = 8;
/// A secret of 32 random bytes has about 30 different ones; a placeholder has one or a few.
const FEWEST_DIFFERENT_BYTES: usize = 16;

const KEY_ID: &str = "an id of its own of 1 to 32 letters, digits and hyphens";
const SECRET: &str = "32 random bytes of its own in base64url without padding, 43 characters";

/// The keys of the stack's links.
#[derive(Clone)]
pub struct LinkKeys {
    pub(super) signing: Key,
    older: Vec<Key>,
}

/// One key, ready to use: the secret itself is not kept.
#[derive(Clone)]
pub(super) struct Key {
    pub(super) id: Box<str>,
    until: Option<Timestamp>,
    mac: Hmac<Sha256>,
}

/// Why a key document is not used. No message holds anything of the document but an index and a number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKeys {
    /// Not JSON, or not its fields.
    #[error(
        "the key document is broken at line {line}, column {column}; it must be JSON with schema and keys, each with id, secret and, but for the first, until"
    )]
    Form {
        /// The line, from 1.
        line: usize,
        /// The column.
        column: usize,
    },
    /// A document of another release.
    #[error("the key document has schema {found}; this release reads schema {KEYS_SCHEMA}")]
    Schema {
        /// What it has.
        found: u64,
    },
    /// No keys, or more than anybody rotates.
    #[error("the key document has {found} keys; it must have 1 to {MOST_KEYS}")]
    Count {
        /// How many.
        found: usize,
    },
    /// A field of a key.
    #[error("keys[{index}].{field} is wrong; it must be {expected}")]
    Wrong {
        /// Which key, from 0.
        index: usize,
        /// Which field.
        field: &'static str,
        /// What would be right.
        expected: &'static str,
    },
}

#[derive(Deserialize)]
struct AnyDocument {
    schema: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(rename = "schema")]
    _schema: u64,
    keys: Vec<Written>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    id: String,
    secret: String,
    until: Option<Timestamp>,
}

/// The reader's own message may quote what it found, which may be a secret in the wrong place.
#[allow(clippy::needless_pass_by_value, reason = "an error is passed on")]
fn broken(error: serde_json::Error) -> InvalidKeys {
    InvalidKeys::Form { line: error.line(), column: error.column() }
}

impl LinkKeys {
    /// Reads a key document:
    /// `{"schema":1,"keys":[{"id":"2026b","secret":"…"},{"id":"2026a","secret":"…","until":"2026-12-20T00:00:00Z"}]}`.
    /// The first key signs and has no end; the others only verify, each until its own.
    ///
    /// # Errors
    /// [`InvalidKeys`] says where and what would be right, and never shows what was found.
    pub fn parse(json: &str) -> Result<Self, InvalidKeys> {
        let AnyDocument { schema } = serde_json::from_str(json).map_err(broken)?;
        if schema != KEYS_SCHEMA {
            return Err(InvalidKeys::Schema { found: schema });
        }
        let Document { keys: written, .. } = serde_json::from_str(json).map_err(broken)?;
        let count = written.len();
        if count > MOST_KEYS {
            return Err(InvalidKeys::Count { found: count });
        }
        for (index, key) in written.iter().enumerate() {
            let before = || written.iter().take(index);
            let wrong = |field, expected| Err(InvalidKeys::Wrong { index, field, expected });
            if !is_key_id(&key.id) || before().any(|other| other.id == key.id) {
                return wrong("id", KEY_ID);
            }
            // The same secret under another id would go on to sign after it was retired.
            if before().any(|other| other.secret == key.secret) {
                return wrong("secret", SECRET);
            }
            if index == 0 && key.until.is_some() {
                return wrong("until", "left out: the first key signs");
            }
            if index > 0 && key.until.is_none() {
                return wrong("until", "a time such as 2026-12-20T00:00:00Z: only the first key has no end");
            }
        }
        let read = |(index, key)| Key::of(key).ok_or(InvalidKeys::Wrong { index, field: "secret", expected: SECRET });
        let mut keys = written.into_iter().enumerate().map(read);
        let signing = keys.next().ok_or(InvalidKeys::Count { found: 0 })??;
        Ok(Self { signing, older: keys.collect::<Result<_, _>>()? })
    }

    /// The key of this id, unless its time is over.
    pub(super) fn key(&self, id: &str, now: Timestamp) -> Option<&Key> {
        let known = std::iter::once(&self.signing).chain(&self.older).find(|key| *key.id == *id)?;
        known.until.is_none_or(|until| now < until).then_some(known)
    }
}

fn is_key_id(text: &str) -> bool {
    (1..=32).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

impl Key {
    fn of(written: Written) -> Option<Self> {
        let secret = URL_SAFE_NO_PAD.decode(&written.secret).ok()?;
        let different: std::collections::BTreeSet<&u8> = secret.iter().collect();
        if secret.len() != SECRET_BYTES || different.len() < FEWEST_DIFFERENT_BYTES {
            return None;
        }
        let mac = Hmac::new_from_slice(&secret).ok()?;
        Some(Self { id: written.id.into(), until: written.until, mac })
    }

    /// The code of what is signed. `domain` keeps what is signed for one use from any other.
    pub(super) fn code(&self, domain: &str, signed: &str) -> Hmac<Sha256> {
        self.mac.clone().chain_update(domain).chain_update("\n").chain_update(signed)
    }

    /// The code as text.
    pub(super) fn signature(&self, domain: &str, signed: &str) -> String {
        URL_SAFE_NO_PAD.encode(self.code(domain, signed).finalize().into_bytes())
    }

    /// Whether a text is the code of what is signed, in a time that does not depend on where they differ.
    pub(super) fn signed(&self, domain: &str, signed: &str, signature: &[u8]) -> bool {
        self.code(domain, signed).verify_slice(signature).is_ok()
    }
}

impl fmt::Debug for LinkKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entry(&self.signing).entries(&self.older).finish()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("id", &self.id).field("until", &self.until).finish_non_exhaustive()
    }
}
