//! What holds for any observation.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::coverage::{Coverage, Source};
use crate::process::observation::{Configuration, Dependency, Dependent, Observation};
use crate::process::resource::ResourceType;
use crate::risk::assessment::{Assessment, Criticality};
use crate::risk::fixtures::*;
use crate::risk::level::Level;
use crate::risk::reassess::{Reassessment, compare};
use crate::risk::recovery::recovery;
use crate::risk::required_sources;

fn environments() -> impl Strategy<Value = &'static str> {
    select(vec![
        "production",
        "PROD EU",
        "prd",
        "pre-prod",
        "uat",
        "non-prod",
        "dev",
        "dev-eu",
        "tmp",
        "unknown",
        "produktion",
        "",
    ])
}

fn coverages() -> impl Strategy<Value = Coverage> {
    prop_oneof![
        Just(Coverage::Denied { detail: "no".into() }),
        Just(Coverage::Failed { detail: "timeout".into() }),
        Just(Coverage::Truncated { items: 3, detail: "page 2".into() }),
        Just(Coverage::Implausible { items: 0, last_complete_items: 90 }),
    ]
}

fn dependents() -> impl Strategy<Value = Dependent> {
    (
        select(vec!["instance", "target_group", "launch_template", "security_group", "auto_scaling_group", "service"]),
        0u32..30,
        select(vec![Dependency::Optional, Dependency::Unknown, Dependency::Required, Dependency::Critical]),
        select(vec![
            Source::Resource,
            Source::ResourceDependencies,
            Source::TargetGroups,
            Source::LaunchTemplates,
            Source::NetworkInterfaces,
        ]),
    )
        .prop_map(|(kind, id, dependency, source)| Dependent {
            source,
            ..dependent(kind, &format!("d-{id}"), dependency)
        })
}

fn tags() -> impl Strategy<Value = Vec<(&'static str, &'static str)>> {
    subsequence(
        vec![
            ("Environment", "production"),
            ("ENV", "staging"),
            ("stage", "dev"),
            ("criticality", "critical"),
            ("CRITICALITY", "low"),
            ("revenue", "yes"),
            ("compliance", "pci"),
            ("Data-Class", "pii"),
            ("data_class", "public"),
            ("owner", "ada"),
            ("aws:cloudformation:stack-name", "web"),
            ("sunset:keep", ""),
            ("team", "web"),
        ],
        0..6,
    )
}

/// What the resource is, used or not, whole or with gaps.
fn configurations(
    resource_type: ResourceType,
) -> impl Strategy<Value = (ResourceType, u8, bool, Option<&'static str>)> {
    (Just(resource_type), 0u8..3, any::<bool>(), select(vec![Some("running"), Some("stopped"), None]))
}

