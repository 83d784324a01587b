use std::collections::BTreeMap;
use std::iter::Peekable;

use time::OffsetDateTime;

use super::{check_id, not_found};
use crate::account::{Account, BlockDevice, Image, LaunchPermission};
use crate::ec2::ask::Ask;
use crate::ec2::error::ApiError;
use crate::ec2::filters::{Filters, tag_fields};
use crate::ec2::paging::{Limits, Page};
use crate::ec2::params::Params;
use crate::ec2::xml::{Xml, timestamp};

const FILTERS: &[&str] = &[
    "architecture",
    "block-device-mapping.device-name",
    "block-device-mapping.snapshot-id",
    "creation-date",
    "description",
    "image-id",
    "is-public",
    "name",
    "owner-alias",
    "owner-id",
    "product-code",
    "root-device-type",
    "source-image-id",
    "source-instance-id",
    "state",
    "tag-key",
    "tag:",
];

pub(in crate::ec2) fn describe(account: &mut Account, ask: &Ask<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let filters = Filters::parse(ask.params, FILTERS)?;
    let page = ask.page(Limits::ec2(1, 1000))?;
    let scope = Scope::of(ask.params);
    let ids = ask.params.list("ImageId");
    check_all_known(account, &ids)?;
    if Page::is_first(ask.params) {
        account.settle_images(|id| ids.is_empty() || ids.contains(&id));
    }

    let listed = |image: &&Image| scope.includes(image, account) && filters.pass(|filter| fields(image, filter));
    let (found, next) = if ids.is_empty() {
        let live = page.rest(&account.images);
        let lingering = page.rest(&account.lingering).map(|(id, (image, _))| (id, image));
        page.take(merge(live.peekable(), lingering.peekable()).filter(|(_, image)| listed(image)))
    } else {
        let mut ids = ids;
        ids.sort_unstable();
        let named: BTreeMap<String, &Image> = ids
            .into_iter()
            .filter_map(|id| account.images.get(id).or_else(|| account.lingering.get(id).map(|(image, _)| image)))
            .map(|image| (image.id.clone(), image))
            .collect();
        page.take(named.into_iter().filter(|(_, image)| listed(image)))
    };

    xml.items("imagesSet", found, |xml, image| write(xml, image, account));
    xml.optional("nextToken", next.as_deref());
    if Page::is_first(ask.params) {
        forget_some_lingering(account);
    }
    Ok(())
}

/// An id that never was is an error for all of them; one that is gone is merely not in the answer.
fn check_all_known(account: &Account, ids: &[&str]) -> Result<(), ApiError> {
    ids.iter().try_for_each(|id| check_id(id))?;
    let known = |id: &str| {
        account.images.contains_key(id)
            || account.lingering.contains_key(id)
            || (account.deregistered.contains_key(id) && !account.forgets_deregistered)
    };
    let unknown: Vec<&str> = ids.iter().copied().filter(|id| !known(id)).collect();
    if unknown.is_empty() { Ok(()) } else { Err(not_found(&unknown)) }
}

fn forget_some_lingering(account: &mut Account) {
    account.lingering.retain(|_, (_, calls)| {
        *calls = calls.saturating_sub(1);
        *calls > 0
    });
}

