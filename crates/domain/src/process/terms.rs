//! Under which terms a process runs: what is deployed, tightened by its start.

use serde::{Deserialize, Serialize};

use crate::input::{Fields, InvalidInput};
use crate::policy::InvalidVariable;

/// How risk is counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Profile {
    /// Unknown counts as high, with floors for production, data stores and what cannot be recovered.
    #[default]
    #[serde(rename = "v2")]
    V2,
    /// The arithmetic that this process was first described with (C25, C26), for comparison.
    #[serde(rename = "seed-v1")]
    SeedV1,
}

impl Profile {
    /// As parameters write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V2 => "v2",
            Self::SeedV1 => "seed-v1",
        }
    }

    /// Takes `v2` or `seed-v1`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "v2" => Some(Self::V2),
            "seed-v1" => Some(Self::SeedV1),
            _ => None,
        }
    }
}

/// The shortest soak that a checker lets pass without a word: C122's watch after a change.
pub const MIN_QUIET_SOAK_SECONDS: u32 = 900;
/// 30 days: what people may take to decide. With a soak of [`MAX_SOAK_SECONDS`] it all fits into one execution's year.
const MAX_SECONDS: u32 = 2_592_000;
/// 90 days.
const MAX_SOAK_SECONDS: u32 = 7_776_000;
const MAX_DAYS: u32 = 36_500;

/// The terms of a process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// How risk is counted.
    pub profile: Profile,
    /// How long the resource rests between its reversible and its irreversible step.
    pub soak_seconds: u32,
    /// How long people have to decide.
    pub approval_seconds: u32,
    /// How long a held process waits for a person.
    pub hold_seconds: u32,
    /// How long what the process makes (backups) is kept from everything else.
    pub backup_retention_days: u32,
    /// Whether low risk may be approved by rule.
    pub auto_approve: bool,
    /// How long people can object to what the rule approved before anything is done (C71).
    #[serde(default = "default_notice_seconds")]
    pub notice_seconds: u32,
}

/// A day.
fn default_notice_seconds() -> u32 {
    86_400
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            profile: Profile::V2,
            soak_seconds: 604_800,
            approval_seconds: 259_200,
            hold_seconds: 1_209_600,
            backup_retention_days: 90,
            auto_approve: true,
            notice_seconds: default_notice_seconds(),
        }
    }
}

impl Terms {
    /// The terms that the template's parameters deploy. A variable that is absent or empty stands for the default.
    ///
    /// # Errors
    /// [`InvalidVariable`] for the first variable that cannot be read.
    pub fn from_environment(variable: impl Fn(&str) -> Option<String>) -> Result<Self, InvalidVariable> {
        let read =
            |name: &'static str| variable(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let number = |name: &'static str, default: u32, max: u32, expected: &'static str| match read(name) {
            None => Ok(default),
            Some(text) => text.parse().ok().filter(|number| (1..=max).contains(number)).ok_or(InvalidVariable {
                name,
                found: text,
                expected,
            }),
        };
        let seconds = "a whole number of seconds from 1 to 2592000 (30 days)";
        let soak = "a whole number of seconds from 1 to 7776000 (90 days)";
        let default = Self::default();
        Ok(Self {
            profile: match read("SUNSET_RISK_PROFILE") {
                None => default.profile,
                Some(text) => Profile::parse(&text).ok_or(InvalidVariable {
                    name: "SUNSET_RISK_PROFILE",
                    found: text,
                    expected: "v2 or seed-v1",
                })?,
            },
            soak_seconds: number("SUNSET_SOAK_SECONDS", default.soak_seconds, MAX_SOAK_SECONDS, soak)?,
            approval_seconds: number("SUNSET_APPROVAL_SECONDS", default.approval_seconds, MAX_SECONDS, seconds)?,
            hold_seconds: number("SUNSET_HOLD_SECONDS", default.hold_seconds, MAX_SECONDS, seconds)?,
            notice_seconds: number("SUNSET_NOTICE_SECONDS", default.notice_seconds, MAX_SECONDS, seconds)?,
            backup_retention_days: number(
                "SUNSET_BACKUP_RETENTION_DAYS",
                default.backup_retention_days,
                MAX_DAYS,
                "a whole number of days from 1 to 36500",
            )?,
            auto_approve: match read("SUNSET_AUTO_APPROVE").as_deref() {
                None => default.auto_approve,
                Some("true") => true,
                Some("false") => false,
                Some(other) => {
                    return Err(InvalidVariable {
                        name: "SUNSET_AUTO_APPROVE",
                        found: other.to_owned(),
                        expected: "true or false",
                    });
                }
            },
        })
    }

    /// These terms, tightened by the fields of a start.
    ///
    /// # Errors
    /// [`InvalidInput`] for a value that is out of range, or that would allow more than these terms do.
    pub fn tightened(&self, fields: &mut Fields) -> Result<Self, InvalidInput> {
        let mut terms = self.clone();
        for (name, current, max) in [
            ("soak_seconds", &mut terms.soak_seconds, MAX_SOAK_SECONDS),
            ("backup_retention_days", &mut terms.backup_retention_days, MAX_DAYS),
            ("notice_seconds", &mut terms.notice_seconds, MAX_SECONDS),
        ] {
            if let Some(wished) = fields.number(name, 1..=max)? {
                if wished < *current {
                    let expected = format!("at least the deployed {current}: an input may only tighten");
                    return Err(fields.wrong(name, wished.to_string(), expected));
                }
                *current = wished;
            }
        }
        if let Some(wished) = fields.number("approval_seconds", 1..=MAX_SECONDS)? {
            if wished > self.approval_seconds {
                let expected = format!("at most the deployed {}: an input may only tighten", self.approval_seconds);
                return Err(fields.wrong("approval_seconds", wished.to_string(), expected));
            }
            terms.approval_seconds = wished;
        }
        if let Some(wished) = fields.flag("auto_approve")? {
            if wished && !self.auto_approve {
                return Err(fields.wrong("auto_approve", "true", "false, as deployed: an input may only tighten"));
            }
            terms.auto_approve = wished;
        }
        Ok(terms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn tightened(input: serde_json::Value) -> Result<Terms, InvalidInput> {
        let mut fields = Fields::of(input, "input.").unwrap();
        Terms::default().tightened(&mut fields)
    }

    #[test]
    fn a_start_may_only_tighten() {
        let terms = tightened(json!({"soak_seconds": 700_000, "approval_seconds": 60, "auto_approve": false})).unwrap();
        assert_eq!((terms.soak_seconds, terms.approval_seconds, terms.auto_approve), (700_000, 60, false));
        for (loosened, message) in [
            (
                json!({"soak_seconds": 60}),
                "input.soak_seconds is 60; it must be at least the deployed 604800: an input may only tighten",
            ),
            (
                json!({"approval_seconds": 259_201}),
                "input.approval_seconds is 259201; it must be at most the deployed 259200: an input may only tighten",
            ),
            (
                json!({"backup_retention_days": 1}),
                "input.backup_retention_days is 1; it must be at least the deployed 90: an input may only tighten",
            ),
        ] {
            assert_eq!(tightened(loosened).unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn a_variable_that_cannot_be_read_is_named() {
        let variable = |name: &str| (name == "SUNSET_SOAK_SECONDS").then(|| "0".to_owned());
        let error = Terms::from_environment(variable).unwrap_err();
        assert_eq!(
            error.to_string(),
            r#"environment variable SUNSET_SOAK_SECONDS is "0"; it must be a whole number of seconds from 1 to 7776000 (90 days)"#
        );
        assert_eq!(Terms::from_environment(|_| None).unwrap(), Terms::default());
    }
}
