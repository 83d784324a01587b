//! Auto Scaling groups and launch configurations.

use super::ask::Ask;
use super::error::ApiError;
use super::paging::Limits;
use super::template_ref::write_for_group;
use super::xml::Xml;
use crate::account::{Account, Group};

const LIMITS: Limits = Limits::ec2(1, 100).strict().or(50).named("MaxRecords").refusing_with("ValidationError");

pub(super) fn describe_groups(account: &mut Account, ask: &Ask<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let page = ask.page(LIMITS)?;
    if ask.params.structures("Filters.member").next().is_some() {
        return Err(ApiError::client("ValidationError", "Filters are not served here"));
    }
    let names = ask.params.list("AutoScalingGroupNames.member");
    let (found, next) =
        page.take(page.rest(&account.groups).filter(|(name, _)| names.is_empty() || names.contains(name)));
    let arn = format!("arn:aws:autoscaling:{}:{}:autoScalingGroup", account.region, account.id);
    xml.members("AutoScalingGroups", found, |xml, group| write_group(xml, group, &arn));
    xml.optional("NextToken", next.as_deref());
    Ok(())
}

fn write_group(xml: &mut Xml, group: &Group, arn: &str) {
    xml.text("AutoScalingGroupName", &group.name);
    xml.text(
        "AutoScalingGroupARN",
        &format!("{arn}:00000000-0000-4000-8000-000000000000:autoScalingGroupName/{}", group.name),
    );
    xml.optional("LaunchConfigurationName", group.launch_configuration.as_deref());
    if let Some(template) = &group.launch_template {
        write_for_group(xml, "LaunchTemplate", template);
    }
    if let Some(base) = &group.mixed {
        xml.within("MixedInstancesPolicy", |xml| {
            xml.within("LaunchTemplate", |xml| {
                write_for_group(xml, "LaunchTemplateSpecification", base);
                xml.members("Overrides", &group.overrides, |xml, own| {
                    xml.text("InstanceType", &own.instance_type);
                    if let Some(template) = &own.template {
                        write_for_group(xml, "LaunchTemplateSpecification", template);
                    }
                    xml.optional("ImageId", own.image_id.as_deref());
                });
            });
            xml.within("InstancesDistribution", |xml| xml.text("OnDemandAllocationStrategy", "prioritized"));
        });
    }
    xml.text("MinSize", "0");
    xml.show("MaxSize", group.desired.max(1));
    xml.show("DesiredCapacity", group.desired);
    xml.text("DefaultCooldown", "300");
    xml.members("AvailabilityZones", ["us-east-1a"], Xml::escaped);
    xml.text("HealthCheckType", "EC2");
    xml.text("HealthCheckGracePeriod", "300");
    xml.members("Instances", &group.instances, |xml, (instance_id, image_id)| {
        xml.text("InstanceId", instance_id);
        xml.text("AvailabilityZone", "us-east-1a");
        xml.text("LifecycleState", "InService");
        xml.text("HealthStatus", "Healthy");
        xml.text("ImageId", image_id);
        xml.text("ProtectedFromScaleIn", "false");
    });
    xml.time("CreatedTime", group.created);
    xml.text("NewInstancesProtectedFromScaleIn", "false");
    if let Some(size) = group.warm_pool {
        xml.within("WarmPoolConfiguration", |xml| {
            xml.show("MinSize", size);
            xml.text("PoolState", "Stopped");
        });
        xml.show("WarmPoolSize", size);
    }
}

pub(super) fn describe_launch_configurations(
    account: &mut Account,
    ask: &Ask<'_>,
    xml: &mut Xml,
) -> Result<(), ApiError> {
    let page = ask.page(LIMITS)?;
    let names = ask.params.list("LaunchConfigurationNames.member");
    let rest = page.rest(&account.launch_configurations);
    let (found, next) = page.take(rest.filter(|(name, _)| names.is_empty() || names.contains(name)));
    let arn = format!("arn:aws:autoscaling:{}:{}:launchConfiguration", account.region, account.id);
    xml.members("LaunchConfigurations", found, |xml, configuration| {
        let name = &configuration.name;
        xml.text("LaunchConfigurationName", name);
        xml.text(
            "LaunchConfigurationARN",
            &format!("{arn}:00000000-0000-4000-8000-000000000000:launchConfigurationName/{name}"),
        );
        xml.text("ImageId", &configuration.image_id);
        xml.text("KeyName", "");
        xml.members("SecurityGroups", [(); 0], |_, ()| ());
        xml.text("UserData", "");
        xml.text("InstanceType", "t3.micro");
        xml.members("BlockDeviceMappings", &configuration.snapshot_ids, |xml, snapshot_id| {
            xml.text("DeviceName", "/dev/xvdf");
            xml.within("Ebs", |xml| xml.text("SnapshotId", snapshot_id));
        });
        xml.time("CreatedTime", configuration.created);
        xml.text("EbsOptimized", "false");
    });
    xml.optional("NextToken", next.as_deref());
    Ok(())
}
