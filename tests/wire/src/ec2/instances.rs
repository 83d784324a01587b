//! Instances, each in a reservation of its own.

use super::ask::Ask;
use super::error::ApiError;
use super::filters::{Filters, tag_fields};
use super::paging::Limits;
use super::xml::Xml;
use crate::account::{Account, Instance};

const FILTERS: &[&str] =
    &["image-id", "instance-id", "instance-lifecycle", "instance-state-name", "instance-type", "tag-key", "tag:"];

pub(super) fn describe(account: &mut Account, ask: &Ask<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let filters = Filters::parse(ask.params, FILTERS)?;
    let page = ask.page(Limits::ec2(5, 1000).strict())?;
    let ids = ask.params.list("InstanceId");
    if !ids.is_empty() && ask.params.get("MaxResults").is_some() {
        let message = "The parameter instancesSet cannot be used with the parameter maxResults";
        return Err(ApiError::client("InvalidParameterCombination", message));
    }
    if let Some(unknown) = ids.iter().find(|id| !account.instances.contains_key(**id)) {
        let message = format!("The instance ID '{unknown}' does not exist");
        return Err(ApiError::client("InvalidInstanceID.NotFound", message));
    }
    let rest = page.rest(&account.instances);
    let (found, next) = page.take(rest.filter(|(id, instance)| {
        (ids.is_empty() || ids.contains(id)) && filters.pass(|filter| fields(instance, filter))
    }));
    xml.items("reservationSet", found, |xml, instance| {
        xml.text("reservationId", &instance.id.replacen("i-", "r-", 1));
        xml.text("ownerId", &account.id);
        xml.items("groupSet", [(); 0], |_, ()| ());
        xml.items("instancesSet", [instance], write);
    });
    xml.optional("nextToken", next.as_deref());
    Ok(())
}

fn fields<'a>(instance: &'a Instance, filter: &str) -> Vec<&'a str> {
    match filter {
        "image-id" => vec![&instance.image_id],
        "instance-id" => vec![&instance.id],
        "instance-lifecycle" => instance.lifecycle.as_deref().into_iter().collect(),
        "instance-state-name" => vec![&instance.state],
        "instance-type" => vec![&instance.instance_type],
        tag => tag_fields(tag, &instance.tags),
    }
}

fn write(xml: &mut Xml, instance: &Instance) {
    xml.text("instanceId", &instance.id);
    xml.text("imageId", &instance.image_id);
    xml.within("instanceState", |xml| {
        xml.show("code", instance.state_code());
        xml.text("name", &instance.state);
    });
    xml.text("privateDnsName", "ip-10-0-0-1.ec2.internal");
    xml.text("dnsName", "");
    xml.text("instanceType", &instance.instance_type);
    xml.time("launchTime", instance.launched);
    xml.within("placement", |xml| {
        xml.text("availabilityZone", "us-east-1a");
        xml.text("tenancy", "default");
    });
    xml.within("monitoring", |xml| xml.text("state", "disabled"));
    xml.text("architecture", "x86_64");
    xml.text("rootDeviceType", "ebs");
    xml.text("rootDeviceName", "/dev/xvda");
    xml.text("virtualizationType", "hvm");
    xml.text("hypervisor", "xen");
    xml.optional("instanceLifecycle", instance.lifecycle.as_deref());
    xml.tags(&instance.tags);
}
