//! EC2's own documents, read to the last page: what observing a resource and driving it share.
//!
//! What is named by its id is asked for by its id, so that "does not exist" is EC2's word and not a filter's silence.

pub(crate) mod addresses;
pub(crate) mod instances;
pub(crate) mod network_interfaces;
pub(crate) mod security_groups;
pub(crate) mod snapshots;
pub(crate) mod volumes;

use aws_sdk_ec2::primitives::DateTime;
use aws_sdk_ec2::types::{Filter, GroupIdentifier};
use sunset_domain::ids::{InvalidId, SecurityGroupId};
use sunset_domain::time::Timestamp;

use crate::account::pages::Read;
use crate::error::AwsError;

/// The tag that names the process which made something, or which something belongs to.
pub(crate) const PROCESS_TAG: &str = sunset_domain::never_touch::PROCESS_TAG;
/// The tag that names the step which made something.
pub(crate) const STEP_TAG: &str = "sunset:step";

/// A filter by one value.
fn filter(name: &str, value: &str) -> Filter {
    Filter::builder().name(name).values(value).build()
}

/// The one document that was asked for by its id; nothing, where EC2 says that it does not exist. An answer that neither
/// holds it nor says so tells nothing.
fn one<T>(
    operation: &'static str,
    id: &str,
    (documents, outcome): Read<T>,
    id_of: impl Fn(&T) -> Option<&str>,
) -> Result<Option<T>, AwsError> {
    if let Some(wanted) = documents.into_iter().find(|document| id_of(document) == Some(id)) {
        return Ok(Some(wanted));
    }
    match outcome {
        Ok(()) => Err(AwsError::refused(operation, format!("asked for {id}, and answered neither it nor an error"))),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

/// An id that a document must name.
pub(crate) fn id<T>(
    operation: &'static str,
    text: Option<&str>,
    parse: fn(&str) -> Result<T, InvalidId>,
) -> Result<T, AwsError> {
    parse(text.unwrap_or_default()).map_err(|error| AwsError::refused(operation, error.to_string()))
}

/// An id that a document may name.
pub(crate) fn optional_id<T>(
    operation: &'static str,
    text: Option<&str>,
    parse: fn(&str) -> Result<T, InvalidId>,
) -> Result<Option<T>, AwsError> {
    text.filter(|text| !text.is_empty()).map(|text| id(operation, Some(text), parse)).transpose()
}

/// The security groups that a document names, in its order.
pub(crate) fn group_ids<C: FromIterator<SecurityGroupId>>(
    operation: &'static str,
    groups: &[GroupIdentifier],
) -> Result<C, AwsError> {
    groups.iter().map(|group| id(operation, group.group_id(), SecurityGroupId::parse)).collect()
}

/// A moment as the rules keep it.
pub(crate) fn moment(time: Option<&DateTime>) -> Option<Timestamp> {
    time.map(|time| Timestamp::from_unix_seconds(time.secs()))
}
