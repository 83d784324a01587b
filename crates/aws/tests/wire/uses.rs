use sunset_aws::account::read_uses;
use sunset_domain::coverage::{Coverage, Source};
use sunset_wire::{
    Account, Fault, Fleet, Group, Instance, LaunchConfiguration, LaunchTemplate, Parameter, SpotFleet, SpotRequest,
    TemplateRef, When,
};

use crate::support::{account, complete, incomplete, serve, used, users};

#[tokio::test]
async fn an_empty_account_is_read_completely_and_uses_nothing() {
    let (ec2, clients) = serve(account()).await;
    let reading = read_uses(&clients, true).await;
    assert!(reading.uses.is_empty());
    let required = Source::REQUIRED.into_iter().filter(|source| *source != Source::Images);
    assert_eq!(reading.coverages, required.map(|source| (source, complete(0))).collect());
    assert_eq!(ec2.calls().len(), 8);
}

#[tokio::test]
async fn instances_use_their_image_in_every_state_but_terminated() {
    let states = ["pending", "running", "shutting-down", "stopping", "stopped", "terminated", "a-new-state"];
    let account = (1..).zip(states).fold(account(), |account, (n, state)| {
        account.instance(Instance::new(format!("i-{n}"), format!("ami-{n}")).in_state(state))
    });
    let (_ec2, clients) = serve(account).await;
    let reading = read_uses(&clients, false).await;
    assert_eq!(used(&reading), ["ami-1", "ami-2", "ami-3", "ami-4", "ami-5", "ami-7"]);
    assert_eq!(users(&reading, "ami-5"), ["instance i-5 (stopped)"]);
    assert_eq!(reading.coverages[&Source::Instances], complete(6));
}

#[tokio::test]
async fn the_latest_and_the_default_version_of_a_template_are_uses_and_older_ones_are_none() {
    let template = LaunchTemplate::new("lt-1", "web").version("ami-1").version("ami-2").version("ami-3");
    let account = account().launch_template(template.default_version(2));
    let (_ec2, clients) = serve(account).await;
    let reading = read_uses(&clients, false).await;
    assert_eq!(used(&reading), ["ami-2", "ami-3"]);
    assert_eq!(users(&reading, "ami-2"), ["launch template web (lt-1) version 2"]);
    assert_eq!(reading.coverages[&Source::LaunchTemplates], complete(2));
}

#[tokio::test]
async fn every_version_is_a_use_where_all_are_asked_for() {
    let template = |n| LaunchTemplate::new(format!("lt-{n}"), format!("t-{n}")).version(format!("ami-{n}1"));
    let account = (1..=6).fold(account(), |account, n| {
        account.launch_template(template(n).version(format!("ami-{n}2")).version_without_image())
    });
    let (ec2, clients) = serve(account).await;
    ec2.pages_at_most("DescribeLaunchTemplateVersions", 2);
    let reading = read_uses(&clients, true).await;
    assert_eq!(reading.uses.len(), 12);
    assert_eq!(reading.coverages[&Source::LaunchTemplates], complete(18));
}

fn pinned(n: u32) -> LaunchTemplate {
    LaunchTemplate::new(format!("lt-{n}"), format!("t-{n}"))
        .version(format!("ami-{n}1"))
        .version(format!("ami-{n}2"))
        .version(format!("ami-{n}3"))
        .default_version(3)
}

/// guardian/prism#1037
#[tokio::test]
async fn an_image_that_only_an_override_of_a_mixed_instances_policy_pins_is_used() {
    let account = (1..=4).fold(account(), |account, n| account.launch_template(pinned(n))).group(
        Group::new("web")
            .desired(0)
            .mixed(TemplateRef::id("lt-1", "1"))
            .override_template(TemplateRef::id("lt-2", "2"))
            .override_template(TemplateRef::named("t-3", "1"))
            .override_image("ami-9"),
    );
    let (ec2, clients) = serve(account).await;
    let reading = read_uses(&clients, false).await;
    assert_eq!(used(&reading), ["ami-11", "ami-13", "ami-22", "ami-23", "ami-31", "ami-33", "ami-43", "ami-9"]);
    assert_eq!(users(&reading, "ami-22"), ["launch template t-2 (lt-2) version 2", "Auto Scaling group web"]);
    assert_eq!(users(&reading, "ami-31"), ["launch template t-3 (lt-3) version 1", "Auto Scaling group web"]);
    assert_eq!(users(&reading, "ami-9"), ["Auto Scaling group web"]);
    assert_eq!(ec2.count("DescribeLaunchTemplateVersions"), 4, "the heads, and the three that are pinned");
}

