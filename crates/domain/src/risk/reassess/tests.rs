use super::*;
use crate::coverage::Source;
use crate::launch_permission::LaunchPermission;
use crate::process::observation::Observation;
use crate::process::resource::ResourceType;
use crate::risk::fixtures::*;

/// As approved, in use where that type can be.
fn used(resource_type: ResourceType) -> Observation {
    let seen = observation(resource_type);
    match resource_type {
        ResourceType::Instance => seen.with(instance(|it| {
            it.state = "running".into();
            it.auto_assigned_public_ip = Some("203.0.113.9".into());
        })),
        ResourceType::Volume => seen
            .with(volume(|it| {
                it.state = "in-use".into();
                it.attachments = vec![attachment("i-1", Some("running"))];
            }))
            .with_dependents([dependent("instance", "i-1", Dependency::Critical)]),
        ResourceType::Snapshot => seen,
        ResourceType::Image => {
            seen.with(image(|it| it.launch_permissions = vec![LaunchPermission::Account("999999999999".into())]))
        }
        ResourceType::Address => seen.with(address(|it| it.association = Some(association()))),
        ResourceType::SecurityGroup => seen.with(security_group(|it| {
            it.members = vec![member("eni-1", &[ResourceType::SecurityGroup.id_example(), "sg-2"])];
        })),
    }
}

/// The same after the process's own reversible step, with its own tags on it.
fn rested(resource_type: ResourceType) -> Observation {
    let quiet = observation(resource_type).tagged("sunset:process", OWN);
    match resource_type {
        ResourceType::Image => quiet.with(image(|it| it.state = "disabled".into())),
        _ => quiet,
    }
}

const OWN: &str = "01KAG3V7Q4M2ZD9X5T8R6W0B1C";

fn assessed(seen: Observation) -> Assessment {
    let own = crate::ids::ProcessId::parse(OWN).unwrap();
    crate::risk::assess::assess(seen, &Default::default(), &account(), Some(&own), 2, now())
}

fn reasons(approved: Observation, fresh: Observation, soaked: bool) -> Vec<String> {
    match compare(&assessed(approved), &assessed(fresh), soaked) {
        Reassessment::Proceed => Vec::new(),
        Reassessment::Worse { reasons } => reasons,
    }
}

#[test]
fn the_processs_own_reversible_step_is_never_worse() {
    for resource_type in ResourceType::ALL {
        assert_eq!(reasons(used(resource_type), used(resource_type), false), [""; 0], "{resource_type}");
        assert_eq!(reasons(used(resource_type), rested(resource_type), false), [""; 0], "{resource_type}");
        assert_eq!(reasons(used(resource_type), rested(resource_type), true), [""; 0], "{resource_type}");
    }
}

#[test]
fn a_resource_that_is_used_again_after_its_soak_is_worse_even_if_it_was_used_when_approved() {
    for resource_type in ResourceType::ALL.into_iter().filter(|it| *it != ResourceType::Snapshot) {
        let again = reasons(used(resource_type), used(resource_type), true);
        assert_eq!(again.len(), 1, "{resource_type}: {again:?}");
        assert!(again[0].starts_with("used again: "), "{again:?}");
    }
}

#[test]
fn a_resource_that_came_into_use_since_the_approval_is_worse() {
    for resource_type in ResourceType::ALL.into_iter().filter(|it| *it != ResourceType::Snapshot) {
        let since = reasons(observation(resource_type), used(resource_type), false);
        assert!(since.iter().any(|reason| reason.starts_with("used since the approval: ")), "{since:?}");
    }
    let attached = |state| {
        observation(ResourceType::Volume).with(volume(|it| it.attachments = vec![attachment("i-1", Some(state))]))
    };
    assert!(!reasons(attached("stopped"), attached("running"), false).is_empty());
    assert_eq!(reasons(attached("running"), attached("stopped"), false), [""; 0]);
}

/// C71.
#[test]
fn a_new_dependent_is_worse_from_whatever_source_and_even_if_the_level_stays() {
    let critical = |seen: Observation| seen.in_environment(Some("prod")).tagged("compliance", "sox");
    let fresh =
        critical(rested(ResourceType::Instance)).with_dependents([dependent("service", "shop", Dependency::Optional)]);
    assert_eq!(
        reasons(critical(used(ResourceType::Instance)), fresh, true),
        ["a new dependent: service shop names it (by resource_dependencies)"]
    );
}

