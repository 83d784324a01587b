//! How many refusals are borne. What is refused is counted for ten minutes, by where it came from and by link; what is
//! answered is not counted at all, so that nobody can shut out somebody who has a link.

use std::net::IpAddr;

use sha2::{Digest, Sha256};

use crate::time::Timestamp;

/// The length of the time in which refusals are counted, in seconds.
pub const WINDOW_SECONDS: i64 = 600;
/// How many requests with a link that is not verified are refused one by one, of one source.
pub const PER_SOURCE: u32 = 20;
/// How many answers are refused one by one, of one link.
pub const PER_LINK: u32 = 10;
/// How many refusals are written to the audit, of all together.
pub const AUDITED_PER_WINDOW: u32 = 500;

/// What refusals are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counter<'a> {
    /// The address that they come from.
    Source(&'a str),
    /// The token of a link whose signature is right.
    Link(&'a str),
    /// All of them.
    All,
}

impl Counter<'_> {
    /// The key of the count at this moment. It holds neither an address nor a token.
    #[must_use]
    pub fn key(self, now: Timestamp) -> String {
        let window = window(now);
        let who = match self {
            Self::Source(address) => digest(&format!("{window}|source|{}", network(address))),
            Self::Link(token) => digest(&format!("{window}|link|{token}")),
            Self::All => "all".to_owned(),
        };
        format!("PAGE#{window}#{who}")
    }

    /// Whether one more refusal is answered, after so many.
    #[must_use]
    pub fn allows(self, refused: u32) -> bool {
        let most = match self {
            Self::Source(_) => PER_SOURCE,
            Self::Link(_) => PER_LINK,
            Self::All => AUDITED_PER_WINDOW,
        };
        refused < most
    }
}

/// When the counts of this moment are needed no more, in seconds since 1970: a window later, for late writers.
#[must_use]
pub fn expires_at_epoch_seconds(now: Timestamp) -> i64 {
    window(now).unix_seconds() + 2 * WINDOW_SECONDS
}

/// When the window of this moment is over, in seconds from it: what `retry-after` says.
#[must_use]
pub fn retry_after_seconds(now: Timestamp) -> u32 {
    let left = WINDOW_SECONDS - now.seconds_since(window(now));
    u32::try_from(left).unwrap_or_default().max(1)
}

fn window(now: Timestamp) -> Timestamp {
    Timestamp::from_unix_seconds(now.unix_seconds().div_euclid(WINDOW_SECONDS) * WINDOW_SECONDS)
}

/// An address, or the network of an IPv6 address: whoever has one has 2⁶⁴ of them.
fn network(address: &str) -> String {
    match address.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V6(address)) => format!("{:x}", address.to_bits() >> 64),
        Ok(IpAddr::V4(address)) => address.to_string(),
        Err(_) => "unknown".to_owned(),
    }
}

fn digest(text: &str) -> String {
    Sha256::digest(text).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::approval::fixtures::at;

    #[test]
    fn refusals_are_counted_by_source_and_link_for_ten_minutes_and_then_anew() {
        let key = |text| Counter::Source("203.0.113.24").key(at(text));
        assert_eq!(key("2026-11-20T09:00:00Z"), key("2026-11-20T09:09:59Z"));
        assert_ne!(key("2026-11-20T09:09:59Z"), key("2026-11-20T09:10:00Z"));
        let now = at("2026-11-20T09:04:00Z");
        assert_ne!(Counter::Source("203.0.113.24").key(now), Counter::Source("203.0.113.25").key(now));
        assert_ne!(Counter::Source("a").key(now), Counter::Link("a").key(now));
        assert_eq!(Counter::All.key(now), "PAGE#2026-11-20T09:00:00Z#all");
        assert_eq!(expires_at_epoch_seconds(now), at("2026-11-20T09:20:00Z").unix_seconds());
        assert_eq!(retry_after_seconds(now), 360);
        assert_eq!(retry_after_seconds(at("2026-11-20T09:09:59Z")), 1);
    }

    #[test]
    fn a_key_shows_neither_the_address_nor_the_token() {
        let now = at("2026-11-20T09:04:00Z");
        let key = Counter::Source("203.0.113.24").key(now);
        let who = key.strip_prefix("PAGE#2026-11-20T09:00:00Z#").unwrap();
        assert_eq!(who.len(), 16);
        assert!(who.bytes().all(|b| b.is_ascii_hexdigit()));
        assert!(!Counter::Link("v1.2026b.secret.mac").key(now).contains("secret"));
    }

    #[test]
    fn an_ipv6_network_is_one_source_and_so_is_everything_without_an_address() {
        let key = |address| Counter::Source(address).key(at("2026-11-20T09:04:00Z"));
        assert_eq!(key("2001:db8::1"), key("2001:db8::ffff:1"));
        assert_ne!(key("2001:db8::1"), key("2001:db8:0:1::1"));
        assert_eq!(key("::ffff:203.0.113.24"), key("203.0.113.24"));
        assert_eq!(key("unknown"), key(""));
    }

    #[test]
    fn one_more_than_the_limit_is_too_many() {
        let source = Counter::Source("203.0.113.24");
        assert!(source.allows(PER_SOURCE - 1) && !source.allows(PER_SOURCE));
        assert!(Counter::Link("l").allows(PER_LINK - 1) && !Counter::Link("l").allows(PER_LINK));
        assert!(Counter::All.allows(AUDITED_PER_WINDOW - 1) && !Counter::All.allows(AUDITED_PER_WINDOW));
    }
}
