//! A line of a run's manifest, which is also the event of `deregister` and `delete-snapshot`: an image in EC2's own
//! words, and what the run chose for it. The tutorial's event is the same without the latter (C153, C154).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::ids::{ImageId, RunId, SnapshotId};
use crate::image::{BlockDevice, Image, distinct_snapshot_ids};
use crate::input::{Fields, InvalidInput, shown};
use crate::verdict::Action;

/// What a run chose for an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineAction {
    /// Disable it.
    Disable,
    /// Deregister it, then delete its snapshots.
    Deregister,
    /// It is gone; delete the snapshots that an earlier run was cut off before.
    Drain,
}

impl LineAction {
    /// As the manifest writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Disable => "disable",
            Self::Deregister => "deregister",
            Self::Drain => "drain",
        }
    }

    /// Takes `disable`, `deregister` or `drain`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "disable" => Some(Self::Disable),
            "deregister" => Some(Self::Deregister),
            "drain" => Some(Self::Drain),
            _ => None,
        }
    }

    /// The strongest action that this line allows: a fresh look may decide something weaker, never something stronger.
    #[must_use]
    pub fn allows(self) -> Action {
        match self {
            Self::Disable => Action::Disable,
            Self::Deregister => Action::Deregister,
            Self::Drain => Action::Keep,
        }
    }
}

/// Which run sent a line, and what it chose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// The run.
    pub run_id: RunId,
    /// Its choice.
    pub action: LineAction,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageLine {
    /// Who sent it; `None`: somebody by hand, so that it runs dry under the deployed policy.
    pub chosen: Option<Chosen>,
    /// `ImageId`.
    pub image_id: ImageId,
    /// `Name`.
    pub name: String,
    /// `CreationDate`, as EC2 wrote it.
    pub creation_date: Option<String>,
    /// `BlockDeviceMappings`.
    pub block_devices: Vec<BlockDevice>,
}

impl ImageLine {
    /// The line of an image that a run chose.
    #[must_use]
    pub fn of(image: &Image, run_id: &RunId, action: LineAction) -> Self {
        Self {
            chosen: Some(Chosen { run_id: run_id.clone(), action }),
            image_id: image.id.clone(),
            name: image.name.clone(),
            creation_date: image.created_at.map(|created_at| created_at.to_string()),
            block_devices: image.block_devices.clone(),
        }
    }

    /// The snapshots that it names, each once.
    #[must_use]
    pub fn snapshot_ids(&self) -> Vec<SnapshotId> {
        distinct_snapshot_ids(&self.block_devices)
    }

    /// Reads an event.
    ///
    /// # Errors
    /// [`InvalidInput`] names the field.
    pub fn parse(event: Value) -> Result<Self, InvalidInput> {
        let mut fields = Fields::of(event, "")?;
        let run_id = fields.text("run_id", "a run id of letters, digits and hyphens", RunId::parse)?;
        let action = fields.text("action", "disable, deregister or drain", |text| LineAction::parse(text).ok_or(()))?;
        let chosen = match (run_id, action) {
            (Some(run_id), Some(action)) => Some(Chosen { run_id, action }),
            (None, None) => None,
            (Some(_), None) => {
                return Err(InvalidInput::Missing {
                    field: "action".into(),
                    expected: "disable, deregister or drain".into(),
                });
            }
            (None, Some(_)) => {
                return Err(InvalidInput::Missing {
                    field: "run_id".into(),
                    expected: "the run that chose the action".into(),
                });
            }
        };
        let image_id = fields.required_text("ImageId", "an image id such as ami-0123456789abcdef0", ImageId::parse)?;
        let name = fields.optional("Name", "a text", |value| value.as_str().map(str::to_owned))?;
        let creation_date = fields.optional("CreationDate", "a text", |value| value.as_str().map(str::to_owned))?;
        let mappings = fields.optional("BlockDeviceMappings", "a list of objects", |value| {
            value.as_array().filter(|list| list.iter().all(Value::is_object)).cloned()
        })?;
        let block_devices = mappings
            .unwrap_or_default()
            .iter()
            .enumerate()
            .map(|(at, mapping)| block_device(at, mapping))
            .collect::<Result<_, _>>()?;
        fields.ignore_pascal_case();
        fields.finish()?;
        Ok(Self { chosen, image_id, name: name.unwrap_or_default(), creation_date, block_devices })
    }

