use super::attached::Attached;
use super::check_all_known;
use super::write::write;
use crate::account::{Account, Instance};
use crate::ec2::ask::Ask;
use crate::ec2::error::ApiError;
use crate::ec2::filters::{Filters, tag_fields};
use crate::ec2::paging::{Limits, Page};
use crate::ec2::xml::Xml;

const FILTERS: &[&str] = &[
    "availability-zone",
    "block-device-mapping.delete-on-termination",
    "block-device-mapping.device-name",
    "block-device-mapping.status",
    "block-device-mapping.volume-id",
    "iam-instance-profile.arn",
    "image-id",
    "instance-id",
    "instance-lifecycle",
    "instance-state-code",
    "instance-state-name",
    "instance-type",
    "instance.group-id",
    "instance.group-name",
    "ip-address",
    "network-interface.addresses.association.allocation-id",
    "network-interface.addresses.association.public-ip",
    "network-interface.association.allocation-id",
    "network-interface.association.public-ip",
    "network-interface.group-id",
    "network-interface.network-interface-id",
    "network-interface.subnet-id",
    "network-interface.vpc-id",
    "private-ip-address",
    "root-device-type",
    "spot-instance-request-id",
    "subnet-id",
    "tag-key",
    "tag:",
    "tenancy",
    "vpc-id",
];

pub(in crate::ec2) fn describe(account: &mut Account, ask: &Ask<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let filters = Filters::parse(ask.params, FILTERS)?;
    let page = ask.page(Limits::ec2(5, 1000).strict())?;
    let ids = ask.params.list("InstanceId");
    if !ids.is_empty() && ask.params.get("MaxResults").is_some() {
        let message = "The parameter instancesSet cannot be used with the parameter maxResults";
        return Err(ApiError::client("InvalidParameterCombination", message));
    }
    if Page::is_first(ask.params) {
        account.settle_instances(|id| ids.is_empty() || ids.contains(&id));
    }
    check_all_known(account, &ids)?;
    let attached = Attached::of(account);
    let rest = page.rest(&account.instances);
    let (found, next) = page.take(rest.filter(|(id, instance)| {
        (ids.is_empty() || ids.contains(id)) && filters.pass(|filter| fields(account, instance, &attached, filter))
    }));
    // Each in a reservation of its own.
    xml.items("reservationSet", found, |xml, instance| {
        xml.text("reservationId", &instance.id.replacen("i-", "r-", 1));
        xml.text("ownerId", &account.id);
        xml.items("groupSet", [(); 0], |_, ()| ());
        xml.items("instancesSet", [instance], |xml, instance| write(xml, account, instance, &attached));
    });
    xml.optional("nextToken", next.as_deref());
    Ok(())
}

fn fields(account: &Account, instance: &Instance, attached: &Attached<'_>, filter: &str) -> Vec<String> {
    let one = |value: &str| vec![value.to_owned()];
    let maybe = |value: Option<&str>| value.into_iter().map(str::to_owned).collect();
    if let Some(filter) = filter.strip_prefix("block-device-mapping.") {
        return volume_fields(instance, attached, filter);
    }
    if let Some(filter) = filter.strip_prefix("network-interface.") {
        return interface_fields(instance, attached, filter);
    }
    let primary = attached.interfaces(instance).first();
    let groups = || primary.into_iter().flat_map(|interface| &interface.group_ids);
    match filter {
        "availability-zone" => vec![account.zone(instance.zone.as_deref())],
        "iam-instance-profile.arn" => maybe(instance.profile_arn.as_deref()),
        "image-id" => one(&instance.image_id),
        "instance-id" => one(&instance.id),
        "instance-lifecycle" => maybe(instance.lifecycle.as_deref()),
        "instance-state-code" => vec![crate::account::state_code(&instance.state).to_string()],
        "instance-state-name" => one(&instance.state),
        "instance-type" => one(&instance.instance_type),
        "instance.group-id" => groups().cloned().collect(),
        "instance.group-name" => groups().map(|id| account.group_name(id).to_owned()).collect(),
        "ip-address" => maybe(primary.and_then(|interface| attached.public_ip(interface))),
        "private-ip-address" => maybe(primary.map(|interface| interface.private_ip.as_str())),
        "root-device-type" => one(&instance.root_device_type),
        "spot-instance-request-id" => maybe(instance.spot_request_id.as_deref()),
        "subnet-id" => maybe(primary.map(|interface| interface.subnet_id.as_str())),
        "tenancy" => one(&instance.tenancy),
        "vpc-id" => maybe(primary.map(|interface| interface.vpc_id.as_str())),
        tag => tag_fields(tag, &instance.tags).into_iter().map(str::to_owned).collect(),
    }
}

fn volume_fields(instance: &Instance, attached: &Attached<'_>, filter: &str) -> Vec<String> {
    let volumes = attached.volumes(instance).iter();
    let field = volumes.map(|(volume, attachment)| match filter {
        "delete-on-termination" => attachment.delete_on_termination.to_string(),
        "device-name" => attachment.device.clone(),
        "status" => attachment.state.clone(),
        _ => volume.id.clone(),
    });
    field.collect()
}

fn interface_fields(instance: &Instance, attached: &Attached<'_>, filter: &str) -> Vec<String> {
    let fields = attached.interfaces(instance).iter().flat_map(|interface| match filter {
        "group-id" => interface.group_ids.clone(),
        "network-interface-id" => vec![interface.id.clone()],
        "subnet-id" => vec![interface.subnet_id.clone()],
        "vpc-id" => vec![interface.vpc_id.clone()],
        association if association.ends_with("allocation-id") => {
            attached.address(interface).into_iter().map(|address| address.allocation_id.clone()).collect()
        }
        _ => attached.public_ip(interface).into_iter().map(str::to_owned).collect(),
    });
    fields.collect()
}
