//! The state machines, with their substitutions made, and every state at any depth.

use crate::template::Deployed;
use crate::{strings, text};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A state machine: its logical id in the template, and its definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Machine {
    /// The logical id in the template.
    pub id: &'static str,
    /// Where the definition is.
    pub path: &'static str,
}

/// Finds and retires the expired images of an account.
pub const AMI_CLEANUP: Machine = Machine { id: "AmiCleanup", path: "statemachines/ami-cleanup.asl.json" };
/// Retires one resource.
pub const DECOMMISSION: Machine = Machine { id: "Decommission", path: "statemachines/decommission.asl.json" };
/// Both.
pub const MACHINES: [Machine; 2] = [AMI_CLEANUP, DECOMMISSION];

impl Machine {
    /// The names that the definition leaves to the template: every `${Name}`.
    #[must_use]
    pub fn left_open(self) -> BTreeSet<String> {
        text(self.path)
            .split("${")
            .skip(1)
            .map(|rest| rest.split('}').next().expect("split yields one part at least").to_owned())
            .collect()
    }

    /// The definition as it is deployed.
    #[must_use]
    pub fn definition(self, stack: &Deployed) -> Value {
        let mut definition = text(self.path);
        let substitutions =
            stack.properties(self.id)["DefinitionSubstitutions"].as_object().expect("the template substitutes");
        for (name, value) in substitutions {
            let value = value.as_str().expect("a substitution is a string");
            definition = definition.replace(&format!("${{{name}}}"), value);
        }
        serde_json::from_str(&definition).expect("the definition is JSON")
    }
}

/// Every state by name, those of a Map's children too.
#[must_use]
pub fn states(definition: &Value) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    for (name, state) in definition["States"].as_object().expect("a machine has states") {
        if let Some(processor) = state.get("ItemProcessor") {
            for (inner, state) in states(processor) {
                assert!(found.insert(inner.clone(), state).is_none(), "two states are called {inner}");
            }
        }
        assert!(found.insert(name.clone(), state.clone()).is_none(), "two states are called {name}");
    }
    found
}

/// The states of one type.
#[must_use]
pub fn of_type(definition: &Value, kind: &str) -> Vec<(String, Value)> {
    states(definition).into_iter().filter(|(_, state)| state["Type"] == kind).collect()
}

/// The errors of each Retry of a state, and the Retry.
#[must_use]
pub fn retries(state: &Value) -> Vec<(BTreeSet<String>, Value)> {
    let retries = state["Retry"].as_array().cloned().unwrap_or_default();
    retries.into_iter().map(|retry| (strings(&retry["ErrorEquals"]).into_iter().collect(), retry)).collect()
}

/// Whether a Task waits for somebody to send its token back.
#[must_use]
pub fn waits_for_its_token(task: &Value) -> bool {
    task["Resource"].as_str().is_some_and(|resource| resource.ends_with(".waitForTaskToken"))
}

/// Every state that can follow one, and by what: `Next`, `Default`, a Choice's condition, or the errors of a Catch.
#[must_use]
pub fn ways_on(state: &Value) -> Vec<(String, String)> {
    let mut ways = Vec::new();
    let mut add = |by: String, next: &Value| {
        if let Some(next) = next.as_str() {
            ways.push((by, next.to_owned()));
        }
    };
    add("Next".to_owned(), &state["Next"]);
    for choice in state["Choices"].as_array().into_iter().flatten() {
        add(choice["Condition"].as_str().unwrap_or_default().to_owned(), &choice["Next"]);
    }
    add("Default".to_owned(), &state["Default"]);
    for catch in state["Catch"].as_array().into_iter().flatten() {
        add(strings(&catch["ErrorEquals"]).join(" "), &catch["Next"]);
    }
    ways
}
