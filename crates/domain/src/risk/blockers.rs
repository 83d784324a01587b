//! Everything that forbids a retirement whatever its risk, each with what would lift it (C49).

use crate::coverage::Source;
use crate::ids::{AccountId, ProcessId};
use crate::launch_permission::LaunchPermission;
use crate::never_touch::tag_reasons;
use crate::process::observation::{
    Address, Blocker, Configuration, Dependency, Dependent, Found, Image, Instance, Manager, Observation,
    SecurityGroup, Snapshot, Volume,
};
use crate::reason::Reason;
use crate::risk::dependents::named;
use crate::risk::sources::blocking;
use crate::time::Timestamp;

/// Everything that forbids it; `own` is the process that asks, whose own tags do not stand in its way.
#[must_use]
pub fn blockers(
    observation: &Observation,
    managed_by: &[Manager],
    account_id: &AccountId,
    own: Option<&ProcessId>,
    now: Timestamp,
) -> Vec<Blocker> {
    let Some(found) = &observation.found else {
        let looked = observation.coverages.get(&Source::Resource).is_some_and(|coverage| coverage.is_complete());
        return if looked {
            vec![blocker("not_found", format!("{} does not exist: check its id and region", observation.resource))]
        } else {
            blocking(observation)
        };
    };
    if let Configuration::Instance(instance) = &found.configuration
        && instance.state == "terminated"
    {
        // Nothing can be read of it any more, and nothing needs to be.
        return vec![in_state(&instance.state, "there is nothing left to retire")];
    }
    let mut all = blocking(observation);
    all.extend(owned_by_another(found, account_id));
    all.extend(kept(found, own, now));
    all.extend(managed_by.iter().map(|manager| {
        blocker("managed_by", format!("managed by {}, {}: {}", manager.service, manager.name, manager.change_instead))
    }));
    all.extend(observation.protections.iter().cloned());
    let mut by_type = Vec::new();
    match &found.configuration {
        Configuration::Instance(instance) => of_instance(instance, &mut by_type),
        Configuration::Volume(volume) => of_volume(volume, &mut by_type),
        Configuration::Snapshot(snapshot) => of_snapshot(snapshot, &mut by_type),
        Configuration::Image(image) => of_image(image, &mut by_type),
        Configuration::Address(address) => of_address(address, observation, &mut by_type),
        Configuration::SecurityGroup(group) => of_security_group(group, observation, &mut by_type),
    }
    // What EC2 itself says needs no second word.
    by_type.retain(|found| !observation.protections.iter().any(|known| known.code == found.code));
    all.extend(by_type);
    all
}

fn blocker(code: &str, detail: String) -> Blocker {
    Blocker { code: code.into(), detail }
}

fn in_state(state: &str, lift: &str) -> Blocker {
    blocker("state", format!("it is in state {state}: {lift}"))
}

fn owned_by_another(found: &Found, account_id: &AccountId) -> Option<Blocker> {
    // Of volumes and addresses EC2 names no owner: it shows an account only its own.
    let says_owner = !matches!(found.configuration, Configuration::Volume(_) | Configuration::Address(_));
    match &found.owner_id {
        Some(owner) if owner == account_id => None,
        Some(owner) => {
            Some(blocker("not_owned", format!("it is owned by account {owner}: only that one may retire it")))
        }
        None if says_owner => Some(blocker("not_owned", "its owner is unknown: assess again once EC2 names it".into())),
        None => None,
    }
}

/// The opt-out tag, and what another process holds or made: the rules of the never-touch list.
fn kept(found: &Found, own: Option<&ProcessId>, now: Timestamp) -> Vec<Blocker> {
    let reasons = tag_reasons(&found.tags, now);
    let kept = reasons.into_iter().filter_map(|reason| {
        let lift = match &reason {
            Reason::OptedOut { tag, .. } => format!("remove tag {tag} to let it go"),
            Reason::KeptByProcess { process, .. } if process.as_deref().is_some_and(|by| is_own(by, own)) => {
                return None;
            }
            Reason::KeptByProcess { .. } => {
                "wait for that process and that day, or remove its tags sunset:process and sunset:keep-until".into()
            }
            // Managers have a rule of their own, which names them and what to change.
            _ => return None,
        };
        Some(blocker(reason.code(), format!("{reason}: {lift}")))
    });
    kept.collect()
}

fn is_own(process: &str, own: Option<&ProcessId>) -> bool {
    own.is_some_and(|own| own.as_str() == process.trim())
}

