//! The account's own images, disabled and deprecated ones included.

use std::collections::BTreeMap;

use aws_sdk_ec2::types::Filter;
use sunset_domain::coverage::Coverage;
use sunset_domain::family::{FAMILY_TAG, family};
use sunset_domain::ids::{ImageId, SnapshotId};
use sunset_domain::image::{Image, ImageState};

use super::compact::compact;
use super::pages::{Pages, coverage, read_all};
use crate::clients::Clients;
use crate::error::AwsError;

const OPERATION: &str = "DescribeImages";
/// The most values that one filter takes.
const VALUES_AT_ONCE: usize = 200;

/// Reads all images that the account owns.
pub async fn read_images(clients: &Clients) -> (Vec<Image>, Coverage) {
    let mut images = Vec::new();
    let outcome = read_pages(clients, None, &mut images).await;
    images.shrink_to_fit();
    let coverage = coverage(images.len(), outcome);
    (images, coverage)
}

/// Reads the images that pass a filter.
async fn read_filtered(clients: &Clients, filter: Filter) -> Result<Vec<Image>, AwsError> {
    let mut images = Vec::new();
    read_pages(clients, Some(filter), &mut images).await?;
    Ok(images)
}

async fn read_pages(clients: &Clients, filter: Option<Filter>, images: &mut Vec<Image>) -> Result<(), AwsError> {
    let mut pages = Pages::of(OPERATION);
    while let Some(token) = pages.turn() {
        let page = clients
            .ec2()
            .describe_images()
            .owners("self")
            .include_disabled(true)
            .include_deprecated(true)
            .set_filters(filter.clone().map(|filter| vec![filter]))
            .max_results(1000)
            .set_next_token(token)
            .send()
            .await
            .map_err(|error| AwsError::of(OPERATION, &error))?;
        for document in page.images.into_iter().flatten() {
            images.push(compact(document)?);
        }
        pages.turned(page.next_token)?;
    }
    Ok(())
}

/// Looks at one image. Nothing, where it does not exist, or no longer, or is another account's.
///
/// # Errors
/// What AWS answered, where it is not known whether the image exists.
pub async fn look_at(clients: &Clients, image_id: &ImageId) -> Result<Option<Image>, AwsError> {
    let (documents, outcome) = read_all(OPERATION, async |token| {
        let page = clients
            .ec2()
            .describe_images()
            .owners("self")
            .include_disabled(true)
            .include_deprecated(true)
            .image_ids(image_id.as_str())
            .set_next_token(token)
            .send()
            .await
            .map_err(|error| AwsError::of(OPERATION, &error))?;
        Ok((page.images.unwrap_or_default(), page.next_token))
    })
    .await;
    let wanted = documents.into_iter().find(|document| document.image_id.as_deref() == Some(image_id.as_str()));
    match (wanted, outcome) {
        (Some(document), _) => compact(document).map(Some),
        (None, Ok(())) => Ok(None),
        (None, Err(error)) if error.is_not_found() => Ok(None),
        (None, Err(error)) => Err(error),
    }
}

/// Reads at least the images of an image's family: those that its tag names, and those whose name begins as the
/// family's does. Which of them belong to it is for the rule to say.
///
/// # Errors
/// What AWS answered, where not all could be read.
pub async fn family_of(clients: &Clients, image: &Image) -> Result<Vec<Image>, AwsError> {
    let family = literally(family(image));
    let by_name = Filter::builder().name("name").values(format!("{family}*")).build();
    // The rule trims the tag's value.
    let by_tag = Filter::builder().name(format!("tag:{FAMILY_TAG}")).values(format!("*{family}*")).build();
    let named = read_filtered(clients, by_name).await?;
    let tagged = read_filtered(clients, by_tag).await?;
    let members: BTreeMap<ImageId, Image> =
        named.into_iter().chain(tagged).map(|image| (image.id.clone(), image)).collect();
    Ok(members.into_values().collect())
}

/// The image of this name: the account has one at most.
pub(crate) async fn named(clients: &Clients, name: &str) -> Result<Option<Image>, AwsError> {
    let images = read_filtered(clients, Filter::builder().name("name").values(literally(name)).build()).await?;
    Ok(images.into_iter().find(|image| image.name == name && image.state != ImageState::Deregistered))
}

/// A text as a filter's value that means itself: `*` and `?` stand for anything there.
fn literally(text: &str) -> String {
    let mut literal = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '*' | '?' | '\\') {
            literal.push('\\');
        }
        literal.push(character);
    }
    literal
}

/// The images that stand on each of these snapshots, disabled ones included.
pub(crate) async fn on_snapshots(
    clients: &Clients,
    snapshot_ids: &[SnapshotId],
) -> Result<BTreeMap<SnapshotId, Vec<ImageId>>, AwsError> {
    let mut holders: BTreeMap<SnapshotId, Vec<ImageId>> =
        snapshot_ids.iter().map(|id| (id.clone(), Vec::new())).collect();
    for ids in snapshot_ids.chunks(VALUES_AT_ONCE) {
        let values = ids.iter().map(|id| id.as_str().to_owned()).collect();
        let filter = Filter::builder().name("block-device-mapping.snapshot-id").set_values(Some(values)).build();
        for image in read_filtered(clients, filter).await? {
            if image.state == ImageState::Deregistered {
                continue;
            }
            for snapshot_id in image.snapshot_ids() {
                if let Some(holders) = holders.get_mut(&snapshot_id).filter(|holders| !holders.contains(&image.id)) {
                    holders.push(image.id.clone());
                }
            }
        }
    }
    Ok(holders)
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_a_filter_would_take_for_anything_is_taken_literally() {
        assert_eq!(super::literally(r"web*[v?]\1"), r"web\*[v\?]\\1");
    }
}
