//! The Recycle Bin: where deregistered images and deleted snapshots go while a retention rule keeps them.

use super::ask::Ask;
use super::error::ApiError;
use super::paging::Limits;
use super::xml::Xml;
use super::{images, snapshots};
use crate::account::Account;

pub(super) fn list_images(account: &mut Account, ask: &Ask<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let page = ask.page(Limits::ec2(1, 1000))?;
    let ids = ask.params.list("ImageId");
    if let Some(unknown) = ids.iter().find(|id| !account.image_bin.contains_key(**id)) {
        return Err(images::not_found(&[*unknown]));
    }
    let (found, next) = page.take(page.rest(&account.image_bin).filter(|(id, _)| ids.is_empty() || ids.contains(id)));
    xml.items("imageSet", found, |xml, binned| {
        xml.text("imageId", &binned.item.id);
        xml.optional("name", binned.item.name.as_deref());
        xml.optional("description", binned.item.description.as_deref());
        xml.time("recycleBinEnterTime", binned.entered);
        xml.time("recycleBinExitTime", binned.exits);
    });
    xml.optional("nextToken", next.as_deref());
    Ok(())
}

pub(super) fn list_snapshots(account: &mut Account, ask: &Ask<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let page = ask.page(Limits::ec2(5, 1000))?;
    let ids = ask.params.list("SnapshotId");
    if let Some(unknown) = ids.iter().find(|id| !account.snapshot_bin.contains_key(**id)) {
        return Err(snapshots::not_found(unknown));
    }
    let (found, next) =
        page.take(page.rest(&account.snapshot_bin).filter(|(id, _)| ids.is_empty() || ids.contains(id)));
    xml.items("snapshotSet", found, |xml, binned| {
        xml.text("snapshotId", &binned.item.id);
        xml.time("recycleBinEnterTime", binned.entered);
        xml.time("recycleBinExitTime", binned.exits);
        xml.text("description", &binned.item.description);
        xml.text("volumeId", &binned.item.volume_id);
    });
    xml.optional("nextToken", next.as_deref());
    Ok(())
}

/// An image comes back as it was, once its snapshots are back.
pub(super) fn restore_image(account: &mut Account, ask: &Ask<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let id = ask.params.required("ImageId")?;
    images::check_id(id)?;
    let binned = account.image_bin.get(id).ok_or_else(|| images::not_found(&[id]))?;
    if let Some(missing) = binned.item.snapshot_ids().find(|snapshot| !account.snapshots.contains_key(*snapshot)) {
        return Err(snapshots::not_found(missing));
    }
    if let Some(binned) = account.image_bin.remove(id) {
        account.deregistered.remove(id);
        account.lingering.remove(id);
        account.images.insert(id.to_owned(), binned.item);
    }
    xml.text("return", "true");
    Ok(())
}

pub(super) fn restore_snapshot(account: &mut Account, ask: &Ask<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let id = ask.params.required("SnapshotId")?;
    let binned = account.snapshot_bin.remove(id).ok_or_else(|| snapshots::not_found(id))?;
    snapshots::write_common(xml, &binned.item, &account.id);
    account.add_snapshot(binned.item);
    Ok(())
}