fn of_instance(instance: &Instance, all: &mut Vec<Blocker>) {
    match instance.state.as_str() {
        "running" | "stopping" | "stopped" => {}
        state @ "shutting-down" => all.push(in_state(state, "there is soon nothing left to retire")),
        state => all.push(in_state(state, "assess again once it is running or stopped")),
    }
    match instance.root_device_type.as_deref() {
        Some("ebs") => {}
        Some(root) => all.push(blocker(
            "instance_store",
            format!("its root device is {root}: it cannot be stopped, only terminated, so there is no step that can be taken back"),
        )),
        None => all.push(blocker(
            "instance_store",
            "its root device is unknown: it may be one that cannot be stopped; assess again once EC2 names it".into(),
        )),
    }
    if let Some(lifecycle) = &instance.lifecycle {
        all.push(blocker(
            "lifecycle",
            format!(
                "its lifecycle is {lifecycle}: it cannot simply be stopped and started again; cancel the request or \
                 reservation that it was launched by instead"
            ),
        ));
    }
}

fn of_volume(volume: &Volume, all: &mut Vec<Blocker>) {
    if !matches!(volume.state.as_str(), "available" | "in-use") {
        all.push(in_state(&volume.state, "assess again once it is available or in-use"));
    }
    for attachment in &volume.attachments {
        let instance = &attachment.instance_id;
        if attachment.state != "attached" {
            let lift = match attachment.state.as_str() {
                "busy" => "unmount it there first",
                _ => "assess again once it is attached or detached",
            };
            let at = &attachment.device;
            all.push(blocker("attachment", format!("it is {} at {at} of {instance}: {lift}", attachment.state)));
        }
        let state = attachment.instance_state.as_deref();
        if attachment.is_root && state != Some("stopped") {
            all.push(blocker(
                "root_volume",
                format!(
                    "it is the root volume of {instance}, which is {}: stop that instance first, or retire the instance",
                    state.unwrap_or("in a state that could not be read")
                ),
            ));
        }
    }
}

fn of_snapshot(snapshot: &Snapshot, all: &mut Vec<Blocker>) {
    if snapshot.state != "completed" {
        all.push(in_state(&snapshot.state, "assess again once it is completed"));
    }
    if !snapshot.image_ids.is_empty() {
        let ids: Vec<_> = snapshot.image_ids.iter().map(|id| id.as_str()).collect();
        all.push(blocker(
            "snapshot_in_use",
            format!("registered images stand on it: retire {} first, which takes it along", ids.join(", ")),
        ));
    }
}

fn of_image(image: &Image, all: &mut Vec<Blocker>) {
    if !matches!(image.state.as_str(), "available" | "disabled") {
        all.push(in_state(&image.state, "only an image that is available or disabled can be retired"));
    }
    if image.launch_permissions.contains(&LaunchPermission::Everybody) {
        all.push(blocker("public", "everybody may launch it: make it private first, and wait who misses it".into()));
    }
    if image.block_devices.iter().all(|device| device.snapshot_id.is_none()) {
        all.push(blocker(
            "instance_store",
            "no snapshot stands behind it: its data lies in S3, which deregistering would leave behind".into(),
        ));
    }
}

fn of_address(address: &Address, observation: &Observation, all: &mut Vec<Blocker>) {
    let holders: Vec<_> = observation.dependents.iter().filter(|dependent| is_service(dependent)).collect();
    if !holders.is_empty() {
        all.push(blocker(
            "service_managed",
            format!("{} is held by {}: delete or change that first", address.public_ip, named(&holders)),
        ));
    }
    if let Some(association) = &address.association
        && association.instance_id.is_none()
        && association.network_interface_id.is_none()
    {
        all.push(blocker(
            "service_managed",
            format!(
                "{} is associated with something that is no instance and no network interface of this account: take it \
                 off there first",
                address.public_ip
            ),
        ));
    }
}

/// Whether this is a service's own network interface: only that service can give the address back.
fn is_service(dependent: &Dependent) -> bool {
    dependent.source == Source::NetworkInterfaces
        && (dependent.kind != "network_interface" || dependent.dependency == Dependency::Critical)
}

fn of_security_group(group: &SecurityGroup, observation: &Observation, all: &mut Vec<Blocker>) {
    if group.group_name == "default" {
        all.push(blocker("default_group", "it is its VPC's default group, which goes with the VPC only".into()));
    }
    let own = observation.resource.id();
    let naming: Vec<_> = observation
        .dependents
        .iter()
        .filter(|dependent| dependent.source == Source::SecurityGroups && dependent.id != own)
        .collect();
    if !naming.is_empty() {
        all.push(blocker(
            "referenced_by_rules",
            format!("rules of other groups name it: remove them from {} first", named(&naming)),
        ));
    }
    for member in &group.members {
        let interface = &member.network_interface_id;
        if let Some(requester) = &member.requester_id {
            let what = member.description.as_deref().filter(|text| !text.is_empty()).unwrap_or("not described");
            all.push(blocker(
                "service_managed_member",
                format!(
                    "network interface {interface} ({what}) belongs to {requester}: take the group off whatever that \
                     interface serves"
                ),
            ));
        }
        if !member.group_ids.iter().any(|id| id.as_str() != own) {
            all.push(blocker(
                "only_group_of_member",
                format!("network interface {interface} stands in no other group: give it another one first"),
            ));
        }
    }
}

#[cfg(test)]
mod tests;
