//! What was seen of a resource: the evidence that risk, plans and fresh looks stand on.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::coverage::{Coverages, Source};
use crate::ids::{
    AccountId, AllocationId, ImageId, InstanceId, NetworkInterfaceId, SecurityGroupId, SnapshotId, VolumeId,
};
use crate::image::BlockDevice;
use crate::launch_permission::LaunchPermission;
use crate::process::resource::Resource;
use crate::tags::Tags;
use crate::time::Timestamp;

/// Everything that was seen of a resource at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// The resource.
    pub resource: Resource,
    /// When the looking began.
    pub observed_at: Timestamp,
    /// What it is; nothing where EC2 says that it does not exist. Meaningless unless [`Source::Resource`] is complete.
    pub found: Option<Found>,
    /// Who or what depends on it.
    pub dependents: BTreeSet<Dependent>,
    /// What EC2 says protects it: termination protection, a snapshot's lock and so on.
    pub protections: Vec<Blocker>,
    /// What a team's own table `ResourceTracking` says of it (C17).
    pub tracking: Option<Tracking>,
    /// The last sign of life that EC2 itself gives.
    pub last_activity: Option<Activity>,
    /// How each source was read. "Could not read" is never "none" (C41).
    pub coverages: Coverages,
}

/// A resource that exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The account that owns it, where EC2 says.
    pub owner_id: Option<AccountId>,
    /// Its name: the tag `Name`, or its own.
    pub name: Option<String>,
    /// Its tags.
    pub tags: Tags,
    /// When it was made, where EC2 says.
    pub created_at: Option<Timestamp>,
    /// What it is made of.
    pub configuration: Configuration,
}

/// What a resource is made of, by type: what its plan and its way back need.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Configuration {
    /// An instance.
    Instance(Instance),
    /// A volume.
    Volume(Volume),
    /// A snapshot.
    Snapshot(Snapshot),
    /// An image.
    Image(Image),
    /// An Elastic IP address.
    Address(Address),
    /// A security group.
    SecurityGroup(SecurityGroup),
}

/// An instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instance {
    /// `pending`, `running`, `stopping`, `stopped`, `shutting-down` or `terminated`.
    pub state: String,
    /// `m7g.large`.
    pub instance_type: String,
    /// What it was launched from.
    pub image_id: Option<ImageId>,
    /// When it was last started.
    pub launched_at: Option<Timestamp>,
    /// Where it runs.
    pub availability_zone: Option<String>,
    /// `ebs` or `instance-store`.
    pub root_device_type: Option<String>,
    /// `spot`, `scheduled` or `capacity-block`; nothing for on-demand.
    pub lifecycle: Option<String>,
    /// The public address that it loses when it stops; an Elastic IP stays.
    pub auto_assigned_public_ip: Option<String>,
    /// Its Elastic IPs.
    pub allocation_ids: BTreeSet<AllocationId>,
    /// Its volumes, by device.
    pub volumes: Vec<InstanceVolume>,
    /// Its network interfaces.
    pub network_interface_ids: BTreeSet<NetworkInterfaceId>,
    /// Its security groups.
    pub security_group_ids: BTreeSet<SecurityGroupId>,
    /// Its subnet.
    #[serde(default)]
    pub subnet_id: Option<String>,
    /// The ARN of its instance profile.
    #[serde(default)]
    pub instance_profile_arn: Option<String>,
    /// The name of its key pair.
    #[serde(default)]
    pub key_name: Option<String>,
}

/// A volume of an instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceVolume {
    /// The volume.
    pub volume_id: VolumeId,
    /// `/dev/xvda`.
    pub device: String,
    /// Whether it goes with the instance.
    pub delete_on_termination: bool,
    /// Its size.
    pub size_gib: u64,
    /// `gp3`.
    pub volume_type: String,
    /// Whether it is encrypted.
    pub encrypted: bool,
    /// Under which key.
    pub kms_key_id: Option<String>,
}

