//! One event for every function, action and workflow, each as its receiver expects it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use serde_json::{Value, json};
use std::collections::BTreeSet;
use sunset_deployment::state_machine::{DECOMMISSION, of_type};
use sunset_deployment::template::Template;
use sunset_deployment::{json, root, samconfig, text};
use sunset_domain::approval::identity::Identity;
use sunset_domain::approval::page::request::PageRequest;
use sunset_domain::approval::request::PersonRequest;
use sunset_domain::approval::vote::Answer;
use sunset_domain::ids::{AccountId, ProcessId};
use sunset_domain::policy::Mode;
use sunset_domain::process::event::{ApproveEvent, AssessEvent, ExecuteEvent, PlanEvent, ValidateEvent};
use sunset_domain::process::resource::ResourceType;
use sunset_domain::process::start::{Start, process_id};
use sunset_domain::process::terms::Terms;

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
        "approve-auto",
        "approve-await",
        "approve-await-notice",
        "approve-await-window",
        "approve-escalate",
        "approve-hold",
        "approve-new-vote",
        "approve-notice-over",
        "approve-opt-out",
        "approve-page-answer",
        "approve-page-read",
        "approve-remind",
        "approve-request",
        "approve-resolution",
        "approve-soak",
        "approve-tally",
        "approve-vote",
        "assess-admit",
        "assess-assess",
        "assess-reassess",
        "decommission-address",
        "decommission-image",
        "decommission-instance",
        "decommission-live",
        "decommission-security-group",
        "decommission-snapshot",
        "decommission-volume",
        "delete-snapshot",
        "delete-snapshot-tutorial",
        "deregister-deregister",
        "deregister-disable",
        "deregister-drain",
        "deregister-tutorial",
        "execute-irreversible",
        "execute-reversible",
        "execute-rollback",
        "execute-window",
        "list-expired-amis-list",
        "list-expired-amis-report",
        "plan-confirm",
        "plan-draft",
        "restore-dry-run",
        "restore-live",
        "tutorial",
        "validate-check",
        "validate-report",
        "validate-verify-audit",
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

fn process() -> ProcessId {
    let admit = AssessEvent::parse(event("assess-admit"), &Terms::default(), false).unwrap();
    let AssessEvent::Admit { execution, .. } = admit else { panic!("assess-admit admits nothing") };
    process_id(&execution)
}

#[test]
fn there_is_an_input_that_starts_a_dry_process_of_every_type() {
    for (name, resource_type) in [
        ("instance", ResourceType::Instance),
        ("volume", ResourceType::Volume),
        ("snapshot", ResourceType::Snapshot),
        ("image", ResourceType::Image),
        ("address", ResourceType::Address),
        ("security-group", ResourceType::SecurityGroup),
    ] {
        // As the default stack reads it: without AllowLive.
        let start = Start::parse(event(&format!("decommission-{name}")), &Terms::default(), false).unwrap();
        assert_eq!((start.resource.resource_type(), start.mode), (resource_type, Mode::DryRun), "{name}");
        assert_eq!(start.terms, Terms::default(), "{name}");
    }
}

#[test]
fn the_live_input_tightens_every_term_that_an_input_may() {
    let deployed = Terms::default();
    let start = Start::parse(event("decommission-live"), &deployed, true).unwrap();
    assert_eq!(start.mode, Mode::Live);
    assert!(start.terms.soak_seconds > deployed.soak_seconds);
    assert!(start.terms.backup_retention_days > deployed.backup_retention_days);
    assert!(start.terms.approval_seconds < deployed.approval_seconds);
    assert!(deployed.auto_approve && !start.terms.auto_approve);
    let refused = Start::parse(event("decommission-live"), &deployed, false);
    assert!(refused.is_err(), "a stack without AllowLive takes it");
}

