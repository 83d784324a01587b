use super::*;
use crate::ids::ImageId;
use crate::launch_permission::LaunchPermission;
use crate::process::observation::Dependency;
use crate::risk::assessment::Assessment;
use crate::risk::assessment::Criticality;
use crate::risk::fixtures::*;

fn points_of(assessment: &Assessment) -> Vec<u32> {
    assessment.points.iter().map(|point| point.points).collect()
}

fn assessed(observation: Observation) -> (u32, Level) {
    let assessment = observation.assessed();
    (assessment.score, assessment.level)
}

#[test]
fn an_unused_group_of_development_is_low_and_nothing_else_is() {
    assert_eq!(assessed(observation(ResourceType::SecurityGroup)), (1, Level::Low));
    assert_eq!(assessed(observation(ResourceType::Instance)), (3, Level::Medium));
    assert_eq!(assessed(observation(ResourceType::Volume)), (3, Level::Medium));
    assert_eq!(assessed(observation(ResourceType::Snapshot)), (5, Level::High));
    assert_eq!(assessed(observation(ResourceType::Image)), (5, Level::High));
    assert_eq!(assessed(observation(ResourceType::Address)), (1, Level::High));
}

/// C42.
#[test]
fn an_untracked_resource_counts_as_production_and_is_never_low() {
    for resource_type in ResourceType::ALL {
        let tracked = assessed(observation(resource_type).in_environment(Some("production")));
        assert_eq!(assessed(observation(resource_type).untracked()), tracked, "{resource_type}");
        assert_eq!(assessed(observation(resource_type).in_environment(None)), tracked, "{resource_type}");
        assert!(tracked.1 >= Level::Medium, "{resource_type}");
    }
}

#[test]
fn every_name_of_production_is_never_below_medium() {
    for name in ["production", "prod", "PRD", "live", "production-eu"] {
        let assessment = observation(ResourceType::SecurityGroup).in_environment(Some(name)).assessed();
        assert!(assessment.level >= Level::Medium, "{name}");
        assert!(assessment.floors.iter().any(|floor| floor.level == Level::Medium), "{name}");
    }
}

/// C41.
#[test]
fn a_table_that_could_not_be_read_counts_as_many_who_need_it() {
    for source in [Source::ResourceDependencies, Source::TargetGroups] {
        let assessment = observation(ResourceType::Instance).failing(source).assessed();
        assert_eq!((assessment.score, assessment.level), (10, Level::Critical));
        assert!(assessment.technical.has_critical_dependencies && assessment.technical.service_disruption_risk);
        assert_eq!(
            assessment.points[1].reason,
            format!("who needs it is unknown and counts as many: {source} (failed: timed out) could not be relied on")
        );
    }
}

#[test]
fn a_gap_that_could_hide_no_dependent_is_a_point_and_leaves_the_evidence_incomplete() {
    let assessment = observation(ResourceType::SecurityGroup).failing(Source::Attributes).assessed();
    assert_eq!((points_of(&assessment), assessment.evidence_complete), (vec![1, 1], false));
    assert_eq!(assessment.blocked, []);
}

/// C48.
#[rstest::rstest]
#[case::one_that_can_do_without(vec![Dependency::Optional], vec![1, 2])]
#[case::one_critical_is_counted_once(vec![Dependency::Critical], vec![1, 3])]
#[case::one_of_unknown_kind_counts_as_critical(vec![Dependency::Unknown], vec![1, 3])]
#[case::two_of_which_one_is_required(vec![Dependency::Optional, Dependency::Required], vec![1, 3, 1])]
#[case::many(vec![Dependency::Optional; 6], vec![1, 2, 2])]
#[case::many_that_need_it(vec![Dependency::Critical; 6], vec![1, 3, 2, 2])]
fn dependents_count_by_the_worst_of_them_and_by_their_number(
    #[case] kinds: Vec<Dependency>,
    #[case] expected: Vec<u32>,
) {
    let dependents = kinds.into_iter().enumerate().map(|(n, kind)| dependent("service", &format!("d-{n}"), kind));
    let assessment = observation(ResourceType::SecurityGroup).with_dependents(dependents).assessed();
    assert_eq!(points_of(&assessment), expected);
    assert!(assessment.technical.service_disruption_risk);
}

