//! The closed set of what a step can do (C83): no shell, no templates.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::process::resource::ResourceType;

/// What a step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Stores what the resource is made of, for the way back.
    RecordConfiguration,
    /// Tags the resource as this process's own, so that people and everything else see that it is on its way out.
    TagResource,
    /// Takes these tags off again.
    UntagResource,
    /// Stops an instance.
    StopInstance,
    /// Starts an instance.
    StartInstance,
    /// Makes an image, with a snapshot of every EBS volume, of an instance. Never restarts it.
    CreateImage,
    /// Terminates an instance.
    TerminateInstance,
    /// Detaches a volume from an instance.
    DetachVolume,
    /// Attaches a volume to an instance.
    AttachVolume,
    /// Makes a snapshot of a volume.
    CreateSnapshot,
    /// Deletes a volume.
    DeleteVolume,
    /// Holds a backup against what it backs up: complete, same size, same encryption (C113).
    VerifyBackup,
    /// Deletes a snapshot.
    DeleteSnapshot,
    /// Disables an image.
    DisableImage,
    /// Enables an image, with the launch permissions that it had.
    EnableImage,
    /// Deregisters an image.
    DeregisterImage,
    /// Takes an address off what it is associated with.
    DisassociateAddress,
    /// Associates an address.
    AssociateAddress,
    /// Gives an address back to AWS.
    ReleaseAddress,
    /// Takes a security group off one network interface.
    DetachSecurityGroup,
    /// Gives a network interface its security groups back.
    AttachSecurityGroup,
    /// Deletes a security group.
    DeleteSecurityGroup,
    /// Nothing happens, and everybody may notice.
    Soak,
}

/// How far what a step does can be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// It only adds: a record, a tag, a backup.
    Additive,
    /// It changes the resource, and has a way back.
    Reversible,
    /// There is no way back but a backup.
    Irreversible,
}

/// What an action is, once for all runbooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActionSpec {
    /// Its name.
    pub action: Action,
    /// How far it can be taken back.
    pub effect: Effect,
    /// The inputs that it needs, every one.
    pub inputs: &'static [&'static str],
    /// What it gives to later steps.
    pub outputs: &'static [&'static str],
    /// The IAM actions that it calls: without them in the role it cannot be carried out.
    pub iam_actions: &'static [&'static str],
    /// The action that takes it back.
    pub rollback: Option<Action>,
}

const fn spec(
    action: Action,
    effect: Effect,
    inputs: &'static [&'static str],
    outputs: &'static [&'static str],
    iam_actions: &'static [&'static str],
    rollback: Option<Action>,
) -> ActionSpec {
    ActionSpec { action, effect, inputs, outputs, iam_actions, rollback }
}