    /// The line as JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut line = Map::new();
        if let Some(chosen) = &self.chosen {
            line.insert("run_id".into(), json!(chosen.run_id));
            line.insert("action".into(), json!(chosen.action));
        }
        line.insert("ImageId".into(), json!(self.image_id));
        line.insert("Name".into(), json!(self.name));
        if let Some(creation_date) = &self.creation_date {
            line.insert("CreationDate".into(), json!(creation_date));
        }
        let mappings = self.block_devices.iter().map(|device| match (&device.snapshot_id, device.size_gib) {
            (Some(snapshot_id), Some(size)) => {
                json!({"DeviceName": device.device_name, "Ebs": {"SnapshotId": snapshot_id, "VolumeSize": size}})
            }
            (Some(snapshot_id), None) => json!({"DeviceName": device.device_name, "Ebs": {"SnapshotId": snapshot_id}}),
            (None, _) => json!({"DeviceName": device.device_name}),
        });
        line.insert("BlockDeviceMappings".into(), mappings.collect());
        Value::Object(line)
    }
}

/// A mapping without `Ebs`, or with one that stands on no snapshot, is fine (C163); one with a snapshot id that is none is not.
fn block_device(at: usize, mapping: &Value) -> Result<BlockDevice, InvalidInput> {
    let ebs = mapping.get("Ebs").filter(|ebs| !ebs.is_null());
    let snapshot_id = match ebs.and_then(|ebs| ebs.get("SnapshotId")).filter(|id| !id.is_null()) {
        None => None,
        Some(id) => Some(id.as_str().and_then(|id| SnapshotId::parse(id).ok()).ok_or_else(|| InvalidInput::Wrong {
            field: format!("BlockDeviceMappings[{at}].Ebs.SnapshotId"),
            found: shown(id),
            expected: "a snapshot id such as snap-0123456789abcdef0".into(),
        })?),
    };
    Ok(BlockDevice {
        device_name: mapping.get("DeviceName").and_then(Value::as_str).unwrap_or_default().to_owned(),
        snapshot_id,
        size_gib: ebs
            .and_then(|ebs| ebs.get("VolumeSize"))
            .and_then(Value::as_u64)
            .and_then(|size| u32::try_from(size).ok()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tutorials_own_event_is_a_line_without_a_run() {
        let line = ImageLine::parse(json!({
            "CreationDate": "2023-02-19T12:45:33.000Z",
            "ImageId": "ami-0a95e4ddd73a24fc9",
            "BlockDeviceMappings": [
                {"Ebs": {"SnapshotId": "snap-0819cb0ef6defdafa", "Encrypted": false}},
                {"DeviceName": "/dev/sdb", "VirtualName": "ephemeral0"},
                {"DeviceName": "/dev/sdc", "NoDevice": ""},
                {"Ebs": {"DeleteOnTermination": false, "SnapshotId": "snap-01449bfd40017a2bf"}},
            ],
            "Architecture": "x86_64",
        }))
        .unwrap();
        assert_eq!(line.chosen, None);
        let snapshots: Vec<_> =
            line.block_devices.iter().map(|d| d.snapshot_id.as_ref().map(SnapshotId::as_str)).collect();
        assert_eq!(snapshots, [Some("snap-0819cb0ef6defdafa"), None, None, Some("snap-01449bfd40017a2bf")]);
    }

    #[test]
    fn a_line_reads_back_as_it_was_written() {
        let image = crate::verdict::fixtures::image("ami-0a1").image();
        let line = ImageLine::of(&image, &RunId::parse("r-1").unwrap(), LineAction::Disable);
        assert_eq!(ImageLine::parse(line.to_json()).unwrap(), line);
    }

    #[rstest::rstest]
    #[case(json!({}), "ImageId is missing; it must be an image id such as ami-0123456789abcdef0")]
    #[case(json!([]), "the input is []; it must be a JSON object")]
    #[case(json!({"ImageId": "i-1"}), r#"ImageId is "i-1"; it must be an image id such as ami-0123456789abcdef0"#)]
    #[case(json!({"ImageId": "ami-1", "run_id": "r"}), "action is missing; it must be disable, deregister or drain")]
    #[case(json!({"ImageId": "ami-1", "action": "drain"}), "run_id is missing; it must be the run that chose the action")]
    #[case(json!({"ImageId": "ami-1", "runid": "r"}), "runid is not a field of this input; its fields are run_id, action, ImageId, Name, CreationDate, BlockDeviceMappings")]
    #[case(json!({"ImageId": "ami-1", "BlockDeviceMappings": [{"Ebs": {"SnapshotId": 7}}]}), "BlockDeviceMappings[0].Ebs.SnapshotId is 7; it must be a snapshot id such as snap-0123456789abcdef0")]
    fn a_broken_event_is_refused_by_name(#[case] event: Value, #[case] message: &str) {
        assert_eq!(ImageLine::parse(event).unwrap_err().to_string(), message);
    }
}
