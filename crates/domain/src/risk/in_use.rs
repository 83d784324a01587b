//! Who uses a resource right now, as the resource itself shows it (C48).

use crate::process::observation::Configuration;

/// One use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// The same for the same use in every look.
    pub key: String,
    /// What, as the end of a sentence: `it is attached to i-1`.
    pub what: String,
    /// Whether somebody would notice at once.
    pub disrupts: bool,
}

fn one(key: impl ToString, what: String, disrupts: bool) -> Use {
    Use { key: key.to_string(), what, disrupts }
}

/// Every use that the resource shows. An instance whose state could not be read counts as running.
#[must_use]
pub fn uses(configuration: &Configuration) -> Vec<Use> {
    match configuration {
        Configuration::Instance(instance) if instance.state == "stopped" => Vec::new(),
        Configuration::Instance(instance) => vec![one("state", format!("it is {}", instance.state), true)],
        Configuration::Volume(volume) => {
            let attachments = volume.attachments.iter().map(|attachment| {
                let state = attachment.instance_state.as_deref();
                let of = format!("{} ({})", attachment.instance_id, state.unwrap_or("in a state that was not read"));
                let what = format!("it is {} to {of} at {}", attachment.state, attachment.device);
                one(&attachment.instance_id, what, state != Some("stopped"))
            });
            attachments.collect()
        }
        Configuration::Snapshot(snapshot) => {
            snapshot.image_ids.iter().map(|image| one(image, format!("image {image} stands on it"), true)).collect()
        }
        Configuration::Image(image) => {
            let shared = image.launch_permissions.iter();
            shared.map(|with| one(with, format!("it is shared with {with}, whose use cannot be seen"), true)).collect()
        }
        Configuration::Address(address) => {
            let association = address.association.iter().map(|association| {
                let with = match (&association.instance_id, &association.network_interface_id) {
                    (Some(instance), _) => instance.to_string(),
                    (None, Some(interface)) => interface.to_string(),
                    (None, None) => "something that was not read".into(),
                };
                one(&with, format!("{} is associated with {with}", address.public_ip), true)
            });
            association.collect()
        }
        Configuration::SecurityGroup(group) => {
            let members = group.members.iter().map(|member| {
                let id = &member.network_interface_id;
                let of = member.instance_id.as_ref().map(|instance| format!(" of {instance}")).unwrap_or_default();
                one(id, format!("network interface {id}{of} stands in it"), true)
            });
            members.collect()
        }
    }
}

/// What shows that a resource whose reversible step was taken is used again.
#[must_use]
pub fn used_again(configuration: &Configuration) -> Vec<String> {
    match configuration {
        // Disabling takes every launch permission, so only the state can tell.
        Configuration::Image(image) if image.state == "disabled" => Vec::new(),
        Configuration::Image(image) => vec![format!("it is {} again", image.state)],
        // A snapshot has no reversible step, and an image that stands on it blocks anyway.
        Configuration::Snapshot(_) => Vec::new(),
        other => uses(other).into_iter().map(|found| found.what).collect(),
    }
}
