use super::*;
use crate::process::observation::{Dependency, Observation};
use crate::process::resource::ResourceType;
use crate::risk::fixtures::*;

fn of(seen: Observation) -> Vec<String> {
    let assessment = seen.assessed();
    assert!(assessment.roles.iter().all(|role| !role.because.is_empty()));
    assessment.roles.into_iter().map(|role| role.role).collect()
}

/// C51.
#[test]
fn a_known_owner_is_always_asked() {
    for resource_type in ResourceType::ALL {
        assert_eq!(of(observation(resource_type))[0], "owner:team-web");
    }
    let by_tag = observation(ResourceType::SecurityGroup).untracked().tagged("Owner", "ada");
    assert_eq!(of(by_tag)[0], "owner:ada");
}

/// C51.
#[test]
fn somebody_is_asked_where_nobody_owns_it() {
    let mut seen = observation(ResourceType::SecurityGroup);
    seen.tracking.as_mut().unwrap().owner = Some("unknown".into());
    assert_eq!(of(seen.clone()), [INFRASTRUCTURE_MANAGER]);
    // Medium, neither production nor data: the description asked nobody at all.
    let medium = seen
        .in_environment(Some("staging"))
        .with_dependents([dependent("service", "shop", Dependency::Optional)])
        .assessed();
    assert_eq!(medium.level, Level::Medium);
    assert_eq!(medium.roles.len(), 1);
}

#[test]
fn risk_production_and_data_bring_their_roles() {
    let web = |environment| observation(ResourceType::Instance).in_environment(Some(environment));
    assert_eq!(of(web("dev")), ["owner:team-web", "data-protection-officer"]);
    assert_eq!(
        of(web("dev").with(instance(|it| it.state = "running".into()))),
        ["owner:team-web", "infrastructure-manager", "security-team", "data-protection-officer"]
    );
    let mut all = vec!["owner:team-web"];
    all.extend(ROLES);
    assert_eq!(of(web("PRD").with(instance(|it| it.state = "running".into()))), all);
    assert!(
        of(observation(ResourceType::SecurityGroup).tagged("data-class", "pii"))
            .contains(&"data-protection-officer".to_owned())
    );
}

#[test]
fn an_environment_that_nobody_knows_asks_production_too() {
    assert!(of(observation(ResourceType::SecurityGroup).untracked()).contains(&"production-manager".to_owned()));
    assert!(!of(observation(ResourceType::SecurityGroup)).contains(&"production-manager".to_owned()));
}
