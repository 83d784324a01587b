use super::attached::Attached;
use crate::account::{Account, Instance, NetworkInterface, state_code};
use crate::ec2::network_interfaces::{mac_address, write_groups};
use crate::ec2::xml::Xml;

pub(super) fn write(xml: &mut Xml, account: &Account, instance: &Instance, attached: &Attached<'_>) {
    let interfaces = attached.interfaces(instance);
    xml.text("instanceId", &instance.id);
    xml.text("imageId", &instance.image_id);
    write_state(xml, "instanceState", &instance.state);
    xml.text("privateDnsName", "ip-10-0-0-1.ec2.internal");
    xml.text("dnsName", "");
    xml.text("reason", &instance.transition_reason);
    xml.text("instanceType", &instance.instance_type);
    xml.time("launchTime", instance.launched);
    xml.within("placement", |xml| {
        xml.text("availabilityZone", &account.zone(instance.zone.as_deref()));
        xml.text("tenancy", &instance.tenancy);
    });
    xml.within("monitoring", |xml| xml.text("state", "disabled"));
    if let Some(primary) = interfaces.first() {
        xml.text("subnetId", &primary.subnet_id);
        xml.text("vpcId", &primary.vpc_id);
        xml.text("privateIpAddress", &primary.private_ip);
        xml.optional("ipAddress", attached.public_ip(primary));
        xml.show("sourceDestCheck", primary.source_dest_check);
        write_groups(xml, account, primary);
    }
    if let Some((code, message)) = &instance.state_reason {
        xml.within("stateReason", |xml| {
            xml.text("code", code);
            xml.text("message", message);
        });
    }
    xml.text("architecture", "x86_64");
    xml.text("rootDeviceType", &instance.root_device_type);
    xml.text("rootDeviceName", &instance.root_device_name);
    write_block_devices(xml, instance, attached);
    xml.text("virtualizationType", "hvm");
    xml.text("hypervisor", "xen");
    xml.optional("instanceLifecycle", instance.lifecycle.as_deref());
    xml.optional("spotInstanceRequestId", instance.spot_request_id.as_deref());
    xml.tags(&instance.tags);
    if !interfaces.is_empty() {
        xml.items("networkInterfaceSet", interfaces, |xml, interface| {
            write_interface(xml, account, interface, attached);
        });
    }
    if let Some(arn) = &instance.profile_arn {
        xml.within("iamInstanceProfile", |xml| {
            xml.text("arn", arn);
            xml.text("id", "AIPA0123456789EXAMPLE");
        });
    }
    xml.show("ebsOptimized", instance.ebs_optimized);
}

pub(super) fn write_state(xml: &mut Xml, name: &str, state: &str) {
    xml.within(name, |xml| {
        xml.show("code", state_code(state));
        xml.text("name", state);
    });
}

pub(super) fn write_block_devices(xml: &mut Xml, instance: &Instance, attached: &Attached<'_>) {
    xml.items("blockDeviceMapping", attached.volumes(instance), |xml, (volume, attachment)| {
        xml.text("deviceName", &attachment.device);
        xml.within("ebs", |xml| {
            xml.text("volumeId", &volume.id);
            xml.text("status", if attachment.state == "busy" { "detaching" } else { &attachment.state });
            xml.time("attachTime", attachment.attached);
            xml.show("deleteOnTermination", attachment.delete_on_termination);
        });
    });
}

fn write_interface(xml: &mut Xml, account: &Account, interface: &NetworkInterface, attached: &Attached<'_>) {
    xml.text("networkInterfaceId", &interface.id);
    xml.text("subnetId", &interface.subnet_id);
    xml.text("vpcId", &interface.vpc_id);
    xml.text("description", &interface.description);
    xml.text("ownerId", &account.id);
    xml.text("status", interface.status());
    xml.text("macAddress", &mac_address(interface));
    xml.text("privateIpAddress", &interface.private_ip);
    xml.show("sourceDestCheck", interface.source_dest_check);
    write_groups(xml, account, interface);
    if let Some(attachment) = &interface.attachment {
        xml.within("attachment", |xml| {
            xml.text("attachmentId", &attachment.id);
            xml.show("deviceIndex", attachment.device_index);
            xml.text("status", "attached");
            xml.time("attachTime", attachment.attached);
            xml.show("deleteOnTermination", attachment.delete_on_termination);
            xml.text("networkCardIndex", "0");
        });
    }
    let association = |xml: &mut Xml| {
        let Some(public_ip) = attached.public_ip(interface) else { return };
        xml.within("association", |xml| {
            xml.text("publicIp", public_ip);
            xml.text("publicDnsName", "");
            xml.text("ipOwnerId", attached.address(interface).map_or("amazon", |_| &account.id));
        });
    };
    association(xml);
    xml.items("privateIpAddressesSet", [interface], |xml, interface| {
        xml.text("privateIpAddress", &interface.private_ip);
        xml.text("primary", "true");
        association(xml);
    });
    xml.text("interfaceType", &interface.kind);
}
