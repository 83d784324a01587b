//! The retry rules of the state machine, from its own definition.

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

static DEFINITION: LazyLock<Value> = LazyLock::new(|| {
    let path = root().join("statemachines/ami-cleanup.asl.json");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
});

impl Retries {
    /// Those of a Task state, of the machine itself or of its Map.
    pub(crate) fn of(state: &str) -> Self {
        let states = &DEFINITION["States"];
        let inner = &states["DeleteImages"]["ItemProcessor"]["States"];
        let task =
            states.get(state).or_else(|| inner.get(state)).unwrap_or_else(|| panic!("no state is named {state}"));
        let retriers = task["Retry"].as_array().unwrap_or_else(|| panic!("{state} retries nothing"));
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
        Self(retriers.iter().map(retrier).collect())
    }

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
        let mut retries = Retries::of("DeleteImage");
        assert!(retries.take("Sunset.Conflict"));
        assert!(!retries.take("Sunset.Conflict"));
        assert!(retries.take("Runtime.ExitError"));
        for refusal in ["Sunset.Denied", "Sunset.Invalid", "Sunset.EvidenceGap", "Sunset.Stale", "Sunset.Internal"] {
            assert!(!Retries::of("DeleteImage").take(refusal), "{refusal}");
        }
    }
}
