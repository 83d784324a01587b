//! EC2 Fleets.

use aws_sdk_ec2::types::{FleetData, FleetStateCode};
use sunset_domain::coverage::Source;
use sunset_domain::evidence::Use;

use super::found::Found;
use super::pages::Pages;
use crate::clients::Clients;
use crate::error::AwsError;

const OPERATION: &str = "DescribeFleets";

/// Reads the fleets that may still launch: all but the deleted ones, whose instances, where they run on, show for
/// themselves. Fleets of type `instant` are not listed by EC2: they launched what they launch when they were made.
pub(super) async fn read(clients: &Clients) -> Found {
    let mut found = Found::nothing(Source::Fleets);
    let outcome = read_pages(clients, &mut found).await;
    found.ended(outcome)
}

async fn read_pages(clients: &Clients, found: &mut Found) -> Result<(), AwsError> {
    let mut pages = Pages::of(OPERATION);
    while let Some(token) = pages.turn() {
        let page = clients
            .ec2()
            .describe_fleets()
            .max_results(1000)
            .set_next_token(token)
            .send()
            .await
            .map_err(|error| AwsError::of(OPERATION, &error))?;
        for fleet in page.fleets.into_iter().flatten() {
            if !matches!(
                fleet.fleet_state,
                Some(
                    FleetStateCode::Deleted
                        | FleetStateCode::DeletedRunning
                        | FleetStateCode::DeletedTerminatingInstances
                )
            ) {
                found.items += 1;
                note(fleet, found);
            }
        }
        pages.turned(page.next_token)?;
    }
    Ok(())
}

fn note(fleet: FleetData, found: &mut Found) {
    let by = Use::Fleet { id: fleet.fleet_id.unwrap_or_default() };
    for config in fleet.launch_template_configs.into_iter().flatten() {
        if let Some(template) = config.launch_template_specification() {
            found.template(&by, template.launch_template_id(), template.launch_template_name(), template.version());
        }
        for image_id in config.overrides().iter().filter_map(|one| one.image_id()) {
            found.image(&by, Some(image_id));
        }
    }
}
