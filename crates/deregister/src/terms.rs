//! Under which mode and policy a call works.

use sunset_domain::ids::RunId;
use sunset_domain::line::ImageLine;
use sunset_domain::policy::{Mode, Policy};
use sunset_domain::run::RunRecord;
use sunset_function::{Context, FunctionError};

/// The run's own mode and policy, never the line's; without a run the deployed policy, and dry.
pub struct Terms {
    /// The run.
    pub run_id: Option<RunId>,
    /// Whether anything may be changed.
    pub mode: Mode,
    /// What may go.
    pub policy: Policy,
}

/// Reads the terms of a line from the ledger.
pub async fn terms(context: &Context, line: &ImageLine) -> Result<Terms, FunctionError> {
    let Some(chosen) = &line.chosen else {
        return Ok(Terms { run_id: None, mode: Mode::DryRun, policy: context.policy.clone() });
    };
    let RunRecord { run_id, mode, policy, .. } = context.open_run(&chosen.run_id).await?;
    Ok(Terms { run_id: Some(run_id), mode, policy })
}
