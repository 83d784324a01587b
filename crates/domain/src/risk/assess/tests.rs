use super::*;
use crate::coverage::Source;
use crate::process::observation::Dependency;
use crate::process::resource::ResourceType;
use crate::risk::assessment::Criticality;
use crate::risk::fixtures::*;
use crate::risk::level::Level;

fn under_seed_v1(observation: Observation) -> Assessment {
    let terms = Terms { profile: Profile::SeedV1, ..Terms::default() };
    assess(observation, &terms, &account(), None, 3, now())
}

#[test]
fn an_assessment_holds_what_was_seen_and_everything_that_follows() {
    let assessment = observation(ResourceType::Instance).assessed();
    assert_eq!((assessment.number, assessment.assessed_at, assessment.profile), (1, now(), Profile::V2));
    assert_eq!(assessment.observation, observation(ResourceType::Instance));
    assert_eq!(assessment.fingerprint, assessment.observation.found.as_ref().map(Found::fingerprint));
    assert_eq!((&*assessment.business.project, &*assessment.business.owner), ("shop", "team-web"));
    assert!(assessment.evidence_complete && assessment.blocked.is_empty());
    assert!(!assessment.cost.saved.is_empty() && !assessment.recommendations.is_empty());
}

#[test]
fn the_documents_profile_reads_the_two_tables_alone_and_has_no_floors() {
    let mut seen = observation(ResourceType::Instance).in_environment(Some("prod")).with_dependents([dependent(
        "service",
        "shop",
        Dependency::Optional,
    )]);
    let mut elsewhere = dependent("target_group", "web", Dependency::Critical);
    elsewhere.source = Source::TargetGroups;
    seen = seen.with_dependents([elsewhere]);
    let assessment = under_seed_v1(seen);
    assert_eq!((assessment.number, assessment.profile), (3, Profile::SeedV1));
    assert_eq!((assessment.score, assessment.level), (4, Level::Medium));
    assert_eq!(assessment.business.criticality, Criticality::Low);
    assert_eq!(assessment.floors, []);
}

#[test]
fn the_documents_profile_still_blocks_and_still_asks_somebody() {
    let assessment = under_seed_v1(observation(ResourceType::Instance).untracked().tagged("sunset:keep", ""));
    assert_eq!((assessment.score, assessment.level), (0, Level::Low));
    assert_eq!(assessment.blocked.len(), 1);
    assert_eq!(assessment.roles[0].role, "infrastructure-manager");
    let owned = under_seed_v1(observation(ResourceType::Instance));
    assert_eq!(owned.roles[0].role, "owner:team-web");
}

/// C45, C46.
#[test]
fn what_the_document_took_for_low_is_not_low_by_default() {
    // Untracked, unread, named otherwise: the ways in which it sank to approval by rule.
    let ways = [
        observation(ResourceType::Instance).untracked(),
        observation(ResourceType::Instance).in_environment(None),
        observation(ResourceType::Instance).in_environment(Some("prod")),
        observation(ResourceType::Instance).failing(Source::ResourceDependencies),
        observation(ResourceType::Instance).untracked().failing(Source::ResourceTracking),
    ];
    for seen in ways {
        assert_eq!(under_seed_v1(seen.clone()).level, Level::Low);
        assert!(seen.assessed().level >= Level::High);
    }
}
