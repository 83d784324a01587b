use super::attached::Attached;
use super::find;
use super::write::write_block_devices;
use crate::account::Account;
use crate::ec2::ask::Ask;
use crate::ec2::error::ApiError;
use crate::ec2::xml::Xml;

pub(in crate::ec2) fn describe_attribute(account: &mut Account, ask: &Ask<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let instance = find(account, ask.params.required("InstanceId")?)?;
    let attribute = ask.params.required("Attribute")?;
    let attached = Attached::of(account);
    let primary = attached.interfaces(instance).first();
    xml.text("instanceId", &instance.id);
    let value = |xml: &mut Xml, value: Option<&str>| {
        xml.within(attribute, |xml| xml.optional("value", value));
    };
    let flag = |xml: &mut Xml, flag: bool| value(xml, Some(if flag { "true" } else { "false" }));
    match attribute {
        "blockDeviceMapping" => write_block_devices(xml, instance, &attached),
        "disableApiStop" => flag(xml, instance.disable_api_stop),
        "disableApiTermination" => flag(xml, instance.disable_api_termination),
        "ebsOptimized" => flag(xml, instance.ebs_optimized),
        "enaSupport" => flag(xml, true),
        "groupSet" => {
            let groups = primary.into_iter().flat_map(|interface| &interface.group_ids);
            xml.items("groupSet", groups, |xml, id| xml.text("groupId", id));
        }
        "instanceInitiatedShutdownBehavior" => value(xml, Some(&instance.shutdown_behavior)),
        "instanceType" => value(xml, Some(&instance.instance_type)),
        "kernel" | "ramdisk" | "sriovNetSupport" => value(xml, None),
        "productCodes" => xml.items("productCodes", [(); 0], |_, ()| ()),
        "rootDeviceName" => value(xml, Some(&instance.root_device_name)),
        "sourceDestCheck" => flag(xml, primary.is_none_or(|interface| interface.source_dest_check)),
        "userData" => value(xml, instance.user_data.as_deref()),
        other => return Err(ApiError::invalid_value(format!("Value ({other}) for parameter attribute is invalid."))),
    }
    Ok(())
}
