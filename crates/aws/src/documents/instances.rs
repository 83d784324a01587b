//! Instances, terminated ones included.

use aws_sdk_ec2::types::{Filter, Instance, InstanceStateName, Reservation};

use super::one;
use crate::account::pages::{Read, read_all};
use crate::clients::Clients;
use crate::error::AwsError;

pub(crate) const OPERATION: &str = "DescribeInstances";
/// The most values that one filter takes.
const VALUES_AT_ONCE: usize = 200;

/// An instance, and the account that owns it.
#[derive(Debug)]
pub(crate) struct Owned {
    pub(crate) owner_id: Option<String>,
    pub(crate) instance: Instance,
}

/// The instance of this id; for a while after its end too, as `terminated`.
pub(crate) async fn by_id(clients: &Clients, id: &str) -> Result<Option<Owned>, AwsError> {
    let read = read_all(OPERATION, async |token| {
        let page = clients
            .ec2()
            .describe_instances()
            .instance_ids(id)
            .include_managed_resources(true)
            .set_next_token(token)
            .send()
            .await
            .map_err(|error| AwsError::of(OPERATION, &error))?;
        let owned = |set: Reservation| {
            let owner_id = set.owner_id;
            set.instances.into_iter().flatten().map(move |instance| Owned { owner_id: owner_id.clone(), instance })
        };
        Ok((page.reservations.into_iter().flatten().flat_map(owned).collect(), page.next_token))
    })
    .await;
    one(OPERATION, id, read, |owned| owned.instance.instance_id())
}

/// Those of these instances that exist.
pub(crate) async fn by_ids(clients: &Clients, ids: &[String]) -> Read<Instance> {
    let mut instances = Vec::new();
    for ids in ids.chunks(VALUES_AT_ONCE) {
        let filter = Filter::builder().name("instance-id").set_values(Some(ids.to_vec())).build();
        let (read, outcome) = read_all(OPERATION, async |token| {
            let page = clients
                .ec2()
                .describe_instances()
                .filters(filter.clone())
                .include_managed_resources(true)
                .max_results(1000)
                .set_next_token(token)
                .send()
                .await
                .map_err(|error| AwsError::of(OPERATION, &error))?;
            let instances = page.reservations.into_iter().flatten().flat_map(|set| set.instances.unwrap_or_default());
            Ok((instances.collect(), page.next_token))
        })
        .await;
        instances.extend(read);
        if outcome.is_err() {
            return (instances, outcome);
        }
    }
    instances.retain(|instance| instance.instance_id().is_some_and(|id| ids.iter().any(|wanted| wanted == id)));
    (instances, Ok(()))
}

/// An instance's state, in EC2's word.
pub(crate) fn state(instance: &Instance) -> &str {
    instance.state().and_then(|state| state.name()).map_or("unknown", InstanceStateName::as_str)
}
