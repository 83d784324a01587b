use std::collections::BTreeMap;

use time::{Duration, OffsetDateTime};

use super::{Account, Settling};

/// A volume, by default 8 GiB of gp3, unencrypted and attached to nothing.
#[derive(Debug, Clone)]
pub struct Volume {
    /// The `vol-…` id.
    pub id: String,
    /// Its size.
    pub size_gib: u32,
    /// The snapshot it was made from.
    pub snapshot_id: Option<String>,
    /// The availability zone; the region's first when not said.
    pub zone: Option<String>,
    /// `creating`, `deleting` or `error`; none where its attachments decide between `available` and `in-use`.
    pub state: Option<String>,
    /// When it was created.
    pub created: OffsetDateTime,
    /// Where it is attached.
    pub attachments: Vec<Attachment>,
    /// `gp3`.
    pub volume_type: String,
    /// Its IOPS, if its type has any.
    pub iops: Option<u32>,
    /// Its MiB a second, if its type has any.
    pub throughput: Option<u32>,
    /// Whether it is encrypted.
    pub encrypted: bool,
    /// The ARN of the key it is encrypted with.
    pub kms_key_id: Option<String>,
    /// Whether it can be attached to several instances.
    pub multi_attach: bool,
    /// Whether the instance holds on to it: a detachment stays `busy` while the instance runs, unless forced.
    pub busy: bool,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// Where a volume is attached.
#[derive(Debug, Clone)]
pub struct Attachment {
    /// The instance.
    pub instance_id: String,
    /// `/dev/sdf`.
    pub device: String,
    /// `attaching`, `attached`, `detaching` or `busy`.
    pub state: String,
    /// The state it is on its way to: `attached` or `detached`.
    pub settling: Option<Settling>,
    /// When it was attached.
    pub attached: OffsetDateTime,
    /// Whether the volume goes with the instance.
    pub delete_on_termination: bool,
}

impl Volume {
    /// A volume with every default.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            size_gib: 8,
            snapshot_id: None,
            zone: None,
            state: None,
            created: OffsetDateTime::now_utc() - Duration::hours(1000),
            attachments: Vec::new(),
            volume_type: "gp3".to_owned(),
            iops: Some(3000),
            throughput: Some(125),
            encrypted: false,
            kms_key_id: None,
            multi_attach: false,
            busy: false,
            tags: BTreeMap::new(),
        }
    }

    /// So large.
    #[must_use]
    pub fn gib(mut self, gib: u32) -> Self {
        self.size_gib = gib;
        self
    }

    /// Made from this snapshot.
    #[must_use]
    pub fn from_snapshot(mut self, snapshot_id: impl Into<String>) -> Self {
        self.snapshot_id = Some(snapshot_id.into());
        self
    }

    /// In this availability zone.
    #[must_use]
    pub fn in_zone(mut self, zone: &str) -> Self {
        self.zone = Some(zone.to_owned());
        self
    }

    /// In this state, such as `creating` or `error`, whatever it is attached to.
    #[must_use]
    pub fn in_state(mut self, state: &str) -> Self {
        self.state = Some(state.to_owned());
        self
    }

    /// Created so many hours ago.
    #[must_use]
    pub fn aged_hours(mut self, hours: i64) -> Self {
        self.created = OffsetDateTime::now_utc() - Duration::hours(hours);
        self
    }

    /// Attached to an instance at this device, which it outlives.
    #[must_use]
    pub fn attached_to(mut self, instance_id: impl Into<String>, device: impl Into<String>) -> Self {
        self.attachments.push(Attachment {
            instance_id: instance_id.into(),
            device: device.into(),
            state: "attached".to_owned(),
            settling: None,
            attached: self.created,
            delete_on_termination: false,
        });
        self
    }

    /// Deleted with the instances it is attached to.
    #[must_use]
    pub fn delete_on_termination(mut self) -> Self {
        self.attachments.iter_mut().for_each(|attachment| attachment.delete_on_termination = true);
        self
    }

    /// The root volume of an instance, at `/dev/xvda` and deleted with it.
    #[must_use]
    pub fn root_of(self, instance_id: impl Into<String>) -> Self {
        self.attached_to(instance_id, "/dev/xvda").delete_on_termination()
    }

    /// Of this type, with so many IOPS and MiB a second where the type has them.
    #[must_use]
    pub fn of_type(mut self, volume_type: &str, iops: Option<u32>, throughput: Option<u32>) -> Self {
        volume_type.clone_into(&mut self.volume_type);
        (self.iops, self.throughput) = (iops, throughput);
        self
    }

    /// Encrypted with the key of this ARN.
    #[must_use]
    pub fn encrypted_with(mut self, key_arn: impl Into<String>) -> Self {
        self.encrypted = true;
        self.kms_key_id = Some(key_arn.into());
        self
    }

    /// Can be attached to several instances.
    #[must_use]
    pub fn multi_attach(mut self) -> Self {
        self.multi_attach = true;
        self.of_type("io2", Some(1000), None)
    }

    /// Held by its instance: a detachment stays `busy` while the instance runs, unless forced.
    #[must_use]
    pub fn busy(mut self) -> Self {
        self.busy = true;
        self
    }

    /// With this tag.
    #[must_use]
    pub fn tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.tags.insert(key.into(), value.into());
        self
    }

    /// `available`, `in-use`, or a state of its own.
    #[must_use]
    pub fn status(&self) -> &str {
        let attached = if self.attachments.is_empty() { "available" } else { "in-use" };
        self.state.as_deref().unwrap_or(attached)
    }
}

