//! What stays behind when a resource is gone, or when the way to it was taken back.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ids::{ImageId, SnapshotId, VolumeId};
use crate::process::observation::{Address, Configuration, Image, Instance, InstanceVolume, Observation, Volume};
use crate::process::record::{ProcessRecord, StepRecord, StepState};
use crate::risk::cost::estimate;
use crate::runbook::action::Action;
use crate::runbook::document::Runbook;
use crate::runbook::step::Step;
use crate::snapshot::storage_micro_dollars_a_month;
use crate::time::Timestamp;

/// What kind of thing stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A volume.
    Volume,
    /// An Elastic IP address.
    ElasticIp,
    /// A network interface.
    NetworkInterface,
    /// A snapshot.
    Snapshot,
    /// An image.
    Image,
}

impl Kind {
    /// The name for people.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Volume => "volume",
            Self::ElasticIp => "Elastic IP",
            Self::NetworkInterface => "network interface",
            Self::Snapshot => "snapshot",
            Self::Image => "image",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Something that stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leftover {
    /// What it is.
    pub kind: Kind,
    /// Its id.
    pub id: String,
    /// Why it stays.
    pub why: String,
    /// What its storage or address costs a month at us-east-1's public prices, a snapshot at most; nothing where that is
    /// not known.
    pub micro_dollars_a_month: Option<u64>,
    /// Whether the process made it, as a backup: everything else keeps its hands off it until [`backups_kept_until`].
    pub is_backup: bool,
}

/// Until when a process's backups are kept from everything else: the retention counts from the day on which the resource
/// may go at the latest, so that a long approval and a long soak take nothing from it.
#[must_use]
pub fn backups_kept_until(record: &ProcessRecord) -> Timestamp {
    let terms = &record.terms;
    let may_go = record.created_at.plus_seconds(terms.approval_seconds).plus_seconds(terms.soak_seconds);
    may_go.plus_days(terms.backup_retention_days)
}

/// What something of this kind costs a month, by the prices that assessments use.
fn price(configuration: &Configuration) -> Option<u64> {
    estimate(configuration).saved.iter().map(|line| line.micro_dollars_a_month).sum()
}

fn volume_price(volume: &InstanceVolume) -> Option<u64> {
    price(&Configuration::Volume(Volume {
        state: String::new(),
        size_gib: volume.size_gib,
        volume_type: volume.volume_type.clone(),
        // An instance's description does not tell these.
        iops: None,
        throughput_mib_a_second: None,
        encrypted: volume.encrypted,
        kms_key_id: None,
        availability_zone: String::new(),
        from_snapshot_id: None,
        attachments: Vec::new(),
    }))
}

fn address_price() -> Option<u64> {
    price(&Configuration::Address(Address {
        public_ip: String::new(),
        association: None,
        network_border_group: None,
        public_ipv4_pool: None,
    }))
}

fn snapshots_price(size_gib: u64) -> u64 {
    const GIB: u128 = 1 << 30;
    storage_micro_dollars_a_month(u128::from(size_gib).saturating_mul(GIB), false)
}

/// Everything that stays, by what was seen before the first step and by what the steps did: what hangs on a resource
/// that is gone, and the backups that were made, whether it is gone or not.
#[must_use]
pub fn leftovers(runbook: &Runbook, before: &Observation, steps: &[StepRecord]) -> Vec<Leftover> {
    let mut left = Vec::new();
    let ended = Action::that_ends(runbook.resource.resource_type());
    if runbook.steps.iter().any(|step| step.action == ended && has_happened(step, steps)) {
        match before.found.as_ref().map(|found| &found.configuration) {
            Some(Configuration::Instance(instance)) => left_by_instance(instance, &mut left),
            Some(Configuration::Image(image)) => left_by_image(image, runbook, steps, &mut left),
            // What hangs on the other types is either theirs alone or was never theirs: an instance that lost a
            // volume, an address or a group goes on, and is nobody's leftover.
            _ => {}
        }
    }
    backups(runbook, before, steps, &mut left);
    left
}

fn record<'a>(step: &Step, steps: &'a [StepRecord]) -> Option<&'a StepRecord> {
    steps.iter().find(|record| record.step == step.id)
}

