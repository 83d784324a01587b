//! Looking at one resource: what it is, who depends on it, what protects it, and how each of these was read.
//!
//! Only facts. That something could not be read is a fact too: it stands in the coverages, and what follows from it is
//! for the rules. Nobody looks at what no API of the account shows: other accounts, scripts, Terraform, DNS records
//! that hold an address, Classic Load Balancers.

mod address;
mod image;
mod instance;
mod security_group;
mod sight;
mod snapshot;
mod tables;
mod target_groups;
mod volume;

use sunset_domain::ids::{ImageId, InvalidId, SnapshotId};
use sunset_domain::process::observation::Observation;
use sunset_domain::process::resource::{Resource, ResourceType};
use sunset_domain::time::Timestamp;

use crate::clients::Clients;
use crate::error::AwsError;
use sight::Sight;
pub use tables::TeamTables;

/// Looks at a resource, and at what a team's own tables say of it.
///
/// A resource that does not exist, or no longer, is found to be nothing; nobody is asked who depends on that. One that
/// could not be read is found to be nothing too, and its coverage says so.
pub async fn observe(clients: &Clients, resource: &Resource, teams: &TeamTables, now: Timestamp) -> Observation {
    let (mut sight, team) = tokio::join!(look(clients, resource), tables::read(clients, teams, resource));
    sight.dependents.extend(team.dependents);
    sight.coverages.extend(team.coverages);
    Observation { tracking: team.tracking, ..observation(resource, sight, now) }
}

/// Looks at a resource alone: is it there, and in which state? Nothing is asked about anything around it, so that no
/// other source stands in the coverages.
pub async fn glance(clients: &Clients, resource: &Resource, now: Timestamp) -> Observation {
    let id = resource.id();
    let sight = match resource.resource_type() {
        ResourceType::Instance => instance::glance(clients, id).await,
        ResourceType::Volume => volume::glance(clients, id).await,
        ResourceType::Snapshot => match SnapshotId::parse(id) {
            Ok(id) => snapshot::glance(clients, &id).await,
            Err(error) => unreadable(&error),
        },
        ResourceType::Image => match ImageId::parse(id) {
            Ok(id) => image::glance(clients, &id).await,
            Err(error) => unreadable(&error),
        },
        ResourceType::Address => address::glance(clients, id).await,
        ResourceType::SecurityGroup => security_group::glance(clients, id).await,
    };
    observation(resource, sight, now)
}

fn observation(resource: &Resource, sight: Sight, now: Timestamp) -> Observation {
    Observation {
        resource: resource.clone(),
        observed_at: now,
        found: sight.found,
        dependents: sight.dependents,
        protections: sight.protections,
        tracking: None,
        last_activity: sight.last_activity,
        coverages: sight.coverages,
    }
}

async fn look(clients: &Clients, resource: &Resource) -> Sight {
    let id = resource.id();
    match resource.resource_type() {
        ResourceType::Instance => instance::look(clients, id).await,
        ResourceType::Volume => volume::look(clients, id).await,
        ResourceType::Snapshot => match SnapshotId::parse(id) {
            Ok(id) => snapshot::look(clients, &id).await,
            Err(error) => unreadable(&error),
        },
        ResourceType::Image => match ImageId::parse(id) {
            Ok(id) => image::look(clients, &id).await,
            Err(error) => unreadable(&error),
        },
        ResourceType::Address => address::look(clients, id).await,
        ResourceType::SecurityGroup => security_group::look(clients, id).await,
    }
}

fn unreadable(error: &InvalidId) -> Sight {
    let mut sight = Sight::default();
    sight.resource::<()>(Err(AwsError::refused("observe", error.to_string())));
    sight
}
