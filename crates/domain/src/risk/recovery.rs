//! What brings a resource back after its irreversible step.

use crate::process::observation::{Configuration, Instance};
use crate::risk::instance_family::is_ebs_only;

/// How the resource can be had again, with what is not in it; nothing where nothing brings it back.
#[must_use]
pub fn recovery(configuration: &Configuration) -> Option<String> {
    match configuration {
        Configuration::Instance(instance) => of_instance(instance),
        Configuration::Volume(volume) => Some(format!(
            "create a {} volume of {} GiB in {} from the snapshot that is made before it goes; it has another id",
            volume.volume_type, volume.size_gib, volume.availability_zone
        )),
        Configuration::SecurityGroup(group) => Some(format!(
            "create a security group {:?} with its {} recorded rules{}; it has another id, which everything that named the \
             old one must be given",
            group.group_name,
            group.rules.len(),
            group.vpc_id.as_ref().map(|vpc| format!(" in {vpc}")).unwrap_or_default()
        )),
        // A copy would be another snapshot or image that costs the same; an address that was given back is anybody's.
        Configuration::Snapshot(_) | Configuration::Image(_) | Configuration::Address(_) => None,
    }
}

/// An image holds EBS volumes only: an instance without any, or with its root elsewhere, cannot be made again from one.
fn of_instance(instance: &Instance) -> Option<String> {
    if instance.root_device_type.as_deref() != Some("ebs") || instance.volumes.is_empty() {
        return None;
    }
    let lost = if is_ebs_only(&instance.instance_type) {
        String::new()
    } else {
        format!("; what lies on instance-store volumes of a {} is not in it", instance.instance_type)
    };
    Some(format!(
        "launch an instance from the image of all its EBS volumes ({}) that is made before it goes; it has another id and \
         other private addresses unless they are asked for{lost}",
        instance.volumes.iter().map(|volume| volume.volume_id.as_str()).collect::<Vec<_>>().join(", ")
    ))
}

#[cfg(test)]
mod tests;
