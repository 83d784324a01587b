//! How many state transitions an execution takes, counted on the state machine itself.

use serde_json::Value;

use crate::error::BenchError;

/// AWS charges for every step of an execution; that its start and its end count too is assumed, on the dear side.
const START_AND_END: u64 = 2;
/// A line of a state machine's log without execution data, and what CloudWatch adds to it.
pub const EVENT_BYTES: u64 = 600;

/// The path of one execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Path {
    /// State transitions that are charged.
    pub transitions: u64,
    /// Events in its history, each a line of its log.
    pub events: u64,
}

impl Path {
    const START: Self = Self { transitions: START_AND_END, events: 2 };

    fn enter(&mut self, kind: &str) {
        self.transitions += 1;
        // Entered and exited; a task is scheduled, started and done between, a map started and done.
        self.events += match kind {
            "Task" => 5,
            "Map" => 6,
            _ => 2,
        };
    }
}

/// Follows a machine through these states, in this order.
///
/// # Errors
/// A state that is not there, or that none of the machine's ways leads to from the one before it.
pub fn follow(machine: &Value, states: &[&str]) -> Result<Path, BenchError> {
    let mut path = Path::START;
    let mut ways = vec![text(machine, "StartAt")];
    for name in states {
        if !ways.iter().flatten().any(|way| way == name) {
            return Err(BenchError::unexpected(format!("the state machine has no way to {name} after {ways:?}")));
        }
        let state = machine.get("States").and_then(|states| states.get(name));
        let state = state.ok_or_else(|| BenchError::unexpected(format!("the state machine has no state {name}")))?;
        path.enter(&text(state, "Type").unwrap_or_default());
        let branches = ["Choices", "Catch"].iter().filter_map(|field| state.get(*field)?.as_array()).flatten();
        ways = branches.map(|branch| text(branch, "Next")).collect();
        ways.extend([text(state, "Next"), text(state, "Default")]);
    }
    match ways.iter().flatten().next() {
        None => Ok(path),
        Some(way) => Err(BenchError::unexpected(format!("the state machine goes on to {way}"))),
    }
}

fn text(value: &Value, field: &str) -> Option<String> {
    value.get(field).and_then(Value::as_str).map(str::to_owned)
}

/// Walks a machine from its first state to its end. At a choice the first branch is taken whose condition names one of
/// `words` (quoted, as in `verdict = 'proceed'`), else the default.
///
/// # Errors
/// A state that is not there, or a walk that does not end.
pub fn walk(machine: &Value, words: &[&str]) -> Result<Path, BenchError> {
    let mut next = text(machine, "StartAt");
    let mut path = Path::START;
    for _ in 0..100 {
        let name = next.ok_or_else(|| BenchError::unexpected("the state machine does not say what follows"))?;
        let state = machine.get("States").and_then(|states| states.get(&name));
        let state = state.ok_or_else(|| BenchError::unexpected(format!("the state machine has no state {name}")))?;
        let kind = text(state, "Type").unwrap_or_default();
        path.enter(&kind);
        if matches!(kind.as_str(), "Succeed" | "Fail") || state.get("End").and_then(Value::as_bool) == Some(true) {
            return Ok(path);
        }
        next = if kind == "Choice" { chosen(state, words) } else { text(state, "Next") };
    }
    Err(BenchError::unexpected("the state machine goes round in circles"))
}

fn chosen(state: &Value, words: &[&str]) -> Option<String> {
    let choices = state.get("Choices").and_then(Value::as_array)?;
    let named = |choice: &&Value| {
        let condition = choice.get("Condition").and_then(Value::as_str).unwrap_or_default();
        words.iter().any(|word| condition.contains(&format!("'{word}'")))
    };
    let next = choices.iter().find(named).and_then(|choice| choice.get("Next")).or_else(|| state.get("Default"));
    next.and_then(Value::as_str).map(str::to_owned)
}

/// The machine of the children of a map.
///
/// # Errors
/// There is no such map.
pub fn children<'a>(machine: &'a Value, map: &str) -> Result<&'a Value, BenchError> {
    let states = machine.get("States");
    let map_state = states.and_then(|states| states.get(map)?.get("ItemProcessor"));
    map_state.ok_or_else(|| BenchError::unexpected(format!("the state machine has no map {map}")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn machine() -> Value {
        json!({"StartAt": "List", "States": {
            "List": {"Type": "Task", "Next": "Proceed?"},
            "Proceed?": {"Type": "Choice", "Default": "Done", "Choices": [
                {"Condition": "{% $verdict = 'halted' %}", "Next": "Halted"},
                {"Condition": "{% $verdict in ['proceed', 'go'] %}", "Next": "Each"},
            ]},
            "Halted": {"Type": "Fail"},
            "Each": {"Type": "Map", "Next": "Done", "ItemProcessor": {"StartAt": "One", "States": {
                "One": {"Type": "Task", "End": true},
            }}},
            "Done": {"Type": "Succeed"},
        }})
    }

    #[test]
    fn a_walk_counts_its_states_and_its_start_and_end() {
        let machine = machine();
        assert_eq!(walk(&machine, &["nothing"]).unwrap(), Path { transitions: 5, events: 11 });
        assert_eq!(walk(&machine, &["proceed"]).unwrap(), Path { transitions: 6, events: 17 });
        assert_eq!(walk(&machine, &["halted"]).unwrap().transitions, 5);
        assert_eq!(walk(children(&machine, "Each").unwrap(), &[]).unwrap().transitions, 3);
    }

    #[test]
    fn only_ways_that_exist_are_followed_and_only_to_an_end() {
        let machine = machine();
        let followed = follow(&machine, &["List", "Proceed?", "Each", "Done"]).unwrap();
        assert_eq!(followed, walk(&machine, &["proceed"]).unwrap());
        for wrong in [&["Proceed?"][..], &["List", "Each"], &["List", "Proceed?"], &["List", "Proceed?", "Nowhere"]] {
            assert!(follow(&machine, wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_machine_without_an_end_is_an_error() {
        let circle = json!({"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "A"}}});
        assert!(walk(&circle, &[]).is_err());
        assert!(walk(&json!({"StartAt": "A", "States": {}}), &[]).is_err());
        assert!(children(&circle, "A").is_err());
    }
}
