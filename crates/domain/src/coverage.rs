//! How the reading of each source of evidence went. "Could not read" is never "none".

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// A place where the use of an image shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// `DescribeImages`, with disabled and deprecated ones.
    Images,
    /// `DescribeInstances`, in every state but terminated.
    Instances,
    /// `DescribeLaunchTemplateVersions`: heads, and the versions that groups and fleets pin.
    LaunchTemplates,
    /// `DescribeAutoScalingGroups`, those without instances too.
    AutoScalingGroups,
    /// `DescribeLaunchConfigurations`, attached or not.
    LaunchConfigurations,
    /// `DescribeSpotInstanceRequests`.
    SpotInstanceRequests,
    /// `DescribeSpotFleetRequests`.
    SpotFleetRequests,
    /// `DescribeFleets`.
    Fleets,
    /// SSM parameters, by value.
    SsmParameters,
    /// Sunset's own ledger: what it disabled, and when. Asked image by image.
    Ledger,
    /// `DescribeImageAttribute(launchPermission)`. Asked image by image.
    LaunchPermissions,
    /// `DescribeImageReferences`, the second opinion. Asked image by image.
    ImageReferences,
    /// The resource itself.
    Resource,
    /// Its attributes: what protects it.
    Attributes,
    /// `DescribeVolumes`.
    Volumes,
    /// `DescribeSnapshots`.
    Snapshots,
    /// `DescribeAddresses`.
    Addresses,
    /// `DescribeNetworkInterfaces`.
    NetworkInterfaces,
    /// `DescribeSecurityGroups`: rules that name the resource.
    SecurityGroups,
    /// `DescribeTargetGroups` and `DescribeTargetHealth`: who sends traffic to it.
    TargetGroups,
    /// A team's table `ResourceTracking` (C17).
    ResourceTracking,
    /// A team's table `ResourceDependencies` (C17).
    ResourceDependencies,
}

impl Source {
    /// What an outage would come from: each must have been read completely before any image may go.
    pub const REQUIRED: [Self; 9] = [
        Self::Images,
        Self::Instances,
        Self::LaunchTemplates,
        Self::AutoScalingGroups,
        Self::LaunchConfigurations,
        Self::SpotInstanceRequests,
        Self::SpotFleetRequests,
        Self::Fleets,
        Self::SsmParameters,
    ];

    /// The name in reports and in the ledger.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Images => "images",
            Self::Instances => "instances",
            Self::LaunchTemplates => "launch_templates",
            Self::AutoScalingGroups => "auto_scaling_groups",
            Self::LaunchConfigurations => "launch_configurations",
            Self::SpotInstanceRequests => "spot_instance_requests",
            Self::SpotFleetRequests => "spot_fleet_requests",
            Self::Fleets => "fleets",
            Self::SsmParameters => "ssm_parameters",
            Self::Ledger => "ledger",
            Self::LaunchPermissions => "launch_permissions",
            Self::ImageReferences => "image_references",
            Self::Resource => "resource",
            Self::Attributes => "attributes",
            Self::Volumes => "volumes",
            Self::Snapshots => "snapshots",
            Self::Addresses => "addresses",
            Self::NetworkInterfaces => "network_interfaces",
            Self::SecurityGroups => "security_groups",
            Self::TargetGroups => "target_groups",
            Self::ResourceTracking => "resource_tracking",
            Self::ResourceDependencies => "resource_dependencies",
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How the reading of one source went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "coverage", rename_all = "snake_case")]
pub enum Coverage {
    /// Every page was read.
    Complete {
        /// How many things it held.
        items: u64,
    },
    /// AWS refused to answer.
    Denied {
        /// AWS's answer.
        detail: String,
    },
    /// The reading ended in an error.
    Failed {
        /// What happened.
        detail: String,
    },
    /// The reading ended before its last page.
    Truncated {
        /// How many things were read.
        items: u64,
        /// Why it ended.
        detail: String,
    },
    /// Every page was read, but they held too little to be true: see [`implausible`].
    Implausible {
        /// How many things it held.
        items: u64,
        /// How many its last complete reading held.
        last_complete_items: u64,
    },
}

