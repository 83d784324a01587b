use std::collections::BTreeMap;

use time::OffsetDateTime;

use super::write_common;
use crate::account::{Account, Settling, Snapshot, Spoilt, Volume};
use crate::ec2::ask::Ask;
use crate::ec2::error::ApiError;
use crate::ec2::xml::Xml;
use crate::ec2::{tag_specifications, volumes};

pub(in crate::ec2) fn create(account: &mut Account, ask: &Ask<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let tags = tag_specifications::of(ask.params, "snapshot", &["snapshot"])?;
    let volume = volumes::find(account, ask.params.required("VolumeId")?)?.clone();
    if !matches!(volume.status(), "available" | "in-use") {
        let message = format!("Volume '{}' is in the '{}' state.", volume.id, volume.status());
        return Err(ApiError::client("IncorrectState", message));
    }
    let description = ask.params.get("Description").unwrap_or_default();
    let id = take(account, &volume, description, tags, account.paces.snapshots);
    if let Some(snapshot) = account.snapshots.get(&id) {
        // What it is when it is taken, even if it is done at once.
        let taken = Snapshot { state: "pending".to_owned(), ..snapshot.clone() };
        write_common(xml, &taken, &account.id);
        xml.tags(&taken.tags);
    }
    Ok(())
}

/// Takes a snapshot of a volume, which is done after so many describe calls.
pub(in crate::ec2) fn take(
    account: &mut Account,
    volume: &Volume,
    description: &str,
    tags: BTreeMap<String, String>,
    calls: usize,
) -> String {
    let spoilt = account.spoils(&volume.id);
    let size = if let Some(Spoilt::Size(gib)) = spoilt { gib } else { volume.size_gib };
    let encrypted = volume.encrypted && spoilt != Some(Spoilt::Unencrypted);
    let end = if spoilt == Some(Spoilt::Error) { "error" } else { "completed" };
    let id = account.fresh_id("snap");
    let mut snapshot = Snapshot::new(&id)
        .of_volume(&volume.id)
        .size_gib(size)
        .described(description)
        .started_at(OffsetDateTime::now_utc())
        .in_state(if calls == 0 { end } else { "pending" });
    snapshot.settling = (calls > 0).then(|| Settling::new(end, calls));
    snapshot.encrypted = encrypted;
    snapshot.kms_key_id = volume.kms_key_id.clone().filter(|_| encrypted);
    snapshot.tags = tags;
    account.add_snapshot(snapshot);
    id
}
