use std::collections::BTreeMap;

use super::*;
use crate::coverage::{Coverage, Source};
use crate::policy::Mode;
use crate::process::observation::{Dependency, Dependent};
use crate::process::record::{EndedSoak, StepState};
use crate::process::resource::ResourceType;
use crate::runbook::action::Action;
use crate::runbook::check::check;
use crate::runbook::fixtures::{assessment, everything_granted, now, record, runbook};
use crate::runbook::step::StepId;
use crate::time::Timestamp;

/// A process of this type with everything that its checklist looks at.
struct Case {
    runbook: Runbook,
    assessment: Assessment,
    record: ProcessRecord,
    steps: Vec<StepRecord>,
    approved_by: Vec<String>,
}

fn case(resource_type: ResourceType) -> Case {
    let runbook = runbook(resource_type);
    let record = record(&runbook);
    Case { record, runbook, assessment: assessment(resource_type), steps: vec![], approved_by: vec![] }
}

/// The same once people have approved it and every step was done.
fn completed(resource_type: ResourceType) -> Case {
    let mut case = case(resource_type);
    case.record.approved_plan_hash = case.record.plan_hash.clone();
    case.record.told = vec!["auto_approved".into()];
    case.approved_by = vec!["ada".into(), "grace".into()];
    let calls = case.runbook.steps.iter().filter(|step| step.action != Action::Soak);
    case.steps = calls.enumerate().map(|(at, step)| done(step.id.as_str(), at)).collect();
    case
}

fn done(id: &str, at: usize) -> StepRecord {
    let moment = Timestamp::from_unix_seconds(now().unix_seconds() + 60 * i64::try_from(at).unwrap());
    let output = match id {
        "create-image" => Some(("image_id", "ami-0backup")),
        "create-snapshot" => Some(("snapshot_id", "snap-0backup")),
        _ => None,
    };
    StepRecord {
        step: StepId::new(id),
        state: StepState::Done,
        attempts: 1,
        undo_attempts: 0,
        intended_at: moment,
        begun_at: moment,
        inputs: BTreeMap::new(),
        outputs: output.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect(),
        looks: 0,
        under_hold: 0,
        error: None,
    }
}

impl Case {
    fn planned(&self) -> Vec<ChecklistItem> {
        let findings = check(&self.runbook, &everything_granted());
        when_planned(&self.runbook, &self.assessment, &self.record, &findings)
    }

    fn reported(&self, removal: Removal<'_>) -> Vec<ChecklistItem> {
        let findings = check(&self.runbook, &everything_granted());
        let report = ObjectRef { bucket: "reports".into(), key: "processes/p/report.json".into() };
        let aftermath =
            Aftermath { steps: &self.steps, approved_by: &self.approved_by, removal, report: Some(&report) };
        when_reported(&self.runbook, &self.assessment, &self.record, &findings, aftermath)
    }

    fn step(&mut self, id: &str) -> &mut StepRecord {
        self.steps.iter_mut().find(|record| record.step.as_str() == id).unwrap()
    }
}

fn item<'a>(items: &'a [ChecklistItem], id: &str) -> (ItemState, &'a str) {
    let item = items.iter().find(|item| item.id == id).unwrap();
    (item.state, item.evidence.as_str())
}

fn states(items: &[ChecklistItem], state: ItemState) -> Vec<&str> {
    items.iter().filter(|item| item.state == state).map(|item| item.id.as_str()).collect()
}

#[test]
fn every_item_of_the_five_groups_is_there_once_and_in_order() {
    let items = case(ResourceType::Instance).planned();
    let mut ids: Vec<&str> = items.iter().map(|item| item.id.as_str()).collect();
    assert!(items.is_sorted_by_key(|item| item.group));
    let count = |prefix: &str| ids.iter().filter(|id| id.starts_with(prefix)).count();
    assert_eq!(["pre-", "data-", "dep-", "exe-", "post-"].map(count), [6, 5, 5, 5, 5]);
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), items.len());
    for item in &items {
        assert!(!item.text.is_empty() && !item.how.is_empty() && !item.evidence.is_empty(), "{item:?}");
    }
}

#[test]
fn approvers_see_what_is_known_what_they_attest_and_what_is_still_to_come() {
    let items = case(ResourceType::Instance).planned();
    assert_eq!(states(&items, ItemState::Done), ["pre-1", "pre-3", "dep-1", "dep-2", "dep-5"]);
    assert_eq!(states(&items, ItemState::AttestedNeeded), ["pre-2", "pre-5", "data-1", "data-5"]);
    assert_eq!(states(&items, ItemState::NotApplicable), ["dep-3", "dep-4"]);
    assert_eq!(item(&items, "data-2"), (ItemState::Open, "create-image will do it"));
    assert!(item(&items, "pre-2").1.contains("carol gives as reason \"nothing has used it since spring\""));
}

