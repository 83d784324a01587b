use super::{find, ip_not_found};
use crate::account::{Account, Address};
use crate::ec2::ask::Ask;
use crate::ec2::error::ApiError;
use crate::ec2::filters::{Filters, tag_fields};
use crate::ec2::paging::Limits;
use crate::ec2::xml::Xml;

const FILTERS: &[&str] = &[
    "allocation-id",
    "association-id",
    "instance-id",
    "network-border-group",
    "network-interface-id",
    "network-interface-owner-id",
    "private-ip-address",
    "public-ip",
    "tag-key",
    "tag:",
];

/// All of them at once: EC2 has no pages here.
pub(in crate::ec2) fn describe(account: &mut Account, ask: &Ask<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let filters = Filters::parse(ask.params, FILTERS)?;
    let (ids, ips) = (ask.params.list("AllocationId"), ask.params.list("PublicIp"));
    ids.iter().try_for_each(|id| find(account, id).map(|_| ()))?;
    if let Some(unknown) = ips.iter().find(|ip| account.address_with_ip(ip).is_none()) {
        return Err(ip_not_found(unknown));
    }
    let everything = ids.is_empty() && ips.is_empty();
    let found = account.addresses.values().filter(|address| {
        (everything || ids.contains(&address.allocation_id.as_str()) || ips.contains(&address.public_ip.as_str()))
            && filters.pass(|filter| fields(account, address, filter))
    });
    xml.items("addressesSet", found, |xml, address| write(xml, account, address));
    Ok(())
}

/// The instance that an address leads to.
fn instance_id<'a>(account: &'a Account, address: &'a Address) -> Option<&'a str> {
    let named = address.association.as_ref()?.instance_id.as_deref();
    account.interface_of(address).map_or(named, |interface| interface.instance_id())
}

fn fields<'a>(account: &'a Account, address: &'a Address, filter: &str) -> Vec<&'a str> {
    let interface = account.interface_of(address);
    match filter {
        "allocation-id" => vec![&address.allocation_id],
        "association-id" => address.association.iter().map(|association| association.id.as_str()).collect(),
        "instance-id" => instance_id(account, address).into_iter().collect(),
        "network-border-group" => vec![&account.region],
        "network-interface-id" => interface.into_iter().map(|interface| interface.id.as_str()).collect(),
        "network-interface-owner-id" => interface.into_iter().map(|_| account.id.as_str()).collect(),
        "private-ip-address" => interface.into_iter().map(|interface| interface.private_ip.as_str()).collect(),
        "public-ip" => vec![&address.public_ip],
        tag => tag_fields(tag, &address.tags),
    }
}

fn write(xml: &mut Xml, account: &Account, address: &Address) {
    xml.text("publicIp", &address.public_ip);
    xml.text("allocationId", &address.allocation_id);
    xml.text("domain", "vpc");
    if let Some(association) = &address.association {
        xml.optional("instanceId", instance_id(account, address));
        xml.text("associationId", &association.id);
        if let Some(interface) = account.interface_of(address) {
            xml.text("networkInterfaceId", &interface.id);
            xml.text("networkInterfaceOwnerId", &account.id);
            xml.text("privateIpAddress", &interface.private_ip);
        }
    }
    xml.tags(&address.tags);
    xml.text("publicIpv4Pool", "amazon");
    xml.text("networkBorderGroup", &account.region);
    xml.optional("serviceManaged", address.service_managed.as_deref());
}

/// The reverse DNS of the addresses that have any.
pub(in crate::ec2) fn describe_attribute(account: &mut Account, ask: &Ask<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let page = ask.page(Limits::ec2(1, 1000))?;
    let ids = ask.params.list("AllocationId");
    ids.iter().try_for_each(|id| find(account, id).map(|_| ()))?;
    let named = page.rest(&account.addresses).filter_map(|(id, address)| {
        let name = address.ptr_record.as_ref().filter(|_| ids.is_empty() || ids.contains(&id))?;
        Some((id, (address, name)))
    });
    let (found, next) = page.take(named);
    xml.items("addressSet", found, |xml, (address, name)| {
        xml.text("publicIp", &address.public_ip);
        xml.text("allocationId", &address.allocation_id);
        xml.text("ptrRecord", name);
    });
    xml.optional("nextToken", next.as_deref());
    Ok(())
}
