//! Moments between asking and deadline, in percent of that time.

use crate::approval::approvers::InvalidPolicy;
use crate::policy_file::Node;

pub(super) const EXPECTED: &str = "a whole number from 1 to 99";

/// One such moment, after another.
pub(super) fn after(node: &Node, before: Option<u32>) -> Result<u32, InvalidPolicy> {
    let percent = node.number(1..=99)?;
    match before {
        Some(before) if percent <= before => {
            Err(node.refused(percent.to_string(), format!("more than {before}, which stands before it")))
        }
        _ => Ok(percent),
    }
}

/// A list of them, which may be empty.
pub(super) fn list(node: Node) -> Result<Vec<u32>, InvalidPolicy> {
    let mut percents: Vec<u32> = Vec::new();
    for item in node.list("a list of whole numbers from 1 to 99")? {
        percents.push(after(&item, percents.last().copied())?);
    }
    Ok(percents)
}
