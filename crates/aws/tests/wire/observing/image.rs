use std::collections::BTreeSet;

use sunset_domain::coverage::{Coverage, Source};
use sunset_domain::launch_permission::LaunchPermission;
use sunset_domain::process::observation::{Configuration, Image, Observation};
use sunset_domain::process::resource::ResourceType;
use sunset_wire::{Account, Image as Wire, Instance};

use super::{seen, serve_alone};
use crate::support::{account, dependents, protections, unread};
use crate::uses::one_image_used_by_all;

fn image(observation: &Observation) -> &Image {
    match &observation.found.as_ref().unwrap().configuration {
        Configuration::Image(image) => image,
        other => panic!("{other:?}"),
    }
}

fn used() -> Account {
    let image = Wire::new("ami-1").named("web-1").snapshots(["snap-1"]).launched_hours_ago(3);
    one_image_used_by_all()
        .image(image.shared_with("111111111111").public().protected().product_code("code"))
        .instance(Instance::new("i-9", "ami-9"))
}

#[tokio::test]
async fn an_image_is_seen_with_everything_that_would_launch_from_it() {
    let (_ec2, clients) = serve_alone(used()).await;
    let observation = seen(&clients, ResourceType::Image, "ami-1").await;
    assert!(unread(&observation).is_empty());
    assert_eq!(
        dependents(&observation),
        [
            "account 111111111111 may launch it: unknown",
            "account everybody may launch it: unknown",
            "auto_scaling_group web launches from it: required",
            "fleet fleet-1 launches from it: required",
            "instance i-1 was launched from it: required",
            "launch_configuration lc-1 launches from it: required",
            "launch_template lt-1 web names it in version 1: required",
            "spot_fleet_request sfr-1 launches from it: required",
            "spot_instance_request sir-1 launches from it: required",
            "ssm_parameter /web holds its id: required",
        ]
    );
    assert_eq!(observation.found.as_ref().unwrap().name.as_deref(), Some("web-1"));
    let it = image(&observation);
    assert_eq!(it.state, "available");
    assert_eq!(it.block_devices[0].snapshot_id.as_ref().unwrap().as_str(), "snap-1");
    assert_eq!(it.launch_permissions, [LaunchPermission::Account("111111111111".into()), LaunchPermission::Everybody]);
    assert_eq!(it.last_launched_at, observation.last_activity.as_ref().map(|activity| activity.at));
    assert_eq!(protections(&observation), ["deregistration_protection", "marketplace"]);
}

#[tokio::test]
async fn a_deregistered_image_that_still_shows_and_one_of_another_account_are_not_found() {
    let account = account()
        .image(Wire::new("ami-1").in_state("deregistered"))
        .image(Wire::new("ami-2").owned_by("999999999999").public());
    let (_ec2, clients) = serve_alone(account).await;
    for id in ["ami-1", "ami-2"] {
        assert_eq!(seen(&clients, ResourceType::Image, id).await.found, None);
    }
}

#[tokio::test]
async fn every_source_of_an_image_that_is_denied_says_so() {
    for (action, source) in [
        ("DescribeImageAttribute", Source::LaunchPermissions),
        ("DescribeInstances", Source::Instances),
        ("DescribeLaunchTemplateVersions", Source::LaunchTemplates),
        ("DescribeAutoScalingGroups", Source::AutoScalingGroups),
        ("DescribeLaunchConfigurations", Source::LaunchConfigurations),
        ("DescribeSpotInstanceRequests", Source::SpotInstanceRequests),
        ("DescribeSpotFleetRequests", Source::SpotFleetRequests),
        ("DescribeFleets", Source::Fleets),
        ("DescribeParameters", Source::SsmParameters),
    ] {
        let (_ec2, clients) = serve_alone(used().denies(action)).await;
        let observation = seen(&clients, ResourceType::Image, "ami-1").await;
        assert_eq!(unread(&observation), BTreeSet::from([source]), "{action}");
        assert!(matches!(observation.coverages[&source], Coverage::Denied { .. }), "{action}");
    }
}
