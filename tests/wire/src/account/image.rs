use std::collections::BTreeMap;

use time::{Duration, OffsetDateTime};

use super::Settling;

/// An image, by default available, private, EBS-backed, a thousand hours old and never launched.
#[derive(Debug, Clone)]
pub struct Image {
    /// The `ami-…` id.
    pub id: String,
    /// The name.
    pub name: Option<String>,
    /// The description.
    pub description: Option<String>,
    /// The owner; the account itself when not said.
    pub owner_id: Option<String>,
    /// The owner's alias, such as `aws-backup-vault`.
    pub owner_alias: Option<String>,
    /// `available`, `disabled`, `pending`, …
    pub state: String,
    /// The state it is on its way to.
    pub settling: Option<Settling>,
    /// When it was created.
    pub created: OffsetDateTime,
    /// `x86_64` or `arm64`.
    pub architecture: String,
    /// `ebs` or `instance-store`.
    pub root_device_type: String,
    /// Its block devices.
    pub block_devices: Vec<BlockDevice>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Whom it is shared with.
    pub launch_permissions: Vec<LaunchPermission>,
    /// When it was last launched, as `DescribeImages` says it.
    pub last_launched: Option<OffsetDateTime>,
    /// `disabled`, `enabled`, `enabled-with-cooldown`, …
    pub deregistration_protection: String,
    /// When it is deprecated.
    pub deprecated_at: Option<OffsetDateTime>,
    /// The image it was copied from.
    pub source_image_id: Option<String>,
    /// The instance it was made from.
    pub source_instance_id: Option<String>,
    /// Marketplace product codes.
    pub product_codes: Vec<String>,
}

/// One block device of an image.
#[derive(Debug, Clone)]
pub struct BlockDevice {
    /// `/dev/xvda`.
    pub device_name: String,
    /// The EBS volume, if it is one.
    pub ebs: Option<Ebs>,
    /// `ephemeral0`, for an instance-store volume.
    pub virtual_name: Option<String>,
    /// Whether the mapping suppresses the device.
    pub no_device: bool,
}

/// The EBS part of a block device.
#[derive(Debug, Clone)]
pub struct Ebs {
    /// The snapshot; an empty volume has none.
    pub snapshot_id: Option<String>,
    /// The volume's size.
    pub volume_size_gib: u32,
    /// `gp3`.
    pub volume_type: String,
    /// Whether it is encrypted.
    pub encrypted: bool,
    /// Whether the volume goes with the instance.
    pub delete_on_termination: bool,
}

/// Whom an image is shared with.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum LaunchPermission {
    /// An account.
    User(String),
    /// `all`: the image is public.
    Group(String),
    /// An organization's ARN.
    Organization(String),
    /// An organizational unit's ARN.
    OrganizationalUnit(String),
}

