use super::own;
use crate::account::{Account, LaunchPermission};
use crate::ec2::ask::Ask;
use crate::ec2::error::ApiError;
use crate::ec2::params::Params;
use crate::ec2::xml::{Xml, timestamp};

pub(in crate::ec2) fn describe_attribute(account: &mut Account, ask: &Ask<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let image = own(account, ask.params.required("ImageId")?)?;
    let attribute = ask.params.required("Attribute")?;
    xml.text("imageId", &image.id);
    let value = |xml: &mut Xml, value: Option<&str>| {
        xml.within(attribute, |xml| xml.optional("value", value));
    };
    match attribute {
        "launchPermission" => {
            xml.items("launchPermission", &image.launch_permissions, |xml, permission| match permission {
                LaunchPermission::User(id) => xml.text("userId", id),
                LaunchPermission::Group(name) => xml.text("group", name),
                LaunchPermission::Organization(arn) => xml.text("organizationArn", arn),
                LaunchPermission::OrganizationalUnit(arn) => xml.text("organizationalUnitArn", arn),
            })
        }
        "productCodes" => xml.items("productCodes", &image.product_codes, |xml, code| xml.text("productCode", code)),
        "description" => value(xml, image.description.as_deref()),
        "deregistrationProtection" => value(xml, Some(&image.deregistration_protection)),
        "lastLaunchedTime" => value(xml, image.last_launched.map(timestamp).as_deref()),
        other => return Err(ApiError::invalid_value(format!("Value ({other}) for parameter attribute is invalid."))),
    }
    Ok(())
}

pub(in crate::ec2) fn modify_attribute(account: &mut Account, ask: &Ask<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let image = own(account, ask.params.required("ImageId")?)?;
    if image.state != "available" {
        return Err(ApiError::client("InvalidAMIID.Unavailable", format!("The image '{}' is not available", image.id)));
    }
    if let Some(description) = ask.params.get("Description.Value") {
        image.description = Some(description.to_owned());
    }
    let (mut add, mut remove) =
        (permissions(ask.params, "LaunchPermission.Add"), permissions(ask.params, "LaunchPermission.Remove"));
    let said_plainly = plain_permissions(ask.params);
    match ask.params.get("OperationType") {
        Some("remove") => remove.extend(said_plainly),
        _ => add.extend(said_plainly),
    }
    image.launch_permissions.retain(|permission| !remove.contains(permission));
    for permission in add {
        if !image.launch_permissions.contains(&permission) {
            image.launch_permissions.push(permission);
        }
    }
    xml.text("return", "true");
    Ok(())
}

fn permissions(params: &Params, list: &'static str) -> Vec<LaunchPermission> {
    let member = |prefix: String| {
        let get = |name: &str| params.get(&format!("{prefix}{name}")).map(str::to_owned);
        [
            get("UserId").map(LaunchPermission::User),
            get("Group").map(LaunchPermission::Group),
            get("OrganizationArn").map(LaunchPermission::Organization),
            get("OrganizationalUnitArn").map(LaunchPermission::OrganizationalUnit),
        ]
    };
    params.structures(list).flat_map(member).flatten().collect()
}

/// The older form: `UserId.1` and so on, beside an `OperationType`.
fn plain_permissions(params: &Params) -> Vec<LaunchPermission> {
    let list = |name: &str, kind: fn(String) -> LaunchPermission| {
        params.list(name).into_iter().map(move |value| kind(value.to_owned())).collect::<Vec<_>>()
    };
    [
        list("UserId", LaunchPermission::User),
        list("UserGroup", LaunchPermission::Group),
        list("OrganizationArn", LaunchPermission::Organization),
        list("OrganizationalUnitArn", LaunchPermission::OrganizationalUnit),
    ]
    .concat()
}
