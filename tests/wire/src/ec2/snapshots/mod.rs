//! Snapshots: how they are taken, what is described of them, and what keeps one from being deleted.

mod create;

pub(super) use create::{create, take};

use super::ask::Ask;
use super::error::ApiError;
use super::filters::{Filters, tag_fields};
use super::paging::{Limits, Page};
use super::xml::Xml;
use crate::account::{Account, Binned, LaunchPermission, Snapshot};

const FILTERS: &[&str] =
    &["description", "encrypted", "owner-id", "snapshot-id", "status", "storage-tier", "tag-key", "tag:", "volume-id"];

pub(super) fn not_found(id: &str) -> ApiError {
    ApiError::client("InvalidSnapshot.NotFound", format!("The snapshot '{id}' does not exist."))
}

fn check_id(id: &str) -> Result<(), ApiError> {
    if id.starts_with("snap-") {
        return Ok(());
    }
    let message = format!("Value ({id}) for parameter snapshotId is invalid. Expected: 'snap-...'.");
    Err(ApiError::client("InvalidSnapshotID.Malformed", message))
}

fn find<'a>(account: &'a Account, id: &str) -> Result<&'a Snapshot, ApiError> {
    check_id(id)?;
    account.snapshots.get(id).ok_or_else(|| not_found(id))
}

pub(super) fn describe(account: &mut Account, ask: &Ask<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let filters = Filters::parse(ask.params, FILTERS)?;
    let page = ask.page(Limits::ec2(5, 1000))?;
    let mut ids = ask.params.list("SnapshotId");
    if !ids.is_empty() && ask.params.get("MaxResults").is_some() {
        let message = "The parameter snapshotSet cannot be used with the parameter maxResults";
        return Err(ApiError::client("InvalidParameterCombination", message));
    }
    if Page::is_first(ask.params) {
        account.settle_snapshots(|id| ids.is_empty() || ids.contains(&id));
    }
    let owners = ask.params.list("Owner");
    let listed = |snapshot: &&Snapshot| {
        let own = account.owns(snapshot.owner_id.as_deref());
        let owner = snapshot.owner_id.as_deref().unwrap_or(&account.id);
        let of_owner = |wanted: &&str| {
            if *wanted == "self" { own } else { *wanted == owner || snapshot.owner_alias.as_deref() == Some(*wanted) }
        };
        let shared = |permission: &LaunchPermission| match permission {
            LaunchPermission::User(user) => *user == account.id,
            LaunchPermission::Group(_) => true,
            _ => false,
        };
        (own || snapshot.create_volume_permissions.iter().any(shared))
            && (owners.is_empty() || owners.iter().any(of_owner))
            && filters.pass(|filter| fields(snapshot, filter))
    };
    let (found, next) = if ids.is_empty() {
        page.take(page.rest(&account.snapshots).filter(|(_, snapshot)| listed(snapshot)))
    } else {
        ids.sort_unstable();
        ids.dedup();
        let found = ids.into_iter().map(|id| find(account, id).map(|snapshot| (id.to_owned(), snapshot)));
        let found = found.collect::<Result<Vec<_>, _>>()?;
        page.take(page.rest_of(found).filter(|(_, snapshot)| listed(snapshot)))
    };
    xml.items("snapshotSet", found, |xml, snapshot| write(xml, snapshot, &account.id));
    xml.optional("nextToken", next.as_deref());
    Ok(())
}

fn fields(snapshot: &Snapshot, filter: &str) -> Vec<String> {
    let one = |value: &str| vec![value.to_owned()];
    match filter {
        "description" => one(&snapshot.description),
        "encrypted" => vec![snapshot.encrypted.to_string()],
        "owner-id" => snapshot.owner_id.iter().cloned().collect(),
        "snapshot-id" => one(&snapshot.id),
        "status" => one(&snapshot.state),
        "storage-tier" => one(&snapshot.storage_tier),
        "volume-id" => one(&snapshot.volume_id),
        tag => tag_fields(tag, &snapshot.tags).into_iter().map(str::to_owned).collect(),
    }
}

