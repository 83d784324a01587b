//! The plan for one resource: the same observation gives the same runbook, whenever and however often it is made.
//!
//! Literal inputs come from the observation's configuration. What the resource does at the moment (its state, its last
//! start, the public address that it has only while it runs) does not count, so that a plan survives its own first steps;
//! nor do times, prices and the process that asks.

mod address;
mod image;
mod instance;
mod security_group;
mod snapshot;
mod volume;
mod writing;

use crate::coverage::{Coverage, Source};
use crate::process::observation::Configuration;
use crate::process::resource::{Resource, ResourceType};
use crate::process::terms::Terms;
use crate::risk::assessment::Assessment;
use crate::runbook::document::Runbook;
use crate::runbook::plan::writing::Draft;

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoPlan {
    /// Nobody knows what it is: it could not be read.
    #[error("{resource} was not read: {detail}")]
    Unread {
        /// Which.
        resource: Resource,
        /// How its reading went.
        detail: String,
    },
    /// EC2 says that it does not exist.
    #[error("{0} does not exist")]
    NotFound(Resource),
    /// What was found is of another type than what was asked for.
    #[error("{resource} was read as {found}")]
    OtherType {
        /// Which.
        resource: Resource,
        /// What was found.
        found: ResourceType,
    },
    /// Its assessment forbids to go on.
    #[error("{resource} is blocked: {because}")]
    Blocked {
        /// Which.
        resource: Resource,
        /// By what.
        because: String,
    },
    /// No steps lead to its end and, until the soak is over, back.
    #[error("{resource} cannot be retired as it stands: {because}")]
    Unfit {
        /// Which.
        resource: Resource,
        /// What is in the way, and what would lift it.
        because: String,
    },
}

/// Plans the way out of the assessed resource.
///
/// # Errors
/// [`NoPlan`] says what is in the way.
pub fn plan(assessment: &Assessment, terms: &Terms) -> Result<Runbook, NoPlan> {
    let observation = &assessment.observation;
    let resource = &observation.resource;
    match observation.coverages.get(&Source::Resource) {
        Some(Coverage::Complete { .. }) => {}
        Some(coverage) => return Err(NoPlan::Unread { resource: resource.clone(), detail: coverage.to_string() }),
        None => return Err(NoPlan::Unread { resource: resource.clone(), detail: "nobody looked".into() }),
    }
    let found = observation.found.as_ref().ok_or_else(|| NoPlan::NotFound(resource.clone()))?;
    if !assessment.blocked.is_empty() {
        let details: Vec<&str> = assessment.blocked.iter().map(|blocker| blocker.detail.as_str()).collect();
        return Err(NoPlan::Blocked { resource: resource.clone(), because: details.join("; ") });
    }
    let found_type = type_of(&found.configuration);
    if found_type != resource.resource_type() {
        return Err(NoPlan::OtherType { resource: resource.clone(), found: found_type });
    }
    let mut draft = Draft::begin(resource, terms);
    match &found.configuration {
        Configuration::Instance(it) => instance::steps(&mut draft, it),
        Configuration::Volume(it) => volume::steps(&mut draft, it),
        Configuration::Snapshot(_) => {
            snapshot::steps(&mut draft);
            Ok(())
        }
        Configuration::Image(it) => {
            image::steps(&mut draft, it);
            Ok(())
        }
        Configuration::Address(it) => address::steps(&mut draft, it),
        Configuration::SecurityGroup(it) => security_group::steps(&mut draft, it),
    }
    .map_err(|because| NoPlan::Unfit { resource: resource.clone(), because })?;
    Ok(draft.runbook(found.fingerprint()))
}

fn type_of(configuration: &Configuration) -> ResourceType {
    match configuration {
        Configuration::Instance(_) => ResourceType::Instance,
        Configuration::Volume(_) => ResourceType::Volume,
        Configuration::Snapshot(_) => ResourceType::Snapshot,
        Configuration::Image(_) => ResourceType::Image,
        Configuration::Address(_) => ResourceType::Address,
        Configuration::SecurityGroup(_) => ResourceType::SecurityGroup,
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