/// Whether a step is done, or may be: a call that nobody proved may have happened too, and what it would leave is
/// listed rather than overlooked. What was kept, or only rehearsed, did not happen.
fn has_happened(step: &Step, steps: &[StepRecord]) -> bool {
    record(step, steps).is_some_and(|record| match record.state {
        StepState::Intended | StepState::Called | StepState::Done | StepState::Failed => true,
        StepState::Skipped => record.error.is_none(),
        _ => false,
    })
}

fn left_by_instance(instance: &Instance, left: &mut Vec<Leftover>) {
    for volume in instance.volumes.iter().filter(|volume| !volume.delete_on_termination) {
        left.push(Leftover {
            kind: Kind::Volume,
            id: volume.volume_id.to_string(),
            why: format!("was at {}, and is not set to go with the instance", volume.device),
            micro_dollars_a_month: volume_price(volume),
            is_backup: false,
        });
    }
    for allocation_id in &instance.allocation_ids {
        left.push(Leftover {
            kind: Kind::ElasticIp,
            id: allocation_id.to_string(),
            why: "stays allocated, and costs as much without an instance".into(),
            micro_dollars_a_month: address_price(),
            is_backup: false,
        });
    }
    for interface_id in &instance.network_interface_ids {
        left.push(Leftover {
            kind: Kind::NetworkInterface,
            id: interface_id.to_string(),
            why: "stays if its attachment was not set to go with the instance, which was not read".into(),
            // A network interface itself costs nothing.
            micro_dollars_a_month: Some(0),
            is_backup: false,
        });
    }
}

fn left_by_image(image: &Image, runbook: &Runbook, steps: &[StepRecord], left: &mut Vec<Leftover>) {
    let deleting = |id: &SnapshotId| {
        runbook
            .steps
            .iter()
            .filter(|step| step.action == Action::DeleteSnapshot)
            .find(|step| step.literal("snapshot_id") == Some(id.as_str()))
    };
    let mut seen = BTreeSet::new();
    for device in &image.block_devices {
        let Some(id) = &device.snapshot_id else { continue };
        if !seen.insert(id) {
            continue;
        }
        let why = match deleting(id).map(|step| record(step, steps)) {
            None => "the plan keeps it: something else stands on it, or it must not go".to_owned(),
            Some(Some(StepRecord { state: StepState::Done, .. })) => continue,
            Some(Some(StepRecord { state: StepState::Skipped, error: None, .. })) => continue,
            Some(Some(StepRecord { state: StepState::Skipped, error: Some(reason), .. })) => reason.clone(),
            Some(Some(StepRecord { error: Some(error), .. })) => format!("was not deleted: {error}"),
            Some(Some(_)) => "its deletion is not proved".to_owned(),
            Some(None) => "its deletion was not reached".to_owned(),
        };
        left.push(Leftover {
            kind: Kind::Snapshot,
            id: id.to_string(),
            why,
            micro_dollars_a_month: device.size_gib.map(|size| snapshots_price(u64::from(size))),
            is_backup: false,
        });
    }
}

/// The ids that a step's outputs name under `one` or, as a list, under `many`.
fn outputs<'a>(record: &'a StepRecord, one: &str, many: &str) -> impl Iterator<Item = &'a str> {
    let single = record.outputs.get(one).and_then(Value::as_str);
    let listed = record.outputs.get(many).and_then(Value::as_array);
    single.into_iter().chain(listed.into_iter().flatten().filter_map(Value::as_str))
}

