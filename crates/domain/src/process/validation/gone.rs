//! Whether a resource is gone.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::coverage::{Coverage, Source};
use crate::process::observation::{Configuration, Observation};

/// Whether a resource is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "gone", rename_all = "snake_case")]
pub enum Gone {
    /// It is, and a complete reading proves it.
    Yes {
        /// What the reading showed.
        how: String,
    },
    /// EC2 still shows it.
    NotYet {
        /// As what.
        why: String,
    },
    /// Nobody knows: it could not be read.
    Unknown {
        /// What went wrong.
        why: String,
    },
}

impl Gone {
    /// Whether that is proved.
    #[must_use]
    pub fn is_proved(&self) -> bool {
        matches!(self, Self::Yes { .. })
    }
}

impl fmt::Display for Gone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Yes { how } => write!(f, "gone: {how}"),
            Self::NotYet { why } => write!(f, "not gone: {why}"),
            Self::Unknown { why } => write!(f, "not known: {why}"),
        }
    }
}

/// Whether an observation proves that its resource is gone.
///
/// Only a complete reading of the resource itself proves anything: an error, a refusal or half a reading once read as
/// "not found", and what was there was reported as removed (C137).
#[must_use]
pub fn gone(observation: &Observation) -> Gone {
    match observation.coverages.get(&Source::Resource) {
        None => return Gone::Unknown { why: "it was not read".into() },
        Some(Coverage::Complete { .. }) => {}
        Some(coverage) => return Gone::Unknown { why: format!("it could not be read: {coverage}") },
    }
    let Some(found) = &observation.found else {
        return Gone::Yes { how: "EC2 no longer knows it".into() };
    };
    let state = match &found.configuration {
        Configuration::Instance(it) => Some((&it.state, "terminated")),
        Configuration::Volume(it) => Some((&it.state, "deleted")),
        Configuration::Image(it) => Some((&it.state, "deregistered")),
        Configuration::Snapshot(it) => return Gone::NotYet { why: format!("EC2 shows it as {}", it.state) },
        Configuration::Address(_) | Configuration::SecurityGroup(_) => None,
    };
    match state {
        Some((state, last)) if state == last => Gone::Yes { how: format!("EC2 shows it as {state}") },
        Some((state, _)) => Gone::NotYet { why: format!("EC2 shows it as {state}") },
        None => Gone::NotYet { why: "EC2 still knows it".into() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::report::fixtures;
    use crate::process::resource::ResourceType;
    use proptest::prelude::*;

    fn with_state(resource_type: ResourceType, state: &str) -> Observation {
        let mut observation = fixtures::observation(resource_type);
        match &mut observation.found.as_mut().unwrap().configuration {
            Configuration::Instance(it) => it.state = state.into(),
            Configuration::Volume(it) => it.state = state.into(),
            Configuration::Snapshot(it) => it.state = state.into(),
            Configuration::Image(it) => it.state = state.into(),
            Configuration::Address(_) | Configuration::SecurityGroup(_) => {}
        }
        observation
    }

    #[test]
    fn a_complete_reading_that_does_not_find_it_proves_it_for_every_type() {
        for resource_type in ResourceType::ALL {
            let mut observation = fixtures::observation(resource_type);
            assert!(!gone(&observation).is_proved(), "{resource_type}");
            observation.found = None;
            assert!(gone(&observation).is_proved(), "{resource_type}");
        }
    }

    #[rstest::rstest]
    #[case(ResourceType::Instance, "terminated", true)]
    #[case(ResourceType::Instance, "shutting-down", false)]
    #[case(ResourceType::Instance, "stopped", false)]
    #[case(ResourceType::Volume, "deleted", true)]
    #[case(ResourceType::Volume, "deleting", false)]
    #[case(ResourceType::Volume, "available", false)]
    #[case(ResourceType::Image, "deregistered", true)]
    #[case(ResourceType::Image, "disabled", false)]
    #[case(ResourceType::Image, "failed", false)]
    #[case(ResourceType::Snapshot, "completed", false)]
    #[case(ResourceType::Snapshot, "terminated", false)]
    #[case(ResourceType::Instance, "deleted", false)]
    fn only_the_last_state_of_its_own_type_proves_it(
        #[case] resource_type: ResourceType,
        #[case] state: &str,
        #[case] proved: bool,
    ) {
        let answer = gone(&with_state(resource_type, state));
        assert_eq!(answer.is_proved(), proved, "{answer}");
        assert!(answer.to_string().ends_with(&format!("as {state}")), "{answer}");
    }

    #[test]
    fn a_resource_that_nobody_read_is_not_gone() {
        let mut observation = fixtures::observation(ResourceType::Volume);
        observation.found = None;
        observation.coverages.clear();
        let answer = gone(&observation);
        assert_eq!(answer.to_string(), "not known: it was not read");
    }

    fn incomplete() -> impl Strategy<Value = Coverage> {
        prop_oneof![
            ".{0,20}".prop_map(|detail| Coverage::Denied { detail }),
            ".{0,20}".prop_map(|detail| Coverage::Failed { detail }),
            (any::<u64>(), ".{0,20}").prop_map(|(items, detail)| Coverage::Truncated { items, detail }),
            any::<(u64, u64)>()
                .prop_map(|(items, last_complete_items)| Coverage::Implausible { items, last_complete_items }),
        ]
    }

    proptest! {
        #[test]
        fn an_error_is_never_gone_whatever_else_was_read(
            which in 0..6usize,
            found in any::<bool>(),
            state in "terminated|deleted|deregistered|running",
            coverage in incomplete(),
        ) {
            let mut observation = with_state(ResourceType::ALL[which], &state);
            if !found {
                observation.found = None;
            }
            observation.coverages.insert(Source::Resource, coverage);
            let answer = gone(&observation);
            let unknown = matches!(answer, Gone::Unknown { .. });
            prop_assert!(unknown, "{answer}");
        }
    }
}
