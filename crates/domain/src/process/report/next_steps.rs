//! What is left for people to do.

use crate::policy::Mode;
use crate::process::report::Material;
use crate::process::report::way_back::Presence;
use crate::process::status::Status;
use crate::process::validation::{Leftover, backups_kept_until};

/// What people still have to do, the most pressing first.
#[must_use]
pub fn next_steps(material: &Material<'_>, presence: Presence, left: &[Leftover]) -> Vec<String> {
    let record = material.record;
    let resource = &record.resource;
    let mut steps: Vec<String> = Vec::new();
    match record.status {
        Status::Held => {
            let by = record.hold.as_ref().map(|hold| format!(" by {}", hold.deadline)).unwrap_or_default();
            steps.push(format!("Decide{by} whether to retry, to accept it as it is, or to recover what can be."));
        }
        Status::RollbackFailed => steps.push(format!(
            "Take back by hand what could not be (the way back has the commands), then release the lock of {}.",
            resource.id()
        )),
        Status::Blocked => {
            steps.push(format!("Change what the reasons name; then start again if {resource} is still to go."));
        }
        Status::Failed | Status::RolledBack => {
            steps.push(format!("Find out why, by the reasons above; then start again if {resource} is still to go."));
        }
        Status::Rejected | Status::Expired | Status::Cancelled => {
            steps.push(format!("Start again if {resource} is to go after all: everybody is asked anew."));
        }
        Status::Completed if record.mode == Mode::DryRun => {
            steps.push("Start it again with mode live, if this is what should happen.".into());
        }
        _ => {}
    }
    if !record.status.is_end() || record.mode == Mode::DryRun {
        return steps;
    }
    match presence {
        Presence::Gone => {
            steps.push(format!("Take {resource} out of inventories, diagrams and monitoring."));
            steps.push("Hold the savings against the next bill.".into());
        }
        Presence::NotKnown => steps.push(format!("Look whether {resource} is gone.")),
        Presence::There => {}
    }
    for leftover in left.iter().filter(|leftover| !leftover.is_backup) {
        steps.push(format!("Decide about {} {}: it {}.", leftover.kind, leftover.id, leftover.why));
    }
    let backups: Vec<&str> = left.iter().filter(|it| it.is_backup).map(|it| it.id.as_str()).collect();
    if !backups.is_empty() {
        let until = backups_kept_until(record);
        steps.push(format!("Delete the backups ({}) after {until}, once nobody misses anything.", backups.join(", ")));
    }
    steps.push("Hold the review, and fill in the lessons below.".into());
    steps
}