#[test]
fn a_completed_process_leaves_open_only_what_people_do_afterwards() {
    for resource_type in ResourceType::ALL {
        let items = completed(resource_type).reported(Removal::Proved("EC2 does not know it any more"));
        assert_eq!(states(&items, ItemState::Open), Vec::<&str>::new(), "{resource_type}");
        let afterwards = ["exe-5", "post-2", "post-3", "post-4"];
        assert_eq!(states(&items, ItemState::AttestedNeeded), afterwards, "{resource_type}");
    }
    let items = completed(ResourceType::Instance).reported(Removal::Proved("EC2 does not know it any more"));
    assert_eq!(item(&items, "pre-4"), (ItemState::Done, "approved by ada, grace"));
    assert_eq!(item(&items, "data-4"), (ItemState::Done, "image_id ami-0backup, kept for 90 days"));
    assert_eq!(item(&items, "exe-1"), (ItemState::Done, "6 of 6 steps were begun, in the plan's order"));
    assert_eq!(item(&items, "exe-4"), (ItemState::Done, "none"));
    assert_eq!(item(&items, "post-5"), (ItemState::Done, "s3://reports/processes/p/report.json"));
}

#[test]
fn what_the_rule_approved_nobody_attested() {
    let mut case = completed(ResourceType::SecurityGroup);
    case.approved_by.clear();
    let items = case.reported(Removal::Proved("gone"));
    assert_eq!(item(&items, "pre-4"), (ItemState::Done, "approved by the rule for low risk"));
    assert_eq!(item(&items, "pre-6"), (ItemState::Done, "the notice of the approval by rule went out"));
    assert_eq!(item(&items, "pre-2").0, ItemState::AttestedNeeded);
    assert_eq!(item(&items, "data-1"), (ItemState::NotApplicable, "it holds no data"));
}

#[test]
fn an_approval_of_another_plan_is_none() {
    let mut case = completed(ResourceType::Volume);
    case.record.plan_hash = Some(runbook(ResourceType::Address).hash().unwrap());
    let items = case.reported(Removal::NotTried);
    assert_eq!(item(&items, "pre-4"), (ItemState::Open, "not approved"));
    assert_eq!(item(&items, "pre-2").0, ItemState::AttestedNeeded);
}

#[test]
fn the_notice_that_counts_is_that_of_the_newest_asking() {
    let mut case = case(ResourceType::Volume);
    case.record.round = Some(crate::approval::vote::Round {
        number: 2,
        plan_hash: case.record.plan_hash.clone().unwrap(),
        required: vec![],
        minimum_approvers: 1,
        requested_at: now(),
        deadline: now(),
        risk_level: None,
        reminders: Vec::new(),
        escalations: Vec::new(),
        reminded: 0,
        escalated: 0,
    });
    case.record.told = vec!["round-1".into()];
    assert_eq!(item(&case.planned(), "pre-6").0, ItemState::Open);
    case.record.told.push("round-2".into());
    assert_eq!(item(&case.planned(), "pre-6").0, ItemState::Done);
}

#[test]
fn a_source_that_was_not_read_leaves_dependencies_open() {
    let mut case = case(ResourceType::Volume);
    case.assessment.evidence_complete = false;
    let denied = Coverage::Denied { detail: "no".into() };
    case.assessment.observation.coverages.insert(Source::ResourceDependencies, denied);
    let items = case.planned();
    for id in ["pre-3", "dep-1", "dep-2"] {
        let (state, evidence) = item(&items, id);
        assert_eq!(state, ItemState::Open);
        assert!(evidence.contains("resource_dependencies: denied: no"), "{evidence}");
    }
    assert_eq!(item(&items, "dep-3").0, ItemState::AttestedNeeded, "nobody knows that nothing depends on it");
}

#[test]
fn what_depends_on_it_is_named_and_its_migration_attested() {
    let mut case = case(ResourceType::Volume);
    case.assessment.observation.dependents.insert(Dependent {
        kind: "service".into(),
        id: "billing".into(),
        relation: "reads it".into(),
        dependency: Dependency::Required,
        source: Source::ResourceDependencies,
    });
    let items = case.planned();
    assert_eq!(item(&items, "dep-2"), (ItemState::Done, "service billing reads it"));
    assert_eq!(
        (item(&items, "dep-3").0, item(&items, "dep-4").0),
        (ItemState::AttestedNeeded, ItemState::AttestedNeeded)
    );
}

#[test]
fn a_resource_without_an_owner_is_not_identified() {
    let mut case = case(ResourceType::Volume);
    case.record.resource_owner = None;
    case.assessment.business.owner = "unknown".into();
    assert!(item(&case.planned(), "pre-1").1.ends_with("exists, and nothing names its owner"));
    case.assessment.observation.found = None;
    assert_eq!(item(&case.planned(), "pre-1").0, ItemState::Open);
}

