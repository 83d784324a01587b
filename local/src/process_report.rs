//! The report of a process, as far as a person at a terminal reads it.

use serde::Deserialize;
use serde_json::Value;

use crate::error::{Result, plain};

/// How a process ended, and why.
#[derive(Clone, Debug, Deserialize)]
pub struct ProcessReport {
    /// In a sentence.
    pub outcome: String,
    /// Every reason for it that is on record.
    pub reasons: Vec<String>,
    /// The risk.
    pub assessment: Option<Assessed>,
    /// The plan.
    pub plan: Option<Planned>,
    /// What it saves.
    pub savings: Saved,
    /// The way back, step by step.
    pub way_back: Vec<WayBack>,
    /// The audit trail.
    pub audit: Audited,
}

/// The risk, and every point of it.
#[derive(Clone, Debug, Deserialize)]
pub struct Assessed {
    /// `low` to `critical`.
    pub level: String,
    /// The sum of the points.
    pub score: u32,
    /// What counts.
    pub points: Vec<Point>,
    /// What the level never sinks below.
    pub floors: Vec<Floor>,
}

/// Points of risk, and why.
#[derive(Clone, Debug, Deserialize)]
pub struct Point {
    /// How many.
    pub points: u32,
    /// Why.
    pub reason: String,
}

/// A level below which the risk never sinks, and why.
#[derive(Clone, Debug, Deserialize)]
pub struct Floor {
    /// The level.
    pub level: String,
    /// Why.
    pub reason: String,
}

/// The steps of a plan, in order.
#[derive(Clone, Debug, Deserialize)]
pub struct Planned {
    /// The steps.
    pub steps: Vec<Step>,
}

/// One step.
#[derive(Clone, Debug, Deserialize)]
pub struct Step {
    /// Its name.
    pub id: String,
    /// `additive`, `reversible` or `irreversible`.
    pub effect: String,
    /// What it does.
    pub description: String,
}

/// Savings a month.
#[derive(Clone, Debug, Deserialize)]
pub struct Saved {
    /// Net of the backups; nothing where that is not known.
    pub saved_micro_dollars_a_month: Option<i64>,
    /// The same once the backups are gone too.
    pub saved_without_backups_micro_dollars_a_month: Option<i64>,
    /// When the last backup may go.
    pub backups_kept_until: Option<String>,
}

/// The way back from one step.
#[derive(Clone, Debug, Deserialize)]
pub struct WayBack {
    /// Which step.
    pub step: String,
    /// How far it came.
    pub stands: String,
    /// What takes it back, or what was done about it.
    pub back: String,
    /// The commands, in order.
    pub commands: Vec<String>,
}

/// What the audit trail shows of itself.
#[derive(Clone, Debug, Deserialize)]
pub struct Audited {
    /// How many events there are.
    pub events: u64,
    /// Everything that is wrong with it.
    pub defects: Vec<Value>,
}

impl ProcessReport {
    /// Reads a `report.json` of a process.
    ///
    /// # Errors
    /// When it is not one.
    pub fn read(json: &Value) -> Result<Self> {
        Self::deserialize(json).map_err(|e| plain(format!("the report of a process: {e}")))
    }
}

/// Micro-dollars as dollars and cents.
pub(crate) fn dollars(micro_dollars: Option<i64>) -> String {
    match micro_dollars {
        None => "an amount that is not known".to_owned(),
        Some(amount) => {
            let sign = if amount < 0 { "-" } else { "" };
            format!("{sign}${}.{:02}", amount.unsigned_abs() / 1_000_000, amount.unsigned_abs() % 1_000_000 / 10_000)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_shown_in_cents_and_what_is_not_known_is_not_nothing() {
        assert_eq!(dollars(Some(7_592_000)), "$7.59");
        assert_eq!(dollars(Some(-1_250_000)), "-$1.25");
        assert_eq!(dollars(None), "an amount that is not known");
    }
}
