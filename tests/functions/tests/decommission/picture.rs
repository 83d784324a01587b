//! What an account shows, in so far as a process may change it.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sunset_wire::{Account, LaunchPermission, Peer};

/// Everything by its id. What a process made (it has the tag `sunset:keep-until`) is left out, and so is what is
/// terminated.
pub type Picture = BTreeMap<String, Value>;

pub fn picture(account: &Account) -> Picture {
    let mut all = Picture::new();
    for instance in account.instances.values().filter(|instance| instance.state != "terminated") {
        all.insert(instance.id.clone(), json!({"state": instance.state, "tags": instance.tags}));
    }
    for volume in account.volumes.values() {
        let at = |attachment: &sunset_wire::Attachment| {
            json!([attachment.instance_id, attachment.device, attachment.state, attachment.delete_on_termination])
        };
        let attachments: Vec<Value> = volume.attachments.iter().map(at).collect();
        all.insert(volume.id.clone(), json!({"attachments": attachments, "tags": volume.tags}));
    }
    for interface in account.network_interfaces.values() {
        all.insert(interface.id.clone(), json!({"groups": interface.group_ids, "tags": interface.tags}));
    }
    for address in account.addresses.values() {
        let association = account.address_association(&address.allocation_id);
        all.insert(address.allocation_id.clone(), json!({"association": association, "tags": address.tags}));
    }
    for group in account.security_groups.values() {
        let rules: Vec<Value> = group.rules.iter().map(|rule| json!([rule.egress, peer(&rule.peer)])).collect();
        all.insert(group.id.clone(), json!({"rules": rules, "tags": group.tags}));
    }
    for image in account.images.values().filter(|image| !image.tags.contains_key("sunset:keep-until")) {
        let permissions: Vec<Value> = image.launch_permissions.iter().map(permission).collect();
        let shown = json!({"state": image.state, "launch_permissions": permissions, "tags": image.tags});
        all.insert(image.id.clone(), shown);
    }
    for snapshot in account.snapshots.values().filter(|snapshot| !snapshot.tags.contains_key("sunset:keep-until")) {
        all.insert(snapshot.id.clone(), json!({"state": snapshot.state, "tags": snapshot.tags}));
    }
    all
}

fn peer(peer: &Peer) -> String {
    format!("{peer:?}")
}

fn permission(permission: &LaunchPermission) -> Value {
    format!("{permission:?}").into()
}
