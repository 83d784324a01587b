//! What stays behind when a resource is gone, or when the way to it was taken back.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ids::{ImageId, SnapshotId, VolumeId};
use crate::process::observation::{Configuration, Image, Instance, Observation};
use crate::process::record::{StepRecord, StepState};
use crate::runbook::action::Action;
use crate::runbook::document::Runbook;
use crate::runbook::step::Step;
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
    /// For a backup that the process made: until when everything else keeps its hands off it.
    pub kept_until: Option<Timestamp>,
}

impl Leftover {
    /// Whether the process made it, as a backup.
    #[must_use]
    pub fn is_backup(&self) -> bool {
        self.kept_until.is_some()
    }
}

/// us-east-1: $0.005 an hour for a public IPv4 address, over 730 hours.
const ADDRESS_MICRO_DOLLARS_A_MONTH: u64 = 3_650_000;
/// us-east-1, standard tier: $0.05 a GB-month.
const SNAPSHOT_MICRO_DOLLARS_A_GIB_MONTH: u64 = 50_000;

/// us-east-1: what a volume's storage costs. What is provisioned beyond it is not known here, so for types that always
/// have more than storage no price is.
fn volume_micro_dollars_a_month(volume_type: &str, size_gib: u64) -> Option<u64> {
    let price: u64 = match volume_type {
        "gp3" => 80_000,
        "gp2" => 100_000,
        "st1" => 45_000,
        "sc1" => 15_000,
        _ => return None,
    };
    Some(price.saturating_mul(size_gib))
}

fn snapshots_micro_dollars_a_month(size_gib: u64) -> u64 {
    SNAPSHOT_MICRO_DOLLARS_A_GIB_MONTH.saturating_mul(size_gib)
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

/// Whether a step is done, or was found done. A call that nobody proved may have happened too: what it would leave is
/// listed rather than overlooked.
fn has_happened(step: &Step, steps: &[StepRecord]) -> bool {
    record(step, steps).is_some_and(|record| {
        matches!(record.state, StepState::Intended | StepState::Called | StepState::Done | StepState::Skipped)
    })
}

fn left_by_instance(instance: &Instance, left: &mut Vec<Leftover>) {
    for volume in instance.volumes.iter().filter(|volume| !volume.delete_on_termination) {
        left.push(Leftover {
            kind: Kind::Volume,
            id: volume.volume_id.to_string(),
            why: format!("was at {}, and is not set to go with the instance", volume.device),
            micro_dollars_a_month: volume_micro_dollars_a_month(&volume.volume_type, volume.size_gib),
            kept_until: None,
        });
    }
    for allocation_id in &instance.allocation_ids {
        left.push(Leftover {
            kind: Kind::ElasticIp,
            id: allocation_id.to_string(),
            why: "stays allocated, and costs as much without an instance".into(),
            micro_dollars_a_month: Some(ADDRESS_MICRO_DOLLARS_A_MONTH),
            kept_until: None,
        });
    }
    for interface_id in &instance.network_interface_ids {
        left.push(Leftover {
            kind: Kind::NetworkInterface,
            id: interface_id.to_string(),
            why: "stays if its attachment was not set to go with the instance, which was not read".into(),
            // A network interface itself costs nothing.
            micro_dollars_a_month: Some(0),
            kept_until: None,
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
            micro_dollars_a_month: device.size_gib.map(|size| snapshots_micro_dollars_a_month(u64::from(size))),
            kept_until: None,
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
        let until = record
            .outputs
            .get("keep_until")
            .and_then(Value::as_str)
            .and_then(|until| Timestamp::parse(until).ok())
            .unwrap_or_else(|| record.begun_at.plus_days(runbook.backup_retention_days));
        let mut kept = |kind: Kind, id: &str, why: String, micro_dollars_a_month: Option<u64>| {
            if !left.iter().any(|other| other.id == id) {
                left.push(Leftover { kind, id: id.to_owned(), why, micro_dollars_a_month, kept_until: Some(until) });
            }
        };
        match step.action {
            Action::CreateImage => {
                for id in outputs(record, "image_id", "image_ids").filter(|id| ImageId::parse(id).is_ok()) {
                    let cost = imaged_gib(before).map(snapshots_micro_dollars_a_month);
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
                    let cost =
                        volume.and_then(|volume| volume_gib(before, volume)).map(snapshots_micro_dollars_a_month);
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
