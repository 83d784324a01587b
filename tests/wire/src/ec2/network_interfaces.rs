//! Network interfaces: the members of security groups, and what Elastic IP addresses are associated with.

use super::ask::Ask;
use super::error::ApiError;
use super::filters::{Filters, tag_fields};
use super::paging::Limits;
use super::security_groups;
use super::xml::Xml;
use crate::account::{Account, NetworkInterface};

const FILTERS: &[&str] = &[
    "addresses.association.allocation-id",
    "addresses.association.public-ip",
    "association.allocation-id",
    "association.association-id",
    "association.public-ip",
    "attachment.attachment-id",
    "attachment.instance-id",
    "attachment.instance-owner-id",
    "availability-zone",
    "description",
    "group-id",
    "group-name",
    "interface-type",
    "network-interface-id",
    "owner-id",
    "private-ip-address",
    "requester-id",
    "requester-managed",
    "status",
    "subnet-id",
    "tag-key",
    "tag:",
    "vpc-id",
];

pub(super) fn not_found(id: &str) -> ApiError {
    let message = format!("The networkInterface ID '{id}' does not exist");
    ApiError::client("InvalidNetworkInterfaceID.NotFound", message)
}

pub(super) fn find<'a>(account: &'a Account, id: &str) -> Result<&'a NetworkInterface, ApiError> {
    if !id.starts_with("eni-") {
        let message = format!("Invalid id: \"{id}\" (expecting \"eni-...\")");
        return Err(ApiError::client("InvalidNetworkInterfaceId.Malformed", message));
    }
    account.network_interfaces.get(id).ok_or_else(|| not_found(id))
}

pub(super) fn describe(account: &mut Account, ask: &Ask<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let filters = Filters::parse(ask.params, FILTERS)?;
    let page = ask.page(Limits::ec2(5, 1000).strict())?;
    let ids = ask.params.list("NetworkInterfaceId");
    if !ids.is_empty() && ask.params.get("MaxResults").is_some() {
        let message = "The parameter networkInterfaceSet cannot be used with the parameter maxResults";
        return Err(ApiError::client("InvalidParameterCombination", message));
    }
    ids.iter().try_for_each(|id| find(account, id).map(|_| ()))?;
    let (found, next) = page.take(page.rest(&account.network_interfaces).filter(|(id, interface)| {
        (ids.is_empty() || ids.contains(id)) && filters.pass(|filter| fields(account, interface, filter))
    }));
    xml.items("networkInterfaceSet", found, |xml, interface| write(xml, account, interface));
    xml.optional("nextToken", next.as_deref());
    Ok(())
}

fn fields(account: &Account, interface: &NetworkInterface, filter: &str) -> Vec<String> {
    let one = |value: &str| vec![value.to_owned()];
    let addresses = || account.addresses_of(&interface.id).into_iter();
    let attachment = interface.attachment.as_ref();
    match filter {
        "addresses.association.allocation-id" | "association.allocation-id" => {
            addresses().map(|address| address.allocation_id.clone()).collect()
        }
        "association.association-id" => {
            addresses().filter_map(|address| Some(address.association.as_ref()?.id.clone())).collect()
        }
        "addresses.association.public-ip" | "association.public-ip" => {
            let elastic = addresses().map(|address| address.public_ip.clone());
            elastic.chain(interface.public_ip.clone()).collect()
        }
        "attachment.attachment-id" => attachment.into_iter().map(|at| at.id.clone()).collect(),
        "attachment.instance-id" => interface.instance_id().into_iter().map(str::to_owned).collect(),
        "attachment.instance-owner-id" => {
            attachment.into_iter().map(|at| at.owner_id.clone().unwrap_or_else(|| account.id.clone())).collect()
        }
        "availability-zone" => vec![account.zone(interface.zone.as_deref())],
        "description" => one(&interface.description),
        "group-id" => interface.group_ids.clone(),
        "group-name" => interface.group_ids.iter().map(|id| account.group_name(id).to_owned()).collect(),
        "interface-type" => one(&interface.kind),
        "network-interface-id" => one(&interface.id),
        "owner-id" => one(&account.id),
        "private-ip-address" => one(&interface.private_ip),
        "requester-id" => interface.requester_id.iter().cloned().collect(),
        "requester-managed" => vec![interface.requester_id.is_some().to_string()],
        "status" => one(interface.status()),
        "subnet-id" => one(&interface.subnet_id),
        "vpc-id" => one(&interface.vpc_id),
        tag => tag_fields(tag, &interface.tags).into_iter().map(str::to_owned).collect(),
    }
}

