//! What a team allows: the deployed policy, and how an execution's input may tighten it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::filter::{Filter, Pattern, TagPattern};
use crate::input::{Fields, InvalidInput};

/// Whether a run may change anything.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Walks the whole workflow and changes nothing.
    #[default]
    DryRun,
    /// Disables, deregisters and deletes.
    Live,
}

impl Mode {
    /// As inputs write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DryRun => "dry-run",
            Self::Live => "live",
        }
    }

    /// Takes `dry-run` or `live`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "dry-run" => Some(Self::DryRun),
            "live" => Some(Self::Live),
            _ => None,
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Hours of 114 years: no image is older.
const MAX_HOURS: u32 = 1_000_000;
/// Days of 100 years.
const MAX_DAYS: u32 = 36_500;
/// More than a region may hold.
const MAX_IMAGES: u32 = 1_000_000;

/// Which images may go, and how many at once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Policy {
    /// An image is expired when it is older than this (strictly).
    pub valid_hours: u32,
    /// How long an expired image is disabled before it is deregistered; 0 deregisters at once.
    pub grace_days: u32,
    /// How many available images of a family stay, the newest.
    pub keep_newest: u32,
    /// How long ago an image must have been launched last. An image that EC2 knows no launch of is not idle for that.
    pub min_idle_days: u32,
    /// Each of these must include an image.
    pub include: Vec<Filter>,
    /// None of these may exclude it.
    pub exclude: Vec<Filter>,
    /// Whether images that other accounts may launch can go.
    pub allow_shared: bool,
    /// More due images than this halt a run.
    pub max_deletions: u32,
    /// A larger share of the owned images than this, once more than 10 are due, halts a run.
    pub max_share: f64,
    /// A larger share of failed items than this fails a run.
    pub max_failed_share: f64,
    /// Whether `DescribeImageReferences` is asked about the shortlist.
    pub second_opinion: bool,
    /// Whether every version of every launch template counts, not only heads and pinned ones.
    pub all_template_versions: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            valid_hours: 2160,
            grace_days: 7,
            keep_newest: 3,
            min_idle_days: 30,
            include: Vec::new(),
            exclude: Vec::new(),
            allow_shared: false,
            max_deletions: 50,
            max_share: 0.2,
            max_failed_share: 0.1,
            second_opinion: false,
            all_template_versions: false,
        }
    }
}

/// An environment variable of a deployed function that holds what it cannot hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("environment variable {name} is {found:?}; it must be {expected}")]
pub struct InvalidVariable {
    /// Its name.
    pub name: &'static str,
    /// What was found.
    pub found: String,
    /// What would be right.
    pub expected: &'static str,
}

