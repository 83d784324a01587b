//! EC2's own cross-check of who refers to an image: a second opinion, never the only one.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::types::{
    ImageReferenceOptionName, ImageReferenceResourceType, ResourceTypeOption, ResourceTypeRequest,
};
use sunset_domain::evidence::Use;
use sunset_domain::ids::ImageId;

use super::pages::Pages;
use crate::clients::Clients;
use crate::error::AwsError;

const OPERATION: &str = "DescribeImageReferences";
/// The most images that one call takes.
const IMAGES_AT_ONCE: usize = 10;
/// How many versions of a launch template EC2 looks through at most; unsaid it is 10.
const DEEPEST: &str = "10000";

/// Asks EC2 who refers to each of these images, which all have an entry in the answer.
///
/// It knows instances, launch templates, SSM parameters and Image Builder recipes, and neither Auto Scaling groups nor
/// launch configurations.
///
/// # Errors
/// What AWS answered; then nothing is known of any of them.
pub async fn references(
    clients: &Clients,
    image_ids: &[ImageId],
) -> Result<BTreeMap<ImageId, BTreeSet<Use>>, AwsError> {
    let mut references: BTreeMap<ImageId, BTreeSet<Use>> =
        image_ids.iter().map(|id| (id.clone(), BTreeSet::new())).collect();
    for ids in image_ids.chunks(IMAGES_AT_ONCE) {
        read(clients, ids, &mut references).await?;
    }
    Ok(references)
}

async fn read(
    clients: &Clients,
    image_ids: &[ImageId],
    references: &mut BTreeMap<ImageId, BTreeSet<Use>>,
) -> Result<(), AwsError> {
    let ids: Vec<String> = image_ids.iter().map(|id| id.as_str().to_owned()).collect();
    let mut pages = Pages::of(OPERATION);
    while let Some(token) = pages.turn() {
        let page = clients
            .ec2()
            .describe_image_references()
            .set_image_ids(Some(ids.clone()))
            .include_all_resource_types(true)
            .resource_types(every_version())
            .max_results(1000)
            .set_next_token(token)
            .send()
            .await
            .map_err(|error| AwsError::of(OPERATION, &error))?;
        for reference in page.image_references.into_iter().flatten() {
            // A terminated instance refers to its image as long as EC2 shows it: it errs to the safe side.
            let id = ImageId::parse(reference.image_id.as_deref().unwrap_or_default())
                .map_err(|error| AwsError::refused(OPERATION, error.to_string()))?;
            let resource_type = reference.resource_type.as_ref().map_or("unknown", ImageReferenceResourceType::as_str);
            references.entry(id).or_default().insert(Use::Reference {
                resource_type: resource_type.to_owned(),
                arn: reference.arn.unwrap_or_default(),
            });
        }
        pages.turned(page.next_token)?;
    }
    Ok(())
}

fn every_version() -> ResourceTypeRequest {
    let depth = ResourceTypeOption::builder()
        .option_name(ImageReferenceOptionName::VersionDepth)
        .option_values(DEEPEST)
        .build();
    ResourceTypeRequest::builder()
        .resource_type(ImageReferenceResourceType::Ec2LaunchTemplate)
        .resource_type_options(depth)
        .build()
}