fn write(xml: &mut Xml, account: &Account, interface: &NetworkInterface) {
    xml.text("networkInterfaceId", &interface.id);
    xml.text("subnetId", &interface.subnet_id);
    xml.text("vpcId", &interface.vpc_id);
    xml.text("availabilityZone", &account.zone(interface.zone.as_deref()));
    xml.text("description", &interface.description);
    xml.text("ownerId", &account.id);
    xml.optional("requesterId", interface.requester_id.as_deref());
    xml.show("requesterManaged", interface.requester_id.is_some());
    xml.text("status", interface.status());
    xml.text("macAddress", &mac_address(interface));
    xml.text("privateIpAddress", &interface.private_ip);
    xml.show("sourceDestCheck", interface.source_dest_check);
    write_groups(xml, account, interface);
    if let Some(attachment) = &interface.attachment {
        xml.within("attachment", |xml| {
            xml.text("attachmentId", &attachment.id);
            xml.optional("instanceId", attachment.instance_id.as_deref());
            xml.text("instanceOwnerId", attachment.owner_id.as_deref().unwrap_or(&account.id));
            xml.show("deviceIndex", attachment.device_index);
            xml.text("status", "attached");
            xml.time("attachTime", attachment.attached);
            xml.show("deleteOnTermination", attachment.delete_on_termination);
            xml.text("networkCardIndex", "0");
        });
    }
    write_association(xml, account, interface);
    xml.tags(&interface.tags);
    xml.items("privateIpAddressesSet", [interface], |xml, interface| {
        xml.text("privateIpAddress", &interface.private_ip);
        xml.text("primary", "true");
        write_association(xml, account, interface);
    });
    xml.text("interfaceType", &interface.kind);
}

fn write_association(xml: &mut Xml, account: &Account, interface: &NetworkInterface) {
    let addresses = account.addresses_of(&interface.id);
    let elastic = addresses.first().and_then(|address| Some((address, address.association.as_ref()?)));
    let Some(public_ip) = elastic.map(|(address, _)| address.public_ip.as_str()).or(interface.public_ip.as_deref())
    else {
        return;
    };
    xml.within("association", |xml| {
        xml.text("publicIp", public_ip);
        xml.text("publicDnsName", "");
        xml.text("ipOwnerId", elastic.map_or("amazon", |_| &account.id));
        if let Some((address, association)) = elastic {
            xml.text("allocationId", &address.allocation_id);
            xml.text("associationId", &association.id);
        }
    });
}

pub(super) fn write_groups(xml: &mut Xml, account: &Account, interface: &NetworkInterface) {
    xml.items("groupSet", &interface.group_ids, |xml, id| {
        xml.text("groupId", id);
        xml.text("groupName", account.group_name(id));
    });
}

/// Of the last digits of its id.
pub(super) fn mac_address(interface: &NetworkInterface) -> String {
    let digits = interface.id.bytes().fold(0_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
    let [a, b, c, d] = digits.to_be_bytes();
    format!("02:00:{a:02x}:{b:02x}:{c:02x}:{d:02x}")
}

/// One attribute a call, as EC2 has it.
pub(super) fn modify_attribute(account: &mut Account, ask: &Ask<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let interface = find(account, ask.params.required("NetworkInterfaceId")?)?;
    let id = interface.id.clone();
    if interface.requester_id.is_some() {
        let message = "You do not have permission to access the specified resource.";
        return Err(ApiError::new(403, "AuthFailure", message));
    }
    let mut group_ids = ask.params.list("SecurityGroupId");
    let mut seen = Vec::new();
    group_ids.retain(|id| {
        !seen.contains(id) && {
            seen.push(*id);
            true
        }
    });
    for group_id in &group_ids {
        if security_groups::find(account, group_id)?.vpc_id != interface.vpc_id {
            let message = "You have specified two resources that belong to different networks.";
            return Err(ApiError::client("InvalidParameter", message));
        }
    }
    let description = ask.params.get("Description.Value");
    let check = ask.params.get("SourceDestCheck.Value");
    let delete = ask.params.get("Attachment.DeleteOnTermination");
    // An interface keeps at least one group: an empty list of them is no attribute at all.
    match [!group_ids.is_empty(), description.is_some(), check.is_some(), delete.is_some()]
        .iter()
        .filter(|said| **said)
        .count()
    {
        0 => return Err(ApiError::client("InvalidParameterCombination", "No attributes specified.")),
        1 => (),
        _ => {
            let message = "Fields for multiple attribute types specified";
            return Err(ApiError::client("InvalidParameterCombination", message));
        }
    }
    if let Some(interface) = account.network_interfaces.get_mut(&id) {
        if !group_ids.is_empty() {
            interface.group_ids = group_ids.into_iter().map(str::to_owned).collect();
        }
        if let Some(description) = description {
            description.clone_into(&mut interface.description);
        }
        if let Some(check) = check {
            interface.source_dest_check = check == "true";
        }
        if let (Some(delete), Some(attachment)) = (delete, &mut interface.attachment) {
            attachment.delete_on_termination = delete == "true";
        }
    }
    xml.text("return", "true");
    Ok(())
}
