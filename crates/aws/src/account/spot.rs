//! Spot Instance requests and Spot Fleet requests.

use aws_sdk_ec2::types::{BatchState, Filter, SpotFleetRequestConfig, SpotInstanceState};
use sunset_domain::coverage::Source;
use sunset_domain::evidence::Use;
use sunset_domain::ids::ImageId;

use super::found::Found;
use super::pages::Pages;
use crate::clients::Clients;
use crate::error::AwsError;

const REQUESTS: &str = "DescribeSpotInstanceRequests";
const FLEETS: &str = "DescribeSpotFleetRequests";

/// Reads the Spot Instance requests that may still launch, all of them or those of one image.
pub(super) async fn read_requests(clients: &Clients, of: Option<&ImageId>) -> Found {
    let mut found = Found::nothing(Source::SpotInstanceRequests);
    let outcome = read_request_pages(clients, of, &mut found).await;
    found.ended(outcome)
}

/// An open request waits for capacity; an active one of persistent type opens again when its instance is taken away,
/// and a disabled one when its stopped instance is started. Closed, cancelled and failed ones launch nothing more.
fn may_launch(state: Option<&SpotInstanceState>) -> bool {
    !matches!(state, Some(SpotInstanceState::Closed | SpotInstanceState::Cancelled | SpotInstanceState::Failed))
}

async fn read_request_pages(clients: &Clients, of: Option<&ImageId>, found: &mut Found) -> Result<(), AwsError> {
    let filters = of.map(|id| vec![Filter::builder().name("launch.image-id").values(id.as_str()).build()]);
    let mut pages = Pages::of(REQUESTS);
    while let Some(token) = pages.turn() {
        let page = clients
            .ec2()
            .describe_spot_instance_requests()
            .set_filters(filters.clone())
            .max_results(1000)
            .set_next_token(token)
            .send()
            .await
            .map_err(|error| AwsError::of(REQUESTS, &error))?;
        for request in page.spot_instance_requests.into_iter().flatten() {
            if may_launch(request.state.as_ref()) {
                found.items += 1;
                let by = Use::SpotInstanceRequest { id: request.spot_instance_request_id.unwrap_or_default() };
                found.image(&by, request.launch_specification.and_then(|launch| launch.image_id).as_deref());
            }
        }
        pages.turned(page.next_token)?;
    }
    Ok(())
}

/// Reads the Spot Fleet requests that may still launch: all but the cancelled ones, whose instances, where they run
/// on, show for themselves.
pub(super) async fn read_fleets(clients: &Clients) -> Found {
    let mut found = Found::nothing(Source::SpotFleetRequests);
    let outcome = read_fleet_pages(clients, &mut found).await;
    found.ended(outcome)
}

async fn read_fleet_pages(clients: &Clients, found: &mut Found) -> Result<(), AwsError> {
    let mut pages = Pages::of(FLEETS);
    while let Some(token) = pages.turn() {
        let page = clients
            .ec2()
            .describe_spot_fleet_requests()
            .max_results(1000)
            .set_next_token(token)
            .send()
            .await
            .map_err(|error| AwsError::of(FLEETS, &error))?;
        for fleet in page.spot_fleet_request_configs.into_iter().flatten() {
            if !matches!(
                fleet.spot_fleet_request_state,
                Some(BatchState::Cancelled | BatchState::CancelledRunning | BatchState::CancelledTerminatingInstances)
            ) {
                found.items += 1;
                note_fleet(fleet, found);
            }
        }
        pages.turned(page.next_token)?;
    }
    Ok(())
}

fn note_fleet(fleet: SpotFleetRequestConfig, found: &mut Found) {
    let by = Use::SpotFleetRequest { id: fleet.spot_fleet_request_id.unwrap_or_default() };
    let Some(config) = fleet.spot_fleet_request_config else { return };
    for launch in config.launch_specifications() {
        found.image(&by, launch.image_id());
    }
    // Its overrides name instance types and subnets, never an image.
    for template in config.launch_template_configs().iter().filter_map(|config| config.launch_template_specification())
    {
        found.template(&by, template.launch_template_id(), template.launch_template_name(), template.version());
    }
}
