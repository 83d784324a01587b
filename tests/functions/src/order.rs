//! Write it down, then do it: the ledger, replayed along the calls, holds the intent of every act at the moment of the act.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::calls::Call;
use crate::ledger::plain_item;

type Key = (String, String);

/// The ledger as it was after some of the calls.
#[derive(Debug, Default)]
struct Replay {
    items: BTreeMap<Key, Written>,
}

#[derive(Debug)]
struct Written {
    item: Value,
    /// Whether the same transaction checked the lock and the kill switch.
    guarded: bool,
}

fn key_of(item: &Value) -> Key {
    let part = |name: &str| item[name].as_str().unwrap_or_default().to_owned();
    (part("pk"), part("sk"))
}

impl Replay {
    fn write(&mut self, call: &Call) {
        match call.action.as_str() {
            "PutItem" => self.put(&call.fields["Item"], false),
            "DeleteItem" => self.delete(&call.fields["Key"]),
            "TransactWriteItems" => {
                let parts: Vec<&Value> = call.fields["TransactItems"].as_array().into_iter().flatten().collect();
                let checks =
                    |pk: &str| parts.iter().any(|part| key_of(&plain_item(&part["ConditionCheck"]["Key"])).0 == pk);
                let guarded = checks("LOCK#ami-cleanup") && checks("PAUSE");
                for part in &parts {
                    if let Some(put) = part.get("Put") {
                        self.put(&put["Item"], guarded);
                    }
                    if let Some(delete) = part.get("Delete") {
                        self.delete(&delete["Key"]);
                    }
                    assert!(part.get("Update").is_none(), "an update cannot be replayed: {part}");
                }
            }
            "GetItem" | "BatchGetItem" | "Query" => {}
            other => panic!("{other} cannot be replayed"),
        }
    }

    fn put(&mut self, item: &Value, guarded: bool) {
        let item = plain_item(item);
        self.items.insert(key_of(&item), Written { item, guarded });
    }

    fn delete(&mut self, key: &Value) {
        self.items.remove(&key_of(&plain_item(key)));
    }

    fn image(&self, id: &str) -> Option<&Written> {
        self.items.get(&(format!("IMAGE#{id}"), "META".to_owned()))
    }

    /// The record of an image in one of these states.
    fn image_is(&self, id: &str, states: &[&str]) -> Option<&Written> {
        self.image(id).filter(|record| states.iter().any(|state| record.item["status"] == *state))
    }

    fn pending(&self) -> impl Iterator<Item = &Written> {
        self.items.iter().filter(|((pk, _), _)| pk == "PENDING#snapshots").map(|(_, written)| written)
    }

    /// What is missing for an act, if anything is.
    fn missing_for(&self, act: &Call) -> Option<&'static str> {
        let text = |field: &str| act.text(field).unwrap_or_default();
        let (image, snapshot) = (text("ImageId"), text("SnapshotId"));
        let unless = |holds: bool, missing: &'static str| (!holds).then_some(missing);
        match act.action.as_str() {
            "DisableImage" => {
                unless(self.image_is(image, &["disabling"]).is_some_and(|it| it.guarded), "a guarded intent to disable")
            }
            "DeregisterImage" => {
                let Some(record) = self.image_is(image, &["deregistering"]).filter(|it| it.guarded) else {
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
                    it.item["snapshot_id"] == snapshot && !it.item["deleting_at"].is_null() && it.guarded
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
                unless(self.items.values().any(of_it), "an intent to restore its image")
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
            && let Some(missing) = replay.missing_for(call)
        {
            let before: Vec<String> = calls[..at].iter().map(Call::name).collect();
            panic!("{} {} without {missing}, after {before:#?}", call.name(), call.fields);
        }
    }
}