#[test]
fn assess_reads_its_events() {
    let read = |name: &str| AssessEvent::parse(event(name), &Terms::default(), false).unwrap();
    let AssessEvent::Admit { start, .. } = read("assess-admit") else { panic!("assess-admit admits nothing") };
    let input = Start::parse(event("decommission-instance"), &Terms::default(), false).unwrap();
    assert_eq!(*start, input, "assess-admit passes another input than decommission-instance");
    assert_eq!(read("assess-assess"), AssessEvent::Assess(process()));
    assert_eq!(read("assess-reassess"), AssessEvent::Reassess(process()));
}

#[test]
fn plan_execute_and_validate_read_their_events() {
    assert_eq!(PlanEvent::parse(event("plan-draft")).unwrap(), PlanEvent::Draft(process()));
    assert_eq!(PlanEvent::parse(event("plan-confirm")).unwrap(), PlanEvent::Confirm(process()));
    assert_eq!(ExecuteEvent::parse(event("execute-reversible")).unwrap(), ExecuteEvent::Reversible(process()));
    assert_eq!(ExecuteEvent::parse(event("execute-irreversible")).unwrap(), ExecuteEvent::Irreversible(process()));
    assert_eq!(ExecuteEvent::parse(event("execute-window")).unwrap(), ExecuteEvent::Window(process()));
    let ExecuteEvent::Rollback { process_id, error } = ExecuteEvent::parse(event("execute-rollback")).unwrap() else {
        panic!("execute-rollback takes nothing back")
    };
    assert_eq!((process_id, error.unwrap().error.as_str()), (process(), "Sunset.Stale"));
    assert_eq!(ValidateEvent::parse(event("validate-check")).unwrap(), ValidateEvent::Check(process()));
    assert_eq!(ValidateEvent::parse(event("validate-report")).unwrap(), ValidateEvent::Report(process()));
    assert_eq!(ValidateEvent::parse(event("validate-verify-audit")).unwrap(), ValidateEvent::VerifyAudit(process()));
}

#[test]
fn approve_reads_its_events() {
    let read = |name: &str| ApproveEvent::parse(event(name)).unwrap();
    assert_eq!(read("approve-auto"), ApproveEvent::Auto(process()));
    assert_eq!(read("approve-tally"), ApproveEvent::Tally(process()));
    assert_eq!(read("approve-resolution"), ApproveEvent::Resolution(process()));
    assert_eq!(read("approve-request"), ApproveEvent::Request(process()));
    assert_eq!(read("approve-remind"), ApproveEvent::Remind(process()));
    assert_eq!(read("approve-escalate"), ApproveEvent::Escalate(process()));
    assert_eq!(read("approve-notice-over"), ApproveEvent::NoticeOver(process()));
    assert!(matches!(read("approve-await"), ApproveEvent::Await(id, _) if id == process()));
    assert!(matches!(read("approve-await-notice"), ApproveEvent::AwaitNotice(id, _) if id == process()));
    assert!(matches!(read("approve-await-window"), ApproveEvent::AwaitWindow(id, _) if id == process()));
    assert!(matches!(read("approve-soak"), ApproveEvent::Soak(id, _) if id == process()));
    assert!(matches!(read("approve-hold"), ApproveEvent::Hold { error: Some(_), .. }));
}

#[test]
fn a_vote_comes_as_a_signed_request_to_the_function_url() {
    let vote = event("approve-vote");
    let account = AccountId::parse("123456789012").unwrap();
    assert_eq!(Identity::from_request(&vote, &account).unwrap(), Identity::Sso("ada@example.com".into()));
    let request = PersonRequest::parse(&vote).unwrap();
    assert!(
        matches!(&request, PersonRequest::Vote { process_id, answer: Answer::Approve, .. } if *process_id == process()),
        "{request:?}"
    );
}

