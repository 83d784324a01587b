//! Tags, of anything that has an id.

use aws_sdk_ec2::operation::create_tags::builders::CreateTagsFluentBuilder;
use aws_sdk_ec2::operation::delete_tags::builders::DeleteTagsFluentBuilder;
use aws_sdk_ec2::types::{ResourceType, Tag, TagSpecification};
use sunset_domain::image::Tags;
use sunset_domain::permit::Permit;

use super::{ActError, Done, Permission};
use crate::clients::Clients;
use crate::error::AwsError;

const CREATE_TAGS: &str = "CreateTags";
const DELETE_TAGS: &str = "DeleteTags";

/// Sets tags of a resource. Nothing is sent for none.
///
/// Lost: the former values of the same keys.
///
/// # Errors
/// [`ActError`].
pub async fn create_tags(permit: &Permit, clients: &Clients, resource_id: &str, tags: &Tags) -> Result<Done, ActError> {
    permit.covers(resource_id)?;
    if tags.is_empty() {
        return Ok(Done::Before);
    }
    creating(clients.ec2_once(), resource_id, tags).send().await.map_err(|error| AwsError::of(CREATE_TAGS, &error))?;
    Ok(Done::Now)
}

/// Takes tags from a resource, whatever their values. Nothing is sent for none.
///
/// Lost: the tags and their values.
///
/// # Errors
/// [`ActError`].
pub async fn delete_tags(
    permit: &Permit,
    clients: &Clients,
    resource_id: &str,
    keys: &[&str],
) -> Result<Done, ActError> {
    permit.covers(resource_id)?;
    if keys.is_empty() {
        return Ok(Done::Before);
    }
    let tags = keys.iter().map(|key| Tag::builder().key(*key).build()).collect();
    clients
        .ec2_once()
        .delete_tags()
        .resources(resource_id)
        .set_tags(Some(tags))
        .send()
        .await
        .map_err(|error| AwsError::of(DELETE_TAGS, &error))?;
    Ok(Done::Now)
}

/// Takes tags from a resource where they have these very values. Nothing is sent for none.
///
/// Lost: the tags. Kept: a tag of the same key that somebody gave another value.
///
/// # Errors
/// [`ActError`].
pub async fn delete_tags_of_value(
    permit: &Permit,
    clients: &Clients,
    resource_id: &str,
    tags: &Tags,
) -> Result<Done, ActError> {
    permit.covers(resource_id)?;
    if tags.is_empty() {
        return Ok(Done::Before);
    }
    deleting(clients.ec2_once(), resource_id, tags).send().await.map_err(|error| AwsError::of(DELETE_TAGS, &error))?;
    Ok(Done::Now)
}

/// Asks EC2 whether [`create_tags`] would be allowed. Changes nothing.
pub async fn would_create_tags(clients: &Clients, resource_id: &str, tags: &Tags) -> Permission {
    let answer = creating(clients.ec2(), resource_id, tags).dry_run(true).send().await;
    Permission::of(answer.map_err(|error| AwsError::of(CREATE_TAGS, &error)))
}

/// Asks EC2 whether [`delete_tags_of_value`] would be allowed. Changes nothing.
pub async fn would_delete_tags_of_value(clients: &Clients, resource_id: &str, tags: &Tags) -> Permission {
    let answer = deleting(clients.ec2(), resource_id, tags).dry_run(true).send().await;
    Permission::of(answer.map_err(|error| AwsError::of(DELETE_TAGS, &error)))
}

/// The tags of something that is about to be made: it never exists without them.
pub(super) fn specification(resource_type: ResourceType, tags: &Tags) -> TagSpecification {
    TagSpecification::builder().resource_type(resource_type).set_tags(Some(documents(tags))).build()
}

fn creating(ec2: &aws_sdk_ec2::Client, resource_id: &str, tags: &Tags) -> CreateTagsFluentBuilder {
    ec2.create_tags().resources(resource_id).set_tags(Some(documents(tags)))
}

fn deleting(ec2: &aws_sdk_ec2::Client, resource_id: &str, tags: &Tags) -> DeleteTagsFluentBuilder {
    ec2.delete_tags().resources(resource_id).set_tags(Some(documents(tags)))
}

fn documents(tags: &Tags) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}