impl Account {
    /// Adds a volume.
    #[must_use]
    pub fn volume(mut self, volume: Volume) -> Self {
        self.add_volume(volume);
        self
    }

    /// Adds a volume in place, for use while the account is served.
    pub fn add_volume(&mut self, volume: Volume) {
        self.volumes.insert(volume.id.clone(), volume);
    }

    /// A volume that is attached is `attaching` in this many `DescribeVolumes` calls.
    #[must_use]
    pub fn volumes_attach_after(mut self, calls: usize) -> Self {
        self.paces.attaching = calls;
        self
    }

    /// A volume that is detached is `detaching` in this many `DescribeVolumes` calls.
    #[must_use]
    pub fn volumes_detach_after(mut self, calls: usize) -> Self {
        self.paces.detaching = calls;
        self
    }

    /// Whether the volume exists.
    #[must_use]
    pub fn has_volume(&self, id: &str) -> bool {
        self.volumes.contains_key(id)
    }

    /// The state of a volume, `available` or `in-use` for most; nothing when it is gone.
    #[must_use]
    pub fn volume_state(&self, id: &str) -> Option<&str> {
        self.volumes.get(id).map(Volume::status)
    }

    /// The volumes attached to an instance, with their attachments, by device.
    #[must_use]
    pub fn volumes_of(&self, instance_id: &str) -> Vec<(&Volume, &Attachment)> {
        let attached = |volume| attachments(volume).filter(|(_, attachment)| attachment.instance_id == instance_id);
        let mut volumes: Vec<_> = self.volumes.values().flat_map(attached).collect();
        volumes.sort_by(|(_, a), (_, b)| a.device.cmp(&b.device));
        volumes
    }

    /// Counts a describe call for the volumes it looks at.
    pub(crate) fn settle_volumes(&mut self, looks_at: impl Fn(&str) -> bool) {
        for volume in self.volumes.values_mut().filter(|volume| looks_at(&volume.id)) {
            volume.attachments.retain_mut(|attachment| match attachment.settling.take_if(Settling::is_over) {
                Some(Settling { to, .. }) if to == "detached" => false,
                Some(Settling { to, .. }) => {
                    attachment.state = to;
                    true
                }
                None => true,
            });
        }
    }

    /// An instance is gone: its volumes go with it, or become available.
    pub(super) fn volumes_outlive(&mut self, instance_id: &str) {
        self.volumes.retain(|_, volume| {
            let ends = |attachment: &Attachment| attachment.instance_id == instance_id;
            let deleted = volume.attachments.iter().any(|at| ends(at) && at.delete_on_termination);
            volume.attachments.retain(|attachment| !ends(attachment));
            !(deleted && volume.attachments.is_empty())
        });
    }
}

/// A volume with each of its attachments.
pub(crate) fn attachments(volume: &Volume) -> impl Iterator<Item = (&Volume, &Attachment)> {
    volume.attachments.iter().map(move |attachment| (volume, attachment))
}
