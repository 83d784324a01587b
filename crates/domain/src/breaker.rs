//! The circuit breaker: what looks like a mistake halts the whole run, and nothing is deleted.

use std::fmt;

use crate::coverage::{Coverage, Coverages, Source};
use crate::policy::Policy;

/// Up to this many due images the share does not count: small accounts would never get anywhere.
pub const SHARE_COUNTS_ABOVE: u64 = 10;

/// Why a run is halted.
#[derive(Debug, Clone, PartialEq)]
pub enum Halt {
    /// A source shrank too much to be believed.
    Implausible {
        /// Which.
        source: Source,
        /// How many things it held.
        items: u64,
        /// How many its last complete reading held.
        last_complete_items: u64,
    },
    /// More due images than the policy allows.
    TooMany {
        /// How many.
        due: u64,
        /// The policy's `max_deletions`.
        max_deletions: u32,
    },
    /// Too large a share of the owned images is due.
    TooLargeAShare {
        /// How many are due.
        due: u64,
        /// How many are owned.
        owned: u64,
        /// The policy's `max_share`.
        max_share: f64,
    },
}

impl fmt::Display for Halt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Implausible { source, items, last_complete_items } => write!(
                f,
                "{source} held {items}, after {last_complete_items} in the last complete reading; look why, and start \
                 once with accept_baseline: true if that is right"
            ),
            Self::TooMany { due, max_deletions } => write!(
                f,
                "{due} images are due, over max_deletions {max_deletions}; read the report, then narrow with filters or \
                 raise the template's MaxDeletions"
            ),
            Self::TooLargeAShare { due, owned, max_share } => write!(
                f,
                "{due} of {owned} images are due, over max_share {max_share}; read the report, then narrow with filters \
                 or raise the template's MaxShare"
            ),
        }
    }
}

/// Whether this run must halt. `due` counts the images that would be disabled or deregistered, of `owned` in all.
#[must_use]
pub fn halt(coverages: &Coverages, due: u64, owned: u64, policy: &Policy) -> Option<Halt> {
    for (source, coverage) in coverages {
        if let Coverage::Implausible { items, last_complete_items } = coverage {
            return Some(Halt::Implausible {
                source: *source,
                items: *items,
                last_complete_items: *last_complete_items,
            });
        }
    }
    if due > u64::from(policy.max_deletions) {
        return Some(Halt::TooMany { due, max_deletions: policy.max_deletions });
    }
    // Counts of images are far below 2^52, where the conversion would begin to round.
    #[expect(clippy::cast_precision_loss)]
    if due > SHARE_COUNTS_ABOVE && due as f64 > policy.max_share * owned as f64 {
        return Some(Halt::TooLargeAShare { due, owned, max_share: policy.max_share });
    }
    None
}

/// Whether so many items failed that the run itself did.
#[must_use]
#[expect(clippy::cast_precision_loss)]
pub fn too_many_failed(failed: u64, items: u64, policy: &Policy) -> bool {
    failed > 0 && failed as f64 > policy.max_failed_share * items as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> Policy {
        Policy { max_deletions: 50, max_share: 0.2, ..Policy::default() }
    }

    #[rstest::rstest]
    #[case::within(11, 55, None)]
    #[case::a_share_too_large(11, 54, Some("11 of 54 images are due"))]
    #[case::a_share_does_not_count_for_ten(10, 10, None)]
    #[case::as_many_as_allowed(50, 1000, None)]
    #[case::one_too_many(51, 1000, Some("51 images are due"))]
    fn the_breaker_counts_what_is_due(#[case] due: u64, #[case] owned: u64, #[case] expected: Option<&str>) {
        let halted = halt(&Coverages::new(), due, owned, &policy()).map(|halt| halt.to_string());
        match expected {
            None => assert_eq!(halted, None),
            Some(start) => assert!(halted.unwrap().starts_with(start)),
        }
    }

    #[test]
    fn an_implausible_source_halts_even_with_nothing_due() {
        let coverages =
            Coverages::from([(Source::Instances, Coverage::Implausible { items: 0, last_complete_items: 40 })]);
        assert!(matches!(halt(&coverages, 0, 100, &policy()), Some(Halt::Implausible { .. })));
    }

    #[test]
    fn one_failure_fails_a_run_that_tolerates_none_and_no_failure_never_does() {
        let none = Policy { max_failed_share: 0.0, ..policy() };
        assert!(too_many_failed(1, 100, &none));
        assert!(!too_many_failed(0, 0, &none));
        let tenth = Policy { max_failed_share: 0.1, ..policy() };
        assert!(!too_many_failed(1, 10, &tenth));
        assert!(too_many_failed(2, 10, &tenth));
    }
}
