//! The commands that bring back something like what is gone, from the backups and the records that the process made.
//! A word in capitals stands for what only the command before it, or nobody but its people, knows.

use serde_json::{Value, json};

use crate::process::observation::{Address, Configuration, Instance, Rule, SecurityGroup, Volume};
use crate::process::report::shell::Command;
use crate::process::report::step::StepReport;
use crate::process::report::way_back::{Known, undo};
use crate::runbook::action::Action;

/// The commands that bring back what this step ended. Empty where no command does.
pub fn commands(known: &Known<'_>, step: &StepReport<'_>, action: Action) -> Vec<String> {
    let before = known.before.map(|found| &found.configuration);
    let commands = match (action, before) {
        (Action::TerminateInstance, Some(Configuration::Instance(it))) => instance(known, it),
        (Action::DeleteVolume, Some(Configuration::Volume(it))) => volume(known, it),
        (Action::DeleteSnapshot, _) => {
            let id = known.text(step, "snapshot_id");
            vec![
                Command::ec2("list-snapshots-in-recycle-bin").with("snapshot-ids", [&id]),
                Command::ec2("restore-snapshot-from-recycle-bin").with("snapshot-id", [&id]),
            ]
        }
        (Action::DeregisterImage, _) => image(known, step),
        (Action::ReleaseAddress, Some(Configuration::Address(it))) => address(it),
        (Action::DeleteSecurityGroup, Some(Configuration::SecurityGroup(it))) => security_group(known, it),
        _ => vec![],
    };
    commands.into_iter().map(|command| command.text(known.region)).collect()
}

/// When the commands work although no backup of the process stands behind them.
pub fn chance(action: Action) -> Option<&'static str> {
    match action {
        Action::DeleteSnapshot | Action::DeregisterImage => {
            Some("If a Recycle Bin rule of the account still keeps it, these commands bring it back.")
        }
        Action::ReleaseAddress => Some("As long as nobody else has got it, these commands bring it back."),
        _ => None,
    }
}

/// The output of the step of this action that acts on `target`.
fn made(known: &Known<'_>, action: Action, target: (&str, &str), output: &str) -> Option<String> {
    let (input, id) = target;
    known
        .steps
        .iter()
        .filter(|step| step.action() == Some(action) && known.text(step, input) == id)
        .filter_map(|step| step.record)
        .find_map(|record| record.outputs.get(output).and_then(Value::as_str).map(str::to_owned))
}

fn instance(known: &Known<'_>, it: &Instance) -> Vec<Command> {
    let image_id = made(known, Action::CreateImage, ("instance_id", known.resource_id), "image_id");
    let kept: Vec<_> = it.volumes.iter().filter(|volume| !volume.delete_on_termination).collect();
    // The image holds a copy of every volume; those that outlived the instance are attached themselves instead.
    let left_out: Vec<Value> = kept.iter().map(|volume| json!({"DeviceName": volume.device, "NoDevice": ""})).collect();
    let left_out = (!left_out.is_empty()).then(|| Value::Array(left_out).to_string());
    let profile = it.instance_profile_arn.as_ref().map(|arn| format!("Arn={arn}"));
    let mut run = Command::ec2("run-instances")
        .with("image-id", [image_id.as_deref().unwrap_or("IMAGE_ID")])
        .with("instance-type", [&it.instance_type])
        .maybe("subnet-id", it.subnet_id.as_deref());
    if !it.security_group_ids.is_empty() {
        run = run.with("security-group-ids", it.security_group_ids.iter().map(|id| id.as_str()));
    }
    let mut commands = vec![
        run.maybe("iam-instance-profile", profile.as_deref())
            .maybe("key-name", it.key_name.as_deref())
            .maybe("block-device-mappings", left_out.as_deref()),
    ];
    for volume in kept {
        commands.push(attach(volume.volume_id.as_str(), "NEW_INSTANCE_ID", &volume.device));
    }
    for allocation_id in &it.allocation_ids {
        commands.push(
            Command::ec2("associate-address")
                .with("allocation-id", [allocation_id.as_str()])
                .with("instance-id", ["NEW_INSTANCE_ID"]),
        );
    }
    commands
}

fn attach(volume_id: &str, instance_id: &str, device: &str) -> Command {
    Command::ec2("attach-volume")
        .with("volume-id", [volume_id])
        .with("instance-id", [instance_id])
        .with("device", [device])
}

fn volume(known: &Known<'_>, it: &Volume) -> Vec<Command> {
    let snapshot_id = made(known, Action::CreateSnapshot, ("volume_id", known.resource_id), "snapshot_id");
    let number = |number: Option<u32>| number.map(|number| number.to_string());
    // EC2 sets the operations of the other types itself and refuses to be told.
    let iops = matches!(it.volume_type.as_str(), "gp3" | "io1" | "io2").then(|| number(it.iops)).flatten();
    let throughput = (it.volume_type == "gp3").then(|| number(it.throughput_mib_a_second)).flatten();
    let mut create = Command::ec2("create-volume")
        .with("snapshot-id", [snapshot_id.as_deref().unwrap_or("SNAPSHOT_ID")])
        .with("availability-zone", [&it.availability_zone])
        .with("volume-type", [&it.volume_type])
        .with("size", [it.size_gib.to_string()])
        .maybe("iops", iops.as_deref())
        .maybe("throughput", throughput.as_deref());
    if it.encrypted {
        create = create.flag("encrypted").maybe("kms-key-id", it.kms_key_id.as_deref());
    }
    let mut commands = vec![create];
    for attachment in &it.attachments {
        commands.push(attach("NEW_VOLUME_ID", attachment.instance_id.as_str(), &attachment.device));
    }
    commands
}

