//! The text of a link: `v1.<key id>.<what it stands for>.<HMAC-SHA256>`. Nothing is read out of it before its code is
//! verified, and no text but the one that was signed has the code.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::approval::link::keys::LinkKeys;
use crate::approval::link::{Link, Purpose};
use crate::ids::{PlanHash, ProcessId};
use crate::time::Timestamp;

/// The longest token that is looked at, in bytes.
pub const LONGEST_TOKEN: usize = 1024;
/// The longest life of a link, in seconds: 31 days, a little more than the longest deadline. A key that no longer signs
/// is needed no longer than that.
pub const LONGEST_LIFE_SECONDS: u32 = 31 * 86_400;

const VERSION: &str = "v1";
const DOMAIN: &str = "sunset link v1";

/// A token as it came, of a link or of a form. Whoever has it can act with it, so that it is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(Box<str>);

impl Token {
    /// Takes any text: only [`LinkKeys::verify`] says what it is.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// The text, which goes into links and forms and nowhere else.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// Why a token is no link that works. It holds nothing of the token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadLink {
    /// Not the form of a token, or one that another release signed.
    #[error("it does not have the form of a link")]
    Malformed,
    /// No key of this id verifies now.
    #[error("it is signed with a key that is not known, or no longer")]
    UnknownKey,
    /// Not signed with the key that it names.
    #[error("its signature is wrong")]
    Forged,
    /// It was a link.
    #[error("it worked until {}", .0.expires_at)]
    Expired(Link),
}

impl BadLink {
    /// What the token stands for, where its signature is right.
    #[must_use]
    pub fn link(&self) -> Option<&Link> {
        match self {
            Self::Expired(link) => Some(link),
            Self::Malformed | Self::UnknownKey | Self::Forged => None,
        }
    }
}

/// Why a link is not signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CannotSign {
    /// It would not work when it is signed.
    #[error("the link would have expired at {expires_at}")]
    Over {
        /// Its end.
        expires_at: Timestamp,
    },
    /// It would outlive the key that signs it.
    #[error("the link would work until {expires_at}, longer than {} days", LONGEST_LIFE_SECONDS / 86_400)]
    TooLongLived {
        /// Its end.
        expires_at: Timestamp,
    },
    /// It binds less or more than its purpose needs.
    #[error("the link does not bind what its purpose needs")]
    NotWhole,
    /// Its token would be refused.
    #[error("the link's token would be longer than {LONGEST_TOKEN} bytes")]
    TooLong,
    /// It cannot be written.
    #[error("the link cannot be written: {0}")]
    NotWritten(String),
}

/// A link as its token holds it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Payload {
    #[serde(rename = "for")]
    purpose: Purpose,
    person: String,
    #[serde(rename = "process", default, skip_serializing_if = "Option::is_none")]
    process_id: Option<ProcessId>,
    round: u32,
    #[serde(rename = "plan", default, skip_serializing_if = "Option::is_none")]
    plan_hash: Option<PlanHash>,
    until: Timestamp,
}

impl LinkKeys {
    /// The token of a link: the same for the same link and key.
    ///
    /// # Errors
    /// [`CannotSign`].
    pub fn sign(&self, link: &Link, now: Timestamp) -> Result<String, CannotSign> {
        let expires_at = link.expires_at;
        if expires_at <= now {
            return Err(CannotSign::Over { expires_at });
        }
        if expires_at > now.plus_seconds(LONGEST_LIFE_SECONDS) {
            return Err(CannotSign::TooLongLived { expires_at });
        }
        if !link.is_whole() {
            return Err(CannotSign::NotWhole);
        }
        let Link { purpose, person, process_id, round, plan_hash, expires_at: until } = link.clone();
        let payload = serde_json::to_vec(&Payload { purpose, person, process_id, round, plan_hash, until })
            .map_err(|error| CannotSign::NotWritten(error.to_string()))?;
        let signed = Parts::of_content(&self.signing.id, &URL_SAFE_NO_PAD.encode(payload));
        let token = format!("{signed}.{}", self.signing.signature(DOMAIN, &signed));
        if token.len() > LONGEST_TOKEN { Err(CannotSign::TooLong) } else { Ok(token) }
    }

    /// What a token stands for.
    ///
    /// # Errors
    /// [`BadLink`]: only [`BadLink::Expired`] was ever a link.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Link, BadLink> {
        let parts = Parts::of(token, LONGEST_TOKEN).ok_or(BadLink::Malformed)?;
        let key = self.key(parts.key_id, now).ok_or(BadLink::UnknownKey)?;
        if !key.signed(DOMAIN, parts.signed, &parts.signature) {
            return Err(BadLink::Forged);
        }
        let link = read(parts.content).filter(Link::is_whole).ok_or(BadLink::Malformed)?;
        if now < link.expires_at { Ok(link) } else { Err(BadLink::Expired(link)) }
    }
}

fn read(content: &str) -> Option<Link> {
    let payload = URL_SAFE_NO_PAD.decode(content).ok()?;
    let Payload { purpose, person, process_id, round, plan_hash, until } = serde_json::from_slice(&payload).ok()?;
    Some(Link { purpose, person, process_id, round, plan_hash, expires_at: until })
}

/// A token that is not yet verified, taken apart.
pub(super) struct Parts<'a> {
    /// Everything before the signature.
    pub(super) signed: &'a str,
    pub(super) key_id: &'a str,
    pub(super) content: &'a str,
    pub(super) signature: Vec<u8>,
}

impl<'a> Parts<'a> {
    pub(super) fn of(token: &'a str, longest: usize) -> Option<Self> {
        if token.len() > longest {
            return None;
        }
        let (signed, signature) = token.rsplit_once('.')?;
        let (version, rest) = signed.split_once('.')?;
        let (key_id, content) = rest.split_once('.')?;
        // The engine refuses padding and stray bits at the end: one signature is one text.
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        (version == VERSION).then_some(Self { signed, key_id, content, signature })
    }

    /// The text of what was signed in the form `<version>.<key id>.<content>`.
    pub(super) fn of_content(key_id: &str, content: &str) -> String {
        format!("{VERSION}.{key_id}.{content}")
    }
}
