//! Whether a fresh look is worse than the one that was approved (C71). It may only ever stop what was approved, never
//! allow more.

use std::collections::BTreeMap;

use crate::coverage::Source;
use crate::process::observation::{Configuration, Dependency};
use crate::risk::assessment::Assessment;
use crate::risk::in_use::{used_again, uses};

/// What a fresh look says about what was approved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reassessment {
    /// Nothing is worse.
    Proceed,
    /// Something is.
    Worse {
        /// Everything that is, each in a sentence.
        reasons: Vec<String>,
    },
}

/// Holds a fresh assessment against the approved one.
///
/// What the process itself did on the way (a stopped instance, a detached volume) makes nothing worse. With `soaked`,
/// after the reversible step, a resource that is used again is worse, even where it was used when it was approved.
#[must_use]
pub fn compare(approved: &Assessment, fresh: &Assessment, soaked: bool) -> Reassessment {
    let mut reasons = Vec::new();
    let (before, after) = (&approved.observation, &fresh.observation);
    if before.resource != after.resource {
        reasons.push(format!("this is {}, and {} was approved", after.resource, before.resource));
    }
    let looked = after.coverages.get(&Source::Resource).is_some_and(|coverage| coverage.is_complete());
    if after.found.is_none() && looked && before.found.is_some() {
        reasons.push(format!("{} does not exist any more", after.resource));
        return Reassessment::Worse { reasons };
    }
    if fresh.level > approved.level {
        reasons
            .push(format!("its risk is {} ({} points), and {} was approved", fresh.level, fresh.score, approved.level));
    }
    if fresh.fingerprint != approved.fingerprint {
        reasons.push("what it is made of, or one of its tags, changed since the approval".into());
    }
    new_dependents(approved, fresh, &mut reasons);
    // An approval never covers a blocker, not even one that was there before.
    reasons.extend(fresh.blocked.iter().map(|blocker| format!("blocked: {}", blocker.detail)));
    for manager in &fresh.managed_by {
        if !approved.managed_by.iter().any(|known| known.service == manager.service && known.name == manager.name) {
            reasons.push(format!("it is now managed by {}, {}", manager.service, manager.name));
        }
    }
    for role in &fresh.roles {
        if !approved.roles.iter().any(|asked| asked.role == role.role) {
            reasons.push(format!("{} was not asked, and now has to agree: {}", role.role, role.because));
        }
    }
    less_read(approved, fresh, &mut reasons);
    let configuration = |assessment: &'_ Assessment| -> Option<Configuration> {
        assessment.observation.found.as_ref().map(|found| found.configuration.clone())
    };
    if let Some(now) = configuration(fresh) {
        if soaked {
            reasons.extend(used_again(&now).into_iter().map(|what| format!("used again: {what}")));
        } else {
            new_uses(configuration(approved).as_ref(), &now, &mut reasons);
        }
    }
    if reasons.is_empty() { Reassessment::Proceed } else { Reassessment::Worse { reasons } }
}

/// Dependents that are new by kind and id, or that need the resource more than they did.
fn new_dependents(approved: &Assessment, fresh: &Assessment, reasons: &mut Vec<String>) {
    let mut known: BTreeMap<(&str, &str), Dependency> = BTreeMap::new();
    for dependent in &approved.observation.dependents {
        let need = known.entry((&dependent.kind, &dependent.id)).or_insert(dependent.dependency);
        *need = dependent.dependency.max(*need);
    }
    for dependent in &fresh.observation.dependents {
        let (kind, id, relation) = (&dependent.kind, &dependent.id, &dependent.relation);
        match known.get(&(kind.as_str(), id.as_str())) {
            None => reasons.push(format!("a new dependent: {kind} {id} {relation} (by {})", dependent.source)),
            Some(need) if dependent.dependency > *need => {
                reasons.push(format!("{kind} {id}, which {relation}, needs it more than it did"));
            }
            Some(_) => {}
        }
    }
}

/// Sources that were read completely for the approval and now are not.
fn less_read(approved: &Assessment, fresh: &Assessment, reasons: &mut Vec<String>) {
    let (before, after) = (&approved.observation.coverages, &fresh.observation.coverages);
    for (source, _) in before.iter().filter(|(_, coverage)| coverage.is_complete()) {
        match after.get(source) {
            Some(coverage) if coverage.is_complete() => {}
            Some(coverage) => reasons.push(format!("{source} could not be relied on: {coverage}")),
            None => reasons.push(format!("{source} was not read")),
        }
    }
    for (source, coverage) in after.iter().filter(|(_, coverage)| !coverage.is_complete()) {
        if !before.contains_key(source) {
            reasons.push(format!("{source} could not be relied on: {coverage}"));
        }
    }
    if reasons.is_empty() && approved.evidence_complete && !fresh.evidence_complete {
        reasons.push("the evidence is no longer complete".into());
    }
}

/// Uses that are new, or that somebody would notice now.
fn new_uses(before: Option<&Configuration>, now: &Configuration, reasons: &mut Vec<String>) {
    let known = before.map(uses).unwrap_or_default();
    for found in uses(now) {
        if !known.iter().any(|known| known.key == found.key && (known.disrupts || !found.disrupts)) {
            reasons.push(format!("used since the approval: {}", found.what));
        }
    }
}

#[cfg(test)]
mod tests;