/// A volume.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Volume {
    /// `creating`, `available`, `in-use`, `deleting`, `deleted` or `error`.
    pub state: String,
    /// Its size.
    pub size_gib: u64,
    /// `gp3`.
    pub volume_type: String,
    /// Provisioned operations a second.
    pub iops: Option<u32>,
    /// Provisioned throughput.
    pub throughput_mib_a_second: Option<u32>,
    /// Whether it is encrypted.
    pub encrypted: bool,
    /// Under which key.
    pub kms_key_id: Option<String>,
    /// Where it lies.
    pub availability_zone: String,
    /// The snapshot it was made from.
    pub from_snapshot_id: Option<SnapshotId>,
    /// What it is attached to.
    pub attachments: Vec<Attachment>,
}

/// A volume's attachment to an instance.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Attachment {
    /// The instance.
    pub instance_id: InstanceId,
    /// `/dev/sdf`.
    pub device: String,
    /// `attaching`, `attached`, `detaching` or `busy`.
    pub state: String,
    /// Whether the volume goes with the instance.
    pub delete_on_termination: bool,
    /// The instance's state, where it could be read.
    pub instance_state: Option<String>,
    /// Whether it is the instance's root device.
    pub is_root: bool,
}

/// A snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// `pending`, `completed`, `error`, `recoverable` or `recovering`.
    pub state: String,
    /// The size of the volume it holds.
    pub size_gib: u64,
    /// Whether it is encrypted.
    pub encrypted: bool,
    /// Under which key.
    pub kms_key_id: Option<String>,
    /// The volume it was made from.
    pub volume_id: Option<VolumeId>,
    /// `standard` or `archive`.
    pub storage_tier: Option<String>,
    /// The images that stand on it.
    pub image_ids: BTreeSet<ImageId>,
}

/// An image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// `available`, `disabled`, `pending` and so on.
    pub state: String,
    /// Its devices and their snapshots.
    pub block_devices: Vec<BlockDevice>,
    /// Who may launch it beside its owner: disabling it loses them.
    pub launch_permissions: Vec<LaunchPermission>,
    /// When it was last launched from, where EC2 says.
    pub last_launched_at: Option<Timestamp>,
}

/// An Elastic IP address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// The address itself.
    pub public_ip: String,
    /// What it is associated with.
    pub association: Option<Association>,
    /// The network border group.
    pub network_border_group: Option<String>,
    /// The pool it comes from.
    pub public_ipv4_pool: Option<String>,
}

/// An address's association.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Association {
    /// `eipassoc-…`: another one after every association.
    pub association_id: String,
    /// The instance, where it is one.
    pub instance_id: Option<InstanceId>,
    /// The network interface.
    pub network_interface_id: Option<NetworkInterfaceId>,
    /// The private address behind it.
    pub private_ip: Option<String>,
}

/// A security group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityGroup {
    /// Its name.
    pub group_name: String,
    /// Its description.
    pub description: String,
    /// Its VPC.
    pub vpc_id: Option<String>,
    /// Its rules, inbound and outbound.
    pub rules: BTreeSet<Rule>,
    /// The network interfaces that stand in it.
    pub members: Vec<Member>,
}

/// A rule of a security group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Rule {
    /// Whether it is outbound.
    pub egress: bool,
    /// `tcp`, `udp`, `icmp` or `-1` for all.
    pub ip_protocol: String,
    /// The first port, or the ICMP type.
    pub from_port: Option<i32>,
    /// The last port, or the ICMP code.
    pub to_port: Option<i32>,
    /// An IPv4 or IPv6 range, a prefix list's id or a security group's id.
    pub peer: String,
    /// What somebody wrote about it.
    pub description: Option<String>,
}

/// A network interface in a security group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// The interface.
    pub network_interface_id: NetworkInterfaceId,
    /// All its groups, in EC2's order.
    pub group_ids: Vec<SecurityGroupId>,
    /// The instance it is attached to.
    pub instance_id: Option<InstanceId>,
    /// What it is for, in the words of whoever made it.
    pub description: Option<String>,
    /// The service that made it and alone may change it.
    pub requester_id: Option<String>,
}

