use super::*;
use crate::never_touch::tag_reasons;
use crate::process::observation::Dependency;
use crate::process::resource::ResourceType;
use crate::reason::Reason;
use crate::risk::fixtures::*;
use crate::tags::Tags;

/// C49.
#[rstest::rstest]
#[case(
    "aws:cloudformation:stack-name",
    "web",
    "CloudFormation",
    "take it out of the template of stack web and update the stack, or delete the stack"
)]
#[case(
    "aws:autoscaling:groupName",
    "web",
    "Auto Scaling",
    "lower the desired capacity of Auto Scaling group web, or detach the instance from it"
)]
#[case("aws:ec2:fleet-id", "fleet-1", "EC2 Fleet", "change or delete EC2 Fleet fleet-1")]
#[case("aws:ec2spot:fleet-request-id", "sfr-1", "Spot Fleet", "change or cancel Spot Fleet request sfr-1")]
#[case(
    "aws:backup:source-resource",
    "i-1",
    "AWS Backup",
    "delete its recovery point in AWS Backup, or change the backup plan (i-1)"
)]
#[case(
    "aws:dlm:lifecycle-policy-id",
    "policy-1",
    "Data Lifecycle Manager",
    "change lifecycle policy policy-1 of Data Lifecycle Manager"
)]
#[case("dlm:managed", "true", "Data Lifecycle Manager", "change lifecycle policy true of Data Lifecycle Manager")]
#[case(
    "Ec2ImageBuilderArn",
    "arn:x",
    "EC2 Image Builder",
    "delete it in EC2 Image Builder, or change the pipeline or lifecycle policy (arn:x)"
)]
#[case(
    "CreatedBy",
    "EC2 Image Builder",
    "EC2 Image Builder",
    "delete it in EC2 Image Builder, or change the pipeline or lifecycle policy (EC2 Image Builder)"
)]
#[case("eks:nodegroup-name", "blue", "EKS", "scale down or delete node group blue")]
#[case("kubernetes.io/cluster/prod-1", "owned", "Kubernetes", "remove it through Kubernetes cluster prod-1")]
#[case("karpenter.sh/nodepool", "default", "Karpenter", "drain the node, or change node pool default of Karpenter")]
#[case(
    "elasticbeanstalk:environment-name",
    "shop",
    "Elastic Beanstalk",
    "change or terminate Elastic Beanstalk environment shop"
)]
#[case("aws:ecs:clusterName", "jobs", "ECS", "change the capacity of ECS cluster jobs")]
#[case(
    "aws:cloud9:environment",
    "x",
    "an AWS service (tag aws:cloud9:environment)",
    "change or delete it in that service (x)"
)]
#[case(
    "AWS:new-service",
    "",
    "an AWS service (tag AWS:new-service)",
    "change or delete it in that service ((unnamed))"
)]
fn a_tag_names_the_manager_and_what_to_change_instead(
    #[case] key: &str,
    #[case] value: &str,
    #[case] service: &str,
    #[case] instead: &str,
) {
    let [manager] = &managers(&observation(ResourceType::Instance).tagged(key, value))[..] else {
        panic!("not one manager")
    };
    assert_eq!((&*manager.service, &*manager.change_instead), (service, instead));
}

#[rstest::rstest]
#[case("aws:ec2launchtemplate:id", "lt-1")]
#[case("aws:ec2launchtemplate:version", "3")]
#[case("kubernetes.io/cluster/prod-1", "shared")]
#[case("CreatedBy", "ada")]
#[case("team", "aws:web")]
fn other_tags_manage_nothing(#[case] key: &str, #[case] value: &str) {
    assert_eq!(managers(&observation(ResourceType::Instance).tagged(key, value)), []);
}

#[test]
fn the_tags_of_one_service_are_one_manager_under_its_most_telling_name() {
    let seen = observation(ResourceType::Instance)
        .tagged("aws:cloudformation:logical-id", "Web")
        .tagged("aws:cloudformation:stack-id", "arn:x")
        .tagged("aws:cloudformation:stack-name", "shop")
        .tagged("aws:autoscaling:groupName", "web");
    let named: Vec<_> = managers(&seen).into_iter().map(|manager| (manager.service, manager.name)).collect();
    assert_eq!(
        named,
        [("Auto Scaling".to_owned(), "web".to_owned()), ("CloudFormation".to_owned(), "shop".to_owned())]
    );
}

#[test]
fn a_group_that_runs_an_instance_manages_it_without_a_tag() {
    let mut group = dependent("auto_scaling_group", "web", Dependency::Required);
    group.source = Source::AutoScalingGroups;
    let managed = |resource_type| managers(&observation(resource_type).with_dependents([group.clone()]));
    assert_eq!(managed(ResourceType::Instance)[0].name, "web");
    // Of an image the group is a user, not a manager.
    assert_eq!(managed(ResourceType::Image), []);
}

#[test]
fn an_image_of_aws_backup_is_known_by_its_name() {
    let mut seen = observation(ResourceType::Image);
    seen.found.as_mut().unwrap().name = Some("AwsBackup_i-1_x".into());
    assert_eq!(managers(&seen)[0].service, "AWS Backup");
}

#[test]
fn whatever_the_never_touch_list_holds_as_managed_has_a_manager_here() {
    for key in [
        "dlm:managed",
        "Ec2ImageBuilderArn",
        "aws:backup:x",
        "aws:dlm:x",
        "aws:imagebuilder:x",
        "aws:cloudformation:x",
        "aws:anything",
    ] {
        let held = tag_reasons(&Tags::from([(key, "")]), now());
        assert!(matches!(held[..], [Reason::ManagedBy { .. }]), "{key}");
        assert_eq!(managers(&observation(ResourceType::Snapshot).tagged(key, "")).len(), 1, "{key}");
    }
}
