//! Which environment a resource belongs to: by every name that people give one, from every place they write it (C44).

use crate::coverage::Source;
use crate::process::observation::Observation;
use crate::risk::assessment::Criticality;
use crate::risk::business::tagged;

const PRODUCTION: &[&str] = &["production", "prod", "prd", "live"];
const STAGING: &[&str] = &[
    "staging",
    "stage",
    "stg",
    "preproduction",
    "preprod",
    "preprd",
    "prelive",
    "pprod",
    "uat",
    "acceptance",
    "acc",
    "integration",
];
const DEVELOPMENT: &[&str] = &[
    "development",
    "develop",
    "dev",
    "testing",
    "test",
    "tst",
    "qa",
    "sandbox",
    "sbx",
    "demo",
    "temporary",
    "temp",
    "tmp",
    "playground",
    "lab",
    "poc",
    "experimental",
    "experiment",
    "scratch",
    "training",
    "ci",
    "nonproduction",
    "nonprod",
    "nonprd",
    "nonlive",
];
/// Words that say where or whose, not which.
const QUALIFIERS: &[&str] = &[
    "env",
    "environment",
    "account",
    "stack",
    "team",
    "shared",
    "internal",
    "blue",
    "green",
    "us",
    "eu",
    "ap",
    "ca",
    "sa",
    "me",
    "af",
    "il",
    "mx",
    "cn",
    "gov",
    "uk",
    "de",
    "fr",
    "jp",
    "in",
    "emea",
    "apac",
    "amer",
    "east",
    "west",
    "north",
    "south",
    "central",
    "northeast",
    "northwest",
    "southeast",
    "southwest",
];

/// The environment, and how it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    /// How much the business would miss what belongs to it.
    pub criticality: Criticality,
    /// As a team wrote it; nothing where nobody did.
    pub written: Option<String>,
    /// Why, for people.
    pub reason: String,
    /// What else was said, where two places disagree.
    pub disagreement: Option<String>,
}

impl Environment {
    /// Whether it must be treated as production: it is, or nobody knows that it is not.
    #[must_use]
    pub fn may_be_production(&self) -> bool {
        matches!(self.criticality, Criticality::High | Criticality::Unknown)
    }
}

struct Said {
    by: String,
    written: Option<String>,
    criticality: Criticality,
}

/// How strongly a criticality speaks: a known production first, then what nobody knows.
fn strength(criticality: Criticality) -> u8 {
    match criticality {
        Criticality::Low => 0,
        Criticality::Medium => 1,
        Criticality::Unknown => 2,
        Criticality::High => 3,
    }
}

/// What an environment's name means. A name with a word that is not known is unknown as a whole, for that word may be
/// somebody's own for production; one that names production anywhere is production.
#[must_use]
pub fn classify(name: &str) -> Criticality {
    let lower = name.to_lowercase();
    let mut words = lower
        .split(|c: char| !c.is_alphanumeric())
        .map(|word| word.trim_matches(|c: char| c.is_ascii_digit()))
        .filter(|word| !word.is_empty())
        .peekable();
    let mut strongest = None;
    let mut stranger = false;
    while let Some(word) = words.next() {
        let before_production = words.peek().is_some_and(|next| PRODUCTION.contains(next));
        let criticality = match word {
            "pre" if before_production => {
                words.next();
                Criticality::Medium
            }
            "non" | "not" if before_production => {
                words.next();
                Criticality::Low
            }
            _ if PRODUCTION.contains(&word) => Criticality::High,
            _ if STAGING.contains(&word) => Criticality::Medium,
            _ if DEVELOPMENT.contains(&word) => Criticality::Low,
            _ => {
                stranger |= !QUALIFIERS.contains(&word);
                continue;
            }
        };
        strongest = strongest.max(Some(criticality));
    }
    match strongest {
        Some(Criticality::High) => Criticality::High,
        Some(known) if !stranger => known,
        _ => Criticality::Unknown,
    }
}

/// The environment of a resource: the highest of what `ResourceTracking` and its tags say. What could not be read may
/// have said production, and so counts as unknown (C42, C43).
#[must_use]
pub fn environment(observation: &Observation) -> Environment {
    let mut said = Vec::new();
    let mut unread = |by: &str| said.push(Said { by: by.into(), written: None, criticality: Criticality::Unknown });
    if !observation.coverages.get(&Source::ResourceTracking).is_some_and(|coverage| coverage.is_complete()) {
        unread("ResourceTracking, which could not be read,");
    }
    if observation.found.is_none() {
        unread("its tags, which could not be read,");
    }
    let table = observation.tracking.as_ref().and_then(|tracking| tracking.environment.as_deref());
    let tags = observation.found.iter().flat_map(|found| tagged(&found.tags, &["environment", "env", "stage"]));
    let written = table.map(|name| ("ResourceTracking".to_owned(), name));
    for (by, name) in written.into_iter().chain(tags.map(|(key, name)| (format!("tag {key}"), name))) {
        let name = name.trim();
        if !name.is_empty() {
            said.push(Said { by, written: Some(name.to_owned()), criticality: classify(name) });
        }
    }
    let Some(first) = said.iter().map(|said| strength(said.criticality)).max() else {
        return Environment {
            criticality: Criticality::Unknown,
            written: None,
            reason: "its environment is unknown and counts as production: neither ResourceTracking nor a tag \
                     Environment, Env or Stage names one"
                .into(),
            disagreement: None,
        };
    };
    let (agreeing, others): (Vec<&Said>, Vec<&Said>) =
        said.iter().partition(|said| strength(said.criticality) == first);
    let says = |said: &[&Said]| -> String {
        let each = said.iter().map(|said| match &said.written {
            Some(name) => format!("{} says {name:?}", said.by),
            None => format!("{} may say so", said.by),
        });
        each.collect::<Vec<_>>().join(", ")
    };
    let criticality = agreeing.first().map_or(Criticality::Unknown, |said| said.criticality);
    let what = match criticality {
        Criticality::High => "production",
        Criticality::Medium => "staging",
        Criticality::Low => "development or the like",
        Criticality::Unknown => "unknown and counts as production",
    };
    Environment {
        criticality,
        written: agreeing.iter().find_map(|said| said.written.clone()),
        reason: format!("its environment is {what}: {}", says(&agreeing)),
        disagreement: (!others.is_empty()).then(|| format!("{}, but {}", says(&agreeing), says(&others))),
    }
}

#[cfg(test)]
mod tests;
