//! The lines that a run works through.

use serde_json::Value;

use crate::ids::{ImageId, RunId, SnapshotId};
use crate::image::{BlockDevice, Image};
use crate::input::InvalidInput;
use crate::line::{Chosen, ImageLine, LineAction};
use crate::pending::PendingSnapshot;
use crate::run::ListCounts;
use crate::verdict::{Action, Verdict};

/// The lines of a run: first what earlier runs left undone, then what is due, the oldest image first.
#[must_use]
pub fn lines(
    run_id: &RunId,
    images: &[Image],
    verdicts: &[Verdict],
    drains: Vec<Vec<PendingSnapshot>>,
) -> Vec<ImageLine> {
    let mut due: Vec<(&Image, LineAction)> = images
        .iter()
        .zip(verdicts)
        .filter_map(|(image, verdict)| match verdict.action {
            Action::Keep => None,
            Action::Disable => Some((image, LineAction::Disable)),
            Action::Deregister => Some((image, LineAction::Deregister)),
        })
        .collect();
    due.sort_by(|(one, _), (other, _)| (one.created_at, &one.id).cmp(&(other.created_at, &other.id)));
    drains
        .into_iter()
        .filter_map(|pending| drain_line(run_id, &pending))
        .chain(due.into_iter().map(|(image, action)| ImageLine::of(image, run_id, action)))
        .collect()
}

fn drain_line(run_id: &RunId, pending: &[PendingSnapshot]) -> Option<ImageLine> {
    Some(ImageLine {
        chosen: Some(Chosen { run_id: run_id.clone(), action: LineAction::Drain }),
        image_id: pending.first()?.image_id.clone(),
        name: String::new(),
        creation_date: None,
        block_devices: pending
            .iter()
            .map(|pending| BlockDevice {
                device_name: pending.device_name.clone(),
                snapshot_id: Some(pending.snapshot_id.clone()),
                size_gib: pending.size_gib,
            })
            .collect(),
    })
}

/// What a run found.
#[must_use]
pub fn counts(verdicts: &[Verdict], lines: &[ImageLine]) -> ListCounts {
    let with = |action: Action| verdicts.iter().filter(|verdict| verdict.action == action).count() as u64;
    let (kept, disable, deregister) = (with(Action::Keep), with(Action::Disable), with(Action::Deregister));
    let is_drain = |line: &&ImageLine| line.chosen.as_ref().is_some_and(|chosen| chosen.action == LineAction::Drain);
    ListCounts {
        images: verdicts.len() as u64,
        due: disable + deregister,
        disable,
        deregister,
        drain: lines.iter().filter(is_drain).count() as u64,
        kept,
        blocked: verdicts.iter().filter(|verdict| verdict.is_blocked()).count() as u64,
    }
}

/// A line, as far as the report reads it back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// Which image.
    pub image_id: ImageId,
    /// What was chosen for it.
    pub action: LineAction,
    /// The snapshots that go after it.
    pub snapshot_ids: Vec<SnapshotId>,
}

/// Reads a manifest back.
///
/// # Errors
/// [`InvalidInput`] for a line that is none.
pub fn read(manifest: &str) -> Result<Vec<Due>, InvalidInput> {
    manifest
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| {
            let event: Value = serde_json::from_str(line)
                .map_err(|error| InvalidInput::NotAnObject { found: format!("{line:.80} ({error})") })?;
            let line = ImageLine::parse(event)?;
            let snapshot_ids = line.snapshot_ids();
            let chosen = line.chosen.ok_or_else(|| InvalidInput::Missing {
                field: "run_id".into(),
                expected: "the run that wrote the manifest".into(),
            })?;
            Ok(Due { image_id: line.image_id, action: chosen.action, snapshot_ids })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pending::pending_snapshots;
    use crate::verdict::fixtures::{image, now};

    #[test]
    fn what_is_left_undone_comes_first_then_the_oldest_and_nothing_that_is_kept() {
        let run_id = RunId::parse("r").unwrap();
        let images = [
            image("ami-2").aged_hours(10).image(),
            image("ami-1").aged_hours(30).image(),
            image("ami-3").aged_hours(20).image(),
        ];
        let verdicts =
            [Action::Disable, Action::Deregister, Action::Keep].map(|action| Verdict { action, reasons: vec![] });
        let gone = pending_snapshots(&image("ami-9").image(), &run_id, now());
        let lines = lines(&run_id, &images, &verdicts, vec![gone]);
        let text: Vec<String> = lines.iter().map(|line| line.to_json().to_string()).collect();
        let read = read(&text.join("\n")).unwrap();
        assert!(read.iter().all(|due| due.snapshot_ids.len() == 1), "{read:?}");
        let read: Vec<_> = read.iter().map(|due| (due.image_id.as_str(), due.action)).collect();
        assert_eq!(
            read,
            [("ami-9", LineAction::Drain), ("ami-1", LineAction::Deregister), ("ami-2", LineAction::Disable)]
        );
        let counts = counts(&verdicts, &lines);
        assert_eq!(
            (counts.images, counts.due, counts.disable, counts.deregister, counts.drain, counts.kept),
            (3, 2, 1, 1, 1, 1)
        );
    }

    #[test]
    fn a_broken_manifest_is_no_empty_one() {
        assert!(read("{\"ImageId\": \"ami-1\"}").is_err());
        assert!(read("not json").is_err());
        assert_eq!(read("\n").unwrap(), []);
    }
}