fn backups(runbook: &Runbook, before: &Observation, steps: &[StepRecord], left: &mut Vec<Leftover>) {
    for step in &runbook.steps {
        let Some(record) = record(step, steps) else { continue };
        let mut kept = |kind: Kind, id: &str, why: String, micro_dollars_a_month: Option<u64>| {
            if !left.iter().any(|other| other.id == id) {
                left.push(Leftover { kind, id: id.to_owned(), why, micro_dollars_a_month, is_backup: true });
            }
        };
        match step.action {
            Action::CreateImage => {
                for id in outputs(record, "image_id", "image_ids").filter(|id| ImageId::parse(id).is_ok()) {
                    let cost = imaged_gib(before).map(snapshots_price);
                    kept(Kind::Image, id, format!("the backup of {}, with its snapshots", runbook.resource.id()), cost);
                }
                for id in outputs(record, "snapshot_id", "snapshot_ids").filter(|id| SnapshotId::parse(id).is_ok()) {
                    // The image's line holds what all of its snapshots cost.
                    kept(Kind::Snapshot, id, "a part of the image that is the backup".into(), Some(0));
                }
            }
            Action::CreateSnapshot => {
                let volume = record.inputs.get("volume_id").and_then(Value::as_str).or(step.literal("volume_id"));
                for id in outputs(record, "snapshot_id", "snapshot_ids").filter(|id| SnapshotId::parse(id).is_ok()) {
                    let cost = volume.and_then(|volume| volume_gib(before, volume)).map(snapshots_price);
                    kept(Kind::Snapshot, id, format!("the backup of {}", volume.unwrap_or("a volume")), cost);
                }
            }
            _ => {}
        }
    }
}

/// What an image of the instance holds: all of its volumes.
fn imaged_gib(before: &Observation) -> Option<u64> {
    match before.found.as_ref().map(|found| &found.configuration) {
        Some(Configuration::Instance(it)) => {
            Some(it.volumes.iter().fold(0u64, |sum, volume| sum.saturating_add(volume.size_gib)))
        }
        _ => None,
    }
}

