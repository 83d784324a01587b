//! An AMI as the rules see it: the compact part of EC2's document, so that 50,000 fit a small function's memory.

use serde::{Deserialize, Serialize};

use crate::ids::{AccountId, ImageId, SnapshotId};
use crate::time::Timestamp;

pub use crate::tags::Tags;
/// EC2's `ImageState`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum ImageState {
    /// Can be launched.
    Available,
    /// Cannot be launched, and its snapshots cannot be deleted.
    Disabled,
    /// Gone; EC2 may still show it for a while.
    Deregistered,
    /// `pending`, `invalid`, `transient`, `failed`, `error`, and whatever EC2 adds.
    Other(String),
}

impl ImageState {
    /// EC2's own word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Available => "available",
            Self::Disabled => "disabled",
            Self::Deregistered => "deregistered",
            Self::Other(state) => state,
        }
    }
}

impl From<&str> for ImageState {
    fn from(state: &str) -> Self {
        match state {
            "available" => Self::Available,
            "disabled" => Self::Disabled,
            "deregistered" => Self::Deregistered,
            other => Self::Other(other.to_owned()),
        }
    }
}

impl From<String> for ImageState {
    fn from(state: String) -> Self {
        Self::from(state.as_str())
    }
}

impl From<ImageState> for String {
    fn from(state: ImageState) -> Self {
        state.as_str().to_owned()
    }
}

/// One entry of `BlockDeviceMappings`. Instance-store and `NoDevice` entries carry no snapshot (C163).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockDevice {
    /// `/dev/xvda` and the like.
    pub device_name: String,
    /// The snapshot behind it, if it is an EBS volume made from one.
    pub snapshot_id: Option<SnapshotId>,
    /// Provisioned size.
    pub size_gib: Option<u32>,
}

/// One AMI.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// Its id.
    pub id: ImageId,
    /// Its name; EC2 always has one, an empty text means that it was not given.
    pub name: String,
    /// Who owns it.
    pub owner_id: Option<AccountId>,
    /// `CreationDate`; `None` when absent or unreadable, and then it has no age.
    pub created_at: Option<Timestamp>,
    /// Its state.
    pub state: ImageState,
    /// Whether everybody may launch it.
    pub public: bool,
    /// `LastLaunchedTime`, which lags by up to 24 hours; its absence is no evidence of idleness.
    pub last_launched_at: Option<Timestamp>,
    /// `DeregistrationProtection` as EC2 says it, when it is anything but `disabled`.
    pub deregistration_protection: Option<String>,
    /// `instance-store` images keep their data in S3 bundles that a deregistration leaves behind.
    pub instance_store: bool,
    /// Whether it carries product codes (Marketplace).
    pub product_codes: bool,
    /// Its tags.
    pub tags: Tags,
    /// Its block devices.
    pub block_devices: Vec<BlockDevice>,
}

impl Image {
    /// Its snapshots, each once, in the order of its devices.
    #[must_use]
    pub fn snapshot_ids(&self) -> Vec<SnapshotId> {
        distinct_snapshot_ids(&self.block_devices)
    }

    /// Its provisioned size, summed over the devices that stand on a snapshot.
    #[must_use]
    pub fn size_gib(&self) -> u64 {
        self.block_devices
            .iter()
            .filter(|device| device.snapshot_id.is_some())
            .map(|device| u64::from(device.size_gib.unwrap_or(0)))
            .sum()
    }
}

/// The snapshots of block devices, each once, in their order.
#[must_use]
pub fn distinct_snapshot_ids(devices: &[BlockDevice]) -> Vec<SnapshotId> {
    let mut ids = Vec::with_capacity(devices.len());
    for id in devices.iter().filter_map(|device| device.snapshot_id.as_ref()) {
        if !ids.contains(id) {
            ids.push(id.clone());
        }
    }
    ids
}