/// Every action.
pub const ACTIONS: &[ActionSpec] = &[
    spec(Action::RecordConfiguration, Effect::Additive, &[], &[], &[], None),
    spec(
        Action::TagResource,
        Effect::Additive,
        &["resource_id"],
        &[],
        &["ec2:CreateTags"],
        Some(Action::UntagResource),
    ),
    spec(Action::UntagResource, Effect::Additive, &["resource_id"], &[], &["ec2:DeleteTags"], None),
    spec(
        Action::StopInstance,
        Effect::Reversible,
        &["instance_id"],
        &[],
        &["ec2:StopInstances"],
        Some(Action::StartInstance),
    ),
    spec(
        Action::StartInstance,
        Effect::Reversible,
        &["instance_id"],
        &[],
        &["ec2:StartInstances"],
        Some(Action::StopInstance),
    ),
    spec(
        Action::CreateImage,
        Effect::Additive,
        &["instance_id"],
        &["image_id"],
        &["ec2:CreateImage", "ec2:CreateTags"],
        None,
    ),
    spec(Action::TerminateInstance, Effect::Irreversible, &["instance_id"], &[], &["ec2:TerminateInstances"], None),
    spec(
        Action::DetachVolume,
        Effect::Reversible,
        &["volume_id", "instance_id", "device"],
        &[],
        &["ec2:DetachVolume"],
        Some(Action::AttachVolume),
    ),
    spec(
        Action::AttachVolume,
        Effect::Reversible,
        &["volume_id", "instance_id", "device"],
        &[],
        &["ec2:AttachVolume"],
        Some(Action::DetachVolume),
    ),
    spec(
        Action::CreateSnapshot,
        Effect::Additive,
        &["volume_id"],
        &["snapshot_id"],
        &["ec2:CreateSnapshot", "ec2:CreateTags"],
        None,
    ),
    spec(Action::DeleteVolume, Effect::Irreversible, &["volume_id"], &[], &["ec2:DeleteVolume"], None),
    spec(Action::VerifyBackup, Effect::Additive, &["backup", "of"], &[], &[], None),
    spec(Action::DeleteSnapshot, Effect::Irreversible, &["snapshot_id"], &[], &["ec2:DeleteSnapshot"], None),
    spec(
        Action::DisableImage,
        Effect::Reversible,
        &["image_id"],
        &[],
        &["ec2:DisableImage"],
        Some(Action::EnableImage),
    ),
    spec(
        Action::EnableImage,
        Effect::Reversible,
        &["image_id", "launch_permissions"],
        &[],
        &["ec2:EnableImage", "ec2:ModifyImageAttribute"],
        Some(Action::DisableImage),
    ),
    spec(Action::DeregisterImage, Effect::Irreversible, &["image_id"], &[], &["ec2:DeregisterImage"], None),
    spec(
        Action::DisassociateAddress,
        Effect::Reversible,
        &["allocation_id", "association_id"],
        &[],
        &["ec2:DisassociateAddress"],
        Some(Action::AssociateAddress),
    ),
    spec(
        Action::AssociateAddress,
        Effect::Reversible,
        &["allocation_id", "network_interface_id", "private_ip"],
        &[],
        &["ec2:AssociateAddress"],
        Some(Action::DisassociateAddress),
    ),
    spec(Action::ReleaseAddress, Effect::Irreversible, &["allocation_id"], &[], &["ec2:ReleaseAddress"], None),
    spec(
        Action::DetachSecurityGroup,
        Effect::Reversible,
        &["security_group_id", "network_interface_id", "group_ids_before"],
        &[],
        &["ec2:ModifyNetworkInterfaceAttribute"],
        Some(Action::AttachSecurityGroup),
    ),
    spec(
        Action::AttachSecurityGroup,
        Effect::Reversible,
        &["security_group_id", "network_interface_id", "group_ids_before"],
        &[],
        &["ec2:ModifyNetworkInterfaceAttribute"],
        Some(Action::DetachSecurityGroup),
    ),
    spec(
        Action::DeleteSecurityGroup,
        Effect::Irreversible,
        &["security_group_id"],
        &[],
        &["ec2:DeleteSecurityGroup"],
        None,
    ),
    spec(Action::Soak, Effect::Additive, &[], &[], &[], None),
];

impl Action {
    /// What it is.
    #[must_use]
    pub fn spec(self) -> ActionSpec {
        // Every action is in the table; the test below says so. One that is not would be the most dangerous there is.
        ACTIONS.iter().find(|spec| spec.action == self).copied().unwrap_or(spec(
            self,
            Effect::Irreversible,
            &[],
            &[],
            &[],
            None,
        ))
    }