/// The fields that a described and a restored snapshot have in common.
pub(super) fn write_common(xml: &mut Xml, snapshot: &Snapshot, account_id: &str) {
    xml.text("snapshotId", &snapshot.id);
    xml.text("volumeId", &snapshot.volume_id);
    xml.text("status", &snapshot.state);
    xml.time("startTime", snapshot.started);
    xml.text("progress", if snapshot.state == "completed" { "100%" } else { "37%" });
    if snapshot.state == "error" {
        xml.text("statusMessage", "The snapshot could not be completed");
    }
    xml.text("ownerId", snapshot.owner_id.as_deref().unwrap_or(account_id));
    xml.show("volumeSize", snapshot.volume_size_gib);
    xml.text("description", &snapshot.description);
    xml.show("encrypted", snapshot.encrypted);
    xml.optional("kmsKeyId", snapshot.kms_key_id.as_deref());
}

fn write(xml: &mut Xml, snapshot: &Snapshot, account_id: &str) {
    write_common(xml, snapshot, account_id);
    xml.optional("ownerAlias", snapshot.owner_alias.as_deref());
    xml.text("storageTier", &snapshot.storage_tier);
    if let Some(bytes) = snapshot.full_size_bytes {
        xml.show("fullSnapshotSizeInBytes", bytes);
    }
    xml.tags(&snapshot.tags);
}

pub(super) fn describe_attribute(account: &mut Account, ask: &Ask<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let snapshot = find(account, ask.params.required("SnapshotId")?)?;
    xml.text("snapshotId", &snapshot.id);
    match ask.params.required("Attribute")? {
        "createVolumePermission" => {
            xml.items(
                "createVolumePermission",
                &snapshot.create_volume_permissions,
                |xml, permission| match permission {
                    LaunchPermission::User(id) => xml.text("userId", id),
                    LaunchPermission::Group(name) => xml.text("group", name),
                    _ => (),
                },
            );
        }
        "productCodes" => xml.items("productCodes", [(); 0], |_, ()| ()),
        other => return Err(ApiError::invalid_value(format!("Value ({other}) for parameter attribute is invalid."))),
    }
    Ok(())
}

pub(super) fn describe_locked(account: &mut Account, ask: &Ask<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let filters = Filters::parse(ask.params, &["lock-state"])?;
    let page = ask.page(Limits::ec2(1, 1000))?;
    let ids = ask.params.list("SnapshotId");
    for id in &ids {
        find(account, id)?;
    }
    let locked = page.rest(&account.snapshots).filter_map(|(id, snapshot)| {
        let lock = snapshot.lock.as_ref().filter(|_| ids.is_empty() || ids.contains(&id))?;
        filters.pass(|_| vec![lock.state.as_str()]).then_some((id, (snapshot, lock)))
    });
    let (found, next) = page.take(locked);
    xml.items("snapshotSet", found, |xml, (snapshot, lock)| {
        xml.text("snapshotId", &snapshot.id);
        xml.text("ownerId", snapshot.owner_id.as_deref().unwrap_or(&account.id));
        xml.text("lockState", &lock.state);
        xml.time("lockCreatedOn", snapshot.started);
        xml.time("lockExpiresOn", lock.expires);
    });
    xml.optional("nextToken", next.as_deref());
    Ok(())
}

pub(super) fn delete(account: &mut Account, ask: &Ask<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    remove(account, ask.params.required("SnapshotId")?)?;
    xml.text("return", "true");
    Ok(())
}

/// Deletes a snapshot, or puts it into the Recycle Bin, unless something keeps it.
pub(super) fn remove(account: &mut Account, id: &str) -> Result<(), ApiError> {
    let snapshot = find(account, id)?;
    if !account.owns(snapshot.owner_id.as_deref()) {
        return Err(ApiError::new(403, "AuthFailure", format!("Not authorized for snapshot:{id}")));
    }
    if let Some(holder) = account.holders_of(id).next() {
        let message = format!("The snapshot {id} is currently in use by {}", holder.id);
        return Err(ApiError::client("InvalidSnapshot.InUse", message));
    }
    if snapshot.managed_by_backup {
        return Err(ApiError::invalid_value(format!(
            "This snapshot is managed by the AWS Backup service and cannot be deleted via EC2 APIs. If you wish to delete this snapshot, please do so via the Backup console. ({id})"
        )));
    }
    if snapshot.lock.as_ref().is_some_and(|lock| lock.state != "expired") {
        return Err(ApiError::client("SnapshotLocked", format!("The snapshot '{id}' is locked.")));
    }
    if let Some(snapshot) = account.snapshots.remove(id)
        && let Some(days) = account.snapshot_bin_days
    {
        account.snapshot_bin.insert(id.to_owned(), Binned::for_days(snapshot, days));
    }
    Ok(())
}
