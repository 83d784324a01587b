//! What holds for every plan.

use proptest::prelude::*;

use super::*;
use crate::canonical::canonical_json;
use crate::runbook::action::{Action, Effect};
use crate::runbook::check::{Severity, check, is_fit};
use crate::runbook::fixtures::everything_granted;
use crate::runbook::step::{Input, OnFailure};
use crate::runbook::strategies::{assessment, at_another_moment, planned, terms};

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_plan_passes_the_checker((_, _, runbook) in planned()) {
        let findings = check(&runbook, &everything_granted());
        prop_assert!(is_fit(&findings), "{findings:?}");
    }

    #[test]
    fn a_plan_warns_of_a_short_soak_and_of_what_has_no_recovery_and_of_nothing_else((_, terms, runbook) in planned()) {
        let lost = runbook.steps.iter().filter(|step| step.effect == Effect::Irreversible && step.recovery.is_none());
        let expected = lost.count() + usize::from(terms.soak_seconds < 900);
        let findings = check(&runbook, &everything_granted());
        prop_assert_eq!(findings.iter().filter(|finding| finding.severity == Severity::Warning).count(), expected);
    }

    #[test]
    fn planning_twice_is_planning_once(assessment in assessment(), terms in terms()) {
        let first = plan(&assessment, &terms);
        prop_assert_eq!(&first, &plan(&assessment, &terms));
        if let Ok(runbook) = first {
            prop_assert_eq!(runbook.hash(), plan(&assessment, &terms).unwrap().hash());
        }
    }

    #[test]
    fn states_times_prices_and_evidence_do_not_change_a_plan(
        (one, other, terms) in (planned()).prop_flat_map(|(assessment, terms, _)| {
            let other = at_another_moment(&assessment);
            (Just(assessment), other, Just(terms))
        }),
    ) {
        let hash = |assessment| plan(assessment, &terms).unwrap().hash().unwrap();
        prop_assert_eq!(hash(&one), hash(&other));
    }

    #[test]
    fn what_the_resource_is_made_of_is_in_the_hash((assessment, terms, runbook) in planned()) {
        let mut other = assessment;
        other.observation.found.as_mut().unwrap().tags.insert("team", "another, and no test writes this");
        prop_assert_ne!(plan(&other, &terms).unwrap().hash(), runbook.hash());
    }

    #[test]
    fn nothing_irreversible_stands_before_the_soak_and_nothing_reversible_after_it((_, _, runbook) in planned()) {
        prop_assert!(runbook.before_the_soak().all(|step| step.effect != Effect::Irreversible));
        prop_assert!(runbook.after_the_soak().all(|step| step.effect == Effect::Irreversible));
        prop_assert!(runbook.before_the_soak().all(|step| step.on_failure == OnFailure::Rollback));
        prop_assert!(runbook.after_the_soak().all(|step| step.on_failure == OnFailure::Hold));
        prop_assert_eq!(runbook.steps[0].action, Action::RecordConfiguration);
        prop_assert_eq!(runbook.steps[1].action, Action::TagResource);
        for step in &runbook.steps {
            prop_assert!(!step.description.is_empty() && !step.verification.is_empty() && !step.preconditions.is_empty());
        }
    }
}

proptest! {
    // Reading YAML and hashing take their time in a debug build.
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_plan_reads_back_from_json_and_yaml_with_the_same_hash((_, _, runbook) in planned()) {
        let json = canonical_json(&runbook).unwrap();
        let read: Runbook = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(&read, &runbook);
        prop_assert_eq!(canonical_json(&read).unwrap(), json);
        let yaml = runbook.yaml().unwrap();
        let read: Runbook = serde_saphyr::from_str(&yaml).map_err(|error| TestCaseError::fail(format!("{error}\n{yaml}")))?;
        prop_assert_eq!(read.hash().unwrap(), runbook.hash().unwrap());
    }

    #[test]
    fn another_target_fingerprint_or_step_is_another_hash((_, _, runbook) in planned(), at in any::<prop::sample::Index>()) {
        let hash = runbook.hash().unwrap();
        let at = at.index(runbook.steps.len());
        let changed = |change: &dyn Fn(&mut Runbook)| {
            let mut other = runbook.clone();
            change(&mut other);
            other.hash().unwrap() != hash
        };
        let other_id = format!("{}0", runbook.resource.id());
        let other = Resource::new(runbook.resource.resource_type(), &other_id).unwrap();
        prop_assert!(changed(&|it| it.resource = other.clone()));
        prop_assert!(changed(&|it| it.fingerprint.push('0')));
        prop_assert!(changed(&|it| it.soak_seconds += 1));
        prop_assert!(changed(&|it| it.backup_retention_days += 1));
        prop_assert!(changed(&|it| drop(it.steps.remove(at))));
        prop_assert!(changed(&|it| it.steps[at].timeout_seconds += 1));
        prop_assert!(changed(&|it| it.steps[at].description.push('!')));
        prop_assert!(changed(&|it| it.steps[at].on_failure = OnFailure::Continue));
        prop_assert!(changed(&|it| drop(it.steps[at].inputs.insert("more".into(), Input::Value(1.into())))));
    }
}