    /// The name in runbooks.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RecordConfiguration => "record_configuration",
            Self::TagResource => "tag_resource",
            Self::UntagResource => "untag_resource",
            Self::StopInstance => "stop_instance",
            Self::StartInstance => "start_instance",
            Self::CreateImage => "create_image",
            Self::TerminateInstance => "terminate_instance",
            Self::DetachVolume => "detach_volume",
            Self::AttachVolume => "attach_volume",
            Self::CreateSnapshot => "create_snapshot",
            Self::DeleteVolume => "delete_volume",
            Self::VerifyBackup => "verify_backup",
            Self::DeleteSnapshot => "delete_snapshot",
            Self::DisableImage => "disable_image",
            Self::EnableImage => "enable_image",
            Self::DeregisterImage => "deregister_image",
            Self::DisassociateAddress => "disassociate_address",
            Self::AssociateAddress => "associate_address",
            Self::ReleaseAddress => "release_address",
            Self::DetachSecurityGroup => "detach_security_group",
            Self::AttachSecurityGroup => "attach_security_group",
            Self::DeleteSecurityGroup => "delete_security_group",
            Self::Soak => "soak",
        }
    }

    /// The input that names what it acts on.
    #[must_use]
    pub fn target(self) -> Option<&'static str> {
        match self {
            Self::RecordConfiguration | Self::Soak => None,
            Self::TagResource | Self::UntagResource => Some("resource_id"),
            Self::StopInstance | Self::StartInstance | Self::CreateImage | Self::TerminateInstance => {
                Some("instance_id")
            }
            Self::DetachVolume | Self::AttachVolume | Self::CreateSnapshot | Self::DeleteVolume => Some("volume_id"),
            Self::VerifyBackup => Some("of"),
            Self::DeleteSnapshot => Some("snapshot_id"),
            Self::DisableImage | Self::EnableImage | Self::DeregisterImage => Some("image_id"),
            Self::DisassociateAddress | Self::AssociateAddress | Self::ReleaseAddress => Some("allocation_id"),
            Self::DetachSecurityGroup | Self::AttachSecurityGroup | Self::DeleteSecurityGroup => {
                Some("security_group_id")
            }
        }
    }

    /// The action that makes the backup without which this one must not be taken; nothing where EC2 has no such backup.
    #[must_use]
    pub fn backed_up_by(self) -> Option<Self> {
        match self {
            Self::TerminateInstance => Some(Self::CreateImage),
            Self::DeleteVolume => Some(Self::CreateSnapshot),
            _ => None,
        }
    }

    /// Whether something is lost or out of reach by it although it can be taken back.
    #[must_use]
    pub fn loses_something(self) -> bool {
        matches!(
            self,
            Self::StopInstance
                | Self::DetachVolume
                | Self::DisableImage
                | Self::DisassociateAddress
                | Self::DetachSecurityGroup
        )
    }

    /// How long it usually takes, in seconds: for estimates only.
    #[must_use]
    pub fn usual_seconds(self) -> u32 {
        match self {
            Self::CreateImage | Self::CreateSnapshot => 1_800,
            Self::StopInstance | Self::StartInstance | Self::TerminateInstance => 120,
            Self::DetachVolume | Self::AttachVolume => 30,
            Self::Soak => 0,
            _ => 5,
        }
    }

    /// How long plans let it take until it is proved done, in seconds. Backups get two days: the first snapshot of a
    /// large volume takes many hours.
    #[must_use]
    pub fn timeout_seconds(self) -> u32 {
        match self {
            Self::CreateImage | Self::CreateSnapshot => 172_800,
            Self::StopInstance | Self::StartInstance | Self::TerminateInstance | Self::VerifyBackup => 3_600,
            _ => 900,
        }
    }

    /// The step that ends a resource of this type.
    #[must_use]
    pub fn that_ends(resource_type: ResourceType) -> Self {
        match resource_type {
            ResourceType::Instance => Self::TerminateInstance,
            ResourceType::Volume => Self::DeleteVolume,
            ResourceType::Snapshot => Self::DeleteSnapshot,
            ResourceType::Image => Self::DeregisterImage,
            ResourceType::Address => Self::ReleaseAddress,
            ResourceType::SecurityGroup => Self::DeleteSecurityGroup,
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_is_in_the_table_once_under_its_own_name() {
        for spec in ACTIONS {
            assert_eq!(ACTIONS.iter().filter(|other| other.action == spec.action).count(), 1, "{}", spec.action);
            assert_eq!(serde_json::to_value(spec.action).unwrap(), spec.action.as_str());
            assert_eq!(spec.action.spec(), *spec);
        }
        for resource_type in ResourceType::ALL {
            assert!(ACTIONS.iter().any(|spec| spec.action == Action::that_ends(resource_type)));
        }
    }

    #[test]
    fn what_an_action_acts_on_is_one_of_its_inputs() {
        for spec in ACTIONS {
            match spec.action.target() {
                Some(target) => assert!(spec.inputs.contains(&target), "{}", spec.action),
                None => assert!(spec.inputs.is_empty(), "{}", spec.action),
            }
            assert!(spec.action.timeout_seconds() > spec.action.usual_seconds());
        }
    }

    #[test]
    fn a_way_back_needs_no_input_that_only_its_own_action_could_not_name() {
        for spec in ACTIONS.iter().filter(|spec| spec.action.loses_something()) {
            let back = spec.rollback.unwrap();
            assert_eq!(spec.effect, Effect::Reversible);
            assert_eq!(back.target(), spec.action.target(), "{}", spec.action);
        }
    }

    #[test]
    fn what_is_reversible_has_an_action_that_takes_it_back_and_what_is_irreversible_has_none() {
        for spec in ACTIONS {
            match spec.effect {
                Effect::Reversible => assert!(spec.rollback.is_some(), "{}", spec.action),
                Effect::Irreversible => assert!(spec.rollback.is_none(), "{}", spec.action),
                Effect::Additive => {}
            }
        }
        for resource_type in ResourceType::ALL {
            assert_eq!(Action::that_ends(resource_type).spec().effect, Effect::Irreversible);
        }
    }
}
