//! Keys and links for tests to change one thing of.

use crate::approval::fixtures::{deadline, hash, record};
use crate::approval::link::{Link, LinkKeys};

/// Two keys: `2026b` signs, and `2026a` verifies until 2026-12-20T00:00:00Z.
pub(crate) const KEYS: &str = r#"{"schema":1,"keys":[
    {"id":"2026b","secret":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"},
    {"id":"2026a","secret":"ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8","until":"2026-12-20T00:00:00Z"}
]}"#;

/// The keys before the rotation: `2026a` signs.
pub(crate) const OLD_KEYS: &str =
    r#"{"schema":1,"keys":[{"id":"2026a","secret":"ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8"}]}"#;

pub(crate) fn keys() -> LinkKeys {
    LinkKeys::parse(KEYS).unwrap()
}

pub(crate) fn old_keys() -> LinkKeys {
    LinkKeys::parse(OLD_KEYS).unwrap()
}

/// The link that asks a person about the process that tests begin with.
pub(crate) fn link_of(person: &str) -> Link {
    Link::decide(person, &record().process_id, 1, &hash('a'), deadline())
}