#[test]
fn an_objection_comes_signed_like_a_vote_and_only_its_body_differs() {
    let (vote, mut objection) = (event("approve-vote"), event("approve-opt-out"));
    let body: Value = serde_json::from_str(objection["body"].as_str().unwrap()).unwrap();
    assert_eq!(fields(&body), BTreeSet::from(["schema", "action", "process_id", "reason"]));
    assert_eq!((&body["action"], &body["process_id"]), (&json!("opt_out"), &json!(process().as_str())));
    let read = PersonRequest::parse(&objection).unwrap();
    assert!(matches!(&read, PersonRequest::OptOut { process_id, .. } if *process_id == process()), "{read:?}");
    objection["body"] = vote["body"].clone();
    assert_eq!(objection, vote);
}

#[test]
fn a_new_vote_is_told_of_by_its_keys_alone_and_passes_the_streams_filter() {
    let stack = Template::read().with(&[]);
    let source = &stack.properties("ApproveFunction")["Events"]["Votes"]["Properties"];
    let pattern = source["FilterCriteria"]["Filters"][0]["Pattern"].as_str().unwrap();
    let pattern: Value = serde_json::from_str(pattern).unwrap();
    let record = &event("approve-new-vote")["Records"][0];
    assert_eq!(pattern["eventName"], json!([record["eventName"]]));
    let keys = &record["dynamodb"]["Keys"];
    let prefix = pattern["dynamodb"]["Keys"]["sk"]["S"][0]["prefix"].as_str().unwrap();
    assert!(keys["sk"]["S"].as_str().unwrap().starts_with(prefix), "{keys}");
    assert_eq!(keys["pk"]["S"], format!("PROC#{}", process().as_str()));
    assert_eq!(
        record["dynamodb"]["StreamViewType"],
        stack.properties("Table")["StreamSpecification"]["StreamViewType"]
    );
    for image in ["NewImage", "OldImage"] {
        assert!(record["dynamodb"].get(image).is_none(), "{image}");
    }
}

#[test]
fn people_come_to_the_page_unsigned_with_a_link_and_nothing_else() {
    for (name, method) in [("approve-page-read", "GET"), ("approve-page-answer", "POST")] {
        let request = event(name);
        assert_eq!((&request["version"], &request["rawPath"]), (&json!("2.0"), &json!("/")), "{name}");
        assert_eq!(request["requestContext"]["http"]["method"], method, "{name}");
        assert!(request["requestContext"].get("authorizer").is_none(), "{name} is signed");
        assert_eq!(fields(&request["queryStringParameters"]), BTreeSet::from(["l"]), "{name}");
        let token = request["queryStringParameters"]["l"].as_str().unwrap();
        assert_eq!(request["rawQueryString"], format!("l={token}"), "{name}");
        assert_eq!((token.split('.').next(), token.split('.').count()), (Some("v1"), 4), "{name}");
    }
    let answer = event("approve-page-answer");
    assert_eq!(answer["headers"]["content-type"], "application/x-www-form-urlencoded");
    assert_eq!(answer["headers"]["origin"], format!("https://{}", answer["headers"]["host"].as_str().unwrap()));
    // Function URLs take a form for binary.
    assert_eq!(answer["isBase64Encoded"], true);
    let read = PageRequest::parse(&event("approve-page-read")).unwrap();
    assert!(matches!(read, PageRequest::Read { head: false, done: false, .. }), "{read:?}");
    let PageRequest::Answer { form, .. } = PageRequest::parse(&answer).unwrap() else { panic!("it answers nothing") };
    assert_eq!(form.answer, Answer::Approve);
}

#[test]
fn every_task_of_decommission_has_an_event_with_the_fields_that_it_sends() {
    let machine = DECOMMISSION.definition(&Template::read().with(&[]));
    for (name, task) in of_type(&machine, "Task") {
        let sent = &task["Arguments"]["Payload"];
        let function = task["Arguments"]["FunctionName"].as_str().unwrap();
        let function = function.trim_end_matches(":live").rsplit('-').next().unwrap().to_lowercase();
        let recorded = event(&format!("{function}-{}", sent["action"].as_str().unwrap().replace('_', "-")));
        assert_eq!(fields(&recorded), fields(sent), "{name}");
    }
}