#[tokio::test]
async fn a_group_of_no_instances_or_of_a_warm_pool_only_uses_what_it_would_launch() {
    let account = account()
        .launch_template(pinned(1))
        .launch_template(pinned(2))
        .group(Group::new("asleep").desired(0).launch_template(TemplateRef::id("lt-1", "1")))
        .group(Group::new("warm").desired(0).warm_pool(2).launch_template(TemplateRef::id("lt-2", "").unversioned()));
    let (ec2, clients) = serve(account).await;
    ec2.pages_at_most("DescribeAutoScalingGroups", 1);
    let reading = read_uses(&clients, false).await;
    assert_eq!(users(&reading, "ami-11").last().unwrap(), "Auto Scaling group asleep");
    assert_eq!(users(&reading, "ami-23").last().unwrap(), "Auto Scaling group warm");
    assert_eq!(reading.coverages[&Source::AutoScalingGroups], complete(2));
}

/// cloud-custodian#4568
#[tokio::test]
async fn a_missing_template_or_version_uses_nothing_and_ends_nothing() {
    let account = account()
        .launch_template(pinned(1))
        .group(Group::new("a").launch_template(TemplateRef::id("lt-gone", "1")))
        .group(Group::new("b").launch_template(TemplateRef::named("gone", "$Latest")))
        .group(Group::new("c").mixed(TemplateRef::id("lt-1", "7")).override_template(TemplateRef::id("lt-1", "2")));
    let (_ec2, clients) = serve(account).await;
    let reading = read_uses(&clients, false).await;
    assert_eq!(used(&reading), ["ami-12", "ami-13"]);
    assert!(incomplete(&reading).is_empty());
}

#[tokio::test]
async fn a_template_that_came_into_being_during_the_reading_is_still_found() {
    let account = account().group(Group::new("new").launch_template(TemplateRef::id("lt-1", "$Latest")));
    let (ec2, clients) = serve(account).await;
    ec2.faults().on("DescribeLaunchTemplateVersions", 2, |account| {
        account.launch_templates.insert("lt-1".into(), pinned(1));
    });
    let reading = read_uses(&clients, false).await;
    assert_eq!(users(&reading, "ami-13").last().unwrap(), "Auto Scaling group new");
}

#[tokio::test]
async fn a_pinned_version_that_could_not_be_read_leaves_the_templates_incomplete() {
    let account =
        account().launch_template(pinned(1)).group(Group::new("web").launch_template(TemplateRef::id("lt-1", "1")));
    let (ec2, clients) = serve(account).await;
    ec2.faults().add("DescribeLaunchTemplateVersions", When::After(1), Fault::InternalError);
    let reading = read_uses(&clients, false).await;
    assert_eq!(incomplete(&reading), [Source::LaunchTemplates].into());
    assert_eq!(used(&reading), ["ami-13"], "what was read counts all the same");
}

#[tokio::test]
async fn launch_configurations_are_uses_attached_or_not() {
    let account = (1..=3).fold(account(), |account, n| {
        account.launch_configuration(LaunchConfiguration::new(format!("lc-{n}"), format!("ami-{n}")))
    });
    let (ec2, clients) = serve(account.group(Group::new("web").launch_configuration("lc-1"))).await;
    ec2.pages_at_most("DescribeLaunchConfigurations", 1);
    let reading = read_uses(&clients, false).await;
    assert_eq!(used(&reading), ["ami-1", "ami-2", "ami-3"]);
    assert_eq!(users(&reading, "ami-2"), ["launch configuration lc-2"]);
}

