use rstest::rstest;

use super::*;
use crate::approval::fixtures::{assessment, group_runbook, harmless, harmless_group, runbook, step};
use crate::process::observation::{Blocker, Manager, Observation};
use crate::process::resource::{Resource, ResourceType};
use crate::risk::fixtures::observation;
use crate::runbook::plan::plan;
use crate::runbook::step::{Recovery, StepId};

fn reasons(assessment: &Assessment, runbook: &Runbook) -> Vec<String> {
    approve_by_rule(assessment, runbook, &Terms::default()).unwrap_err()
}

#[test]
fn low_risk_with_a_verified_backup_behind_it_needs_nobody() {
    assert_eq!(approve_by_rule(&harmless(), &runbook(), &Terms::default()), Ok(()));
}

#[test]
fn what_its_record_alone_brings_back_needs_nobody_either() {
    assert_eq!(approve_by_rule(&harmless_group(), &group_runbook(), &Terms::default()), Ok(()));
}

#[test]
fn every_reason_is_given_at_once() {
    let terms = Terms { auto_approve: false, ..Terms::default() };
    let reasons = approve_by_rule(&assessment(), &runbook(), &terms).unwrap_err();
    assert_eq!(
        reasons,
        ["approval by rule is switched off", "the risk is high", "the business would miss it: its criticality is high"]
    );
}

#[rstest]
#[case(|it: &mut Assessment| it.level = Level::Medium, "the risk is medium")]
#[case(|it: &mut Assessment| it.evidence_complete = false, "the evidence is incomplete")]
#[case(|it: &mut Assessment| it.profile = Profile::SeedV1, "risk is counted by profile seed-v1, in which unknown counts as nothing")]
#[case(|it: &mut Assessment| it.business.criticality = Criticality::Unknown, "nobody knows how much the business would miss it")]
#[case(|it: &mut Assessment| it.technical.has_critical_dependencies = true, "something depends on it that fails without it")]
#[case(|it: &mut Assessment| it.fingerprint = None, "the plan was made for something else than was assessed")]
#[case(|it: &mut Assessment| it.fingerprint = Some("0".repeat(64)), "the plan was made for something else than was assessed")]
#[case(|it: &mut Assessment| it.observation.resource = group_runbook().resource, "the plan was made for something else than was assessed")]
#[case(|it: &mut Assessment| it.blocked.push(Blocker { code: "kept".into(), detail: "x".into() }), "the assessment blocks it")]
#[case(|it: &mut Assessment| it.managed_by.push(Manager { service: "s".into(), name: "n".into(), change_instead: "c".into() }), "something else manages it")]
fn one_thing_wrong_is_enough_to_ask_people(#[case] change: fn(&mut Assessment), #[case] reason: &str) {
    let mut assessment = harmless();
    change(&mut assessment);
    assert_eq!(reasons(&assessment, &runbook()), [reason]);
}

#[rstest]
#[case(|it: &mut Step| it.recovery = None, "nothing brings back what step delete-volume takes")]
#[case(|it: &mut Step| it.recovery = Some(Recovery { how: "hope".into(), verified_by: None }), "no verified backup stands behind step delete-volume")]
#[case(|it: &mut Step| it.recovery = Some(Recovery { how: "x".into(), verified_by: Some(StepId::new("create-snapshot")) }), "step delete-volume names create-snapshot, which verifies no backup before it")]
#[case(|it: &mut Step| it.recovery = Some(Recovery { how: "x".into(), verified_by: Some(StepId::new("elsewhere")) }), "step delete-volume names elsewhere, which verifies no backup before it")]
// A plan cannot talk its way out by calling the step something milder.
#[case(|it: &mut Step| { it.effect = Effect::Reversible; it.recovery = None }, "nothing brings back what step delete-volume takes")]
fn what_takes_data_needs_a_backup_that_was_verified_before(#[case] change: fn(&mut Step), #[case] reason: &str) {
    let mut runbook = runbook();
    change(runbook.steps.last_mut().unwrap());
    assert_eq!(reasons(&harmless(), &runbook), [reason]);
}