/// Two sorted sequences as one.
fn merge<'a, V: 'a>(
    mut left: Peekable<impl Iterator<Item = (&'a str, V)>>,
    mut right: Peekable<impl Iterator<Item = (&'a str, V)>>,
) -> impl Iterator<Item = (&'a str, V)> {
    std::iter::from_fn(move || match (left.peek(), right.peek()) {
        (Some((l, _)), Some((r, _))) if r < l => right.next(),
        (Some(_), _) => left.next(),
        (None, _) => right.next(),
    })
}

/// Whose images, and which of them at all.
struct Scope<'a> {
    owners: Vec<&'a str>,
    executable_by: Vec<&'a str>,
    by_id: bool,
    disabled: bool,
    deprecated: bool,
    now: OffsetDateTime,
}

impl<'a> Scope<'a> {
    fn of(params: &'a Params) -> Self {
        Self {
            owners: params.list("Owner"),
            executable_by: params.list("ExecutableBy"),
            by_id: params.get("ImageId.1").is_some(),
            disabled: params.flag("IncludeDisabled"),
            deprecated: params.flag("IncludeDeprecated"),
            now: OffsetDateTime::now_utc(),
        }
    }

    fn includes(&self, image: &Image, account: &Account) -> bool {
        let own = account.owns(image.owner_id.as_deref());
        let owner = image.owner_id.as_deref().unwrap_or(&account.id);
        let of_owner = |wanted: &&str| match *wanted {
            "self" => own,
            wanted => wanted == owner || image.owner_alias.as_deref() == Some(wanted),
        };
        let shared_with = |wanted: &str| {
            image.launch_permissions.iter().any(|permission| match permission {
                LaunchPermission::User(user) => user == wanted,
                LaunchPermission::Group(group) => group == wanted,
                _ => false,
            })
        };
        let executable = |wanted: &&str| shared_with(if *wanted == "self" { &account.id } else { wanted });
        let visible = own || image.is_public() || shared_with(&account.id);
        let expired = image.deprecated_at.is_some_and(|at| at <= self.now);

        visible
            && (self.owners.is_empty() || self.owners.iter().any(of_owner))
            && (self.executable_by.is_empty() || self.executable_by.iter().any(executable))
            && (self.disabled || image.state != "disabled")
            && (self.deprecated || self.by_id || own || !expired)
    }
}

fn fields(image: &Image, filter: &str) -> Vec<String> {
    let one = |value: &str| vec![value.to_owned()];
    let maybe = |value: &Option<String>| value.iter().cloned().collect();
    match filter {
        "architecture" => one(&image.architecture),
        "block-device-mapping.device-name" => {
            image.block_devices.iter().map(|device| device.device_name.clone()).collect()
        }
        "block-device-mapping.snapshot-id" => image.snapshot_ids().map(str::to_owned).collect(),
        "creation-date" => vec![timestamp(image.created)],
        "description" => maybe(&image.description),
        "image-id" => one(&image.id),
        "is-public" => one(if image.is_public() { "true" } else { "false" }),
        "name" => maybe(&image.name),
        "owner-alias" => maybe(&image.owner_alias),
        "owner-id" => maybe(&image.owner_id),
        "product-code" => image.product_codes.clone(),
        "root-device-type" => one(&image.root_device_type),
        "source-image-id" => maybe(&image.source_image_id),
        "source-instance-id" => maybe(&image.source_instance_id),
        "state" => one(&image.state),
        tag => tag_fields(tag, &image.tags).into_iter().map(str::to_owned).collect(),
    }
}

fn write(xml: &mut Xml, image: &Image, account: &Account) {
    let owner = image.owner_id.as_deref().unwrap_or(&account.id);
    xml.text("imageId", &image.id);
    if let Some(name) = &image.name {
        xml.text("imageLocation", &format!("{owner}/{name}"));
    }
    xml.text("imageState", &image.state);
    if image.state == "failed" {
        xml.within("stateReason", |xml| {
            xml.text("code", "Server.InternalError");
            xml.text("message", "Server.InternalError: Internal error on creation");
        });
    }
    xml.text("imageOwnerId", owner);
    xml.optional("imageOwnerAlias", image.owner_alias.as_deref());
    xml.time("creationDate", image.created);
    xml.show("isPublic", image.is_public());
    if !image.product_codes.is_empty() {
        xml.items("productCodes", &image.product_codes, |xml, code| {
            xml.text("productCode", code);
            xml.text("type", "marketplace");
        });
    }
    xml.text("architecture", &image.architecture);
    xml.text("imageType", "machine");
    xml.optional("name", image.name.as_deref());
    xml.optional("description", image.description.as_deref());
    xml.text("rootDeviceType", &image.root_device_type);
    if let Some(root) = image.block_devices.first() {
        xml.text("rootDeviceName", &root.device_name);
    }
    xml.items("blockDeviceMapping", &image.block_devices, write_device);
    xml.text("virtualizationType", "hvm");
    xml.text("hypervisor", "xen");
    xml.text("enaSupport", "true");
    xml.text("platformDetails", "Linux/UNIX");
    xml.tags(&image.tags);
    if let Some(at) = image.deprecated_at {
        xml.time("deprecationTime", at);
    }
    xml.optional("sourceInstanceId", image.source_instance_id.as_deref());
    xml.optional("sourceImageId", image.source_image_id.as_deref());
    if image.source_image_id.is_some() {
        xml.text("sourceImageRegion", &account.region);
    }
    xml.text("deregistrationProtection", &image.deregistration_protection);
    if let Some(at) = image.last_launched {
        xml.time("lastLaunchedTime", at);
    }
}

fn write_device(xml: &mut Xml, device: &BlockDevice) {
    xml.text("deviceName", &device.device_name);
    xml.optional("virtualName", device.virtual_name.as_deref());
    if device.no_device {
        xml.text("noDevice", "");
    }
    if let Some(ebs) = &device.ebs {
        xml.within("ebs", |xml| {
            xml.optional("snapshotId", ebs.snapshot_id.as_deref());
            xml.show("volumeSize", ebs.volume_size_gib);
            xml.show("deleteOnTermination", ebs.delete_on_termination);
            xml.text("volumeType", &ebs.volume_type);
            xml.show("encrypted", ebs.encrypted);
        });
    }
}