/// cloud-custodian#6554
#[tokio::test]
async fn an_image_that_only_spot_requests_name_is_used_while_they_may_launch() {
    let states = ["open", "active", "disabled", "closed", "cancelled", "failed", "a-new-state"];
    let account = (1..).zip(states).fold(account(), |account, (n, state)| {
        account.spot_request(SpotRequest::new(format!("sir-{n}"), format!("ami-{n}")).in_state(state))
    });
    let (_ec2, clients) = serve(account).await;
    let reading = read_uses(&clients, false).await;
    assert_eq!(used(&reading), ["ami-1", "ami-2", "ami-3", "ami-7"]);
    assert_eq!(users(&reading, "ami-1"), ["Spot Instance request sir-1"]);
}

#[tokio::test]
async fn spot_fleets_use_their_images_and_pinned_templates_until_they_are_cancelled() {
    let states =
        ["submitted", "active", "modifying", "failed", "cancelled", "cancelled_running", "cancelled_terminating"];
    let account = (1..).zip(states).fold(account().launch_template(pinned(8)), |account, (n, state)| {
        account.spot_fleet(SpotFleet::new(format!("sfr-{n}")).image(format!("ami-{n}")).in_state(state))
    });
    let fleet = SpotFleet::new("sfr-9").template(TemplateRef::named("t-8", "2"));
    let (ec2, clients) = serve(account.spot_fleet(fleet)).await;
    ec2.pages_at_most("DescribeSpotFleetRequests", 3);
    let reading = read_uses(&clients, false).await;
    assert_eq!(used(&reading), ["ami-1", "ami-2", "ami-3", "ami-4", "ami-82", "ami-83"]);
    assert_eq!(users(&reading, "ami-82").last().unwrap(), "Spot Fleet request sfr-9");
}

#[tokio::test]
async fn fleets_use_their_pinned_templates_and_override_images_until_they_are_deleted() {
    let states = ["submitted", "active", "modifying", "failed", "deleted", "deleted_running", "deleted_terminating"];
    let account = (1..).zip(states).fold(account().launch_template(pinned(8)), |account, (n, state)| {
        account.fleet(Fleet::new(format!("fleet-{n}")).override_image(format!("ami-{n}")).in_state(state))
    });
    let fleet = Fleet::new("fleet-9").template(TemplateRef::id("lt-8", "2"));
    let (ec2, clients) = serve(account.fleet(fleet)).await;
    ec2.pages_at_most("DescribeFleets", 2);
    let reading = read_uses(&clients, false).await;
    assert_eq!(used(&reading), ["ami-1", "ami-2", "ami-3", "ami-4", "ami-82", "ami-83"]);
    assert_eq!(users(&reading, "ami-82").last().unwrap(), "EC2 Fleet fleet-9");
}

/// terraform-aws-github-runner#4601
#[tokio::test]
async fn an_image_in_the_last_of_many_parameters_is_used() {
    let account = (1..=123)
        .fold(account(), |account, n| account.parameter(Parameter::new(format!("/team/{n:03}"), format!("ami-{n}"))));
    let (ec2, clients) = serve(account).await;
    let reading = read_uses(&clients, false).await;
    assert_eq!(reading.uses.len(), 123);
    assert_eq!(users(&reading, "ami-123"), ["SSM parameter /team/123"]);
    assert_eq!(reading.coverages[&Source::SsmParameters], complete(123));
    assert_eq!((ec2.count("DescribeParameters"), ec2.count("GetParameters")), (3, 13));
}

