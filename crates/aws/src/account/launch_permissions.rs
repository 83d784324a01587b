//! Who beside the owner may launch an image, or create volumes from a snapshot.

use aws_sdk_ec2::types::{ImageAttributeName, PermissionGroup};
use sunset_domain::ids::ImageId;
use sunset_domain::launch_permission::LaunchPermission;

use crate::clients::Clients;
use crate::error::AwsError;

const OPERATION: &str = "DescribeImageAttribute";

/// Reads who may launch an image.
///
/// # Errors
/// What AWS answered.
pub async fn launch_permissions(clients: &Clients, image_id: &ImageId) -> Result<Vec<LaunchPermission>, AwsError> {
    let answer = clients
        .ec2()
        .describe_image_attribute()
        .image_id(image_id.as_str())
        .attribute(ImageAttributeName::LaunchPermission)
        .send()
        .await
        .map_err(|error| AwsError::of(OPERATION, &error))?;
    let mut permissions = Vec::new();
    for permission in answer.launch_permissions.into_iter().flatten() {
        permissions.push(
            of_group(permission.group.as_ref())
                .or_else(|| permission.user_id.map(LaunchPermission::Account))
                .or_else(|| permission.organization_arn.map(LaunchPermission::Organization))
                .or_else(|| permission.organizational_unit_arn.map(LaunchPermission::OrganizationalUnit))
                .ok_or_else(|| AwsError::refused(OPERATION, "a launch permission for nobody known"))?,
        );
    }
    Ok(permissions)
}

/// `all` is the only group that there is; another one would be no smaller secret.
pub(crate) fn of_group(group: Option<&PermissionGroup>) -> Option<LaunchPermission> {
    group.map(|_| LaunchPermission::Everybody)
}
