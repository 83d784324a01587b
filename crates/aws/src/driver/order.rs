//! A step's action together with its inputs, each of the type that it must be.

use serde::de::DeserializeOwned;
use serde_json::Value;
use sunset_domain::ids::{
    AllocationId, ImageId, InstanceId, NetworkInterfaceId, SecurityGroupId, SnapshotId, VolumeId,
};
use sunset_domain::launch_permission::LaunchPermission;
use sunset_domain::process::resource::{Resource, ResourceType};
use sunset_domain::runbook::action::Action;

use super::StepCall;

/// A volume's place at an instance.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) volume_id: VolumeId,
    pub(super) instance_id: InstanceId,
    pub(super) device: String,
}

/// An address's place at a network interface.
#[derive(Debug)]
pub(super) struct Reach {
    pub(super) allocation_id: AllocationId,
    pub(super) network_interface_id: NetworkInterfaceId,
    pub(super) private_ip: Option<String>,
}

/// A network interface's place in a security group.
#[derive(Debug)]
pub(super) struct Membership {
    pub(super) security_group_id: SecurityGroupId,
    pub(super) network_interface_id: NetworkInterfaceId,
    pub(super) group_ids_before: Vec<SecurityGroupId>,
}

/// What is to be done, with what.
#[derive(Debug)]
pub(super) enum Order {
    /// The step has no call, and nothing of it shows in the account.
    Nothing,
    Tag(Resource),
    Untag(Resource),
    Stop(InstanceId),
    Start(InstanceId),
    CreateImage(InstanceId),
    Terminate(InstanceId),
    Detach(Place),
    Attach(Place),
    CreateSnapshot(VolumeId),
    DeleteVolume(VolumeId),
    VerifyImage {
        image_id: ImageId,
        instance_id: InstanceId,
    },
    VerifySnapshot {
        snapshot_id: SnapshotId,
        volume_id: VolumeId,
    },
    DeleteSnapshot(SnapshotId),
    DisableImage(ImageId),
    EnableImage {
        image_id: ImageId,
        launch_permissions: Vec<LaunchPermission>,
    },
    DeregisterImage(ImageId),
    Disassociate {
        allocation_id: AllocationId,
        association_id: String,
    },
    Associate(Reach),
    Release(AllocationId),
    DetachGroup(Membership),
    AttachGroup(Membership),
    DeleteGroup(SecurityGroupId),
}

impl Order {
    /// Takes a step's inputs, or says which of them is wrong.
    pub(super) fn of(call: &StepCall) -> Result<Self, String> {
        let inputs = Inputs(call);
        Ok(match call.action {
            Action::RecordConfiguration | Action::Soak => Self::Nothing,
            Action::TagResource => Self::Tag(inputs.resource()?),
            Action::UntagResource => Self::Untag(inputs.resource()?),
            Action::StopInstance => Self::Stop(inputs.read("instance_id")?),
            Action::StartInstance => Self::Start(inputs.read("instance_id")?),
            Action::CreateImage => Self::CreateImage(inputs.read("instance_id")?),
            Action::TerminateInstance => Self::Terminate(inputs.read("instance_id")?),
            Action::DetachVolume => Self::Detach(inputs.place()?),
            Action::AttachVolume => Self::Attach(inputs.place()?),
            Action::CreateSnapshot => Self::CreateSnapshot(inputs.read("volume_id")?),
            Action::DeleteVolume => Self::DeleteVolume(inputs.read("volume_id")?),
            Action::VerifyBackup => inputs.verification()?,
            Action::DeleteSnapshot => Self::DeleteSnapshot(inputs.read("snapshot_id")?),
            Action::DisableImage => Self::DisableImage(inputs.read("image_id")?),
            Action::EnableImage => Self::EnableImage {
                image_id: inputs.read("image_id")?,
                launch_permissions: inputs.read("launch_permissions")?,
            },
            Action::DeregisterImage => Self::DeregisterImage(inputs.read("image_id")?),
            Action::DisassociateAddress => Self::Disassociate {
                allocation_id: inputs.read("allocation_id")?,
                association_id: inputs.read("association_id")?,
            },
            Action::AssociateAddress => Self::Associate(Reach {
                allocation_id: inputs.read("allocation_id")?,
                network_interface_id: inputs.read("network_interface_id")?,
                private_ip: inputs.read("private_ip")?,
            }),
            Action::ReleaseAddress => Self::Release(inputs.read("allocation_id")?),
            Action::DetachSecurityGroup => Self::DetachGroup(inputs.membership()?),
            Action::AttachSecurityGroup => Self::AttachGroup(inputs.membership()?),
            Action::DeleteSecurityGroup => Self::DeleteGroup(inputs.read("security_group_id")?),
        })
    }

