use super::*;
use crate::coverage::Source;
use crate::process::observation::Dependency;
use crate::process::resource::ResourceType;
use crate::risk::fixtures::*;

fn of(seen: Observation) -> Vec<String> {
    seen.assessed().recommendations
}

fn says(seen: Observation, text: &str) {
    let advice = of(seen);
    assert!(advice.iter().any(|line| line.contains(text)), "{text:?} is not in {advice:?}");
}

/// C50.
#[test]
fn every_type_is_given_advice() {
    for resource_type in ResourceType::ALL {
        assert!(!of(observation(resource_type)).is_empty());
    }
}

#[test]
fn what_is_unknown_is_to_be_found_out() {
    let unknown = || observation(ResourceType::Volume).untracked();
    says(unknown(), "Find its owner");
    says(unknown(), "Find out its environment");
    says(observation(ResourceType::Volume).failing(Source::Instances), "Assess again once this can be read: instances");
    says(
        observation(ResourceType::Volume).tagged("Environment", "prod"),
        r#"Settle which environment it belongs to: tag Environment says "prod", but ResourceTracking says "dev""#,
    );
}

#[test]
fn dependents_managers_and_signs_of_life_are_named() {
    let used = |kind| observation(ResourceType::Instance).with_dependents([dependent("service", "shop", kind)]);
    says(
        used(Dependency::Unknown),
        "Move what needs it first, or agree with its owners that it ends too: service shop.",
    );
    says(used(Dependency::Optional), "Tell those who use it: service shop.");
    says(
        observation(ResourceType::Instance).tagged("aws:autoscaling:groupName", "web"),
        "It is managed by Auto Scaling",
    );
    let mut seen = observation(ResourceType::Instance);
    let at = Timestamp::parse("2026-11-01T00:00:00Z").unwrap();
    seen.last_activity = Some(Activity { at, what: "was started".into() });
    says(seen.clone(), "It was started as late as 2026-11-01T00:00:00Z: ask who did that.");
    seen.last_activity =
        Some(Activity { at: Timestamp::parse("2026-01-01T00:00:00Z").unwrap(), what: "was started".into() });
    assert!(!of(seen).iter().any(|line| line.contains("as late as")));
}

#[test]
fn what_even_the_reversible_step_loses_is_said_before_it() {
    let seen = observation(ResourceType::Instance).with(instance(|it| {
        it.auto_assigned_public_ip = Some("203.0.113.9".into());
        it.instance_type = "i3.large".into();
    }));
    says(seen.clone(), "Look for 203.0.113.9 in DNS records");
    says(seen, "Save what lies on instance-store volumes");
    let attached =
        observation(ResourceType::Volume).with(volume(|it| it.attachments = vec![attachment("i-1", Some("running"))]));
    says(attached, "Unmount it on i-1");
    says(observation(ResourceType::Address), "Look for 203.0.113.7 in DNS records");
    says(observation(ResourceType::Snapshot), "nothing brings it back");
}