fn volume_gib(before: &Observation, volume_id: &str) -> Option<u64> {
    let is = |id: &VolumeId| id.as_str() == volume_id;
    match before.found.as_ref().map(|found| &found.configuration) {
        Some(Configuration::Volume(it)) => (before.resource.id() == volume_id).then_some(it.size_gib),
        Some(Configuration::Instance(it)) => {
            it.volumes.iter().find(|volume| is(&volume.volume_id)).map(|volume| volume.size_gib)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::report::fixtures::{observation, runbook, step_record};
    use crate::process::resource::ResourceType;
    use serde_json::json;

    fn all(resource_type: ResourceType, state: StepState) -> (Runbook, Vec<StepRecord>) {
        let runbook = runbook(resource_type);
        let records = runbook.steps.iter().map(|step| step_record(step, state)).collect();
        (runbook, records)
    }

    fn shown(left: &[Leftover]) -> Vec<String> {
        let cost = |it: &Leftover| it.micro_dollars_a_month.map_or("?".to_owned(), |cost| cost.to_string());
        left.iter()
            .map(|it| format!("{} {} {}{}", it.kind, it.id, cost(it), if it.is_backup { " backup" } else { "" }))
            .collect()
    }

    #[test]
    fn an_instance_leaves_its_lasting_volumes_its_addresses_its_interfaces_and_its_backup() {
        let (runbook, records) = all(ResourceType::Instance, StepState::Done);
        let left = leftovers(&runbook, &observation(ResourceType::Instance), &records);
        assert_eq!(
            shown(&left),
            [
                "volume vol-2 8000000",
                "Elastic IP eipalloc-1 3650000",
                "network interface eni-1 0",
                "image ami-backup1 5400000 backup"
            ]
        );
    }

    #[test]
    fn an_instance_that_is_still_there_leaves_only_the_backup_that_was_made() {
        let (runbook, mut records) = all(ResourceType::Instance, StepState::Done);
        records.retain(|record| record.step.as_str() != "terminate-instance");
        let left = leftovers(&runbook, &observation(ResourceType::Instance), &records);
        assert_eq!(shown(&left), ["image ami-backup1 5400000 backup"]);
        assert_eq!(leftovers(&runbook, &observation(ResourceType::Instance), &[]), []);
    }

    #[rstest::rstest]
    #[case(StepState::Intended, true)]
    #[case(StepState::Called, true)]
    #[case(StepState::Failed, true)]
    #[case(StepState::Skipped, true)]
    #[case(StepState::Rehearsed, false)]
    fn what_a_call_would_leave_is_listed_unless_it_was_surely_not_made(#[case] state: StepState, #[case] listed: bool) {
        let (runbook, records) = all(ResourceType::Instance, state);
        let left = leftovers(&runbook, &observation(ResourceType::Instance), &records);
        assert_eq!(left.iter().any(|it| it.kind == Kind::Volume), listed);
    }

    #[test]
    fn a_volume_without_a_known_price_has_none() {
        let (runbook, records) = all(ResourceType::Instance, StepState::Done);
        let mut before = observation(ResourceType::Instance);
        if let Some(Configuration::Instance(it)) = before.found.as_mut().map(|found| &mut found.configuration) {
            it.volumes[1].volume_type = "io9".into();
        }
        assert_eq!(leftovers(&runbook, &before, &records)[0].micro_dollars_a_month, None);
    }

    #[test]
    fn a_volume_leaves_its_snapshot_and_nothing_else() {
        let (runbook, records) = all(ResourceType::Volume, StepState::Done);
        let left = leftovers(&runbook, &observation(ResourceType::Volume), &records);
        assert_eq!(shown(&left), ["snapshot snap-backup1 5000000 backup"]);
        assert_eq!(left[0].why, "the backup of vol-0123456789abcdef0");
    }

    #[test]
    fn an_image_leaves_the_snapshots_that_were_kept_not_reached_or_failed_each_with_its_reason() {
        let (mut runbook, mut records) = all(ResourceType::Image, StepState::Done);
        let before = observation(ResourceType::Image);
        assert_eq!(leftovers(&runbook, &before, &records), []);
        let at = |records: &[StepRecord], id: &str| records.iter().position(|it| it.step.as_str() == id).unwrap();
        let first = at(&records, "delete-snap-1");
        records[first].state = StepState::Skipped;
        assert_eq!(leftovers(&runbook, &before, &records), [], "it was gone before");
        records[first].error = Some("ami-9 stands on it".into());
        let second = at(&records, "delete-snap-2");
        records[second].state = StepState::Failed;
        records[second].error = Some("UnauthorizedOperation".into());
        let why: Vec<String> = leftovers(&runbook, &before, &records).into_iter().map(|it| it.why).collect();
        assert_eq!(why, ["ami-9 stands on it", "was not deleted: UnauthorizedOperation"]);
        records.truncate(second);
        runbook.steps.retain(|step| step.id.as_str() != "delete-snap-1");
        let why: Vec<String> = leftovers(&runbook, &before, &records).into_iter().map(|it| it.why).collect();
        assert_eq!(
            why,
            ["the plan keeps it: something else stands on it, or it must not go", "its deletion was not reached"]
        );
    }

    #[test]
    fn an_image_that_was_made_is_listed_with_its_snapshots_but_only_once_paid_for() {
        let (runbook, mut records) = all(ResourceType::Instance, StepState::Done);
        for record in &mut records {
            if record.outputs.contains_key("image_id") {
                record.outputs.insert("snapshot_ids".into(), json!(["snap-8", "snap-9", "not an id"]));
            }
        }
        let left = leftovers(&runbook, &observation(ResourceType::Instance), &records);
        let backups: Vec<String> = shown(&left).into_iter().filter(|line| line.ends_with("backup")).collect();
        assert_eq!(
            backups,
            ["image ami-backup1 5400000 backup", "snapshot snap-8 0 backup", "snapshot snap-9 0 backup"]
        );
    }

    #[test]
    fn an_address_a_group_and_a_snapshot_leave_nothing() {
        for resource_type in [ResourceType::Address, ResourceType::SecurityGroup, ResourceType::Snapshot] {
            let (runbook, records) = all(resource_type, StepState::Done);
            assert_eq!(leftovers(&runbook, &observation(resource_type), &records), [], "{resource_type}");
        }
    }
}
