//! The target groups that send an instance traffic, by its id or by one of its addresses.

use std::collections::BTreeSet;

use aws_sdk_elasticloadbalancingv2::types::{TargetGroup, TargetTypeEnum};
use sunset_domain::coverage::Source;
use sunset_domain::process::observation::Dependency;

use super::sight::Sight;
use crate::account::pages::read_all;
use crate::account::side_by_side::side_by_side;
use crate::clients::Clients;
use crate::error::AwsError;

const GROUPS: &str = "DescribeTargetGroups";
const HEALTH: &str = "DescribeTargetHealth";

/// Who may be a target.
#[derive(Debug)]
pub(super) struct Target<'a> {
    pub(super) instance_id: &'a str,
    pub(super) ips: BTreeSet<String>,
    pub(super) vpc_id: Option<&'a str>,
}

/// What was read of the target groups.
#[derive(Debug)]
pub(super) struct Traffic {
    sending: Vec<(String, Dependency)>,
    items: usize,
    outcome: Result<(), AwsError>,
}

/// Reads every target group, and the targets of those that may have this one.
pub(super) async fn of(clients: &Clients, target: &Target<'_>) -> Traffic {
    let (groups, mut outcome) = read_all(GROUPS, async |marker| {
        let page = clients
            .elastic_load_balancing()
            .describe_target_groups()
            .page_size(400)
            .set_marker(marker)
            .send()
            .await
            .map_err(|error| AwsError::of(GROUPS, &error))?;
        Ok((page.target_groups.unwrap_or_default(), page.next_marker))
    })
    .await;
    let items = groups.len();
    let groups = groups.into_iter().filter(|group| target.may_be_in(group)).collect();
    let reads = side_by_side(groups, async |group| sends_to(clients, &group, target).await).await;
    let mut sending = Vec::new();
    for read in reads {
        match read {
            Ok(found) => sending.extend(found),
            Err(error) => outcome = outcome.and(Err(error)),
        }
    }
    Traffic { sending, items, outcome }
}

/// Notes the groups as who fails without it.
pub(super) fn note(sight: &mut Sight, traffic: Traffic) {
    sight.read(Source::TargetGroups, traffic.items, traffic.outcome);
    for (name, dependency) in traffic.sending {
        let relation = match dependency {
            Dependency::Critical => "sends it traffic",
            _ => "sends traffic to an address like its own, from another network",
        };
        sight.depends(Source::TargetGroups, "target_group", name, relation, dependency);
    }
}

impl Target<'_> {
    fn may_be_in(&self, group: &TargetGroup) -> bool {
        match group.target_type() {
            Some(TargetTypeEnum::Lambda | TargetTypeEnum::Alb) => false,
            Some(TargetTypeEnum::Instance) => self.shares_network_with(group).unwrap_or(true),
            _ => true,
        }
    }

    fn shares_network_with(&self, group: &TargetGroup) -> Option<bool> {
        Some(group.vpc_id()? == self.vpc_id?)
    }
}

async fn sends_to(
    clients: &Clients,
    group: &TargetGroup,
    target: &Target<'_>,
) -> Result<Option<(String, Dependency)>, AwsError> {
    let answer = clients
        .elastic_load_balancing()
        .describe_target_health()
        // All its targets: asked for one without its port, it tells of the group's own port only.
        .set_target_group_arn(group.target_group_arn.clone())
        .send()
        .await
        .map_err(|error| AwsError::of(HEALTH, &error));
    let targets = match answer {
        Ok(answer) => answer.target_health_descriptions.unwrap_or_default(),
        Err(error) if error.is_not_found() => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut ids = targets.iter().filter_map(|described| described.target()?.id());
    if !ids.any(|id| id == target.instance_id || target.ips.contains(id)) {
        return Ok(None);
    }
    let name = group.target_group_name().or(group.target_group_arn()).unwrap_or_default();
    // Private addresses repeat from network to network.
    let same = target.shares_network_with(group).unwrap_or(true);
    Ok(Some((name.to_owned(), if same { Dependency::Critical } else { Dependency::Unknown })))
}
