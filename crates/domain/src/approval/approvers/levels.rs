//! What the policy file says by level of risk.

use std::collections::{BTreeMap, BTreeSet};

use crate::approval::approvers::InvalidPolicy;
use crate::policy_file::Node;
use crate::risk::level::Level;

/// From the lowest.
pub(super) const ALL: [Level; 4] = [Level::Low, Level::Medium, Level::High, Level::Critical];

const EXPECTED: &str = "one of low, medium, high, critical";

fn level(name: &str) -> Option<Level> {
    ALL.into_iter().find(|level| level.as_str() == name)
}

/// A map from levels.
pub(super) fn map(node: Node) -> Result<Vec<(Level, Node)>, InvalidPolicy> {
    let entries = node.entries("a map of risk levels")?.into_iter();
    entries.map(|(name, node)| Ok((level(&name).ok_or_else(|| node.refused("no level", EXPECTED))?, node))).collect()
}

/// A set of levels.
pub(super) fn set(node: Node) -> Result<BTreeSet<Level>, InvalidPolicy> {
    let mut levels = BTreeSet::new();
    for item in node.list("a list of risk levels")? {
        let level = level(item.text(EXPECTED)?).ok_or_else(|| item.wrong(EXPECTED))?;
        if !levels.insert(level) {
            return Err(item.refused(format!("{level} again"), "another level, or left out"));
        }
    }
    Ok(levels)
}

/// Hours by level, up to 30 days.
pub(super) fn hours(node: Node) -> Result<BTreeMap<Level, u32>, InvalidPolicy> {
    map(node)?.into_iter().map(|(level, node)| Ok((level, node.number(1..=720)?))).collect()
}