impl Policy {
    /// The policy that the template's parameters deploy, read from the function's environment. A variable that is
    /// absent or empty stands for the default.
    ///
    /// # Errors
    /// [`InvalidVariable`] for the first variable that cannot be read: a policy is never guessed.
    pub fn from_environment(variable: impl Fn(&str) -> Option<String>) -> Result<Self, InvalidVariable> {
        let read =
            |name: &'static str| variable(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let number = |name: &'static str, default: u32, max: u32| match read(name) {
            None => Ok(default),
            Some(text) => text.parse().ok().filter(|number| *number <= max).ok_or(InvalidVariable {
                name,
                found: text,
                expected: "a whole number that is not negative",
            }),
        };
        let share = |name: &'static str, default: f64| match read(name) {
            None => Ok(default),
            Some(text) => text.parse().ok().filter(|share| (0.0..=1.0).contains(share)).ok_or(InvalidVariable {
                name,
                found: text,
                expected: "a number from 0 to 1",
            }),
        };
        let flag = |name: &'static str| match read(name).as_deref() {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(other) => Err(InvalidVariable { name, found: other.to_owned(), expected: "true or false" }),
        };
        let default = Self::default();
        let filter = |names: &'static str, tags: &'static str| -> Result<Vec<Filter>, InvalidVariable> {
            let filter = Filter {
                names: list(names, read(names), "globs with commas between", Pattern::parse)?,
                tags: list(tags, read(tags), "key or key=glob, with commas between", TagPattern::parse)?,
            };
            Ok(if filter.is_empty() { Vec::new() } else { vec![filter] })
        };
        Ok(Self {
            valid_hours: number("SUNSET_VALID_HOURS", default.valid_hours, MAX_HOURS)?,
            grace_days: number("SUNSET_GRACE_DAYS", default.grace_days, MAX_DAYS)?,
            keep_newest: number("SUNSET_KEEP_NEWEST", default.keep_newest, MAX_IMAGES)?,
            min_idle_days: number("SUNSET_MIN_IDLE_DAYS", default.min_idle_days, MAX_DAYS)?,
            include: filter("SUNSET_INCLUDE_NAMES", "SUNSET_INCLUDE_TAGS")?,
            exclude: filter("SUNSET_EXCLUDE_NAMES", "SUNSET_EXCLUDE_TAGS")?,
            allow_shared: flag("SUNSET_ALLOW_SHARED")?,
            max_deletions: number("SUNSET_MAX_DELETIONS", default.max_deletions, MAX_IMAGES)?,
            max_share: share("SUNSET_MAX_SHARE", default.max_share)?,
            max_failed_share: share("SUNSET_MAX_FAILED_SHARE", default.max_failed_share)?,
            second_opinion: flag("SUNSET_SECOND_OPINION")?,
            all_template_versions: flag("SUNSET_ALL_TEMPLATE_VERSIONS")?,
        })
    }

    /// This policy, tightened by the fields of an execution's input.
    ///
    /// # Errors
    /// [`InvalidInput`] for a value that is out of range, or that would allow more than this policy does.
    pub fn tightened(&self, fields: &mut Fields) -> Result<Self, InvalidInput> {
        let mut policy = self.clone();
        let up = |fields: &mut Fields, name: &'static str, current: u32, max: u32| match fields.number(name, 0..=max)? {
            None => Ok(current),
            Some(wished) if wished >= current => Ok(wished),
            Some(wished) => Err(fields.wrong(
                name,
                wished.to_string(),
                format!("at least the deployed {current}: an input may only tighten"),
            )),
        };
        policy.valid_hours = up(fields, "valid_hours", self.valid_hours, MAX_HOURS)?;
        policy.grace_days = up(fields, "grace_days", self.grace_days, MAX_DAYS)?;
        policy.keep_newest = up(fields, "keep_newest", self.keep_newest, MAX_IMAGES)?;
        policy.min_idle_days = up(fields, "min_idle_days", self.min_idle_days, MAX_DAYS)?;
        match fields.number("max_deletions", 0..=MAX_IMAGES)? {
            Some(wished) if wished > self.max_deletions => {
                let expected = format!("at most the deployed {}: an input may only tighten", self.max_deletions);
                return Err(fields.wrong("max_deletions", wished.to_string(), expected));
            }
            wished => policy.max_deletions = wished.unwrap_or(self.max_deletions),
        }
        let down = |fields: &mut Fields, name: &'static str, current: f64| match fields.share(name)? {
            None => Ok(current),
            Some(wished) if wished <= current => Ok(wished),
            Some(wished) => Err(fields.wrong(
                name,
                wished.to_string(),
                format!("at most the deployed {current}: an input may only tighten"),
            )),
        };
        policy.max_share = down(fields, "max_share", self.max_share)?;
        policy.max_failed_share = down(fields, "max_failed_share", self.max_failed_share)?;
        match fields.flag("allow_shared")? {
            Some(true) if !self.allow_shared => {
                return Err(fields.wrong("allow_shared", "true", "false, as deployed: an input may only tighten"));
            }
            wished => policy.allow_shared = wished.unwrap_or(self.allow_shared),
        }
        let filter =
            |fields: &mut Fields, names: &'static str, tags: &'static str| -> Result<Option<Filter>, InvalidInput> {
                let filter = Filter {
                    names: fields.texts(names, "a list of globs, none empty", Pattern::parse)?.unwrap_or_default(),
                    tags: fields
                        .texts(tags, "a list of key or key=glob, none empty", TagPattern::parse)?
                        .unwrap_or_default(),
                };
                Ok((!filter.is_empty()).then_some(filter))
            };
        policy.include.extend(filter(fields, "include_names", "include_tags")?);
        policy.exclude.extend(filter(fields, "exclude_names", "exclude_tags")?);
        Ok(policy)
    }
}

