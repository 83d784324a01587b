//! Instances in every state but terminated.

use aws_sdk_ec2::types::{Filter, InstanceStateName};
use sunset_domain::coverage::Source;
use sunset_domain::evidence::Use;
use sunset_domain::ids::ImageId;

use super::found::Found;
use super::pages::Pages;
use crate::clients::Clients;
use crate::error::AwsError;

const OPERATION: &str = "DescribeInstances";

/// Reads all instances, or those of one image.
pub(super) async fn read(clients: &Clients, of: Option<&ImageId>) -> Found {
    let mut found = Found::nothing(Source::Instances);
    let outcome = read_pages(clients, of, &mut found).await;
    found.ended(outcome)
}

async fn read_pages(clients: &Clients, of: Option<&ImageId>, found: &mut Found) -> Result<(), AwsError> {
    let filters = of.map(|id| vec![Filter::builder().name("image-id").values(id.as_str()).build()]);
    let mut pages = Pages::of(OPERATION);
    while let Some(token) = pages.turn() {
        let page = clients
            .ec2()
            .describe_instances()
            .set_filters(filters.clone())
            // Instances that a service manages may be hidden from the account's own view; they launch all the same.
            .include_managed_resources(true)
            .max_results(1000)
            .set_next_token(token)
            .send()
            .await
            .map_err(|error| AwsError::of(OPERATION, &error))?;
        for instance in page.reservations.into_iter().flatten().flat_map(|set| set.instances.unwrap_or_default()) {
            let state = instance.state.and_then(|state| state.name);
            // The state is no filter of the request: a state that EC2 adds one day must show too.
            if state == Some(InstanceStateName::Terminated) {
                continue;
            }
            found.items += 1;
            let by = Use::Instance {
                id: instance.instance_id.unwrap_or_default(),
                state: state.as_ref().map_or("unknown", InstanceStateName::as_str).to_owned(),
            };
            found.image(&by, instance.image_id.as_deref());
        }
        pages.turned(page.next_token)?;
    }
    Ok(())
}