/// C48.
#[test]
fn what_is_in_use_disrupts_although_no_table_names_a_dependent() {
    let account = LaunchPermission::Account("999999999999".into());
    let used = [
        observation(ResourceType::Instance).with(instance(|it| it.state = "running".into())),
        observation(ResourceType::Volume).with(volume(|it| it.attachments = vec![attachment("i-1", Some("running"))])),
        observation(ResourceType::Volume).with(volume(|it| it.attachments = vec![attachment("i-1", None)])),
        observation(ResourceType::Snapshot)
            .with(snapshot(|it| it.image_ids = [ImageId::parse("ami-1").unwrap()].into())),
        observation(ResourceType::Image).with(image(|it| it.launch_permissions = vec![account])),
        observation(ResourceType::Address).with(address(|it| it.association = Some(association()))),
        observation(ResourceType::SecurityGroup)
            .with(security_group(|it| it.members = vec![member("eni-1", &["sg-1", "sg-2"])])),
    ];
    for seen in used {
        let unused = observation(seen.resource.resource_type()).assessed();
        let assessment = seen.assessed();
        assert!(!unused.technical.service_disruption_risk);
        assert!(assessment.technical.service_disruption_risk);
        assert_eq!(assessment.score, unused.score + 2, "{:?}", assessment.points);
    }
    let idle =
        observation(ResourceType::Volume).with(volume(|it| it.attachments = vec![attachment("i-1", Some("stopped"))]));
    assert!(!idle.assessed().technical.service_disruption_risk);
}

#[test]
fn one_use_that_shows_twice_is_counted_once() {
    let attached = || {
        observation(ResourceType::Volume).with(volume(|it| it.attachments = vec![attachment("i-1", Some("running"))]))
    };
    let told = attached().with_dependents([dependent("instance", "i-1", Dependency::Critical)]);
    assert_eq!(points_of(&attached().assessed()), [1, 2, 2]);
    assert_eq!(points_of(&told.assessed()), [1, 3, 2]);
}

/// C47.
#[test]
fn data_goes_with_volumes_snapshots_images_and_whatever_an_instance_has_or_may_have() {
    let risk = |seen: Observation| seen.assessed().technical.data_loss_risk;
    for resource_type in [ResourceType::Volume, ResourceType::Snapshot, ResourceType::Image, ResourceType::Instance] {
        assert!(risk(observation(resource_type)), "{resource_type}");
    }
    assert!(!risk(observation(ResourceType::Address)) && !risk(observation(ResourceType::SecurityGroup)));
    let bare = || observation(ResourceType::Instance).with(instance(|it| it.volumes.clear()));
    assert!(!risk(bare()));
    assert!(risk(bare().failing(Source::Volumes)));
    assert!(risk(bare().with(instance(|it| it.instance_type = "i3.large".into()))));
    assert!(risk(bare().with(instance(|it| it.root_device_type = None))));
}

#[test]
fn what_nothing_brings_back_is_never_below_high_and_its_data_counts_twice() {
    let assessment = observation(ResourceType::Snapshot).assessed();
    assert_eq!(points_of(&assessment), [1, 2, 2]);
    assert!(
        assessment
            .floors
            .contains(&Floor { level: Level::High, reason: "nothing brings it back once it is gone".into() })
    );
    let production = observation(ResourceType::Snapshot).in_environment(Some("live")).assessed();
    assert_eq!(production.level, Level::Critical);
}

#[rstest::rstest]
#[case("criticality", "critical", "dev", Level::High)]
#[case("revenue", "true", "dev", Level::High)]
#[case("compliance", "sox", "dev", Level::High)]
#[case("compliance", "sox", "prod", Level::Critical)]
#[case("compliance", "sox", "sunny", Level::Critical)]
#[case("data-class", "restricted", "dev", Level::High)]
#[case("compliance", "none", "dev", Level::Low)]
fn what_is_critical_to_the_business_has_a_floor(
    #[case] key: &str,
    #[case] value: &str,
    #[case] environment: &str,
    #[case] level: Level,
) {
    let seen = observation(ResourceType::SecurityGroup).in_environment(Some(environment)).tagged(key, value);
    let assessment = seen.assessed();
    assert_eq!(assessment.level, level);
    if level > Level::Low {
        let reason = format!("tag {key} says {value:?}");
        assert!(assessment.floors.iter().any(|floor| floor.level == level && floor.reason.contains(&reason)));
    }
}

#[test]
fn what_could_not_be_seen_at_all_is_critical() {
    for resource_type in ResourceType::ALL {
        let mut seen = observation(resource_type).failing(Source::Resource);
        seen.found = None;
        let assessment = seen.assessed();
        assert_eq!(
            (assessment.level, assessment.business.criticality, assessment.fingerprint),
            (Level::Critical, Criticality::Unknown, None),
            "{resource_type}"
        );
    }
}

#[test]
fn every_point_tells_its_reason() {
    let seen = observation(ResourceType::Instance)
        .in_environment(Some("PROD EU"))
        .with(instance(|it| it.state = "running".into()))
        .with_dependents([
            dependent("target_group", "web", Dependency::Critical),
            dependent("service", "shop", Dependency::Optional),
        ]);
    let reasons: Vec<_> =
        seen.assessed().points.into_iter().map(|point| format!("{} {}", point.points, point.reason)).collect();
    assert_eq!(
        reasons,
        [
            r#"3 its environment is production: ResourceTracking says "PROD EU""#,
            "3 needed by target_group web",
            "1 2 depend on it",
            "2 data goes with it: what lies on its EBS volumes vol-1",
        ]
    );
}
