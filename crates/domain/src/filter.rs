//! Which images a team lets Sunset look at: patterns of names and tags.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use wildmatch::WildMatch;

use crate::image::{Image, Tags};

/// A pattern of a whole text, in which `*` stands for any characters and `?` for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(String);

/// A pattern that nobody can have meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPattern {
    /// An empty pattern matches only the empty text.
    #[error("an empty pattern; write * for everything")]
    Empty,
    /// A tag pattern without a key.
    #[error("{0:?} has no tag key; write key or key=pattern")]
    NoKey(String),
}

impl Pattern {
    /// Takes a pattern.
    ///
    /// # Errors
    /// [`InvalidPattern::Empty`].
    pub fn parse(text: &str) -> Result<Self, InvalidPattern> {
        let text = text.trim();
        if text.is_empty() { Err(InvalidPattern::Empty) } else { Ok(Self(text.to_owned())) }
    }

    /// Whether the whole of `text` matches, case and all.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        WildMatch::new(&self.0).matches(text)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A tag's key, and optionally a pattern of its value: `team` or `team=web-*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagPattern {
    key: String,
    value: Option<Pattern>,
}

impl TagPattern {
    /// Takes `key` or `key=pattern`.
    ///
    /// # Errors
    /// [`InvalidPattern`].
    pub fn parse(text: &str) -> Result<Self, InvalidPattern> {
        let (key, value) = match text.split_once('=') {
            Some((key, value)) => (key, Some(Pattern::parse(value)?)),
            None => (text, None),
        };
        let key = key.trim();
        if key.is_empty() {
            return Err(InvalidPattern::NoKey(text.to_owned()));
        }
        Ok(Self { key: key.to_owned(), value })
    }

    /// Whether one of `tags` has this key and a value that matches.
    #[must_use]
    pub fn matches(&self, tags: &Tags) -> bool {
        tags.get(&self.key).is_some_and(|value| self.value.as_ref().is_none_or(|pattern| pattern.matches(value)))
    }
}

impl fmt::Display for TagPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Some(value) => write!(f, "{}={value}", self.key),
            None => f.write_str(&self.key),
        }
    }
}

macro_rules! as_text {
    ($name:ident) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
            }
        }
    };
}
as_text!(Pattern);
as_text!(TagPattern);

/// Names and tags, any of each.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// Patterns of `Name`.
    pub names: Vec<Pattern>,
    /// Patterns of tags.
    pub tags: Vec<TagPattern>,
}

impl Filter {
    /// Whether it names nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty() && self.tags.is_empty()
    }

    /// Whether an image is among those that this filter *includes*: where names are given, one must match, and
    /// where tags are given, one must match. An empty filter includes everything.
    #[must_use]
    pub fn includes(&self, image: &Image) -> bool {
        (self.names.is_empty() || self.names.iter().any(|pattern| pattern.matches(&image.name)))
            && (self.tags.is_empty() || self.tags.iter().any(|pattern| pattern.matches(&image.tags)))
    }

    /// The first pattern of a filter that *excludes* an image: any match is enough.
    #[must_use]
    pub fn excludes(&self, image: &Image) -> Option<String> {
        let by_name = self.names.iter().find(|pattern| pattern.matches(&image.name)).map(|p| format!("name {p}"));
        by_name.or_else(|| self.tags.iter().find(|pattern| pattern.matches(&image.tags)).map(|p| format!("tag {p}")))
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.names.iter().map(|pattern| format!("name {pattern}"));
        let tags = self.tags.iter().map(|pattern| format!("tag {pattern}"));
        f.write_str(&names.chain(tags).collect::<Vec<_>>().join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::fixtures::image;

    fn filter(names: &[&str], tags: &[&str]) -> Filter {
        Filter {
            names: names.iter().map(|text| Pattern::parse(text).unwrap()).collect(),
            tags: tags.iter().map(|text| TagPattern::parse(text).unwrap()).collect(),
        }
    }

    #[test]
    fn an_include_of_names_and_tags_wants_one_of_each() {
        let include = filter(&["web-*", "api-?"], &["team=core*", "legacy"]);
        assert!(include.includes(&image("ami-1").named("web-1").tag("team", "core-eu").image()));
        assert!(include.includes(&image("ami-1").named("api-7").tag("legacy", "").image()));
        assert!(!include.includes(&image("ami-1").named("web-1").tag("team", "edge").image()));
        assert!(!include.includes(&image("ami-1").named("api-77").tag("team", "core").image()));
    }

    #[test]
    fn one_match_is_enough_to_exclude() {
        let exclude = filter(&["golden-*"], &["env=prod"]);
        assert_eq!(exclude.excludes(&image("ami-1").named("golden-1").image()).as_deref(), Some("name golden-*"));
        assert_eq!(exclude.excludes(&image("ami-1").tag("env", "prod").image()).as_deref(), Some("tag env=prod"));
        assert_eq!(exclude.excludes(&image("ami-1").tag("env", "dev").image()), None);
    }

    #[test]
    fn a_pattern_that_nobody_can_have_meant_is_refused() {
        assert_eq!(Pattern::parse(" "), Err(InvalidPattern::Empty));
        assert_eq!(TagPattern::parse("team="), Err(InvalidPattern::Empty));
        assert!(matches!(TagPattern::parse("=x"), Err(InvalidPattern::NoKey(_))));
    }
}
