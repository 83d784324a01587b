use proptest::prelude::*;

use super::*;
use crate::policy::Mode;
use crate::process::resource::ResourceType;
use crate::runbook::check::check;
use crate::runbook::fixtures::{assessment, everything_granted, now, record, runbook};
use crate::runbook::strategies::{planned, text};

fn plan_of(resource_type: ResourceType) -> Plan {
    let runbook = runbook(resource_type);
    document(runbook.clone(), &assessment(resource_type), &record(&runbook))
}

fn document(runbook: Runbook, assessment: &Assessment, record: &ProcessRecord) -> Plan {
    let findings = check(&runbook, &everything_granted());
    plan_document(record, assessment, runbook, findings, 1, now()).unwrap()
}

#[test]
fn approvers_read_what_happens_what_can_be_undone_what_is_lost_and_what_it_saves() {
    insta::assert_snapshot!(plan_of(ResourceType::Instance).markdown());
}

#[test]
fn the_public_address_that_an_instance_has_now_is_named_outside_the_hash() {
    let plan = plan_of(ResourceType::Instance);
    assert!(plan.change.rollback.losses.contains(&"the public address that it has now is 203.0.113.7".to_owned()));
    assert!(!plan.runbook.yaml().unwrap().contains("203.0.113.7"));
}

#[test]
fn savings_are_net_of_backups_and_may_be_none() {
    let line = |amount| CostLine { what: "x".into(), micro_dollars_a_month: amount };
    let cost = CostEstimate { saved: vec![line(Some(1_000_000)), line(None)], backups: vec![line(Some(2_500_000))] };
    let savings = Savings::of(&cost, 90);
    assert_eq!((savings.net_micro_dollars_a_month, savings.complete), (-1_500_000, false));
    let huge = CostEstimate { saved: vec![line(Some(u64::MAX)), line(Some(u64::MAX))], backups: vec![] };
    assert_eq!(Savings::of(&huge, 90).net_micro_dollars_a_month, i64::MAX);
}

#[test]
fn a_dry_run_never_begins() {
    let runbook = runbook(ResourceType::Volume);
    let mut record = record(&runbook);
    record.mode = Mode::DryRun;
    let plan = document(runbook, &assessment(ResourceType::Volume), &record);
    assert!(plan.markdown().contains("It begins never: this is a dry run"));
}

#[test]
fn the_sections_of_a_change_request_are_all_there() {
    let plan = plan_of(ResourceType::Volume);
    let change = serde_json::to_value(&plan.change).unwrap();
    let sections = [
        "id",
        "requester",
        "date",
        "environment",
        "description",
        "justification",
        "impact",
        "implementation",
        "rollback",
        "testing",
        "approvals",
    ];
    for section in sections {
        let filled = match &change[section] {
            serde_json::Value::String(text) => !text.is_empty(),
            serde_json::Value::Array(list) => !list.is_empty(),
            serde_json::Value::Object(fields) => !fields.is_empty(),
            _ => false,
        };
        assert!(filled, "{section}: {}", change[section]);
    }
    assert_eq!(change["requester"], "carol (as they say, not proved)");
    assert_eq!(plan.change.rollback.steps.first().unwrap(), "attach_volume takes back detach-volume-i-0b");
    assert_eq!(plan.change.rollback.steps.last().unwrap(), "untag_resource takes back tag-resource");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_plan_reads_back_as_it_was_stored((assessment, _, runbook) in planned()) {
        let plan = document(runbook.clone(), &assessment, &record(&runbook));
        let stored = serde_json::to_string(&plan).unwrap();
        prop_assert_eq!(serde_json::from_str::<Plan>(&stored).unwrap(), plan);
    }

    #[test]
    fn only_the_runbook_is_in_the_hash((assessment, _, runbook) in planned(), reason in text(), number in any::<u32>()) {
        let first = document(runbook.clone(), &assessment, &record(&runbook));
        let mut other = record(&runbook);
        other.reason = reason;
        let findings = Vec::new();
        let second = plan_document(&other, &assessment, runbook, findings, number, now().plus_days(1)).unwrap();
        prop_assert_eq!(first.hash, second.hash);
    }

    /// Names, tags and reasons are other people's text: they add no heading, no row and no HTML.
    #[test]
    fn no_text_of_others_becomes_structure((assessment, _, runbook) in planned(), hostile in text()) {
        let structure = |reason: &str, name: &str| {
            let mut assessment = assessment.clone();
            assessment.observation.found.as_mut().unwrap().name = Some(name.to_owned());
            assessment.observation.dependents.clear();
            assessment.business.project = name.to_owned();
            let mut record = record(&runbook);
            record.reason = reason.to_owned();
            record.initiator = reason.to_owned();
            let markdown = document(runbook.clone(), &assessment, &record).markdown();
            assert!(!markdown.contains('<'), "{markdown}");
            let kind = |line: &str| (line.starts_with('#'), line.starts_with('-'), line.starts_with('|'));
            markdown.lines().map(kind).collect::<Vec<_>>()
        };
        prop_assert_eq!(structure(&hostile, &hostile), structure("x", "x"));
    }
}
