//! What holds of every state machine: nothing hangs, nothing is asked twice that must not be, no name is misspelt.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use serde_json::{Value, json};
use std::collections::BTreeSet;
use sunset_deployment::state_machine::{MACHINES, of_type, retries, states, waits_for_its_token, ways_on};
use sunset_deployment::template::{Deployed, Template, arn_of};
use sunset_deployment::{FUNCTIONS, strings, tools};
use sunset_domain::error_name;

/// Asking again would give the same answer, or would act on what was not seen.
const NEVER_RETRIED: [&str; 6] = [
    error_name::DENIED,
    error_name::INVALID,
    error_name::EVIDENCE_GAP,
    error_name::STALE,
    error_name::RUN_FAILED,
    error_name::INTERNAL,
];

/// Every function may run twice, so what Lambda itself failed at is asked again.
const LAMBDAS_OWN: [&str; 8] = [
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.TooManyRequestsException",
    "Lambda.Unknown",
    "Sandbox.Timedout",
    "Runtime.ExitError",
];

fn stack() -> Deployed {
    Template::read().with(&[])
}

/// The definitions, each with its path.
fn machines() -> Vec<(&'static str, Value)> {
    MACHINES.iter().map(|machine| (machine.path, machine.definition(&stack()))).collect()
}

/// Every Task of every machine, each with the machine's path and its own name.
fn tasks() -> Vec<(String, Value)> {
    machines()
        .iter()
        .flat_map(|(path, machine)| {
            of_type(machine, "Task").into_iter().map(move |(name, task)| (format!("{path}: {name}"), task))
        })
        .collect()
}

/// Every error name that stands anywhere in a definition: matched, or given to an execution.
fn error_names(value: &Value) -> BTreeSet<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(error_names).collect(),
        Value::Object(fields) => fields.values().flat_map(error_names).collect(),
        Value::String(text) => text
            .split(|c: char| !c.is_ascii_alphanumeric() && c != '.')
            .filter(|word| word.starts_with("Sunset."))
            .map(str::to_owned)
            .collect(),
        _ => BTreeSet::new(),
    }
}

#[test]
fn every_definition_is_valid() {
    for (path, machine) in machines() {
        let (output, said) = tools::run(tools::asl_validator().arg("--json-definition").arg(machine.to_string()));
        assert!(output.status.success(), "{path}: {said}");
        // In the other language an expression would be a text like any other.
        assert_eq!(machine["QueryLanguage"], "JSONata", "{path}");
        assert!(!machine.to_string().contains(".$\""), "{path} holds a JSONPath field");
    }
}

#[test]
fn every_name_that_a_definition_leaves_open_is_substituted_and_no_other() {
    let stack = stack();
    for machine in MACHINES {
        let properties = stack.properties(machine.id);
        let substituted: BTreeSet<String> =
            properties["DefinitionSubstitutions"].as_object().unwrap().keys().cloned().collect();
        assert_eq!(machine.left_open(), substituted, "{}", machine.id);
        assert_eq!(properties["DefinitionUri"], machine.path, "{}", machine.id);
    }
}

#[test]
fn every_task_calls_a_published_alias_and_has_a_timeout_a_retry_and_a_catch() {
    for (name, task) in tasks() {
        let resource = task["Resource"].as_str().unwrap();
        assert!(resource.starts_with("arn:aws:states:::lambda:invoke"), "{name}: {resource}");
        assert!(task["Arguments"]["FunctionName"].as_str().unwrap().ends_with(":live"), "{name}");
        assert!(task.get("TimeoutSeconds").is_some(), "{name} has no timeout");
        assert!(!retries(&task).is_empty(), "{name} has no Retry");
        let last = task["Catch"].as_array().and_then(|catches| catches.last()).unwrap();
        assert_eq!(strings(&last["ErrorEquals"]), ["States.ALL"], "{name} does not catch everything");
    }
}

#[test]
fn a_task_waits_longer_than_its_function_may_run() {
    let stack = stack();
    for (name, task) in tasks().into_iter().filter(|(_, task)| !waits_for_its_token(task)) {
        let arn = task["Arguments"]["FunctionName"].as_str().unwrap();
        let (_, function, _) =
            FUNCTIONS.into_iter().find(|(_, function, _)| arn_of(&format!("{function}.Alias")) == arn).unwrap();
        let runs = stack.properties(function).get("Timeout").unwrap_or(&stack.globals["Timeout"]).as_u64().unwrap();
        assert!(task["TimeoutSeconds"].as_u64().unwrap() > runs, "{name} gives up before {function} does");
    }
}

