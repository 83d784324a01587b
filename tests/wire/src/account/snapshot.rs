use std::collections::BTreeMap;

use time::{Duration, OffsetDateTime};

use super::{LaunchPermission, Settling};

/// A snapshot, by default 8 GiB, completed, in the standard tier, private and unlocked.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The `snap-…` id.
    pub id: String,
    /// The owner; the account itself when not said.
    pub owner_id: Option<String>,
    /// The owner's alias, if it has one.
    pub owner_alias: Option<String>,
    /// The volume it was taken of.
    pub volume_id: String,
    /// The volume's size.
    pub volume_size_gib: u32,
    /// All that the snapshot holds, if EC2 says so.
    pub full_size_bytes: Option<u64>,
    /// `standard` or `archive`.
    pub storage_tier: String,
    /// `completed`, `pending`, `error`.
    pub state: String,
    /// The state it is on its way to.
    pub settling: Option<Settling>,
    /// Whether it is encrypted.
    pub encrypted: bool,
    /// The ARN of the key it is encrypted with.
    pub kms_key_id: Option<String>,
    /// The description.
    pub description: String,
    /// When it was started.
    pub started: OffsetDateTime,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Whom it is shared with: users and groups only.
    pub create_volume_permissions: Vec<LaunchPermission>,
    /// Its lock.
    pub lock: Option<Lock>,
    /// Whether the AWS Backup service manages it, so that EC2 refuses to delete it.
    pub managed_by_backup: bool,
}

/// A snapshot lock.
#[derive(Debug, Clone)]
pub struct Lock {
    /// `compliance`, `governance`, `compliance-cooloff` or `expired`.
    pub state: String,
    /// When it ends.
    pub expires: OffsetDateTime,
}

impl Snapshot {
    /// A snapshot with every default.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            owner_id: None,
            owner_alias: None,
            volume_id: "vol-0123456789abcdef0".to_owned(),
            volume_size_gib: 8,
            full_size_bytes: Some(8 << 30),
            storage_tier: "standard".to_owned(),
            state: "completed".to_owned(),
            settling: None,
            encrypted: false,
            kms_key_id: None,
            description: String::new(),
            started: OffsetDateTime::now_utc() - Duration::hours(1000),
            tags: BTreeMap::new(),
            create_volume_permissions: Vec::new(),
            lock: None,
            managed_by_backup: false,
        }
    }

    /// So large, and holding so much.
    #[must_use]
    pub fn size_gib(mut self, gib: u32) -> Self {
        self.volume_size_gib = gib;
        self.full_size_bytes = Some(u64::from(gib) << 30);
        self
    }

    /// Holding so much, or unknown.
    #[must_use]
    pub fn full_size_bytes(mut self, bytes: Option<u64>) -> Self {
        self.full_size_bytes = bytes;
        self
    }

    /// In the archive tier.
    #[must_use]
    pub fn archived(mut self) -> Self {
        "archive".clone_into(&mut self.storage_tier);
        self
    }

    /// Encrypted.
    #[must_use]
    pub fn encrypted(mut self) -> Self {
        self.encrypted = true;
        self
    }

    /// Encrypted with the key of this ARN.
    #[must_use]
    pub fn encrypted_with(mut self, key_arn: impl Into<String>) -> Self {
        self.kms_key_id = Some(key_arn.into());
        self.encrypted()
    }

    /// Of this volume.
    #[must_use]
    pub fn of_volume(mut self, volume_id: impl Into<String>) -> Self {
        self.volume_id = volume_id.into();
        self
    }

    /// `pending`, `error` or `completed`.
    #[must_use]
    pub fn in_state(mut self, state: &str) -> Self {
        state.clone_into(&mut self.state);
        self
    }

    /// Owned by this account.
    #[must_use]
    pub fn owned_by(mut self, account_id: impl Into<String>) -> Self {
        self.owner_id = Some(account_id.into());
        self
    }

    /// Started then.
    #[must_use]
    pub fn started_at(mut self, at: OffsetDateTime) -> Self {
        self.started = at;
        self
    }

    /// Described so.
    #[must_use]
    pub fn described(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    /// With this tag.
    #[must_use]
    pub fn tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.tags.insert(key.into(), value.into());
        self
    }

    /// Shared with this account.
    #[must_use]
    pub fn shared_with(mut self, account_id: impl Into<String>) -> Self {
        self.create_volume_permissions.push(LaunchPermission::User(account_id.into()));
        self
    }

    /// Shared with everyone.
    #[must_use]
    pub fn public(mut self) -> Self {
        self.create_volume_permissions.push(LaunchPermission::Group("all".to_owned()));
        self
    }

    /// Locked for a year.
    #[must_use]
    pub fn locked(mut self) -> Self {
        self.lock =
            Some(Lock { state: "governance".to_owned(), expires: OffsetDateTime::now_utc() + Duration::days(365) });
        self
    }

    /// Managed by AWS Backup: EC2 refuses to delete it.
    #[must_use]
    pub fn managed_by_backup(mut self) -> Self {
        self.managed_by_backup = true;
        self
    }
}