fn shaped((resource_type, users, odd, state): (ResourceType, u8, bool, Option<&'static str>)) -> Observation {
    observation(resource_type).with(|configuration| match configuration {
        Configuration::Instance(it) => {
            it.state = state.unwrap_or("stopped").into();
            if odd {
                it.instance_type = "i3.large".into();
            }
            if users == 0 {
                it.volumes.clear();
            }
            if users == 2 {
                it.root_device_type = Some("instance-store".into());
            }
        }
        Configuration::Volume(it) => {
            it.attachments = (0..users).map(|n| attachment(&format!("i-{n}"), state)).collect();
        }
        Configuration::Snapshot(it) => {
            it.image_ids = (0..users).map(|n| crate::ids::ImageId::parse(&format!("ami-{n}")).unwrap()).collect();
        }
        Configuration::Image(it) => {
            it.launch_permissions =
                (0..users).map(|n| crate::launch_permission::LaunchPermission::Account(n.to_string())).collect();
            it.state = if odd { "disabled".into() } else { "available".into() };
        }
        Configuration::Address(it) => it.association = (users > 0).then(association),
        Configuration::SecurityGroup(it) => {
            it.members = (0..users).map(|n| member(&format!("eni-{n}"), &["sg-1", "sg-2"])).collect();
        }
    })
}

fn observations() -> impl Strategy<Value = Observation> {
    (
        select(ResourceType::ALL.to_vec()).prop_flat_map(configurations),
        prop_oneof![1 => Just(None), 4 => prop_oneof![Just(None), environments().prop_map(Some)].prop_map(Some)],
        prop::collection::vec(dependents(), 0..9),
        tags(),
        prop::collection::vec(
            (any::<prop::sample::Index>(), prop_oneof![Just(None), coverages().prop_map(Some)]),
            0..2,
        ),
    )
        .prop_map(|(shape, tracked, dependents, tags, failing)| {
            let mut seen = shaped(shape).with_dependents(dependents);
            seen = match tracked {
                None => seen.untracked(),
                Some(environment) => seen.in_environment(environment),
            };
            for (key, value) in tags {
                seen = seen.tagged(key, value);
            }
            for (at, coverage) in failing {
                let required = required_sources(seen.resource.resource_type());
                fail(&mut seen, required[at.index(required.len())], coverage);
            }
            seen
        })
}

/// The source is no longer read, and what it named is no longer there.
fn fail(observation: &mut Observation, source: Source, coverage: Option<Coverage>) {
    match coverage {
        Some(coverage) => observation.coverages.insert(source, coverage),
        None => observation.coverages.remove(&source),
    };
    observation.dependents.retain(|dependent| dependent.source != source);
    match source {
        Source::Resource => observation.found = None,
        Source::ResourceTracking => observation.tracking = None,
        _ => {}
    }
    if let Some(found) = &mut observation.found {
        match (&mut found.configuration, source) {
            (Configuration::Instance(it), Source::Volumes) => it.volumes.clear(),
            (Configuration::Volume(it), Source::Instances) => {
                it.attachments.iter_mut().for_each(|attachment| attachment.instance_state = None);
            }
            (Configuration::Snapshot(it), Source::Images) => it.image_ids.clear(),
            (Configuration::Image(it), Source::LaunchPermissions) => it.launch_permissions.clear(),
            (Configuration::SecurityGroup(it), Source::NetworkInterfaces) => it.members.clear(),
            _ => {}
        }
    }
}

/// Ways to know less, or to see more.
#[derive(Debug, Clone)]
enum Change {
    Dependent(Dependent),
    DependentOfUnknownKind(prop::sample::Index),
    Fail(prop::sample::Index, Option<Coverage>),
    FailOptional(Source, Coverage),
    EnvironmentNobodyKnows,
    NoEnvironmentAnywhere,
    Gone,
    TagThatNobodyUnderstands(&'static str),
}

fn changes() -> impl Strategy<Value = Change> {
    prop_oneof![
        dependents().prop_map(Change::Dependent),
        any::<prop::sample::Index>().prop_map(Change::DependentOfUnknownKind),
        (any::<prop::sample::Index>(), prop_oneof![Just(None), coverages().prop_map(Some)])
            .prop_map(|(at, coverage)| Change::Fail(at, coverage)),
        (select(vec![Source::Snapshots, Source::ImageReferences, Source::Attributes, Source::Ledger]), coverages())
            .prop_map(|(source, coverage)| Change::FailOptional(source, coverage)),
        Just(Change::EnvironmentNobodyKnows),
        Just(Change::NoEnvironmentAnywhere),
        Just(Change::Gone),
        select(vec!["criticality", "revenue", "compliance", "data-class"]).prop_map(Change::TagThatNobodyUnderstands),
    ]
}

fn changed(mut seen: Observation, change: &Change) -> Observation {
    match change {
        Change::Dependent(dependent) => seen = seen.with_dependents([dependent.clone()]),
        Change::DependentOfUnknownKind(at) => {
            let all: Vec<_> = seen.dependents.iter().cloned().collect();
            if !all.is_empty() {
                let known = all[at.index(all.len())].clone();
                let unknown = Dependent { dependency: Dependency::Unknown, ..known.clone() };
                // Where its twin is there already, forgetting would be seeing less.
                if seen.dependents.insert(unknown) {
                    seen.dependents.remove(&known);
                }
            }
        }
        Change::Fail(at, coverage) => {
            let required = required_sources(seen.resource.resource_type());
            fail(&mut seen, required[at.index(required.len())], coverage.clone());
        }
        Change::FailOptional(source, coverage) => fail(&mut seen, *source, Some(coverage.clone())),
        Change::EnvironmentNobodyKnows => seen = seen.in_environment(Some("sunny")).tagged("Environment", "sunny"),
        Change::NoEnvironmentAnywhere => {
            seen.tracking = None;
            if let Some(found) = &mut seen.found {
                let kept = found
                    .tags
                    .iter()
                    .filter(|(key, _)| !["environment", "env", "stage"].contains(&key.to_ascii_lowercase().as_str()));
                found.tags = kept.map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
            }
        }
        Change::Gone => seen.found = None,
        Change::TagThatNobodyUnderstands(key) => seen = seen.tagged(key, "sunny"),
    }
    seen
}

fn production(assessment: &Assessment) -> bool {
    let seen = &assessment.observation;
    let table = seen.tracking.iter().filter_map(|tracking| tracking.environment.as_deref());
    let tags = seen.found.iter().flat_map(|found| found.tags.iter());
    let tags = tags.filter(|(key, _)| ["Environment", "ENV", "stage"].contains(key)).map(|(_, value)| value);
    table.chain(tags).any(|name| ["production", "PROD EU", "prd"].contains(&name))
}

/// An assessment that people could have approved.
fn approvable(observation: Observation) -> Assessment {
    let mut assessment = observation.assessed();
    assessment.blocked.clear();
    assessment
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn knowing_less_or_seeing_more_never_lowers_the_risk(seen in observations(), change in changes()) {
        let before = seen.clone().assessed();
        let after = changed(seen, &change).assessed();
        prop_assert!(after.score >= before.score, "{} < {}: {:?}", after.score, before.score, after.points);
        prop_assert!(after.level >= before.level, "{} < {}", after.level, before.level);
    }

    #[test]
    fn the_same_observation_is_always_assessed_the_same(seen in observations()) {
        prop_assert_eq!(seen.clone().assessed(), seen.assessed());
    }

    #[test]
    fn every_assessment_keeps_its_floors_and_gives_its_reasons(seen in observations()) {
        let assessment = seen.assessed();
        let configuration = assessment.observation.found.as_ref().map(|found| &found.configuration);
        prop_assert!(!production(&assessment) || assessment.level >= Level::Medium);
        prop_assert!(configuration.and_then(recovery).is_some() || assessment.level >= Level::High);
        prop_assert!(!assessment.technical.data_loss_risk || assessment.level >= Level::Medium);
        prop_assert!(assessment.business.criticality != Criticality::Unknown || assessment.level >= Level::Medium);
        prop_assert_eq!(assessment.score, assessment.points.iter().map(|point| point.points).sum::<u32>());
        prop_assert!(assessment.points.iter().all(|point| point.points > 0 && !point.reason.is_empty()));
        prop_assert!(assessment.level >= Level::of_score(assessment.score));
        prop_assert!(assessment.floors.iter().all(|floor| floor.level <= assessment.level && !floor.reason.is_empty()));
        prop_assert!(!assessment.roles.is_empty() && !assessment.recommendations.is_empty());
        prop_assert!(assessment.managed_by.is_empty() || !assessment.blocked.is_empty());
        let read = required_sources(assessment.observation.resource.resource_type())
            .iter()
            .all(|source| assessment.observation.coverages.get(source).is_some_and(Coverage::is_complete));
        prop_assert!(read || (!assessment.evidence_complete && assessment.blocked.iter().any(|blocker| blocker.code == "unread")));
        let text = serde_json::to_string(&assessment).unwrap();
        prop_assert_eq!(serde_json::from_str::<Assessment>(&text).unwrap(), assessment);
    }

    #[test]
    fn an_unchanged_look_proceeds(seen in observations()) {
        let assessment = approvable(seen);
        prop_assert_eq!(compare(&assessment, &assessment, false), Reassessment::Proceed);
    }

    #[test]
    fn anything_more_is_worse(seen in observations(), more in dependents(), at in any::<prop::sample::Index>(), coverage in coverages()) {
        let approved = approvable(seen.clone());
        if !seen.dependents.iter().any(|known| known.kind == more.kind && known.id == more.id) {
            let fresh = approvable(seen.clone().with_dependents([more]));
            prop_assert!(compare(&approved, &fresh, false) != Reassessment::Proceed);
        }
        let fresh = seen.clone().tagged("sunset:keep", "please").assessed();
        prop_assert!(seen.found.is_none() || compare(&approved, &fresh, false) != Reassessment::Proceed);
        let fresh = approvable(seen.clone().tagged("team", "somebody else"));
        prop_assert!(seen.found.is_none() || compare(&approved, &fresh, true) != Reassessment::Proceed);
        let required = required_sources(seen.resource.resource_type());
        let source = required[at.index(required.len())];
        if seen.coverages.get(&source).is_some_and(Coverage::is_complete) {
            let mut less = seen.clone();
            fail(&mut less, source, Some(coverage));
            prop_assert!(compare(&approved, &approvable(less), false) != Reassessment::Proceed);
        }
    }
}