impl Image {
    /// An image with every default.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            name: None,
            description: None,
            owner_id: None,
            owner_alias: None,
            state: "available".to_owned(),
            settling: None,
            created: OffsetDateTime::now_utc() - Duration::hours(1000),
            architecture: "x86_64".to_owned(),
            root_device_type: "ebs".to_owned(),
            block_devices: Vec::new(),
            tags: BTreeMap::new(),
            launch_permissions: Vec::new(),
            last_launched: None,
            deregistration_protection: "disabled".to_owned(),
            deprecated_at: None,
            source_image_id: None,
            source_instance_id: None,
            product_codes: Vec::new(),
        }
    }

    /// With this name.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Described so.
    #[must_use]
    pub fn described(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Created so many hours ago.
    #[must_use]
    pub fn aged_hours(mut self, hours: i64) -> Self {
        self.created = OffsetDateTime::now_utc() - Duration::hours(hours);
        self
    }

    /// Created then.
    #[must_use]
    pub fn created_at(mut self, at: OffsetDateTime) -> Self {
        self.created = at;
        self
    }

    /// With one EBS device for each of these snapshots, added to those it has.
    #[must_use]
    pub fn snapshots<S: Into<String>>(mut self, ids: impl IntoIterator<Item = S>) -> Self {
        for id in ids {
            let device = BlockDevice::ebs(self.next_device_name(), id);
            self.block_devices.push(device);
        }
        self
    }

    /// With an instance-store device, whose mapping has no `Ebs`.
    #[must_use]
    pub fn ephemeral(mut self) -> Self {
        let device = BlockDevice::ephemeral(self.next_device_name());
        self.block_devices.push(device);
        self
    }

    /// With a mapping that suppresses a device.
    #[must_use]
    pub fn no_device(mut self) -> Self {
        let device = BlockDevice::none(self.next_device_name());
        self.block_devices.push(device);
        self
    }

    /// With this block device.
    #[must_use]
    pub fn block_device(mut self, device: BlockDevice) -> Self {
        self.block_devices.push(device);
        self
    }

    /// With this tag.
    #[must_use]
    pub fn tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.tags.insert(key.into(), value.into());
        self
    }

    /// Owned by this account.
    #[must_use]
    pub fn owned_by(mut self, account_id: impl Into<String>) -> Self {
        self.owner_id = Some(account_id.into());
        self
    }

    /// In this state.
    #[must_use]
    pub fn in_state(mut self, state: &str) -> Self {
        state.clone_into(&mut self.state);
        self
    }

    /// Disabled.
    #[must_use]
    pub fn disabled(self) -> Self {
        self.in_state("disabled")
    }

    /// Last launched so many hours ago.
    #[must_use]
    pub fn launched_hours_ago(mut self, hours: i64) -> Self {
        self.last_launched = Some(OffsetDateTime::now_utc() - Duration::hours(hours));
        self
    }

    /// Protected from deregistration.
    #[must_use]
    pub fn protected(mut self) -> Self {
        "enabled-without-cooldown".clone_into(&mut self.deregistration_protection);
        self
    }

    /// Shared with this account.
    #[must_use]
    pub fn shared_with(mut self, account_id: impl Into<String>) -> Self {
        self.launch_permissions.push(LaunchPermission::User(account_id.into()));
        self
    }

    /// Shared so.
    #[must_use]
    pub fn shared(mut self, permission: LaunchPermission) -> Self {
        self.launch_permissions.push(permission);
        self
    }

    /// Shared with everyone.
    #[must_use]
    pub fn public(self) -> Self {
        self.shared(LaunchPermission::Group("all".to_owned()))
    }

    /// Backed by the instance store.
    #[must_use]
    pub fn instance_store(mut self) -> Self {
        "instance-store".clone_into(&mut self.root_device_type);
        self
    }

    /// For this architecture.
    #[must_use]
    pub fn for_architecture(mut self, architecture: &str) -> Self {
        architecture.clone_into(&mut self.architecture);
        self
    }

    /// Deprecated so many hours ago.
    #[must_use]
    pub fn deprecated_hours_ago(mut self, hours: i64) -> Self {
        self.deprecated_at = Some(OffsetDateTime::now_utc() - Duration::hours(hours));
        self
    }

    /// Copied from this image.
    #[must_use]
    pub fn copied_from(mut self, image_id: impl Into<String>) -> Self {
        self.source_image_id = Some(image_id.into());
        self
    }

    /// Made from this instance.
    #[must_use]
    pub fn made_from(mut self, instance_id: impl Into<String>) -> Self {
        self.source_instance_id = Some(instance_id.into());
        self
    }

    /// With this Marketplace product code.
    #[must_use]
    pub fn product_code(mut self, code: impl Into<String>) -> Self {
        self.product_codes.push(code.into());
        self
    }

    /// The snapshots its devices name.
    pub fn snapshot_ids(&self) -> impl Iterator<Item = &str> {
        self.block_devices.iter().filter_map(|device| device.ebs.as_ref()?.snapshot_id.as_deref())
    }

    /// Whether everyone may launch it.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.launch_permissions
            .iter()
            .any(|permission| matches!(permission, LaunchPermission::Group(group) if group == "all"))
    }

    fn next_device_name(&self) -> String {
        let letter = u8::try_from(self.block_devices.len()).map_or('z', |taken| char::from(b'a' + taken.min(25)));
        format!("/dev/xvd{letter}")
    }
}

impl BlockDevice {
    /// An 8 GiB EBS volume from a snapshot.
    #[must_use]
    pub fn ebs(device_name: impl Into<String>, snapshot_id: impl Into<String>) -> Self {
        Self {
            device_name: device_name.into(),
            ebs: Some(Ebs {
                snapshot_id: Some(snapshot_id.into()),
                volume_size_gib: 8,
                volume_type: "gp3".to_owned(),
                encrypted: false,
                delete_on_termination: true,
            }),
            virtual_name: None,
            no_device: false,
        }
    }

    /// An empty EBS volume: `Ebs` without a snapshot.
    #[must_use]
    pub fn empty_volume(device_name: impl Into<String>) -> Self {
        let mut device = Self::ebs(device_name, "");
        if let Some(ebs) = &mut device.ebs {
            ebs.snapshot_id = None;
        }
        device
    }

    /// An instance-store volume.
    #[must_use]
    pub fn ephemeral(device_name: impl Into<String>) -> Self {
        Self {
            device_name: device_name.into(),
            ebs: None,
            virtual_name: Some("ephemeral0".to_owned()),
            no_device: false,
        }
    }

    /// A suppressed device.
    #[must_use]
    pub fn none(device_name: impl Into<String>) -> Self {
        Self { device_name: device_name.into(), ebs: None, virtual_name: None, no_device: true }
    }
}
