//! The run's report, as far as a person at a terminal reads it.

use serde::Deserialize;
use serde_json::Value;

use crate::error::{Result, plain};
use crate::stack::Stack;
use crate::workflow::Finished;

/// The verdicts of a run.
#[derive(Clone, Debug, Deserialize)]
pub struct Report {
    /// Every image.
    pub images: Vec<Listed>,
}

/// One image and its verdict.
#[derive(Clone, Debug, Deserialize)]
pub struct Listed {
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// When it was made, in RFC 3339; empty when EC2 does not say.
    #[serde(default)]
    pub created_at: String,
    /// `keep`, `disable` or `deregister`.
    pub verdict: String,
    /// Every reason for it.
    #[serde(default)]
    pub reasons: Vec<Reason>,
}

/// One reason.
#[derive(Clone, Debug, Deserialize)]
pub struct Reason {
    /// What kind of reason.
    pub code: String,
    /// The reason as a sentence.
    pub text: String,
}

impl Report {
    /// Reads a `report.json`.
    ///
    /// # Errors
    /// When it is not one.
    pub fn read(json: &Value) -> Result<Self> {
        Self::deserialize(json).map_err(|e| plain(format!("report.json: {e}")))
    }
}

impl Stack {
    /// The report of a run that succeeded.
    ///
    /// # Errors
    /// When the run failed, or wrote no report.
    pub fn report(&self, finished: &Finished) -> Result<Report> {
        let run_id = finished.run_id()?;
        Report::read(&self.json_object(&format!("runs/{run_id}/report.json"))?)
    }
}

impl Listed {
    /// All reasons, as one line.
    #[must_use]
    pub fn why(&self) -> String {
        self.reasons.iter().map(|reason| reason.text.as_str()).collect::<Vec<_>>().join("; ")
    }
}