#[test]
fn what_must_not_be_asked_again_is_in_no_retry() {
    for (path, machine) in machines() {
        for (name, state) in states(&machine) {
            for (errors, _) in retries(&state) {
                // A wildcard would retry them all.
                for never in NEVER_RETRIED.iter().copied().chain(["States.ALL", "States.TaskFailed"]) {
                    assert!(!errors.contains(never), "{path}: {name} retries {never}");
                }
            }
        }
    }
}

#[test]
fn every_task_retries_what_passes_by_itself() {
    for (name, task) in tasks() {
        let retries = retries(&task);
        let retry = |errors: &[&str]| {
            let wanted: BTreeSet<String> = errors.iter().map(|&name| name.to_owned()).collect();
            let found = retries.iter().find(|(found, _)| *found == wanted);
            found.unwrap_or_else(|| panic!("{name} has no Retry of exactly {errors:?}")).1.clone()
        };
        let throttled = retry(&[error_name::THROTTLED, error_name::TRANSIENT]);
        assert_eq!(throttled["JitterStrategy"], "FULL", "{name}");
        assert!(throttled["MaxAttempts"].as_u64().unwrap() >= 3, "{name}");
        assert_eq!(retry(&[error_name::CONFLICT])["MaxAttempts"], 1, "{name}");
        // Where a state waits for people, the timeout is an answer: retried, it would ask and wait once more.
        let timeout = if waits_for_its_token(&task) { None } else { Some("States.Timeout") };
        let own: Vec<&str> = LAMBDAS_OWN.into_iter().chain(timeout).collect();
        assert!(retry(&own)["MaxAttempts"].as_u64().unwrap() >= 2, "{name}");
        assert_eq!(retries.len(), 3, "{name}");
    }
}

#[test]
fn every_error_name_is_one_that_the_functions_know() {
    let known: BTreeSet<&str> = error_name::OF_FUNCTIONS.into_iter().chain(error_name::OF_EXECUTIONS).collect();
    let retried = [error_name::THROTTLED, error_name::TRANSIENT, error_name::CONFLICT];
    for (name, task) in tasks() {
        for (errors, _) in retries(&task) {
            for error in errors.iter().filter(|error| error.starts_with("Sunset.")) {
                assert!(retried.contains(&error.as_str()), "{name} retries {error}");
            }
        }
    }
    for (path, machine) in machines() {
        for (state, definition) in states(&machine) {
            for error in error_names(&definition) {
                assert!(known.contains(error.as_str()), "{path}: {state}: {error} is no error of this project");
            }
        }
    }
}

#[test]
fn every_state_can_be_reached_and_every_choice_has_a_default() {
    for (path, machine) in machines() {
        let states = states(&machine);
        let mut reached: BTreeSet<String> = BTreeSet::from([machine["StartAt"].as_str().unwrap().to_owned()]);
        let mut open: Vec<String> = reached.iter().cloned().collect();
        while let Some(name) = open.pop() {
            let mut next: Vec<String> = ways_on(&states[&name]).into_iter().map(|(_, next)| next).collect();
            next.extend(states[&name]["ItemProcessor"]["StartAt"].as_str().map(str::to_owned));
            open.extend(next.into_iter().filter(|next| reached.insert(next.clone())));
        }
        assert_eq!(reached, states.keys().cloned().collect(), "{path}");
        for (name, state) in of_type(&machine, "Choice") {
            assert!(state["Default"].is_string(), "{path}: {name} has no default");
        }
    }
}

#[test]
fn every_execution_ends() {
    // Step Functions would let it run for years, and it would hold its lock for as long.
    for (path, machine) in machines() {
        assert!(machine["TimeoutSeconds"].as_u64().is_some_and(|seconds| seconds <= 31_536_000), "{path}");
    }
}

#[test]
fn a_failed_execution_has_a_name_and_a_cause() {
    for (path, machine) in machines() {
        for (name, state) in of_type(&machine, "Fail") {
            assert!(state["Error"].is_string() && state["Cause"].is_string(), "{path}: {name}");
            // An expression that yields nothing would fail the state itself, under another name.
            let cause = state["Cause"].as_str().unwrap();
            assert!(cause.contains("$type(") && cause.contains(": '"), "{path}: {name}: {cause}");
        }
        for (name, task) in of_type(&machine, "Task") {
            for catch in task["Catch"].as_array().unwrap() {
                if let Some(assigned) = catch.get("Assign") {
                    assert_eq!(*assigned, json!({"error": "{% $states.errorOutput %}"}), "{path}: {name}");
                }
            }
        }
    }
}
