//! Who depends on a resource, and who may because nobody could look (C24, C41).

use crate::coverage::Source;
use crate::process::observation::{Dependent, Observation};
use crate::risk::sources::unread;

/// How many dependents are many (C25).
pub const MANY: usize = 5;

/// What is known of the dependents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependents<'a> {
    /// All that were seen.
    pub seen: Vec<&'a Dependent>,
    /// Those that need the resource, or of which nobody knows.
    pub critical: Vec<&'a Dependent>,
    /// The sources that could not be read and might have named others. An empty answer of theirs would have been a guess,
    /// so they count as if they had named many who need the resource: then no failure can lower the risk.
    pub unread: Vec<String>,
    /// The other sources that could not be read, none of which would name a dependent.
    pub unread_of_others: Vec<String>,
}

impl<'a> Dependents<'a> {
    /// Reads the dependents of an observation.
    #[must_use]
    pub fn of(observation: &'a Observation) -> Self {
        let seen: Vec<_> = observation.dependents.iter().collect();
        let critical = seen.iter().copied().filter(|dependent| dependent.dependency.is_critical()).collect();
        let (unread, others): (Vec<_>, Vec<_>) =
            unread(observation).into_iter().partition(|(source, _)| names_dependents(*source));
        let texts = |unread: Vec<(Source, String)>| {
            unread.into_iter().map(|(source, what)| format!("{source} ({what})")).collect()
        };
        Self { seen, critical, unread: texts(unread), unread_of_others: texts(others) }
    }

    /// Whether somebody needs the resource, or may.
    #[must_use]
    pub fn any_critical(&self) -> bool {
        !self.critical.is_empty() || !self.unread.is_empty()
    }

    /// Whether many need it, or may.
    #[must_use]
    pub fn many_critical(&self) -> bool {
        self.critical.len() > MANY || !self.unread.is_empty()
    }

    /// Whether many depend on it, or may.
    #[must_use]
    pub fn many(&self) -> bool {
        self.seen.len() > MANY || !self.unread.is_empty()
    }
}

/// Whether a source may name a dependent: one that tells of the environment, of protections or of what Sunset did to the
/// resource does not.
fn names_dependents(source: Source) -> bool {
    !matches!(source, Source::ResourceTracking | Source::Attributes | Source::Ledger)
}

/// The first few dependents by name, and how many there are beside.
#[must_use]
pub fn named(dependents: &[&Dependent]) -> String {
    const SHOWN: usize = 3;
    let names: Vec<_> =
        dependents.iter().take(SHOWN).map(|dependent| format!("{} {}", dependent.kind, dependent.id)).collect();
    match dependents.len().saturating_sub(SHOWN) {
        0 => names.join(", "),
        more => format!("{} and {more} more", names.join(", ")),
    }
}