#[tokio::test]
async fn parameters_are_matched_by_value_whatever_they_are_called() {
    let account = account()
        .parameter(Parameter::new("/a", r#"{"web":"ami-1","db":["ami-2"]}"#))
        .parameter(Parameter::new("/b", "ami-3,ami-4").string_list())
        .parameter(Parameter::new("/c", "ami-5").secure())
        .parameter(Parameter::new("/ami-6", "nothing"))
        .parameter(Parameter::new("/d", "ami-7").image_type());
    let (_ec2, clients) = serve(account).await;
    let reading = read_uses(&clients, false).await;
    assert_eq!(used(&reading), ["ami-1", "ami-2", "ami-3", "ami-4", "ami-7"]);
    assert_eq!(reading.coverages[&Source::SsmParameters], complete(5));
}

#[tokio::test]
async fn a_parameter_that_goes_while_they_are_read_is_nothing() {
    let account = account().parameter(Parameter::new("/a", "ami-1")).parameter(Parameter::new("/b", "ami-2"));
    let (ec2, clients) = serve(account).await;
    ec2.faults().on("GetParameters", 1, |account| {
        account.parameters.remove("/a");
    });
    let reading = read_uses(&clients, false).await;
    assert_eq!(used(&reading), ["ami-2"]);
    assert!(incomplete(&reading).is_empty());
}

fn resolving(parameter: &str) -> Account {
    account().launch_template(LaunchTemplate::new("lt-1", "web").version(format!("resolve:ssm:{parameter}")))
}

#[tokio::test]
async fn a_template_uses_the_image_that_its_parameter_holds_now() {
    for parameter in ["/golden", "/golden:3", "/golden:prod", "arn:aws:ssm:us-east-1:123456789012:parameter/golden"] {
        let (_ec2, clients) = serve(resolving(parameter).parameter(Parameter::new(parameter, "ami-1").public())).await;
        let reading = read_uses(&clients, false).await;
        assert_eq!(users(&reading, "ami-1"), ["launch template web (lt-1) version 1"], "{parameter}");
        assert!(incomplete(&reading).is_empty());
    }
}

#[tokio::test]
async fn pinned_versions_and_fleets_may_name_a_parameter_too() {
    let account = resolving("/old")
        .launch_template(
            LaunchTemplate::new("lt-2", "t-2").version("resolve:ssm:/pinned").version("ami-9").default_version(2),
        )
        .parameter(Parameter::new("/old", "ami-1").public())
        .parameter(Parameter::new("/pinned", "ami-2").public())
        .parameter(Parameter::new("/fleet", "ami-3").public())
        .group(Group::new("web").launch_template(TemplateRef::id("lt-2", "1")))
        .fleet(Fleet::new("fleet-1").override_image("resolve:ssm:/fleet"));
    let (ec2, clients) = serve(account).await;
    let reading = read_uses(&clients, false).await;
    assert_eq!(used(&reading), ["ami-1", "ami-2", "ami-3", "ami-9"]);
    assert_eq!(ec2.count("GetParameters"), 1);
}

#[tokio::test]
async fn a_parameter_that_does_not_exist_launches_nothing() {
    let (_ec2, clients) = serve(resolving("/gone")).await;
    let reading = read_uses(&clients, false).await;
    assert!(reading.uses.is_empty() && incomplete(&reading).is_empty());
}

#[tokio::test]
async fn one_name_that_is_none_does_not_hide_the_others() {
    let account = resolving("no name").launch_template(LaunchTemplate::new("lt-2", "t-2").version("resolve:ssm:/a"));
    let (ec2, clients) = serve(account.parameter(Parameter::new("/a", "ami-1").public())).await;
    let refused = || Fault::error(400, "ValidationException", "1 validation error detected");
    ec2.faults().add("GetParameters", When::Naming("no name".into()), refused());
    let reading = read_uses(&clients, false).await;
    assert_eq!(used(&reading), ["ami-1"]);
    assert!(incomplete(&reading).is_empty());
}

#[tokio::test]
async fn a_parameter_that_could_not_be_read_leaves_the_templates_incomplete() {
    let arn = "arn:aws:ssm:us-east-1:999999999999:parameter/shared";
    for fault in [
        Fault::error(400, "AccessDeniedException", "not shared with you"),
        Fault::error(400, "ValidationException", "parameter ARN not supported"),
        Fault::InternalError,
    ] {
        let (ec2, clients) = serve(resolving(arn)).await;
        ec2.faults().add("GetParameters", When::Every, fault);
        let reading = read_uses(&clients, false).await;
        assert_eq!(incomplete(&reading), [Source::LaunchTemplates].into());
        let coverage = reading.coverages[&Source::LaunchTemplates].to_string();
        assert!(coverage.contains(arn), "{coverage}");
    }
}

#[tokio::test]
async fn an_image_used_in_many_ways_names_them_all_and_in_pages_of_one() {
    let (ec2, clients) = serve(one_image_used_by_all()).await;
    ec2.pages_at_most("*", 1);
    let reading = read_uses(&clients, false).await;
    assert_eq!(
        users(&reading, "ami-1"),
        [
            "instance i-1 (running)",
            "launch template web (lt-1) version 1",
            "Auto Scaling group web",
            "launch configuration lc-1",
            "Spot Instance request sir-1",
            "Spot Fleet request sfr-1",
            "EC2 Fleet fleet-1",
            "SSM parameter /web",
        ]
    );
}

pub fn one_image_used_by_all() -> Account {
    account()
        .instance(Instance::new("i-1", "ami-1"))
        .launch_template(LaunchTemplate::new("lt-1", "web").version("ami-1"))
        .group(Group::new("web").launch_template(TemplateRef::id("lt-1", "$Default")))
        .launch_configuration(LaunchConfiguration::new("lc-1", "ami-1"))
        .spot_request(SpotRequest::new("sir-1", "ami-1"))
        .spot_fleet(SpotFleet::new("sfr-1").image("ami-1"))
        .fleet(Fleet::new("fleet-1").template(TemplateRef::id("lt-1", "1")))
        .parameter(Parameter::new("/web", "ami-1"))
}

#[tokio::test]
async fn every_source_that_is_denied_says_so_and_the_others_are_read_all_the_same() {
    for (action, source) in [
        ("DescribeInstances", Source::Instances),
        ("DescribeLaunchTemplateVersions", Source::LaunchTemplates),
        ("DescribeAutoScalingGroups", Source::AutoScalingGroups),
        ("DescribeLaunchConfigurations", Source::LaunchConfigurations),
        ("DescribeSpotInstanceRequests", Source::SpotInstanceRequests),
        ("DescribeSpotFleetRequests", Source::SpotFleetRequests),
        ("DescribeFleets", Source::Fleets),
        ("DescribeParameters", Source::SsmParameters),
        ("GetParameters", Source::SsmParameters),
    ] {
        let (_ec2, clients) = serve(one_image_used_by_all().denies(action)).await;
        let reading = read_uses(&clients, false).await;
        assert_eq!(incomplete(&reading), [source].into(), "{action}");
        assert!(matches!(reading.coverages[&source], Coverage::Denied { .. }), "{action}");
        assert!(users(&reading, "ami-1").len() >= 5, "{action}");
    }
}

#[tokio::test]
async fn every_source_whose_token_comes_again_is_incomplete() {
    let (ec2, clients) = serve(one_image_used_by_all()).await;
    for action in [
        "DescribeInstances",
        "DescribeLaunchTemplateVersions",
        "DescribeAutoScalingGroups",
        "DescribeLaunchConfigurations",
        "DescribeSpotInstanceRequests",
        "DescribeSpotFleetRequests",
        "DescribeFleets",
        "DescribeParameters",
    ] {
        ec2.pages_at_most(action, 0);
    }
    let reading = read_uses(&clients, false).await;
    assert_eq!(incomplete(&reading).len(), 8);
}

#[tokio::test]
async fn every_source_goes_on_after_an_empty_first_page() {
    let (ec2, clients) = serve(one_image_used_by_all()).await;
    ec2.first_page_empty("*");
    let reading = read_uses(&clients, false).await;
    assert!(incomplete(&reading).is_empty());
    assert_eq!(users(&reading, "ami-1").len(), 8);
}