/// How much a dependent needs the resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dependency {
    /// It can do without.
    Optional,
    /// Nobody knows: counts as critical.
    Unknown,
    /// It needs it (C24).
    Required,
    /// It fails without (C24).
    Critical,
}

impl Dependency {
    /// Whether a dependent of this kind is one to fear.
    #[must_use]
    pub fn is_critical(self) -> bool {
        self != Self::Optional
    }
}

/// Who or what depends on the resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Dependent {
    /// `instance`, `target_group`, `launch_template`, or what a team wrote.
    pub kind: String,
    /// Its id or name.
    pub id: String,
    /// How: `is attached to it at /dev/sdf`.
    pub relation: String,
    /// How much.
    pub dependency: Dependency,
    /// Where this was seen.
    pub source: Source,
}

/// What manages a resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manager {
    /// `CloudFormation`, `Auto Scaling` and so on.
    pub service: String,
    /// The stack, group, plan or pipeline.
    pub name: String,
    /// What to change instead, in a sentence.
    pub change_instead: String,
}

/// Something that forbids the resource's retirement as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blocker {
    /// `termination_protection`, `opted_out`, `managed_by` …: stable, for machines.
    pub code: String,
    /// What was found and what would lift it, in a sentence.
    pub detail: String,
}

/// What a team's own table says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tracking {
    /// The environment, as written.
    pub environment: Option<String>,
    /// The project.
    pub project: Option<String>,
    /// Who owns the resource.
    pub owner: Option<String>,
}

/// A sign of life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activity {
    /// When.
    pub at: Timestamp,
    /// What: `was started`, `was attached`.
    pub what: String,
}

impl Observation {
    /// What the resource is named by people, else its id.
    #[must_use]
    pub fn shown(&self) -> String {
        match self.found.as_ref().and_then(|found| found.name.as_deref()) {
            Some(name) => format!("{} ({name})", self.resource),
            None => self.resource.to_string(),
        }
    }
}

impl Found {
    /// A digest of what must not change between approval and the irreversible step: what the resource is, without
    /// what this process itself changes on the way (its state, its attachments, the tags `sunset:…`) (C71).
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let tags: Tags = self
            .tags
            .iter()
            .filter(|(key, _)| !key.to_ascii_lowercase().starts_with("sunset:"))
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect();
        let essence = serde_json::json!({"owner_id": self.owner_id, "tags": tags, "is": self.configuration.essence()});
        let digest = Sha256::digest(essence.to_string().as_bytes());
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl Configuration {
    fn essence(&self) -> serde_json::Value {
        use serde_json::json;
        match self {
            Self::Instance(it) => {
                let mut volumes = it.volumes.clone();
                volumes.sort_by(|one, other| one.volume_id.cmp(&other.volume_id));
                json!([
                    it.instance_type,
                    it.image_id,
                    it.availability_zone,
                    it.root_device_type,
                    it.lifecycle,
                    volumes,
                    it.network_interface_ids,
                    it.security_group_ids,
                    it.instance_profile_arn
                ])
            }
            Self::Volume(it) => json!([
                it.size_gib,
                it.volume_type,
                it.iops,
                it.throughput_mib_a_second,
                it.encrypted,
                it.kms_key_id,
                it.availability_zone,
                it.from_snapshot_id
            ]),
            Self::Snapshot(it) => json!([it.size_gib, it.encrypted, it.kms_key_id, it.volume_id, it.storage_tier]),
            Self::Image(it) => {
                let mut devices = it.block_devices.clone();
                devices.sort_by(|one, other| one.device_name.cmp(&other.device_name));
                json!(devices)
            }
            Self::Address(it) => json!([it.public_ip, it.network_border_group, it.public_ipv4_pool]),
            Self::SecurityGroup(it) => json!([it.group_name, it.description, it.vpc_id, it.rules]),
        }
    }
}
