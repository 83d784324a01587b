//! The state machine, with its substitutions made, and every state at any depth.

use crate::template::Deployed;
use crate::text;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Where the definition is.
pub const PATH: &str = "statemachines/ami-cleanup.asl.json";

/// The names that the definition leaves to the template: every `${Name}`.
#[must_use]
pub fn left_open() -> BTreeSet<String> {
    text(PATH)
        .split("${")
        .skip(1)
        .map(|rest| rest.split('}').next().expect("split yields one part at least").to_owned())
        .collect()
}

/// The definition as it is deployed.
#[must_use]
pub fn definition(stack: &Deployed) -> Value {
    let mut definition = text(PATH);
    let substitutions =
        stack.properties("AmiCleanup")["DefinitionSubstitutions"].as_object().expect("the template substitutes");
    for (name, value) in substitutions {
        definition = definition.replace(&format!("${{{name}}}"), value.as_str().expect("a substitution is a string"));
    }
    serde_json::from_str(&definition).expect("the definition is JSON")
}

/// Every state by name, those of the Map's children too.
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
