//! The business side of a resource: its environment, and what its tags say of how much it is missed (C22, C23, C27).

use crate::process::observation::Observation;
use crate::risk::assessment::{BusinessImpact, Criticality};
use crate::risk::environment::{Environment, environment};
use crate::tags::Tags;

/// What is known of the business side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Business {
    /// As it stands in the assessment.
    pub impact: BusinessImpact,
    /// The environment.
    pub environment: Environment,
    /// Why its criticality is what it is.
    pub reason: String,
    /// Everything that makes it critical to the business, whatever its environment.
    pub critical_by: Vec<String>,
    /// What says that its data is sensitive.
    pub sensitive_by: Vec<String>,
}

/// The tags whose key, without case, hyphens, underscores and spaces, is one of `names`.
pub(crate) fn tagged<'a>(tags: &'a Tags, names: &'a [&str]) -> impl Iterator<Item = (&'a str, &'a str)> {
    tags.iter().filter(|(key, _)| {
        let folded: String =
            key.chars().filter(|c| !matches!(c, '-' | '_' | ' ')).map(|c| c.to_ascii_lowercase()).collect();
        names.contains(&folded.as_str())
    })
}

/// A value without case, hyphens, underscores and spaces.
fn folded(value: &str) -> String {
    value.chars().filter(|c| !matches!(c, '-' | '_' | ' ')).flat_map(char::to_lowercase).collect()
}

/// Says no in so many words. An empty value says nothing, and so does not say no.
fn denies(value: &str) -> bool {
    matches!(folded(value).as_str(), "no" | "none" | "false" | "0" | "n/a" | "na" | "notapplicable")
}

/// What is written, unless it only says that nobody knows.
fn known(text: Option<&str>) -> Option<String> {
    text.map(str::trim).filter(|text| !text.is_empty() && !text.eq_ignore_ascii_case("unknown")).map(str::to_owned)
}

/// A tag's value, unless it only says that nobody knows.
fn tag(observation: &Observation, name: &str) -> Option<String> {
    let found = observation.found.as_ref()?;
    tagged(&found.tags, &[name]).find_map(|(_, value)| known(Some(value)))
}

/// Who owns the resource: what `ResourceTracking` says, else the tag `owner` (C51).
#[must_use]
pub fn owner(observation: &Observation) -> Option<String> {
    let table = observation.tracking.as_ref().and_then(|tracking| known(tracking.owner.as_deref()));
    table.or_else(|| tag(observation, "owner"))
}

/// Reads the business side.
#[must_use]
pub fn business(observation: &Observation) -> Business {
    let environment = environment(observation);
    let mut criticality = environment.criticality;
    let mut reason = environment.reason.clone();
    let mut critical_by = Vec::new();
    let mut sensitive_by = Vec::new();
    if let Some(found) = &observation.found {
        for (key, value) in tagged(&found.tags, &["criticality"]) {
            let says = match folded(value).as_str() {
                "low" | "none" | "minimal" => Criticality::Low,
                "medium" | "moderate" => Criticality::Medium,
                "high" => Criticality::High,
                "critical" | "missioncritical" | "businesscritical" => {
                    critical_by.push(format!("tag {key} says {value:?}"));
                    Criticality::High
                }
                _ => {
                    critical_by.push(format!("tag {key} says {value:?}, which nobody knows"));
                    Criticality::Unknown
                }
            };
            if points(says) > points(criticality) {
                criticality = says;
                reason = match says {
                    Criticality::Unknown => format!("tag {key} says {value:?}, which nobody knows: it counts as high"),
                    _ => format!("tag {key} says {value:?}"),
                };
            }
        }
        for (key, value) in tagged(&found.tags, &["revenue", "compliance"]).filter(|(_, value)| !denies(value)) {
            critical_by.push(format!("tag {key} says {value:?}"));
        }
        for (key, value) in tagged(&found.tags, &["dataclass", "dataclassification"]) {
            let harmless = ["public", "internal", "nonsensitive", "notsensitive", "synthetic", "test", "unclassified"];
            if !denies(value) && !harmless.contains(&folded(value).as_str()) {
                sensitive_by.push(format!("tag {key} says {value:?}"));
            }
        }
    }
    let or_unknown = |text: Option<String>| text.unwrap_or_else(|| "unknown".into());
    let tracking = observation.tracking.as_ref();
    let project =
        tracking.and_then(|tracking| known(tracking.project.as_deref())).or_else(|| tag(observation, "project"));
    Business {
        impact: BusinessImpact {
            criticality,
            environment: or_unknown(environment.written.clone()),
            project: or_unknown(project),
            owner: or_unknown(owner(observation)),
            business_hours_impact: points(criticality) == points(Criticality::High),
        },
        environment,
        reason,
        critical_by,
        sensitive_by,
    }
}

/// The points of a criticality (C25), where unknown counts as high (C42, C46).
#[must_use]
pub fn points(criticality: Criticality) -> u32 {
    match criticality {
        Criticality::Low => 1,
        Criticality::Medium => 2,
        Criticality::High | Criticality::Unknown => 3,
    }
}

#[cfg(test)]
mod tests;
