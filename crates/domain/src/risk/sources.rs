//! What must have been read completely before a resource of each type may go (C41, C49).

use crate::coverage::Source;
use crate::process::observation::{Blocker, Observation};
use crate::process::resource::ResourceType;

const INSTANCE: &[Source] = &[
    Source::Resource,
    Source::ResourceTracking,
    Source::ResourceDependencies,
    Source::Attributes,
    Source::Volumes,
    Source::Addresses,
    Source::NetworkInterfaces,
    Source::TargetGroups,
    Source::AutoScalingGroups,
];
/// The instances say whether a volume is in use, and whether it is their root.
const VOLUME: &[Source] =
    &[Source::Resource, Source::ResourceTracking, Source::ResourceDependencies, Source::Instances];
/// Whether it is locked is not among them: EC2 itself refuses to delete a locked one.
const SNAPSHOT: &[Source] = &[
    Source::Resource,
    Source::ResourceTracking,
    Source::ResourceDependencies,
    Source::Images,
    Source::LaunchPermissions,
];
/// What an outage would come from, as for every image that ami-cleanup takes ([`Source::REQUIRED`]); the image itself is
/// the resource.
const IMAGE: &[Source] = &[
    Source::Resource,
    Source::ResourceTracking,
    Source::ResourceDependencies,
    Source::LaunchPermissions,
    Source::Instances,
    Source::LaunchTemplates,
    Source::AutoScalingGroups,
    Source::LaunchConfigurations,
    Source::SpotInstanceRequests,
    Source::SpotFleetRequests,
    Source::Fleets,
    Source::SsmParameters,
];
const ADDRESS: &[Source] = &[
    Source::Resource,
    Source::ResourceTracking,
    Source::ResourceDependencies,
    Source::NetworkInterfaces,
    Source::Instances,
];
/// Launch templates and configurations name groups: their next launch needs them.
const SECURITY_GROUP: &[Source] = &[
    Source::Resource,
    Source::ResourceTracking,
    Source::ResourceDependencies,
    Source::NetworkInterfaces,
    Source::SecurityGroups,
    Source::LaunchTemplates,
    Source::LaunchConfigurations,
];

/// The sources that block a retirement when they are missing or incomplete.
#[must_use]
pub fn required_sources(resource_type: ResourceType) -> &'static [Source] {
    match resource_type {
        ResourceType::Instance => INSTANCE,
        ResourceType::Volume => VOLUME,
        ResourceType::Snapshot => SNAPSHOT,
        ResourceType::Image => IMAGE,
        ResourceType::Address => ADDRESS,
        ResourceType::SecurityGroup => SECURITY_GROUP,
    }
}

/// Whether every source was read completely: the required ones, and every other that was tried.
#[must_use]
pub fn evidence_complete(observation: &Observation) -> bool {
    unread(observation).is_empty()
}

/// Every source that was not read completely, with what happened, in the order of [`Source`].
#[must_use]
pub fn unread(observation: &Observation) -> Vec<(Source, String)> {
    let coverages = &observation.coverages;
    let missing = required_sources(observation.resource.resource_type())
        .iter()
        .filter(|source| !coverages.contains_key(source))
        .map(|source| (*source, "not read".to_owned()));
    let incomplete = coverages
        .iter()
        .filter(|(_, coverage)| !coverage.is_complete())
        .map(|(source, coverage)| (*source, coverage.to_string()));
    let mut unread: Vec<_> = missing.chain(incomplete).collect();
    unread.sort();
    unread
}

/// A blocker for every required source that was not read completely.
pub(super) fn blocking(observation: &Observation) -> Vec<Blocker> {
    let required = required_sources(observation.resource.resource_type());
    unread(observation)
        .into_iter()
        .filter(|(source, _)| required.contains(source))
        .map(|(source, what)| Blocker {
            code: "unread".into(),
            detail: format!(
                "{source} could not be relied on ({what}), so nobody knows who uses the resource; assess again once it can \
                 be read"
            ),
        })
        .collect()
}

#[cfg(test)]
mod tests;
