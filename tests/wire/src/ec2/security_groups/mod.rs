//! Security groups: what they let through, who refers to them, and how they come and go.

mod authorize;
mod describe;
mod lifecycle;
mod rules;

pub(super) use authorize::{authorize_egress, authorize_ingress};
pub(super) use describe::describe;
pub(super) use lifecycle::{create, delete};
pub(super) use rules::{describe_references, describe_rules, rule_not_found};

use super::error::ApiError;
use crate::account::{Account, SecurityGroup};

pub(super) fn not_found(id: &str) -> ApiError {
    ApiError::client("InvalidGroup.NotFound", format!("The security group '{id}' does not exist"))
}

pub(super) fn find<'a>(account: &'a Account, id: &str) -> Result<&'a SecurityGroup, ApiError> {
    if !id.starts_with("sg-") {
        let message = format!("Invalid id: \"{id}\" (expecting \"sg-...\")");
        return Err(ApiError::client("InvalidGroupId.Malformed", message));
    }
    account.security_groups.get(id).ok_or_else(|| not_found(id))
}

fn owner<'a>(account: &'a Account, group: &'a SecurityGroup) -> &'a str {
    group.owner_id.as_deref().unwrap_or(&account.id)
}

fn arn(account: &Account, group: &SecurityGroup) -> String {
    format!("arn:aws:ec2:{}:{}:security-group/{}", account.region, owner(account, group), group.id)
}