#[test]
fn a_dependent_is_the_same_one_by_kind_and_id_and_worse_only_if_it_needs_more() {
    let with = |kind, relation: &str| {
        let mut known = dependent("service", "shop", kind);
        known.relation = relation.into();
        rested(ResourceType::Volume).with_dependents([known])
    };
    assert_eq!(reasons(with(Dependency::Critical, "a"), with(Dependency::Optional, "b"), true), [""; 0]);
    let more = reasons(with(Dependency::Optional, "a"), with(Dependency::Critical, "a"), true);
    assert!(more.contains(&"service shop, which a, needs it more than it did".to_owned()), "{more:?}");
}

#[test]
fn a_keep_tag_a_protection_and_a_manager_that_appear_are_worse() {
    let approved = || used(ResourceType::Instance);
    let fresh = || rested(ResourceType::Instance);
    let kept = reasons(approved(), fresh().tagged("sunset:keep", "ask ada"), true);
    assert_eq!(kept, ["blocked: opted out by tag sunset:keep=ask ada: remove tag sunset:keep to let it go"]);
    let mut protected = fresh();
    protected.protections.push(crate::process::observation::Blocker { code: "lock".into(), detail: "locked".into() });
    assert_eq!(reasons(approved(), protected, true), ["blocked: locked"]);
    let managed = reasons(approved(), fresh().tagged("aws:cloudformation:stack-name", "shop"), true);
    assert!(managed.contains(&"it is now managed by CloudFormation, shop".to_owned()), "{managed:?}");
}

#[test]
fn a_blocker_is_worse_even_if_it_was_there_when_approved() {
    let kept = || rested(ResourceType::Volume).tagged("sunset:keep", "");
    assert_eq!(reasons(kept(), kept(), true).len(), 1);
}

#[test]
fn what_is_made_otherwise_is_worse() {
    let grown = rested(ResourceType::Volume).with(volume(|it| it.size_gib += 1));
    assert_eq!(
        reasons(used(ResourceType::Volume), grown, true),
        ["what it is made of, or one of its tags, changed since the approval"]
    );
}

#[test]
fn a_risk_that_rose_and_a_role_that_was_not_asked_are_worse() {
    let raised =
        reasons(used(ResourceType::Instance), rested(ResourceType::Instance).in_environment(Some("prod")), true);
    assert!(raised.iter().any(|reason| reason.starts_with("production-manager was not asked, and now has to agree")));
    let untracked = reasons(rested(ResourceType::Volume), rested(ResourceType::Volume).untracked(), true);
    assert!(untracked.contains(&"its risk is high (5 points), and medium was approved".to_owned()), "{untracked:?}");
}

#[test]
fn evidence_that_is_no_longer_complete_is_worse_and_a_known_gap_is_not() {
    let fresh = rested(ResourceType::Snapshot).failing(Source::Attributes);
    let gap = reasons(rested(ResourceType::Snapshot), fresh.clone(), true);
    assert_eq!(gap, ["attributes could not be relied on: failed: timed out"]);
    assert_eq!(reasons(fresh.clone(), fresh, true), [""; 0]);
    let mut forgotten = rested(ResourceType::Snapshot);
    let mut asked = rested(ResourceType::Snapshot);
    asked.coverages.insert(Source::Attributes, crate::coverage::Coverage::Complete { items: 1 });
    forgotten.coverages.remove(&Source::Attributes);
    assert_eq!(reasons(asked, forgotten, true), ["attributes was not read"]);
}

#[test]
fn what_is_gone_by_itself_is_said_to_be_gone_and_nothing_else() {
    let mut gone = rested(ResourceType::Volume);
    gone.found = None;
    assert_eq!(
        reasons(used(ResourceType::Volume), gone, true),
        ["EBSVolume vol-0123456789abcdef0 does not exist any more"]
    );
}

#[test]
fn another_resource_is_never_the_approved_one() {
    let mut other = rested(ResourceType::Volume);
    other.resource = crate::process::resource::Resource::new(ResourceType::Volume, "vol-2").unwrap();
    assert_eq!(
        reasons(used(ResourceType::Volume), other, true),
        ["this is EBSVolume vol-2, and EBSVolume vol-0123456789abcdef0 was approved"]
    );
}
