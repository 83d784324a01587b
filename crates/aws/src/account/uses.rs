//! Who uses which image, from every source but the images themselves.

use std::collections::{BTreeMap, BTreeSet};

use sunset_domain::ids::ImageId;

use super::auto_scaling::{read_groups, read_launch_configurations};
use super::found::Found;
use super::named_image::NamedImage;
use super::pages::coverage;
use super::reading::Reading;
use super::{fleets, instances, parameters, spot, templates};
use crate::clients::Clients;
use crate::error::AwsError;

/// Reads every source of an account's uses, in pages and never image by image.
pub async fn read_uses(clients: &Clients, all_template_versions: bool) -> Reading {
    let mut found = unfilterable(clients, all_template_versions).await;
    found.push(instances::read(clients, None).await);
    found.push(spot::read_requests(clients, None).await);
    settle(clients, found).await
}

/// Reads the sources that EC2 cannot be asked about by image: Auto Scaling groups, launch configurations, fleets,
/// parameters, and launch templates, whose heads may name a parameter and whose older versions may be pinned.
pub async fn read_unfilterable(clients: &Clients, all_template_versions: bool) -> Reading {
    let found = unfilterable(clients, all_template_versions).await;
    settle(clients, found).await
}

/// Reads the sources that EC2 can be asked about by image: instances, the heads of launch templates, Spot Instance
/// requests. Together with [`read_unfilterable`] it is all that [`read_uses`] reads.
pub async fn uses_of(clients: &Clients, image_id: &ImageId) -> Reading {
    let found = vec![
        instances::read(clients, Some(image_id)).await,
        templates::read_heads(clients, Some(image_id)).await.into_found(),
        spot::read_requests(clients, Some(image_id)).await,
    ];
    let mut reading = settle(clients, found).await;
    // A filter may be ignored by whoever answers: what was not asked for is no use of this image.
    reading.uses.retain(|used, _| used == image_id);
    reading
}

async fn unfilterable(clients: &Clients, all_template_versions: bool) -> Vec<Found> {
    // One after the other within a service, side by side across services: a connection costs a function more than a
    // call on one that is open.
    let ec2 = async {
        let templates = templates::read_heads(clients, None).await;
        (templates, spot::read_fleets(clients).await, fleets::read(clients).await)
    };
    let auto_scaling = async { (read_groups(clients).await, read_launch_configurations(clients).await) };
    let ((mut templates, spot_fleets, fleets), (groups, configurations), parameters) =
        tokio::join!(ec2, auto_scaling, parameters::read(clients));
    let mut launching = [groups, spot_fleets, fleets];
    // Where not even the heads could be read, everything waits for that.
    if templates.complete() && all_template_versions {
        templates.read_all_versions(clients).await;
    }
    if templates.complete() {
        let refs = launching.iter().flat_map(|found| &found.templates).map(|(_, template)| template);
        templates.read_pinned(clients, refs).await;
    }
    for found in &mut launching {
        for (by, template) in std::mem::take(&mut found.templates) {
            found.images.extend(templates.image_of(&template).map(|image| (by, image.clone())));
        }
    }
    launching.into_iter().chain([templates.into_found(), configurations, parameters]).collect()
}

/// Looks up the parameters that launches would, and puts everything together.
async fn settle(clients: &Clients, found: Vec<Found>) -> Reading {
    let names: BTreeSet<String> = found
        .iter()
        .flat_map(|found| &found.images)
        .filter_map(|(_, image)| match image {
            NamedImage::Parameter(name) => Some(name.clone()),
            NamedImage::Id(_) => None,
        })
        .collect();
    let resolved = parameters::resolve(clients, names).await;
    let mut reading = Reading::default();
    for found in found {
        take(&mut reading, found, &resolved);
    }
    reading
}

fn take(reading: &mut Reading, found: Found, resolved: &BTreeMap<String, Result<BTreeSet<ImageId>, AwsError>>) {
    let mut outcome = found.outcome;
    for (by, image) in found.images {
        match image {
            NamedImage::Id(id) => reading.add_use(id, by),
            NamedImage::Parameter(name) => match resolved.get(&name) {
                Some(Ok(ids)) => ids.iter().for_each(|id| reading.add_use(id.clone(), by.clone())),
                Some(Err(error)) => outcome = outcome.and_then(|()| Err(unresolved(&name, error))),
                None => {
                    let error = AwsError::refused("GetParameters", format!("{name} was not looked up"));
                    outcome = outcome.and(Err(error));
                }
            },
        }
    }
    reading.coverages.insert(found.source, coverage(found.items, outcome));
}

fn unresolved(name: &str, error: &AwsError) -> AwsError {
    AwsError { message: format!("{} (looking up resolve:ssm:{name})", error.message), ..error.clone() }
}
