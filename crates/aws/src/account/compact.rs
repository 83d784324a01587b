//! EC2's document of an image, and the small part of it that the rules need.

use aws_sdk_ec2::types::{BlockDeviceMapping, DeviceType, Image as Document, Tag};
use sunset_domain::ids::{AccountId, ImageId, SnapshotId};
use sunset_domain::image::{BlockDevice, Image, ImageState, Tags};
use sunset_domain::time::Timestamp;

use crate::error::AwsError;

/// Takes what matters and drops the rest at once: a region may hold 50,000 images.
pub(super) fn compact(document: Document) -> Result<Image, AwsError> {
    let id = document.image_id.unwrap_or_default();
    let id = ImageId::parse(&id).map_err(|error| AwsError::refused("DescribeImages", error.to_string()))?;
    let moment = |text: Option<String>| text.and_then(|text| Timestamp::parse(&text).ok());
    Ok(Image {
        id,
        name: shrunk(document.name.unwrap_or_default()),
        owner_id: document.owner_id.and_then(|id| AccountId::parse(&id).ok()),
        created_at: moment(document.creation_date),
        state: ImageState::from(document.state.as_ref().map_or("unknown", |state| state.as_str())),
        public: document.public.unwrap_or_default(),
        last_launched_at: moment(document.last_launched_time),
        deregistration_protection: document.deregistration_protection.filter(|protection| protection != "disabled"),
        instance_store: document.root_device_type == Some(DeviceType::InstanceStore),
        product_codes: document.product_codes.is_some_and(|codes| !codes.is_empty()),
        tags: tags(document.tags),
        block_devices: block_devices(document.block_device_mappings)?,
    })
}

fn block_devices(mappings: Option<Vec<BlockDeviceMapping>>) -> Result<Vec<BlockDevice>, AwsError> {
    let mappings = mappings.unwrap_or_default();
    let mut devices = Vec::with_capacity(mappings.len());
    for mapping in mappings {
        let (snapshot_id, size_gib) = match mapping.ebs {
            Some(ebs) => (ebs.snapshot_id, ebs.volume_size),
            None => (None, None),
        };
        // A snapshot that cannot be named could never be freed: better no image than one with a part missing.
        let snapshot_id = snapshot_id
            .filter(|id| !id.is_empty())
            .map(|id| SnapshotId::parse(&id))
            .transpose()
            .map_err(|error| AwsError::refused("DescribeImages", error.to_string()))?;
        devices.push(BlockDevice {
            device_name: shrunk(mapping.device_name.unwrap_or_default()),
            snapshot_id,
            size_gib: size_gib.and_then(|gib| u32::try_from(gib).ok()),
        });
    }
    Ok(devices)
}

/// EC2's list of tags.
pub(crate) fn tags(tags: Option<Vec<Tag>>) -> Tags {
    let pair = |tag: Tag| Some((tag.key?, tag.value.unwrap_or_default()));
    tags.into_iter().flatten().filter_map(pair).collect()
}

fn shrunk(mut text: String) -> String {
    text.shrink_to_fit();
    text
}