#[test]
fn a_snapshot_is_not_copied_and_somebody_attests_that_this_is_right() {
    let items = case(ResourceType::Snapshot).planned();
    for id in ["data-2", "data-3", "data-4", "data-5"] {
        let (state, evidence) = item(&items, id);
        assert_eq!(state, ItemState::AttestedNeeded);
        assert!(evidence.starts_with("no copy is made before it goes, and none is needed"), "{evidence}");
    }
}

#[test]
fn a_dry_run_asks_nobody_and_does_nothing() {
    let mut case = completed(ResourceType::Instance);
    case.record.mode = Mode::DryRun;
    case.record.approved_plan_hash = None;
    case.record.told.clear();
    case.approved_by.clear();
    for step in &mut case.steps {
        step.state = StepState::Rehearsed;
        step.outputs.clear();
    }
    let items = case.reported(Removal::NotTried);
    assert_eq!(states(&items, ItemState::Open), Vec::<&str>::new());
    assert_eq!(states(&items, ItemState::AttestedNeeded), Vec::<&str>::new());
    for id in ["pre-4", "pre-6", "data-2", "data-4", "exe-1", "exe-3", "post-1", "post-2"] {
        assert_eq!(item(&items, id).0, ItemState::NotApplicable, "{id}");
    }
}

#[test]
fn a_process_that_ended_before_its_first_step_has_no_execution() {
    let items = case(ResourceType::Instance).reported(Removal::NotTried);
    for id in ["exe-1", "exe-2", "exe-3", "exe-4", "exe-5", "post-1", "post-3"] {
        assert_eq!(item(&items, id).0, ItemState::NotApplicable, "{id}");
    }
    assert_eq!(item(&items, "data-2"), (ItemState::Open, "create-image was never begun"));
}

#[test]
fn a_step_out_of_order_or_without_the_one_before_is_shown() {
    let mut case = completed(ResourceType::Instance);
    case.step("create-image").begun_at = now();
    let items = case.reported(Removal::Proved("gone"));
    assert_eq!(item(&items, "exe-1"), (ItemState::Open, "create-image was begun before stop-instance"));

    let mut case = completed(ResourceType::Instance);
    case.steps.retain(|record| record.step.as_str() != "verify-backup");
    let items = case.reported(Removal::Proved("gone"));
    assert_eq!(item(&items, "exe-1"), (ItemState::Open, "terminate-instance was begun without verify-backup"));
    assert_eq!(item(&items, "data-3"), (ItemState::Open, "verify-backup was never begun"));

    case.steps.push(done("wipe-disk", 9));
    let items = case.reported(Removal::Proved("gone"));
    assert_eq!(item(&items, "exe-1"), (ItemState::Open, "the ledger holds a step wipe-disk that the plan does not"));
}

#[test]
fn a_step_after_one_that_was_not_proved_is_shown() {
    let mut case = completed(ResourceType::Instance);
    case.step("verify-backup").state = StepState::Called;
    let items = case.reported(Removal::NotProved("it still runs"));
    let expected = "terminate-instance was begun although verify-backup was not proved done";
    assert_eq!(item(&items, "exe-3"), (ItemState::Open, expected));
    assert_eq!(item(&items, "post-1"), (ItemState::Open, "it still runs"));
}

#[test]
fn deviations_are_documented_and_errors_told() {
    let mut case = completed(ResourceType::Image);
    let kept = case.step("delete-snap-0a");
    kept.state = StepState::Skipped;
    kept.error = Some("ami-0other stands on it".into());
    case.step("disable-image").attempts = 2;
    let items = case.reported(Removal::Proved("gone"));
    assert_eq!(
        item(&items, "exe-4"),
        (ItemState::Done, "disable-image was intended 2 times; delete-snap-0a was skipped: ami-0other stands on it")
    );
    assert_eq!(item(&items, "exe-2"), (ItemState::Done, "no step recorded an error"));

    let mut case = completed(ResourceType::Instance);
    case.steps.truncate(3);
    for step in &mut case.steps {
        step.state = StepState::Undone;
    }
    case.step("stop-instance").error = Some("IncorrectInstanceState".into());
    case.record.soak_ended = Some(EndedSoak { by: "ada".into(), reason: "still used".into(), at: now() });
    let items = case.reported(Removal::NotTried);
    let (_, deviations) = item(&items, "exe-4");
    assert!(deviations.ends_with("stop-instance was taken back; ada ended the soak: still used"), "{deviations}");
    assert_eq!(item(&items, "exe-2"), (ItemState::Done, "stop-instance: IncorrectInstanceState"));
}

#[test]
fn a_plan_with_an_error_has_no_rollback_prepared() {
    let mut case = case(ResourceType::Instance);
    case.runbook.steps[2].rollback = None;
    let items = case.planned();
    let (state, evidence) = item(&items, "dep-5");
    assert_eq!(state, ItemState::Open);
    assert!(evidence.starts_with("error: stop-instance: has no rollback"), "{evidence}");
}
