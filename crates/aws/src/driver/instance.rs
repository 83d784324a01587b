//! Stopping, starting and terminating an instance.

use sunset_domain::ids::InstanceId;
use sunset_domain::permit::Permit;

use super::view::{done, impossible, not_done, under_way};
use super::{Acted, StepView};
use crate::act::{self, ActError};
use crate::clients::Clients;
use crate::documents::instances;
use crate::error::AwsError;

/// Its state; one that EC2 does not know any more is as good as terminated.
async fn state(clients: &Clients, id: &InstanceId) -> Result<String, AwsError> {
    let owned = instances::by_id(clients, id.as_str()).await?;
    Ok(owned.as_ref().map_or("terminated", |owned| instances::state(&owned.instance)).to_owned())
}

pub(super) async fn look_stopped(clients: &Clients, id: &InstanceId) -> Result<StepView, AwsError> {
    let state = state(clients, id).await?;
    Ok(match state.as_str() {
        "stopped" => done(),
        // What is starting can be stopped as soon as it runs.
        "stopping" | "pending" => under_way(state),
        "shutting-down" | "terminated" => impossible(format!("instance {id} is {state}")),
        _ => not_done(state),
    })
}

pub(super) async fn look_started(clients: &Clients, id: &InstanceId) -> Result<StepView, AwsError> {
    let state = state(clients, id).await?;
    Ok(match state.as_str() {
        "running" => done(),
        // What is stopping can be started as soon as it has stopped.
        "pending" | "stopping" => under_way(state),
        "shutting-down" | "terminated" => impossible(format!("instance {id} is {state}")),
        _ => not_done(state),
    })
}

pub(super) async fn look_terminated(clients: &Clients, id: &InstanceId) -> Result<StepView, AwsError> {
    let state = state(clients, id).await?;
    Ok(match state.as_str() {
        "terminated" => done(),
        "shutting-down" => under_way(state),
        _ => not_done(state),
    })
}

pub(super) async fn stop(permit: &Permit, clients: &Clients, id: &InstanceId) -> Result<Acted, ActError> {
    act::stop_instance(permit, clients, id).await?;
    Ok(Acted::default())
}

pub(super) async fn start(permit: &Permit, clients: &Clients, id: &InstanceId) -> Result<Acted, ActError> {
    act::start_instance(permit, clients, id).await?;
    Ok(Acted::default())
}

pub(super) async fn terminate(permit: &Permit, clients: &Clients, id: &InstanceId) -> Result<Acted, ActError> {
    act::terminate_instance(permit, clients, id).await?;
    Ok(Acted::default())
}