fn list<T, E>(
    name: &'static str,
    text: Option<String>,
    expected: &'static str,
    parse: impl Fn(&str) -> Result<T, E>,
) -> Result<Vec<T>, InvalidVariable> {
    let Some(text) = text else { return Ok(Vec::new()) };
    text.split(',').map(|part| parse(part.trim())).collect::<Result<_, _>>().map_err(|_| InvalidVariable {
        name,
        found: text.clone(),
        expected,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn tighten(policy: &Policy, input: Value) -> Result<Policy, InvalidInput> {
        let mut fields = Fields::of(input, "")?;
        let tightened = policy.tightened(&mut fields)?;
        fields.finish()?;
        Ok(tightened)
    }

    #[test]
    fn an_input_tightens_every_part_of_the_policy() {
        let policy = tighten(
            &Policy { allow_shared: true, ..Policy::default() },
            json!({"valid_hours": 9000, "grace_days": 30, "keep_newest": 5, "min_idle_days": 60, "max_deletions": 1,
                   "max_share": 0.1, "max_failed_share": 0.0, "allow_shared": false,
                   "include_names": ["web-*"], "exclude_tags": ["env=prod"]}),
        )
        .unwrap();
        assert_eq!((policy.valid_hours, policy.grace_days, policy.keep_newest, policy.max_deletions), (9000, 30, 5, 1));
        assert_eq!((policy.include.len(), policy.exclude.len(), policy.allow_shared), (1, 1, false));
    }

    #[rstest::rstest]
    #[case(json!({"valid_hours": 1}), "valid_hours is 1; it must be at least the deployed 2160: an input may only tighten")]
    #[case(json!({"grace_days": 0}), "grace_days is 0; it must be at least the deployed 7: an input may only tighten")]
    #[case(json!({"keep_newest": 2}), "keep_newest is 2; it must be at least the deployed 3: an input may only tighten")]
    #[case(json!({"max_deletions": 51}), "max_deletions is 51; it must be at most the deployed 50: an input may only tighten")]
    #[case(json!({"max_share": 0.3}), "max_share is 0.3; it must be at most the deployed 0.2: an input may only tighten")]
    #[case(json!({"allow_shared": true}), "allow_shared is true; it must be false, as deployed: an input may only tighten")]
    #[case(json!({"valid_hours": -1}), "valid_hours is -1; it must be a whole number from 0 to 1000000")]
    #[case(json!({"include_names": [""]}), r#"include_names is [""]; it must be a list of globs, none empty"#)]
    fn an_input_that_would_allow_more_is_refused(#[case] input: Value, #[case] message: &str) {
        assert_eq!(tighten(&Policy::default(), input).unwrap_err().to_string(), message);
    }

    #[test]
    fn filters_of_template_and_input_must_both_include() {
        let deployed = Policy {
            include: vec![Filter { names: vec![Pattern::parse("web-*").unwrap()], tags: vec![] }],
            ..Policy::default()
        };
        let policy = tighten(&deployed, json!({"include_names": ["*-eu"]})).unwrap();
        assert_eq!(policy.include.len(), 2);
    }

    #[test]
    fn the_environment_names_the_variable_that_cannot_be_read() {
        let error = Policy::from_environment(|name| (name == "SUNSET_MAX_SHARE").then(|| "lots".into())).unwrap_err();
        assert_eq!(
            error.to_string(),
            r#"environment variable SUNSET_MAX_SHARE is "lots"; it must be a number from 0 to 1"#
        );
        assert_eq!(Policy::from_environment(|_| None), Ok(Policy::default()));
        assert_eq!(Policy::from_environment(|_| Some(String::new())), Ok(Policy::default()));
    }

    #[test]
    fn a_list_in_the_environment_refuses_an_empty_part() {
        assert!(
            Policy::from_environment(|name| (name == "SUNSET_EXCLUDE_NAMES").then(|| "golden-*,,x".into())).is_err()
        );
        let policy =
            Policy::from_environment(|name| (name == "SUNSET_EXCLUDE_NAMES").then(|| "golden-*, x".into())).unwrap();
        assert_eq!(policy.exclude[0].to_string(), "name golden-*, name x");
    }
}
