//! The retry rules of the state machines, from their own definitions.

use std::sync::LazyLock;

use serde_json::Value;

use crate::functions::root;

/// The attempts that one task has left.
#[derive(Debug, Clone)]
pub(crate) struct Retries(Vec<Retrier>);

#[derive(Debug, Clone)]
struct Retrier {
    errors: Vec<String>,
    attempts: u64,
}

/// A state machine's definition.
#[derive(Debug)]
pub(crate) struct Machine(Value);

/// ami-cleanup's.
pub(crate) static AMI_CLEANUP: LazyLock<Machine> = LazyLock::new(|| Machine::read("ami-cleanup"));
/// decommission's.
pub(crate) static DECOMMISSION: LazyLock<Machine> = LazyLock::new(|| Machine::read("decommission"));

impl Machine {
    fn read(name: &str) -> Self {
        let path = root().join(format!("statemachines/{name}.asl.json"));
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self(serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
    }

    /// A state, of the machine itself or of one of its Maps.
    fn state(&self, name: &str) -> &Value {
        let states = self.0["States"].as_object().expect("states");
        let within = states.values().map(|state| &state["ItemProcessor"]["States"]);
        let mut all = std::iter::once(&self.0["States"]).chain(within);
        all.find_map(|states| states.get(name)).unwrap_or_else(|| panic!("no state is named {name}"))
    }

    /// The retries of a Task state.
    pub(crate) fn retries(&self, state: &str) -> Retries {
        let retriers = self.state(state)["Retry"].as_array().unwrap_or_else(|| panic!("{state} retries nothing"));
        let retrier = |retrier: &Value| Retrier {
            errors: retrier["ErrorEquals"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
            attempts: retrier["MaxAttempts"].as_u64().expect("how often it is retried"),
        };
        Retries(retriers.iter().map(retrier).collect())
    }
}

impl Retries {
    /// Takes one attempt for an error; false when there is none. The first retrier that names the error decides.
    pub(crate) fn take(&mut self, error: &str) -> bool {
        let named = self.0.iter_mut().find(|retrier| retrier.errors.iter().any(|name| name == error));
        named.filter(|retrier| retrier.attempts > 0).map(|retrier| retrier.attempts -= 1).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conflict_is_retried_once_and_a_refusal_never() {
        let mut retries = AMI_CLEANUP.retries("DeleteImage");
        assert!(retries.take("Sunset.Conflict"));
        assert!(!retries.take("Sunset.Conflict"));
        assert!(retries.take("Runtime.ExitError"));
        for refusal in ["Sunset.Denied", "Sunset.Invalid", "Sunset.EvidenceGap", "Sunset.Stale", "Sunset.Internal"] {
            assert!(!AMI_CLEANUP.retries("DeleteImage").take(refusal), "{refusal}");
            assert!(!DECOMMISSION.retries("ExecuteIrreversible").take(refusal), "{refusal}");
        }
    }

    #[test]
    fn a_state_that_waits_for_a_person_takes_its_timeout_for_an_answer() {
        for state in ["NoticePeriod", "WaitForApproval", "SoakPeriod", "WaitForWindow", "HoldForPerson"] {
            assert!(!DECOMMISSION.retries(state).take("States.Timeout"), "{state}");
        }
    }
}
