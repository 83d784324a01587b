//! One event for every function, action and workflow, each as its receiver expects it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use serde_json::{Value, json};
use std::collections::BTreeSet;
use sunset_deployment::template::Template;
use sunset_deployment::{json, root, samconfig, text};

/// Every field that a run's input may have. An unknown one is refused, so that a misspelt filter never means "no
/// filter".
const INPUT_FIELDS: [&str; 16] = [
    "schema",
    "mode",
    "scheduled_time",
    "accept_baseline",
    "valid_hours",
    "grace_days",
    "keep_newest",
    "min_idle_days",
    "include_names",
    "include_tags",
    "exclude_names",
    "exclude_tags",
    "allow_shared",
    "max_deletions",
    "max_share",
    "max_failed_share",
];

fn event(name: &str) -> Value {
    json(&format!("events/{name}.json"))
}

fn fields(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn there_is_an_event_for_every_function_action_and_workflow() {
    let found: BTreeSet<String> = std::fs::read_dir(root().join("events"))
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    let expected = [
        "ami-cleanup",
        "ami-cleanup-live",
        "ami-cleanup-narrow",
        "ami-cleanup-scheduled",
        "delete-snapshot",
        "delete-snapshot-tutorial",
        "deregister-deregister",
        "deregister-disable",
        "deregister-drain",
        "deregister-tutorial",
        "list-expired-amis-list",
        "list-expired-amis-report",
        "restore-dry-run",
        "restore-live",
        "tutorial",
    ];
    assert_eq!(found, expected.map(|name| format!("{name}.json")).into());
}

#[test]
fn every_workflow_input_has_only_fields_that_are_known() {
    for (name, mode) in [
        ("ami-cleanup", "dry-run"),
        ("ami-cleanup-live", "live"),
        ("ami-cleanup-narrow", "dry-run"),
        ("ami-cleanup-scheduled", "dry-run"),
        ("tutorial", "dry-run"),
    ] {
        let input = event(name);
        assert_eq!((&input["schema"], &input["mode"]), (&json!(1), &json!(mode)), "{name}");
        assert!(fields(&input).is_subset(&INPUT_FIELDS.into()), "{name}");
    }
}

#[test]
fn the_narrow_input_only_tightens_the_templates_policy() {
    let template = Template::read();
    let default = |parameter: &str| template.default(parameter).parse::<f64>().unwrap();
    let narrow = event("ami-cleanup-narrow");
    let given = |field: &str| narrow[field].as_f64().unwrap();
    for (field, parameter) in [
        ("valid_hours", "ValidHours"),
        ("grace_days", "GraceDays"),
        ("keep_newest", "KeepNewest"),
        ("min_idle_days", "MinIdleDays"),
    ] {
        assert!(given(field) >= default(parameter), "{field}");
    }
    for (field, parameter) in
        [("max_deletions", "MaxDeletions"), ("max_share", "MaxShare"), ("max_failed_share", "MaxFailedShare")]
    {
        assert!(given(field) <= default(parameter), "{field}");
    }
    for field in ["include_names", "include_tags", "exclude_names", "exclude_tags"] {
        assert!(narrow[field].as_array().is_some_and(|list| !list.is_empty()), "{field}");
    }
}

#[test]
fn the_scheduled_input_is_what_the_schedule_sends() {
    let stack = Template::read().with(&[]);
    let sent: Value =
        serde_json::from_str(stack.properties("HourlySchedule")["Target"]["Input"].as_str().unwrap()).unwrap();
    assert_eq!(fields(&event("ami-cleanup-scheduled")), fields(&sent));
}

#[test]
fn the_tutorials_input_fits_the_tutorials_stack() {
    let overrides = samconfig::overrides(&text("samconfig.toml"), "tutorial");
    let borrowed: Vec<(&str, &str)> = overrides.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let stack = Template::read().with(&borrowed);
    let input = event("tutorial");
    for (field, variable) in [
        ("valid_hours", "SUNSET_VALID_HOURS"),
        ("grace_days", "SUNSET_GRACE_DAYS"),
        ("keep_newest", "SUNSET_KEEP_NEWEST"),
        ("min_idle_days", "SUNSET_MIN_IDLE_DAYS"),
    ] {
        assert_eq!(stack.globals["Environment"]["Variables"][variable], input[field].to_string(), "{field}");
    }
    assert_eq!(input["valid_hours"], 1);
}

#[test]
fn list_and_report_are_asked_as_the_state_machine_asks() {
    let list = event("list-expired-amis-list");
    assert_eq!(fields(&list), BTreeSet::from(["schema", "action", "execution", "input"]));
    assert_eq!(fields(&list["execution"]), BTreeSet::from(["arn", "name", "started_at"]));
    assert_eq!(list["action"], "list");
    let report = event("list-expired-amis-report");
    assert_eq!(fields(&report), BTreeSet::from(["schema", "action", "run_id"]));
    assert_eq!(report["action"], "report");
}

#[test]
fn an_image_is_a_line_of_a_manifest() {
    for (name, action) in [
        ("deregister-disable", "disable"),
        ("deregister-deregister", "deregister"),
        ("deregister-drain", "drain"),
        ("delete-snapshot", "deregister"),
    ] {
        let line = event(name);
        assert_eq!(
            fields(&line),
            BTreeSet::from(["run_id", "action", "ImageId", "Name", "CreationDate", "BlockDeviceMappings"]),
            "{name}"
        );
        assert_eq!(line["action"], action, "{name}");
        let mappings = line["BlockDeviceMappings"].as_array().unwrap();
        assert!(mappings.iter().any(|mapping| mapping["Ebs"]["SnapshotId"].is_string()), "{name}");
        assert!(mappings.iter().any(|mapping| mapping.get("Ebs").is_none()), "{name} shows no mapping without Ebs");
    }
}

#[test]
fn the_tutorials_own_event_names_no_run() {
    for name in ["deregister-tutorial", "delete-snapshot-tutorial"] {
        let image = event(name);
        assert!(image.get("run_id").is_none() && image.get("action").is_none(), "{name}");
        assert_eq!(
            (&image["ImageId"], &image["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"]),
            (&json!("ami-0d548220085c3a287"), &json!("snap-03741d041ff197f39")),
            "{name}"
        );
    }
}

#[test]
fn restore_names_an_image_and_a_mode() {
    for (name, mode) in [("restore-dry-run", "dry-run"), ("restore-live", "live")] {
        assert_eq!(event(name), json!({"schema": 1, "image_id": "ami-0d548220085c3a287", "mode": mode}), "{name}");
    }
}
