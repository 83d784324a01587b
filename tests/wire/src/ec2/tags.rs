//! Tags of everything that has an id.

use std::collections::BTreeMap;

use super::ask::Ask;
use super::error::ApiError;
use super::params::Params;
use super::xml::Xml;
use super::{images, instances, network_interfaces, security_groups, snapshots, volumes};
use crate::account::Account;

const MOST: usize = 50;

pub(super) fn create(account: &mut Account, ask: &Ask<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let resources = resources(ask.params)?;
    let mut tags = Vec::new();
    for prefix in ask.params.structures("Tag") {
        let key = ask.params.required(&format!("{prefix}Key"))?;
        check_key(key)?;
        tags.push((key, ask.params.get(&format!("{prefix}Value")).unwrap_or_default()));
    }
    if tags.is_empty() {
        return Err(ApiError::missing("Tag"));
    }
    // All or nothing: every resource is looked at before the first is tagged.
    for resource in &resources {
        let held = tags_of(account, resource)?;
        let new = tags.iter().filter(|(key, _)| !held.contains_key(*key)).count();
        if held.len() + new > MOST {
            let message = format!("The maximum number of Tags for a resource ({MOST}) has been reached.");
            return Err(ApiError::client("TagLimitExceeded", message));
        }
    }
    for resource in &resources {
        let held = tags_of(account, resource)?;
        held.extend(tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
    }
    xml.text("return", "true");
    Ok(())
}

/// A tag goes whatever its value, unless one is said: then only with that value.
pub(super) fn delete(account: &mut Account, ask: &Ask<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let resources = resources(ask.params)?;
    for resource in &resources {
        tags_of(account, resource)?;
    }
    let mut doomed = Vec::new();
    for prefix in ask.params.structures("Tag") {
        let key = ask.params.required(&format!("{prefix}Key"))?;
        check_key(key)?;
        doomed.push((key, ask.params.get(&format!("{prefix}Value"))));
    }
    for resource in &resources {
        let held = tags_of(account, resource)?;
        held.retain(|key, value| {
            let doomed = match doomed.as_slice() {
                // No tag said at all: every tag of the user's own.
                [] => !key.starts_with("aws:"),
                some => some.iter().any(|(wanted, with)| wanted == key && with.is_none_or(|with| with == value)),
            };
            !doomed
        });
    }
    xml.text("return", "true");
    Ok(())
}

pub(super) fn check_key(key: &str) -> Result<(), ApiError> {
    if key.starts_with("aws:") {
        let message = format!("Tag keys starting with 'aws:' are reserved for internal use: {key}");
        return Err(ApiError::invalid_value(message));
    }
    Ok(())
}

fn resources(params: &Params) -> Result<Vec<&str>, ApiError> {
    let resources = params.list("ResourceId");
    if resources.is_empty() { Err(ApiError::missing("ResourceId")) } else { Ok(resources) }
}

fn tags_of<'a>(account: &'a mut Account, id: &str) -> Result<&'a mut BTreeMap<String, String>, ApiError> {
    let unknown = |code: &str| ApiError::client(code, format!("The ID '{id}' does not exist"));
    let kind = id.split_once('-').map(|(kind, _)| kind);
    let (tags, missing) = match kind {
        Some("ami") => (account.images.get_mut(id).map(|image| &mut image.tags), images::not_found(&[id])),
        Some("snap") => (account.snapshots.get_mut(id).map(|found| &mut found.tags), snapshots::not_found(id)),
        Some("i") => (account.instances.get_mut(id).map(|found| &mut found.tags), instances::not_found(&[id])),
        Some("vol") => (account.volumes.get_mut(id).map(|found| &mut found.tags), volumes::not_found(id)),
        Some("eni") => {
            (account.network_interfaces.get_mut(id).map(|found| &mut found.tags), network_interfaces::not_found(id))
        }
        Some("eipalloc") => (
            account.addresses.get_mut(id).map(|found| &mut found.tags),
            ApiError::client("InvalidElasticIpID.NotFound", format!("The elastic-ip ID '{id}' does not exist")),
        ),
        Some("sg") => {
            (account.security_groups.get_mut(id).map(|found| &mut found.tags), security_groups::not_found(id))
        }
        Some("sgr") => {
            let mut rules = account.security_groups.values_mut().flat_map(|group| &mut group.rules);
            (rules.find(|rule| rule.id == id).map(|rule| &mut rule.tags), security_groups::rule_not_found(id))
        }
        Some("lt") => (
            account.launch_templates.get_mut(id).map(|found| &mut found.tags),
            unknown("InvalidLaunchTemplateId.NotFound"),
        ),
        _ => (None, ApiError::client("InvalidID", format!("The ID '{id}' is not valid"))),
    };
    tags.ok_or(missing)
}
