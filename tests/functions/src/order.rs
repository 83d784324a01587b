//! Write it down, then do it: the ledger, replayed along the calls, holds the intent of every act at the moment of the act.

use serde_json::Value;

use crate::calls::Call;
use crate::replay::{Replay, Written};

/// Whether the transaction that wrote it checked the lock and the kill switch.
fn guarded(written: &Written) -> bool {
    ["LOCK#ami-cleanup", "PAUSE"].iter().all(|pk| written.checked.contains(*pk))
}

/// What ami-cleanup wrote down.
struct Told<'r>(&'r Replay);

impl Told<'_> {
    fn image(&self, id: &str) -> Option<&Written> {
        self.0.get(&format!("IMAGE#{id}"), "META")
    }

    /// The record of an image in one of these states.
    fn image_is(&self, id: &str, states: &[&str]) -> Option<&Written> {
        self.image(id).filter(|record| states.iter().any(|state| record.item["status"] == *state))
    }

    fn pending(&self) -> impl Iterator<Item = &Written> {
        self.0.partition("PENDING#snapshots")
    }

    /// What is missing for an act, if anything is.
    fn missing_for(&self, act: &Call) -> Option<&'static str> {
        let text = |field: &str| act.text(field).unwrap_or_default();
        let (image, snapshot) = (text("ImageId"), text("SnapshotId"));
        let unless = |holds: bool, missing: &'static str| (!holds).then_some(missing);
        match act.action.as_str() {
            "DisableImage" => {
                unless(self.image_is(image, &["disabling"]).is_some_and(guarded), "a guarded intent to disable")
            }
            "DeregisterImage" => {
                let Some(record) = self.image_is(image, &["deregistering"]).filter(|it| guarded(it)) else {
                    return Some("a guarded intent to deregister");
                };
                let waits =
                    |id: &Value| self.pending().any(|it| it.item["image_id"] == image && it.item["snapshot_id"] == *id);
                let devices = record.item["block_devices"].as_array().into_iter().flatten();
                let all = devices.map(|device| &device["snapshot_id"]).filter(|id| !id.is_null()).all(waits);
                unless(all, "its snapshots among those that wait")
            }
            "DeleteSnapshot" => {
                let begun = |it: &Written| {
                    it.item["snapshot_id"] == snapshot && !it.item["deleting_at"].is_null() && guarded(it)
                };
                unless(self.pending().any(begun), "a guarded intent to delete")
            }
            "EnableImage" | "ModifyImageAttribute" | "RestoreImageFromRecycleBin" => {
                // Of an image that Sunset never touched nothing can be lost.
                let free = self.image(image).is_none();
                unless(free || self.image_is(image, &["restoring"]).is_some(), "an intent to restore")
            }
            "RestoreSnapshotFromRecycleBin" => {
                let of_it = |it: &Written| {
                    let devices = it.item["block_devices"].as_array().into_iter().flatten();
                    it.item["status"] == "restoring"
                        && devices.into_iter().any(|device| device["snapshot_id"] == snapshot)
                };
                unless(self.0.all().any(of_it), "an intent to restore its image")
            }
            "CreateTags" | "DeleteTags" => {
                let image = text("ResourceId.1");
                let free = self.image(image).is_none();
                unless(free || self.image_is(image, &["disabled", "restoring"]).is_some(), "a record of what it marks")
            }
            _ => Some("a rule of this test for such an act"),
        }
    }
}

/// Checks that each act that reached EC2 found its intent in the ledger, stored under the lock and the kill switch.
///
/// # Panics
/// For the first act that does not.
pub fn intents_precede_acts(calls: &[Call]) {
    let mut replay = Replay::default();
    for (at, call) in calls.iter().enumerate() {
        if call.service == "dynamodb" && call.succeeded() {
            replay.write(call);
        }
        if call.changes_ec2()
            && let Some(missing) = Told(&replay).missing_for(call)
        {
            let before: Vec<String> = calls[..at].iter().map(Call::name).collect();
            panic!("{} {} without {missing}, after {before:#?}", call.name(), call.fields);
        }
    }
}
