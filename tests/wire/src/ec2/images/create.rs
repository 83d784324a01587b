use std::collections::BTreeMap;

use time::OffsetDateTime;

use crate::account::{Account, BlockDevice, Ebs, Image, Settling, Spoilt, Volume};
use crate::ec2::ask::Ask;
use crate::ec2::error::ApiError;
use crate::ec2::xml::Xml;
use crate::ec2::{instances, snapshots, tag_specifications};

const KINDS: &[&str] = &["image", "snapshot"];

/// An image of an instance, with a snapshot of each of its volumes.
pub(in crate::ec2) fn create(account: &mut Account, ask: &Ask<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let name = ask.params.required("Name")?;
    check_name(name)?;
    let tags = tag_specifications::of(ask.params, "image", KINDS)?;
    let snapshot_tags = tag_specifications::of(ask.params, "snapshot", KINDS)?;
    let instance = instances::find(account, ask.params.required("InstanceId")?)?.clone();
    if !matches!(instance.state.as_str(), "running" | "stopping" | "stopped") {
        return Err(ApiError::invalid_value(format!(
            "Invalid value '{}' for instanceId. Instance is not in state 'running' or 'stopping' or 'stopped'",
            instance.id
        )));
    }
    if instance.root_detached || instance.root_device_type != "ebs" {
        return Err(instances::rootless(&instance));
    }
    let of_name = |image: &&Image| account.owns(image.owner_id.as_deref()) && image.name.as_deref() == Some(name);
    if let Some(taken) = account.images.values().find(of_name) {
        let message = format!("AMI name {name} is already in use by AMI {}", taken.id);
        return Err(ApiError::client("InvalidAMIName.Duplicate", message));
    }

    let left_out = left_out(ask);
    let volumes = account.volumes_of(&instance.id).into_iter();
    let devices: Vec<(Volume, String, bool)> = volumes
        .filter(|(_, attachment)| !left_out.contains(&attachment.device))
        .map(|(volume, attachment)| (volume.clone(), attachment.device.clone(), attachment.delete_on_termination))
        .collect();
    let calls = account.paces.images;
    let id = account.fresh_id("ami");
    let mut image = Image::new(&id).named(name).made_from(&instance.id).created_at(OffsetDateTime::now_utc());
    image.description = ask.params.get("Description").map(str::to_owned);
    image.source_image_id = Some(instance.image_id.clone());
    image.tags = tags;
    for (volume, device, delete) in &devices {
        image.block_devices.push(back_up(account, &id, &instance.id, (volume, device, *delete), &snapshot_tags));
    }
    // The root device comes first, as EC2 lists it.
    image.block_devices.sort_by_key(|device| device.device_name != instance.root_device_name);

    let spoilt = |account: &Account, id: &str| account.spoils(id) == Some(Spoilt::Error);
    let fails = spoilt(account, &instance.id) || devices.iter().any(|(volume, ..)| spoilt(account, &volume.id));
    let end = if fails { "failed" } else { "available" };
    let image = Image { settling: Some(Settling::new(end, calls)), ..image.in_state("pending") };
    account.add_image(image);
    if calls == 0 {
        account.settle_images(|settles| settles == id);
    }
    xml.text("imageId", &id);
    Ok(())
}

fn back_up(
    account: &mut Account,
    image_id: &str,
    instance_id: &str,
    (volume, device, delete): (&Volume, &str, bool),
    tags: &BTreeMap<String, String>,
) -> BlockDevice {
    let description = format!("Created by CreateImage({instance_id}) for {image_id}");
    // A snapshot is done with its image at the latest.
    let calls = account.paces.snapshots.max(account.paces.images);
    let snapshot_id = snapshots::take(account, volume, &description, tags.clone(), calls);
    let snapshot = account.snapshots.get(&snapshot_id);
    let ebs = Ebs {
        volume_size_gib: snapshot.map_or(volume.size_gib, |snapshot| snapshot.volume_size_gib),
        encrypted: snapshot.is_some_and(|snapshot| snapshot.encrypted),
        snapshot_id: Some(snapshot_id),
        volume_type: volume.volume_type.clone(),
        delete_on_termination: delete,
    };
    BlockDevice { ebs: Some(ebs), ..BlockDevice::empty_volume(device) }
}

/// The devices of which the request wants no snapshot.
fn left_out(ask: &Ask<'_>) -> Vec<String> {
    let device = |prefix: String| {
        ask.params.get(&format!("{prefix}NoDevice"))?;
        ask.params.get(&format!("{prefix}DeviceName")).map(str::to_owned)
    };
    ask.params.structures("BlockDeviceMapping").filter_map(device).collect()
}

fn check_name(name: &str) -> Result<(), ApiError> {
    let fits = |character: char| character.is_ascii_alphanumeric() || "()[] ./-'@_".contains(character);
    if (3..=128).contains(&name.len()) && name.chars().all(fits) {
        return Ok(());
    }
    let message = "AMI names must be between 3 and 128 characters long, and may contain letters, numbers, '(', ')', '.', '-', '/' and '_'";
    Err(ApiError::client("InvalidAMIName.Malformed", message))
}
