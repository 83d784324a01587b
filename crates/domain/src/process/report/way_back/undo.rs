//! The commands that take a step back while its resource is there.

use serde_json::Value;

use crate::launch_permission::LaunchPermission;
use crate::never_touch::PROCESS_TAG;
use crate::process::observation::Configuration;
use crate::process::report::shell::Command;
use crate::process::report::step::StepReport;
use crate::process::report::way_back::Known;
use crate::runbook::action::Action;
use crate::runbook::step::Step;

/// The commands that take a step back; nothing where there is nothing to take back.
pub fn commands(known: &Known<'_>, step: &StepReport<'_>, planned: &Step) -> Option<Vec<String>> {
    let back = planned.rollback.as_ref().map(|rollback| rollback.action).or(planned.action.spec().rollback)?;
    let text = |name: &str| known.text(step, name);
    let commands = match back {
        Action::UntagResource => {
            let key = format!("Key={PROCESS_TAG}");
            vec![Command::ec2("delete-tags").with("resources", [text("resource_id")]).with("tags", [key])]
        }
        Action::StartInstance => vec![Command::ec2("start-instances").with("instance-ids", [text("instance_id")])],
        Action::StopInstance => vec![Command::ec2("stop-instances").with("instance-ids", [text("instance_id")])],
        Action::AttachVolume => vec![
            Command::ec2("attach-volume")
                .with("volume-id", [text("volume_id")])
                .with("instance-id", [text("instance_id")])
                .with("device", [text("device")]),
        ],
        Action::DetachVolume => vec![Command::ec2("detach-volume").with("volume-id", [text("volume_id")])],
        Action::EnableImage => enable(&text("image_id"), &permissions(known, step)),
        Action::DisableImage => vec![Command::ec2("disable-image").with("image-id", [text("image_id")])],
        Action::AssociateAddress => vec![
            Command::ec2("associate-address")
                .with("allocation-id", [text("allocation_id")])
                .with("network-interface-id", [text("network_interface_id")])
                .maybe("private-ip-address", known.value(step, "private_ip").as_ref().and_then(Value::as_str)),
        ],
        Action::DisassociateAddress => {
            vec![Command::ec2("disassociate-address").with("association-id", [text("association_id")])]
        }
        Action::AttachSecurityGroup => {
            let groups: Vec<String> = match known.value(step, "group_ids_before") {
                Some(Value::Array(ids)) => ids.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
                _ => vec!["GROUP_IDS_BEFORE".into()],
            };
            vec![
                Command::ec2("modify-network-interface-attribute")
                    .with("network-interface-id", [text("network_interface_id")])
                    .with("groups", groups),
            ]
        }
        // What only adds has no way back, and what is irreversible takes nothing back.
        _ => return None,
    };
    Some(commands.into_iter().map(|command| command.text(known.region)).collect())
}

/// The launch permissions that an image had: as its step recorded them, else as they were seen.
pub fn permissions(known: &Known<'_>, step: &StepReport<'_>) -> Vec<LaunchPermission> {
    let recorded = known.value(step, "launch_permissions").and_then(|value| serde_json::from_value(value).ok());
    recorded.unwrap_or_else(|| match known.before.map(|found| &found.configuration) {
        Some(Configuration::Image(image)) => image.launch_permissions.clone(),
        _ => vec![],
    })
}

/// The commands that enable an image and give back its launch permissions.
pub fn enable(image_id: &str, permissions: &[LaunchPermission]) -> Vec<Command> {
    let mut commands = vec![Command::ec2("enable-image").with("image-id", [image_id])];
    if !permissions.is_empty() {
        let added: Vec<Value> = permissions
            .iter()
            .map(|permission| match permission {
                LaunchPermission::Account(id) => serde_json::json!({"UserId": id}),
                LaunchPermission::Everybody => serde_json::json!({"Group": "all"}),
                LaunchPermission::Organization(arn) => serde_json::json!({"OrganizationArn": arn}),
                LaunchPermission::OrganizationalUnit(arn) => serde_json::json!({"OrganizationalUnitArn": arn}),
            })
            .collect();
        let added = serde_json::json!({"Add": added}).to_string();
        commands.push(
            Command::ec2("modify-image-attribute").with("image-id", [image_id]).with("launch-permission", [added]),
        );
    }
    commands
}