fn image(known: &Known<'_>, step: &StepReport<'_>) -> Vec<Command> {
    let id = known.text(step, "image_id");
    let deleted = known
        .steps
        .iter()
        .filter(|step| step.action() == Some(Action::DeleteSnapshot) && step.may_have_changed_something());
    // The Recycle Bin gives an image back only once its snapshots are there.
    let mut commands: Vec<Command> = deleted
        .map(|step| {
            let id = known.text(step, "snapshot_id");
            Command::ec2("restore-snapshot-from-recycle-bin").with("snapshot-id", [id])
        })
        .collect();
    commands.push(Command::ec2("restore-image-from-recycle-bin").with("image-id", [&id]));
    let disabled = known.steps.iter().find(|step| step.action() == Some(Action::DisableImage));
    if let Some(disabled) = disabled {
        commands.extend(undo::enable(&id, &undo::permissions(known, disabled)));
    }
    commands
}

fn address(it: &Address) -> Vec<Command> {
    let mut commands = vec![
        Command::ec2("allocate-address")
            .with("domain", ["vpc"])
            .with("address", [&it.public_ip])
            .maybe("network-border-group", it.network_border_group.as_deref()),
    ];
    if let Some(association) = &it.association {
        let interface = association.network_interface_id.as_ref().map(|id| id.as_str());
        let associate = Command::ec2("associate-address").with("allocation-id", ["NEW_ALLOCATION_ID"]);
        commands.push(match (interface, &association.instance_id) {
            (Some(interface), _) => associate
                .with("network-interface-id", [interface])
                .maybe("private-ip-address", association.private_ip.as_deref()),
            (None, instance_id) => associate.maybe("instance-id", instance_id.as_ref().map(|id| id.as_str())),
        });
    }
    commands
}

const NEW_GROUP: &str = "NEW_GROUP_ID";

fn security_group(known: &Known<'_>, it: &SecurityGroup) -> Vec<Command> {
    let mut commands = vec![
        Command::ec2("create-security-group")
            .with("group-name", [&it.group_name])
            .with("description", [&it.description])
            .maybe("vpc-id", it.vpc_id.as_deref()),
    ];
    let everything_out = |rule: &&Rule| rule.egress && rule.ip_protocol == "-1" && rule.peer == "0.0.0.0/0";
    if it.vpc_id.is_some() && !it.rules.iter().any(|rule| everything_out(&rule)) {
        // A new group of a VPC lets everything out until it is told otherwise.
        let all = json!([{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]).to_string();
        commands.push(
            Command::ec2("revoke-security-group-egress").with("group-id", [NEW_GROUP]).with("ip-permissions", [all]),
        );
    }
    for (name, egress) in [("authorize-security-group-ingress", false), ("authorize-security-group-egress", true)] {
        let rules: Vec<Value> = it
            .rules
            .iter()
            .filter(|rule| rule.egress == egress && !everything_out(rule))
            .map(|rule| permission(rule, known.resource_id))
            .collect();
        if !rules.is_empty() {
            let rules = Value::Array(rules).to_string();
            commands.push(Command::ec2(name).with("group-id", [NEW_GROUP]).with("ip-permissions", [rules]));
        }
    }
    for member in &it.members {
        let groups =
            member.group_ids.iter().map(|id| if id.as_str() == known.resource_id { NEW_GROUP } else { id.as_str() });
        commands.push(
            Command::ec2("modify-network-interface-attribute")
                .with("network-interface-id", [member.network_interface_id.as_str()])
                .with("groups", groups),
        );
    }
    commands
}

/// A rule as EC2's `IpPermission`.
fn permission(rule: &Rule, own_id: &str) -> Value {
    let (list, field, peer) = match rule.peer.as_str() {
        peer if peer == own_id => ("UserIdGroupPairs", "GroupId", NEW_GROUP),
        peer if peer.starts_with("sg-") => ("UserIdGroupPairs", "GroupId", peer),
        peer if peer.starts_with("pl-") => ("PrefixListIds", "PrefixListId", peer),
        peer if peer.contains(':') => ("Ipv6Ranges", "CidrIpv6", peer),
        peer => ("IpRanges", "CidrIp", peer),
    };
    let mut one = serde_json::Map::from_iter([(field.to_owned(), json!(peer))]);
    if let Some(description) = &rule.description {
        one.insert("Description".into(), json!(description));
    }
    let mut permission = serde_json::Map::from_iter([
        ("IpProtocol".to_owned(), json!(rule.ip_protocol)),
        (list.to_owned(), json!([one])),
    ]);
    if let Some(port) = rule.from_port {
        permission.insert("FromPort".into(), json!(port));
    }
    if let Some(port) = rule.to_port {
        permission.insert("ToPort".into(), json!(port));
    }
    Value::Object(permission)
}