    /// The id of what its call changes; nothing where it has no call.
    pub(super) fn subject(&self) -> Option<&str> {
        Some(match self {
            Self::Nothing | Self::VerifyImage { .. } | Self::VerifySnapshot { .. } => return None,
            Self::Tag(resource) | Self::Untag(resource) => resource.id(),
            Self::Stop(id) | Self::Start(id) | Self::CreateImage(id) | Self::Terminate(id) => id.as_str(),
            Self::Detach(place) | Self::Attach(place) => place.volume_id.as_str(),
            Self::CreateSnapshot(id) | Self::DeleteVolume(id) => id.as_str(),
            Self::DeleteSnapshot(id) => id.as_str(),
            Self::DisableImage(id) | Self::EnableImage { image_id: id, .. } | Self::DeregisterImage(id) => id.as_str(),
            Self::Disassociate { allocation_id: id, .. } | Self::Release(id) => id.as_str(),
            Self::Associate(reach) => reach.allocation_id.as_str(),
            Self::DetachGroup(member) | Self::AttachGroup(member) => member.network_interface_id.as_str(),
            Self::DeleteGroup(id) => id.as_str(),
        })
    }
}

struct Inputs<'a>(&'a StepCall);

impl Inputs<'_> {
    /// An input that is absent reads as null: only what may be absent takes that.
    fn read<T: DeserializeOwned>(&self, name: &str) -> Result<T, String> {
        let value = self.0.inputs.get(name).unwrap_or(&Value::Null);
        T::deserialize(value).map_err(|error| format!("input {name} of {} is {value}: {error}", self.0.action))
    }

    fn resource(&self) -> Result<Resource, String> {
        let id: String = self.read("resource_id")?;
        let mut known = ResourceType::ALL.into_iter().filter_map(|kind| Resource::new(kind, &id).ok());
        known.next().ok_or_else(|| format!("input resource_id is {id:?}, which is no id of a type that has a driver"))
    }

    fn place(&self) -> Result<Place, String> {
        Ok(Place {
            volume_id: self.read("volume_id")?,
            instance_id: self.read("instance_id")?,
            device: self.read("device")?,
        })
    }

    fn membership(&self) -> Result<Membership, String> {
        Ok(Membership {
            security_group_id: self.read("security_group_id")?,
            network_interface_id: self.read("network_interface_id")?,
            group_ids_before: self.read("group_ids_before")?,
        })
    }

    /// An image is held against an instance, a snapshot against a volume.
    fn verification(&self) -> Result<Order, String> {
        let (backup, of): (String, String) = (self.read("backup")?, self.read("of")?);
        if let (Ok(image_id), Ok(instance_id)) = (ImageId::parse(&backup), InstanceId::parse(&of)) {
            return Ok(Order::VerifyImage { image_id, instance_id });
        }
        if let (Ok(snapshot_id), Ok(volume_id)) = (SnapshotId::parse(&backup), VolumeId::parse(&of)) {
            return Ok(Order::VerifySnapshot { snapshot_id, volume_id });
        }
        Err(format!("{backup:?} can be no backup of {of:?}: an image is one of an instance, a snapshot of a volume"))
    }
}
