//! What is compared: a function, its event, the scene it meets, and the Python beside it.
//!
//! The scenes of a workflow follow each other: what one function wrote down is what the next one meets, each made by the
//! function itself.

mod ami_cleanup;
mod decommission;

use serde_json::Value;

use super::Python;
use super::bootstraps::{Bootstraps, Function};
use crate::error::BenchError;
use crate::options::Options;
use crate::sandbox::{Program, Sandbox};
use crate::stage::{Scene, Stage};

pub use ami_cleanup::{IMAGES, list_event};

/// One comparison.
#[derive(Debug)]
pub struct Case {
    /// What is compared.
    pub name: &'static str,
    /// Of which function.
    pub function: Function,
    /// What every call meets.
    pub scene: Scene,
    /// The event of the function and of the baseline.
    pub event: Value,
    /// The variables of its policy, for both sides.
    pub policy: Vec<(String, String)>,
    /// The baseline that makes the same calls.
    pub baseline: Program,
    /// The tutorial's own function and its event.
    pub tutorial: Option<(Program, Value)>,
    /// What of the answers must be the same on both sides.
    pub same: &'static [&'static str],
    /// The largest zip, in bytes.
    pub zip_target: u64,
}

/// Makes the scenes, by the functions themselves, and gives what is compared in them.
pub async fn cases(bootstraps: &Bootstraps, python: &Python, options: &Options) -> Result<Vec<Case>, BenchError> {
    let wanted = |of_decommission: bool| {
        let mut functions =
            Function::ALL.into_iter().filter(|function| function.is_of_decommission() == of_decommission);
        functions.any(|function| options.compares(function))
    };
    let mut cases = Vec::new();
    if wanted(false) {
        cases.extend(ami_cleanup::cases(bootstraps, python, options).await?);
    }
    if wanted(true) {
        cases.extend(decommission::cases(bootstraps, python, options).await?);
    }
    cases.retain(|case| options.compares(case.function));
    Ok(cases)
}
