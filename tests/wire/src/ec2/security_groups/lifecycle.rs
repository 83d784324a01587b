use super::{arn, find, not_found};
use crate::account::{Account, SecurityGroup};
use crate::ec2::ask::Ask;
use crate::ec2::error::ApiError;
use crate::ec2::tag_specifications;
use crate::ec2::xml::Xml;

pub(in crate::ec2) fn create(account: &mut Account, ask: &Ask<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let name = ask.params.required("GroupName")?;
    let description = ask.params.required("GroupDescription")?;
    let tags = tag_specifications::of(ask.params, "security-group", &["security-group"])?;
    if name == "default" || name.starts_with("sg-") {
        return Err(ApiError::invalid_value("Cannot use reserved security group name"));
    }
    let mut group = SecurityGroup::new(account.fresh_id("sg"), name).described(description);
    group.tags = tags;
    if let Some(vpc_id) = ask.params.get("VpcId") {
        vpc_id.clone_into(&mut group.vpc_id);
    }
    if account.security_groups.values().any(|other| other.name == name && other.vpc_id == group.vpc_id) {
        let message = format!("The security group '{name}' already exists for VPC '{}'", group.vpc_id);
        return Err(ApiError::client("InvalidGroup.Duplicate", message));
    }
    xml.text("return", "true");
    xml.text("groupId", &group.id);
    xml.tags(&group.tags);
    xml.text("securityGroupArn", &arn(account, &group));
    account.add_security_group(group);
    Ok(())
}

pub(in crate::ec2) fn delete(account: &mut Account, ask: &Ask<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let group = match (ask.params.get("GroupId"), ask.params.get("GroupName")) {
        (Some(id), _) => find(account, id)?,
        (None, Some(name)) => {
            account.security_groups.values().find(|group| group.name == name).ok_or_else(|| not_found(name))?
        }
        (None, None) => return Err(ApiError::missing("GroupId")),
    };
    let id = group.id.clone();
    if !account.owns(group.owner_id.as_deref()) {
        let message = "You do not have permission to access the specified resource.";
        return Err(ApiError::new(403, "AuthFailure", message));
    }
    if group.name == "default" {
        let message = format!("the specified group: \"{id}\" name: \"default\" cannot be deleted by a user");
        return Err(ApiError::client("CannotDelete", message));
    }
    // A group of another VPC may go on naming one that is gone: its rule is stale, and holds nothing.
    let referred_to = account.groups_referring_to(&id).iter().any(|other| other.vpc_id == group.vpc_id);
    if referred_to || !account.members_of(&id).is_empty() {
        return Err(ApiError::client("DependencyViolation", format!("resource {id} has a dependent object")));
    }
    account.security_groups.remove(&id);
    xml.text("return", "true");
    xml.text("groupId", &id);
    Ok(())
}