impl Coverage {
    /// Whether a decision may stand on this source.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        matches!(self, Self::Complete { .. })
    }

    /// How many things were read.
    #[must_use]
    pub fn items(&self) -> u64 {
        match self {
            Self::Complete { items } | Self::Truncated { items, .. } | Self::Implausible { items, .. } => *items,
            Self::Denied { .. } | Self::Failed { .. } => 0,
        }
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Complete { items } => write!(f, "complete, {items} read"),
            Self::Denied { detail } => write!(f, "denied: {detail}"),
            Self::Failed { detail } => write!(f, "failed: {detail}"),
            Self::Truncated { items, detail } => write!(f, "truncated after {items}: {detail}"),
            Self::Implausible { items, last_complete_items } => {
                write!(f, "implausibly small: {items}, after {last_complete_items} in the last complete reading")
            }
        }
    }
}

/// How each source was read. A required source that is missing here was not read.
pub type Coverages = BTreeMap<Source, Coverage>;

/// What the last complete reading of each source held.
pub type Baseline = BTreeMap<Source, u64>;

/// Whether `items` are too few to be true after `last_complete_items`: fewer than half, and at least 20 fewer.
///
/// A permission that was narrowed or a filter gone wrong shows as a source that shrank, not as an error.
#[must_use]
pub fn implausible(items: u64, last_complete_items: u64) -> bool {
    items.saturating_mul(2) < last_complete_items && last_complete_items - items >= 20
}

/// Marks every complete source that is implausibly small against the baseline.
pub fn mark_implausible(coverages: &mut Coverages, baseline: &Baseline) {
    for (source, coverage) in coverages.iter_mut() {
        if let (Coverage::Complete { items }, Some(&last_complete_items)) = (&*coverage, baseline.get(source))
            && implausible(*items, last_complete_items)
        {
            *coverage = Coverage::Implausible { items: *items, last_complete_items };
        }
    }
}

/// The baseline after this reading: complete sources replace what was known, the others leave it.
#[must_use]
pub fn next_baseline(coverages: &Coverages, baseline: &Baseline) -> Baseline {
    let mut next = baseline.clone();
    for (source, coverage) in coverages {
        if let Coverage::Complete { items } = coverage {
            next.insert(*source, *items);
        }
    }
    next
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case::half_is_plausible(50, 100, false)]
    #[case::just_below_half(49, 100, true)]
    #[case::below_half_but_only_19_fewer(10, 29, false)]
    #[case::below_half_and_20_fewer(10, 30, true)]
    #[case::none_left_of_a_few(0, 19, false)]
    #[case::none_left_of_20(0, 20, true)]
    #[case::grown(200, 100, false)]
    fn below_half_and_at_least_20_fewer_is_implausible(#[case] items: u64, #[case] last: u64, #[case] expected: bool) {
        assert_eq!(implausible(items, last), expected);
    }

    #[test]
    fn a_failed_reading_leaves_the_baseline_as_it_was() {
        let baseline = Baseline::from([(Source::Instances, 100), (Source::Fleets, 3)]);
        let coverages = Coverages::from([
            (Source::Instances, Coverage::Failed { detail: "timeout".into() }),
            (Source::Fleets, Coverage::Complete { items: 4 }),
        ]);
        assert_eq!(
            next_baseline(&coverages, &baseline),
            Baseline::from([(Source::Instances, 100), (Source::Fleets, 4)])
        );
    }

    #[test]
    fn an_empty_first_page_after_many_is_marked_and_no_longer_complete() {
        let mut coverages = Coverages::from([(Source::Instances, Coverage::Complete { items: 0 })]);
        mark_implausible(&mut coverages, &Baseline::from([(Source::Instances, 40)]));
        assert!(!coverages[&Source::Instances].is_complete());
    }
}
