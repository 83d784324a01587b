//! Names and order: every step once, and after what it needs.

use std::collections::{BTreeMap, BTreeSet};

use super::Findings;
use crate::runbook::document::Runbook;
use crate::runbook::step::{Step, StepId};

pub(super) fn check(runbook: &Runbook, findings: &mut Findings) {
    let mut places: BTreeMap<&StepId, usize> = BTreeMap::new();
    for (at, step) in runbook.steps.iter().enumerate() {
        if places.insert(&step.id, at).is_some() {
            findings.error(step, "is the name of more than one step");
        }
    }
    for (at, step) in runbook.steps.iter().enumerate() {
        for other in &step.after {
            match places.get(other) {
                None => findings.error(step, format!("comes after {other}, which is no step of this runbook")),
                Some(place) if *place < at => {}
                Some(_) if leads_to(runbook, other, &step.id) => {
                    findings.error(step, format!("comes after {other}, which comes after it: a cycle"));
                }
                Some(_) => findings.error(step, format!("comes after {other}, but stands before it")),
            }
        }
    }
}

/// Whether `from` is `to`, or comes after it, over any number of steps.
fn leads_to(runbook: &Runbook, from: &StepId, to: &StepId) -> bool {
    let mut seen: BTreeSet<&StepId> = BTreeSet::new();
    let mut open = vec![from];
    while let Some(id) = open.pop() {
        if id == to {
            return true;
        }
        if seen.insert(id) {
            open.extend(runbook.steps.iter().filter(|step| step.id == *id).flat_map(|step: &Step| &step.after));
        }
    }
    false
}
