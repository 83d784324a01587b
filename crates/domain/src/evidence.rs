//! What is known of an account's images: who uses them, who may launch them, what Sunset did to them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::coverage::Coverages;
use crate::family::Place;
use crate::ids::{AccountId, ImageId};
use crate::launch_permission::LaunchPermission;
use crate::ledger::Quarantine;

/// Something that names an image, so that its next launch needs it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Use {
    /// An instance that is not terminated: a stopped one starts from its volumes, but is rebuilt from its image.
    Instance {
        /// `i-…`.
        id: String,
        /// `running`, `stopped`, ….
        state: String,
    },
    /// A version of a launch template.
    LaunchTemplate {
        /// `lt-…`.
        id: String,
        /// Its name.
        name: String,
        /// The version's number.
        version: i64,
    },
    /// An override of an Auto Scaling group's mixed-instances policy.
    AutoScalingGroup {
        /// Its name.
        name: String,
    },
    /// A launch configuration, attached or not.
    LaunchConfiguration {
        /// Its name.
        name: String,
    },
    /// A Spot Instance request that may still launch.
    SpotInstanceRequest {
        /// `sir-…`.
        id: String,
    },
    /// A Spot Fleet request.
    SpotFleetRequest {
        /// `sfr-…`.
        id: String,
    },
    /// An EC2 Fleet.
    Fleet {
        /// `fleet-…`.
        id: String,
    },
    /// An SSM parameter whose value holds the image's id.
    SsmParameter {
        /// Its name.
        name: String,
    },
    /// What `DescribeImageReferences` names.
    Reference {
        /// EC2's resource type.
        resource_type: String,
        /// The resource's ARN.
        arn: String,
    },
}

impl fmt::Display for Use {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Instance { id, state } => write!(f, "instance {id} ({state})"),
            Self::LaunchTemplate { id, name, version } => write!(f, "launch template {name} ({id}) version {version}"),
            Self::AutoScalingGroup { name } => write!(f, "Auto Scaling group {name}"),
            Self::LaunchConfiguration { name } => write!(f, "launch configuration {name}"),
            Self::SpotInstanceRequest { id } => write!(f, "Spot Instance request {id}"),
            Self::SpotFleetRequest { id } => write!(f, "Spot Fleet request {id}"),
            Self::Fleet { id } => write!(f, "EC2 Fleet {id}"),
            Self::SsmParameter { name } => write!(f, "SSM parameter {name}"),
            Self::Reference { resource_type, arn } => write!(f, "{resource_type} {arn} (by DescribeImageReferences)"),
        }
    }
}

/// Everything that a verdict stands on.
///
/// What is asked image by image (`quarantines`, `launch_permissions`, `second_opinions`) holds an entry for each
/// image that was asked about: a missing entry means "not read", never "none".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The account that is cleaned.
    pub account_id: AccountId,
    /// How each source was read.
    pub coverages: Coverages,
    /// Who uses which image.
    pub uses: BTreeMap<ImageId, BTreeSet<Use>>,
    /// Where each image stands in its family.
    pub places: BTreeMap<ImageId, Place>,
    /// What Sunset's ledger says of an image; `None` inside: it has no record of it.
    pub quarantines: BTreeMap<ImageId, Option<Quarantine>>,
    /// Launch permissions.
    pub launch_permissions: BTreeMap<ImageId, Vec<LaunchPermission>>,
    /// The images that `DescribeImageReferences` was asked about; what it found is in `uses`.
    pub second_opinions: BTreeSet<ImageId>,
}

impl Evidence {
    /// No evidence at all, under which every image stays.
    #[must_use]
    pub fn none(account_id: AccountId) -> Self {
        Self {
            account_id,
            coverages: Coverages::new(),
            uses: BTreeMap::new(),
            places: BTreeMap::new(),
            quarantines: BTreeMap::new(),
            launch_permissions: BTreeMap::new(),
            second_opinions: BTreeSet::new(),
        }
    }

    /// Adds a use of an image.
    pub fn add_use(&mut self, image_id: ImageId, by: Use) {
        self.uses.entry(image_id).or_default().insert(by);
    }
}
