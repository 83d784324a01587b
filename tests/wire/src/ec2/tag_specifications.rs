//! The tags that a request gives to what it makes.

use std::collections::BTreeMap;

use super::error::ApiError;
use super::params::Params;
use super::tags;

/// The tags for things of one kind, such as `snapshot`. A kind that the action does not make is refused.
pub(super) fn of(params: &Params, kind: &str, made: &[&str]) -> Result<BTreeMap<String, String>, ApiError> {
    let mut tags = BTreeMap::new();
    for prefix in params.structures("TagSpecification") {
        let wanted = params.required(&format!("{prefix}ResourceType"))?;
        if !made.contains(&wanted) {
            let message = format!("'{wanted}' is not a valid taggable resource type for this operation.");
            return Err(ApiError::invalid_value(message));
        }
        for tag in params.structures(&format!("{prefix}Tag")) {
            let key = params.required(&format!("{tag}Key"))?;
            tags::check_key(key)?;
            let value = params.get(&format!("{tag}Value")).unwrap_or_default();
            if wanted == kind && tags.insert(key.to_owned(), value.to_owned()).is_some() {
                return Err(ApiError::invalid_value(format!("Duplicate tag key '{key}' specified.")));
            }
        }
    }
    Ok(tags)
}
