use super::find;
use crate::account::{Account, Attachment, Volume};
use crate::ec2::ask::Ask;
use crate::ec2::error::ApiError;
use crate::ec2::filters::{Filters, tag_fields};
use crate::ec2::paging::{Limits, Page};
use crate::ec2::xml::Xml;

const FILTERS: &[&str] = &[
    "attachment.delete-on-termination",
    "attachment.device",
    "attachment.instance-id",
    "attachment.status",
    "availability-zone",
    "encrypted",
    "multi-attach-enabled",
    "size",
    "snapshot-id",
    "status",
    "tag-key",
    "tag:",
    "volume-id",
    "volume-type",
];

pub(in crate::ec2) fn describe(account: &mut Account, ask: &Ask<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let filters = Filters::parse(ask.params, FILTERS)?;
    let page = ask.page(Limits::ec2(5, 1000))?;
    let ids = ask.params.list("VolumeId");
    if !ids.is_empty() && ask.params.get("MaxResults").is_some() {
        let message = "The parameter volumeSet cannot be used with the parameter maxResults";
        return Err(ApiError::client("InvalidParameterCombination", message));
    }
    ids.iter().try_for_each(|id| find(account, id).map(|_| ()))?;
    if Page::is_first(ask.params) {
        account.settle_volumes(|id| ids.is_empty() || ids.contains(&id));
    }
    let (found, next) = page.take(page.rest(&account.volumes).filter(|(id, volume)| {
        (ids.is_empty() || ids.contains(id)) && filters.pass(|filter| fields(account, volume, filter))
    }));
    xml.items("volumeSet", found, |xml, volume| write(xml, account, volume));
    xml.optional("nextToken", next.as_deref());
    Ok(())
}

fn fields(account: &Account, volume: &Volume, filter: &str) -> Vec<String> {
    let of_attachments = |field: fn(&Attachment) -> String| volume.attachments.iter().map(field).collect();
    match filter {
        "attachment.delete-on-termination" => of_attachments(|at| at.delete_on_termination.to_string()),
        "attachment.device" => of_attachments(|at| at.device.clone()),
        "attachment.instance-id" => of_attachments(|at| at.instance_id.clone()),
        "attachment.status" => of_attachments(|at| at.state.clone()),
        "availability-zone" => vec![account.zone(volume.zone.as_deref())],
        "encrypted" => vec![volume.encrypted.to_string()],
        "multi-attach-enabled" => vec![volume.multi_attach.to_string()],
        "size" => vec![volume.size_gib.to_string()],
        "snapshot-id" => volume.snapshot_id.iter().cloned().collect(),
        "status" => vec![volume.status().to_owned()],
        "volume-id" => vec![volume.id.clone()],
        "volume-type" => vec![volume.volume_type.clone()],
        tag => tag_fields(tag, &volume.tags).into_iter().map(str::to_owned).collect(),
    }
}

fn write(xml: &mut Xml, account: &Account, volume: &Volume) {
    xml.text("volumeId", &volume.id);
    xml.show("size", volume.size_gib);
    xml.text("snapshotId", volume.snapshot_id.as_deref().unwrap_or_default());
    xml.text("availabilityZone", &account.zone(volume.zone.as_deref()));
    xml.text("status", volume.status());
    xml.time("createTime", volume.created);
    xml.items("attachmentSet", &volume.attachments, |xml, attachment| write_attachment(xml, &volume.id, attachment));
    xml.tags(&volume.tags);
    xml.text("volumeType", &volume.volume_type);
    if let Some(iops) = volume.iops {
        xml.show("iops", iops);
    }
    if let Some(throughput) = volume.throughput {
        xml.show("throughput", throughput);
    }
    xml.show("encrypted", volume.encrypted);
    xml.optional("kmsKeyId", volume.kms_key_id.as_deref());
    xml.show("multiAttachEnabled", volume.multi_attach);
}

pub(super) fn write_attachment(xml: &mut Xml, volume_id: &str, attachment: &Attachment) {
    xml.text("volumeId", volume_id);
    xml.text("instanceId", &attachment.instance_id);
    xml.text("device", &attachment.device);
    xml.text("status", &attachment.state);
    xml.time("attachTime", attachment.attached);
    xml.show("deleteOnTermination", attachment.delete_on_termination);
}