#[test]
fn a_backup_that_is_verified_afterwards_is_none() {
    let mut runbook = runbook();
    let verification = runbook.steps.remove(2);
    runbook.steps.push(verification);
    assert_eq!(
        reasons(&harmless(), &runbook),
        ["step delete-volume names verify-snapshot, which verifies no backup before it"]
    );
}

#[test]
fn a_plan_that_does_not_end_the_resource_is_not_what_the_rule_is_for() {
    let mut runbook = runbook();
    runbook.steps.pop();
    assert_eq!(reasons(&harmless(), &runbook), ["the plan has no step delete_volume"]);
}

/// An instance of low risk by the points alone, with a verified image behind its end.
fn instance() -> (Assessment, Runbook) {
    let resource = Resource::new(ResourceType::Instance, "i-0123456789abcdef0").unwrap();
    let mut terminate = step("terminate", Action::TerminateInstance, "terminate it");
    terminate.recovery = Some(Recovery { how: "launch the image".into(), verified_by: Some(StepId::new("verify")) });
    let steps =
        vec![step("verify", Action::VerifyBackup, "verify the image"), step("soak", Action::Soak, "wait"), terminate];
    let mut assessment = harmless();
    assessment.observation.resource = resource.clone();
    (assessment, Runbook { resource, steps, ..runbook() })
}

/// C42: no row in ResourceTracking once meant no points, so that nobody was asked.
#[test]
fn an_untracked_instance_is_never_approved_by_rule_even_without_a_point() {
    let (mut assessment, runbook) = instance();
    assert_eq!(approve_by_rule(&assessment, &runbook, &Terms::default()), Ok(()));
    assessment.observation.tracking = None;
    assessment.business.criticality = Criticality::Unknown;
    assessment.business.environment = "unknown".into();
    assessment.points.clear();
    assessment.score = 0;
    assert_eq!(reasons(&assessment, &runbook), ["nobody knows how much the business would miss it"]);
}

/// C45: production without known dependents was 3 points, medium, and went without asking.
#[test]
fn a_production_instance_is_never_approved_by_rule_whatever_its_level() {
    for level in [Level::Low, Level::Medium, Level::High, Level::Critical] {
        let (mut assessment, runbook) = instance();
        assessment.business.criticality = Criticality::High;
        assessment.business.environment = "production".into();
        assessment.score = 3;
        assessment.level = level;
        let reasons = reasons(&assessment, &runbook);
        assert!(reasons.contains(&"the business would miss it: its criticality is high".to_owned()), "{reasons:?}");
    }
}

#[test]
fn medium_risk_is_never_approved_by_rule() {
    let (mut assessment, runbook) = instance();
    assessment.business.criticality = Criticality::Medium;
    assessment.level = Level::Medium;
    assert_eq!(reasons(&assessment, &runbook), ["the risk is medium"]);
}

/// What the rule says of an observation, assessed and planned as a process does it.
fn of(observation: Observation) -> Result<(), Vec<String>> {
    let assessment = observation.assessed();
    let runbook = plan(&assessment, &Terms::default()).unwrap();
    approve_by_rule(&assessment, &runbook, &Terms::default())
}

#[test]
fn of_quiet_resources_of_development_only_what_holds_no_data_and_can_be_had_again_goes_without_asking() {
    let by_rule: Vec<ResourceType> =
        ResourceType::ALL.into_iter().filter(|of_type| of(observation(*of_type)).is_ok()).collect();
    assert_eq!(by_rule, [ResourceType::SecurityGroup]);
}

#[test]
fn nothing_untracked_and_nothing_of_production_goes_without_asking() {
    for of_type in ResourceType::ALL {
        for (what, seen) in [
            ("untracked", observation(of_type).untracked()),
            ("tracked without an environment", observation(of_type).in_environment(None)),
            ("in an environment that nobody knows", observation(of_type).in_environment(Some("blue"))),
            ("production", observation(of_type).in_environment(Some("production"))),
            ("prod", observation(of_type).in_environment(Some("prod"))),
            ("PRODUCTION-EU", observation(of_type).in_environment(Some("PRODUCTION-EU"))),
            ("live", observation(of_type).in_environment(Some("live"))),
            ("production by its tag", observation(of_type).tagged("Environment", "prd")),
        ] {
            assert!(of(seen).is_err(), "{of_type} {what}");
        }
    }
}
