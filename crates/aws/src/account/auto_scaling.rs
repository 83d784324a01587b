//! Auto Scaling groups and launch configurations.

use aws_sdk_autoscaling::types::{AutoScalingGroup, LaunchTemplateSpecification};
use sunset_domain::coverage::Source;
use sunset_domain::evidence::Use;

use super::found::Found;
use super::pages::Pages;
use crate::clients::Clients;
use crate::error::AwsError;

const GROUPS: &str = "DescribeAutoScalingGroups";
const CONFIGURATIONS: &str = "DescribeLaunchConfigurations";

/// Reads all groups, whatever they run: a group of no instances, or with a warm pool only, launches tomorrow.
pub(super) async fn read_groups(clients: &Clients) -> Found {
    let mut found = Found::nothing(Source::AutoScalingGroups);
    let outcome = read_group_pages(clients, &mut found).await;
    found.ended(outcome)
}

async fn read_group_pages(clients: &Clients, found: &mut Found) -> Result<(), AwsError> {
    let mut pages = Pages::of(GROUPS);
    while let Some(token) = pages.turn() {
        let page = clients
            .auto_scaling()
            .describe_auto_scaling_groups()
            // They are read where all instances are.
            .include_instances(false)
            .max_records(100)
            .set_next_token(token)
            .send()
            .await
            .map_err(|error| AwsError::of(GROUPS, &error))?;
        for group in page.auto_scaling_groups.into_iter().flatten() {
            found.items += 1;
            note_group(&group, found);
        }
        pages.turned(page.next_token)?;
    }
    Ok(())
}

/// A group's own template, or the base of its mixed-instances policy and every override: each may name a template,
/// a version and an image of its own. Its launch configuration is read where all of those are.
fn note_group(group: &AutoScalingGroup, found: &mut Found) {
    let by = Use::AutoScalingGroup { name: group.auto_scaling_group_name().unwrap_or_default().to_owned() };
    let mut template = |template: &LaunchTemplateSpecification| {
        found.template(&by, template.launch_template_id(), template.launch_template_name(), template.version());
    };
    let mixed = group.mixed_instances_policy().and_then(|policy| policy.launch_template());
    let base = mixed.and_then(|mixed| mixed.launch_template_specification());
    let overrides = mixed.map(|mixed| mixed.overrides()).unwrap_or_default();
    group
        .launch_template()
        .into_iter()
        .chain(base)
        .chain(overrides.iter().filter_map(|one| one.launch_template_specification()))
        .for_each(&mut template);
    for image_id in overrides.iter().filter_map(|one| one.image_id()) {
        found.image(&by, Some(image_id));
    }
}

/// Reads all launch configurations, attached to a group or not.
pub(super) async fn read_launch_configurations(clients: &Clients) -> Found {
    let mut found = Found::nothing(Source::LaunchConfigurations);
    let outcome = read_configuration_pages(clients, &mut found).await;
    found.ended(outcome)
}

async fn read_configuration_pages(clients: &Clients, found: &mut Found) -> Result<(), AwsError> {
    let mut pages = Pages::of(CONFIGURATIONS);
    while let Some(token) = pages.turn() {
        let page = clients
            .auto_scaling()
            .describe_launch_configurations()
            .max_records(100)
            .set_next_token(token)
            .send()
            .await
            .map_err(|error| AwsError::of(CONFIGURATIONS, &error))?;
        for configuration in page.launch_configurations.into_iter().flatten() {
            found.items += 1;
            let by = Use::LaunchConfiguration { name: configuration.launch_configuration_name.unwrap_or_default() };
            found.image(&by, configuration.image_id.as_deref());
        }
        pages.turned(page.next_token)?;
    }
    Ok(())
}
