//! ami-cleanup: nothing stops the others, and nothing grows with the number of images.

#![allow(clippy::panic, clippy::indexing_slicing)]

use serde_json::{Value, json};
use sunset_deployment::state_machine::{AMI_CLEANUP, of_type, states};
use sunset_deployment::strings;
use sunset_deployment::template::Template;

fn machine() -> Value {
    AMI_CLEANUP.definition(&Template::read().with(&[]))
}

fn state(name: &str) -> Value {
    states(&machine()).remove(name).unwrap_or_else(|| panic!("there is no state {name}"))
}

#[test]
fn the_states_are_those_of_the_design() {
    let all: Vec<(String, String)> = states(&machine())
        .into_iter()
        .map(|(name, state)| (name, state["Type"].as_str().unwrap().to_owned()))
        .collect();
    let expected = [
        ("DeleteImage", "Task"),
        ("DeleteImages", "Map"),
        ("DeleteSnapshot", "Task"),
        ("Done", "Succeed"),
        ("Gone?", "Choice"),
        ("Halted", "Fail"),
        ("ImageDone", "Succeed"),
        ("ImageFailed", "Fail"),
        ("ListExpiredImages", "Task"),
        ("Proceed?", "Choice"),
        ("Report", "Task"),
        ("RunFailed", "Fail"),
    ];
    assert_eq!(all, expected.map(|(name, kind)| (name.to_owned(), kind.to_owned())));
}

#[test]
fn one_bad_image_never_stops_the_others() {
    let map = state("DeleteImages");
    assert_eq!(map["ToleratedFailurePercentage"], json!(100));
    assert!(map.get("ToleratedFailureCount").is_none());
    for name in ["DeleteImage", "DeleteSnapshot"] {
        assert_eq!(state(name)["Catch"][0]["Next"], "ImageFailed");
    }
    assert_eq!(strings(&map["Catch"][0]["ErrorEquals"]), ["States.ALL"]);
    assert_eq!((&map["Catch"][0]["Next"], &map["Next"]), (&json!("Report"), &json!("Report")));
}

#[test]
fn a_failed_image_and_a_failed_run_keep_the_name_of_what_failed_them() {
    for name in ["ImageFailed", "RunFailed"] {
        assert_eq!(state(name)["Error"], "{% $error.Error %}");
        assert!(state(name)["Cause"].as_str().unwrap().contains("$error.Cause"));
    }
    for (name, task) in of_type(&machine(), "Task") {
        assert_eq!(task["Catch"][0]["Assign"], json!({"error": "{% $states.errorOutput %}"}), "{name}");
    }
}

#[test]
fn the_map_takes_its_items_from_the_bucket_and_leaves_its_results_there() {
    let map = state("DeleteImages");
    assert_eq!(map["ItemReader"]["Resource"], "arn:aws:states:::s3:getObject");
    assert_eq!(map["ItemReader"]["ReaderConfig"], json!({"InputType": "JSONL"}));
    assert_eq!(
        map["ItemReader"]["Arguments"],
        json!({"Bucket": "{% $manifest.bucket %}", "Key": "{% $manifest.key %}"})
    );
    assert_eq!(map["ResultWriter"]["Resource"], "arn:aws:states:::s3:putObject");
    assert_eq!(map["ResultWriter"]["Arguments"]["Prefix"], "{% 'runs/' & $run_id & '/results' %}");
    assert_eq!(map["ItemProcessor"]["ProcessorConfig"], json!({"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}));
    assert_eq!(map["Label"], "images", "the roles name the children by it");
    assert!(map.get("ItemBatcher").is_none(), "a batch would fail together");
}

#[test]
fn no_state_reads_what_the_map_collected() {
    let map = state("DeleteImages");
    assert_eq!(map["Output"], json!({"run_id": "{% $run_id %}"}));
    assert!(map.get("Assign").is_none());
    assert_eq!(
        state("Report")["Arguments"]["Payload"],
        json!({"schema": 1, "action": "report", "run_id": "{% $run_id %}"})
    );
}

#[test]
fn an_image_travels_under_the_names_of_the_tutorial() {
    assert_eq!(
        state("DeleteImages")["ItemSelector"],
        json!({"describe-image": "{% $states.context.Map.Item.Value %}"})
    );
    for (name, key) in [("DeleteImage", "delete-image"), ("DeleteSnapshot", "delete-snapshots")] {
        assert_eq!(state(name)["Arguments"]["Payload"], "{% $states.input.`describe-image` %}");
        assert_eq!(
            state(name)["Output"],
            format!("{{% $merge([$states.input, {{'{key}': $states.result.Payload}}]) %}}")
        );
    }
}

#[test]
fn a_child_asks_for_no_variable_of_its_parent() {
    // A child of a distributed Map is an execution of its own: it sees none of them, and would fail at run time.
    for (name, state) in states(&state("DeleteImages")["ItemProcessor"]) {
        for variable in ["$run_id", "$manifest"] {
            assert!(!state.to_string().contains(variable), "{name} reads {variable}");
        }
    }
}

#[test]
fn snapshots_follow_only_an_image_that_is_gone() {
    let gone = state("Gone?");
    assert_eq!(gone["Choices"].as_array().unwrap().len(), 1);
    assert_eq!(
        gone["Choices"][0]["Condition"],
        "{% $states.input.`delete-image`.outcome in ['deregistered', 'already_gone', 'would_deregister'] %}"
    );
    assert_eq!((&gone["Choices"][0]["Next"], &gone["Default"]), (&json!("DeleteSnapshot"), &json!("ImageDone")));
    assert_eq!(state("DeleteImage")["Next"], "Gone?");
}

#[test]
fn nothing_is_deleted_unless_the_verdict_is_proceed() {
    let proceed = state("Proceed?");
    let next: Vec<(&str, &str)> = proceed["Choices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|choice| (choice["Condition"].as_str().unwrap(), choice["Next"].as_str().unwrap()))
        .collect();
    assert_eq!(
        next,
        [
            ("{% $states.input.verdict = 'halted' %}", "Halted"),
            ("{% $states.input.verdict = 'proceed' %}", "DeleteImages")
        ]
    );
    assert_eq!(proceed["Default"], "Done");
    assert_eq!(state("Halted")["Error"], "Sunset.Halted");
}

#[test]
fn list_is_told_which_execution_it_works_for_and_gets_the_input_as_it_came() {
    assert_eq!(
        state("ListExpiredImages")["Arguments"]["Payload"],
        json!({
            "schema": 1,
            "action": "list",
            "execution": {"arn": "{% $states.context.Execution.Id %}", "name": "{% $states.context.Execution.Name %}", "started_at": "{% $states.context.Execution.StartTime %}"},
            "input": "{% $states.input %}",
        })
    );
}

#[test]
fn the_machine_stays_under_ec2s_pace_and_ends() {
    for (name, task) in of_type(&machine(), "Task") {
        assert_eq!(task["Resource"], "arn:aws:states:::lambda:invoke", "{name}");
    }
    assert_eq!(state("DeleteImages")["MaxConcurrency"], "{% 2 %}");
    assert_eq!(Template::read().0["Parameters"]["MaxConcurrency"]["MaxValue"], 5);
    assert!(machine()["TimeoutSeconds"].is_u64(), "an execution that hangs would hold the lock for ever");
}
