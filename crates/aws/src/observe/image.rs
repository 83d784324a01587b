//! An image, and everything that would launch from it: the evidence that ami-cleanup stands on.

use sunset_domain::coverage::Source;
use sunset_domain::evidence::Use;
use sunset_domain::ids::ImageId;
use sunset_domain::image::{Image as Document, ImageState};
use sunset_domain::launch_permission::LaunchPermission;
use sunset_domain::process::observation::{Configuration, Dependency, Found, Image};

use super::sight::{Sight, name};
use crate::account::{add_coverage, launch_permissions, look_at, read_unfilterable, uses_of};
use crate::clients::Clients;
use crate::error::AwsError;

pub(super) async fn look(clients: &Clients, image_id: &ImageId) -> Sight {
    let mut sight = Sight::default();
    let Some(image) = sight.resource(registered(clients, image_id).await) else { return sight };

    let permissions = launch_permissions(clients, image_id).await;
    let permissions = sight.take_one(Source::LaunchPermissions, permissions);
    sight.shared_with(&permissions, "may launch it");

    let mut reading = uses_of(clients, image_id).await;
    reading.merge(read_unfilterable(clients, false).await.about(image_id));
    for (source, coverage) in reading.coverages {
        add_coverage(&mut sight.coverages, source, coverage);
    }
    for by in reading.uses.into_values().flatten() {
        let (source, kind, id, relation) = told(by);
        sight.depends(source, kind, id, relation, Dependency::Required);
    }

    if let Some(protection) = &image.deregistration_protection {
        sight.protects("deregistration_protection", format!("deregistration protection is on ({protection})"));
    }
    if image.product_codes {
        sight.protects("marketplace", "it carries product codes");
    }
    if image.instance_store {
        sight.protects("instance_store", "it is an instance-store image: its bundle in S3 would stay behind");
    }
    sight.lived(image.last_launched_at, "was launched");
    sight.found = Some(found(image, permissions));
    sight
}

/// Only the image itself.
pub(super) async fn glance(clients: &Clients, image_id: &ImageId) -> Sight {
    let mut sight = Sight::default();
    if let Some(image) = sight.resource(registered(clients, image_id).await) {
        sight.found = Some(found(image, Vec::new()));
    }
    sight
}

/// EC2 may show an image for a while after it was deregistered.
async fn registered(clients: &Clients, image_id: &ImageId) -> Result<Option<Document>, AwsError> {
    Ok(look_at(clients, image_id).await?.filter(|image| image.state != ImageState::Deregistered))
}

/// A use as a dependent. An instance's state is left out: a dependent is the same one whether it runs or not.
fn told(by: Use) -> (Source, &'static str, String, String) {
    let names = "launches from it".to_owned();
    match by {
        Use::Instance { id, .. } => (Source::Instances, "instance", id, "was launched from it".to_owned()),
        Use::LaunchTemplate { id, name, version } => {
            (Source::LaunchTemplates, "launch_template", id, format!("{name} names it in version {version}"))
        }
        Use::AutoScalingGroup { name } => (Source::AutoScalingGroups, "auto_scaling_group", name, names),
        Use::LaunchConfiguration { name } => (Source::LaunchConfigurations, "launch_configuration", name, names),
        Use::SpotInstanceRequest { id } => (Source::SpotInstanceRequests, "spot_instance_request", id, names),
        Use::SpotFleetRequest { id } => (Source::SpotFleetRequests, "spot_fleet_request", id, names),
        Use::Fleet { id } => (Source::Fleets, "fleet", id, names),
        Use::SsmParameter { name } => (Source::SsmParameters, "ssm_parameter", name, "holds its id".to_owned()),
        Use::Reference { resource_type, arn } => (Source::ImageReferences, "reference", arn, resource_type),
    }
}

fn found(image: Document, launch_permissions: Vec<LaunchPermission>) -> Found {
    Found {
        owner_id: image.owner_id,
        name: name(&image.tags, Some(&image.name)),
        tags: image.tags,
        created_at: image.created_at,
        configuration: Configuration::Image(Image {
            state: image.state.as_str().to_owned(),
            block_devices: image.block_devices,
            launch_permissions,
            last_launched_at: image.last_launched_at,
        }),
    }
}
