//! A volume, and what it is attached to.

use aws_sdk_ec2::types::{Volume as Document, VolumeAttachment};
use sunset_domain::coverage::Source;
use sunset_domain::ids::{AccountId, InstanceId, SnapshotId};
use sunset_domain::process::observation::{Attachment, Configuration, Dependency, Found, Volume};

use super::sight::{Sight, name, number};
use crate::account::tags;
use crate::clients::Clients;
use crate::documents::volumes::{self, OPERATION};
use crate::documents::{id, instances, moment, optional_id};
use crate::error::AwsError;

pub(super) async fn look(clients: &Clients, volume_id: &str) -> Sight {
    let mut sight = Sight::default();
    let read = volumes::by_id(clients, volume_id).await;
    let Some(volume) = sight.resource(read) else { return sight };
    sight.operated(volume.operator());

    let holders: Vec<String> =
        volumes::attachments(&volume).filter_map(|at| at.instance_id()).map(str::to_owned).collect();
    let instances = if holders.is_empty() {
        sight.nothing_to_read(Source::Instances);
        Vec::new()
    } else {
        sight.take(Source::Instances, instances::by_ids(clients, &holders).await)
    };
    let instance_of = |attachment: &VolumeAttachment| {
        instances.iter().find(|instance| instance.instance_id() == attachment.instance_id())
    };

    let mut attachments = Vec::new();
    for attachment in volumes::attachments(&volume) {
        let device = attachment.device().unwrap_or_default();
        let instance = instance_of(attachment);
        let state = instance.map(instances::state);
        let (kind, dependency) = match (attachment.instance_id(), state) {
            (None, _) => ("service", Dependency::Unknown),
            (_, None) => ("instance", Dependency::Unknown),
            (_, Some("running" | "pending")) => ("instance", Dependency::Critical),
            (_, Some(_)) => ("instance", Dependency::Required),
        };
        let relation =
            if device.is_empty() { "has it attached".to_owned() } else { format!("has it attached at {device}") };
        sight.depends(Source::Resource, kind, volumes::holder(attachment), relation, dependency);
        let Some(instance_id) = attachment.instance_id() else { continue };
        attachments.push(id(OPERATION, Some(instance_id), InstanceId::parse).map(|instance_id| Attachment {
            instance_id,
            device: device.to_owned(),
            state: attachment.state().map_or("unknown", |state| state.as_str()).to_owned(),
            delete_on_termination: attachment.delete_on_termination().unwrap_or_default(),
            instance_state: state.map(str::to_owned),
            is_root: instance.and_then(|instance| instance.root_device_name()) == Some(device),
        }));
    }
    sight.lived(volumes::attachments(&volume).filter_map(|at| moment(at.attach_time())).max(), "was attached");
    sight.found(found(&volume, attachments));
    sight
}

/// Only the volume itself.
pub(super) async fn glance(clients: &Clients, volume_id: &str) -> Sight {
    let mut sight = Sight::default();
    if let Some(volume) = sight.resource(volumes::by_id(clients, volume_id).await) {
        sight.found(found(&volume, Vec::new()));
    }
    sight
}

fn found(volume: &Document, attachments: Vec<Result<Attachment, AwsError>>) -> Result<Found, AwsError> {
    let mut attachments: Vec<Attachment> = attachments.into_iter().collect::<Result<_, _>>()?;
    attachments.sort();
    let tags = tags(volume.tags.clone());
    let configuration = Volume {
        state: volumes::state(volume).to_owned(),
        size_gib: number(volume.size()),
        volume_type: volume.volume_type().map_or("unknown", |kind| kind.as_str()).to_owned(),
        iops: volume.iops().and_then(|iops| u32::try_from(iops).ok()),
        throughput_mib_a_second: volume.throughput().and_then(|throughput| u32::try_from(throughput).ok()),
        encrypted: volume.encrypted().unwrap_or_default(),
        kms_key_id: volume.kms_key_id().map(str::to_owned),
        availability_zone: volume.availability_zone().unwrap_or_default().to_owned(),
        from_snapshot_id: optional_id(OPERATION, volume.snapshot_id(), SnapshotId::parse)?,
        attachments,
    };
    Ok(Found {
        owner_id: volume.owner_id().and_then(|id| AccountId::parse(id).ok()),
        name: name(&tags, None),
        tags,
        created_at: moment(volume.create_time()),
        configuration: Configuration::Volume(configuration),
    })
}
