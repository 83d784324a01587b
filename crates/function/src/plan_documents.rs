//! A plan where people read it.

use sunset_domain::canonical::canonical_json;
use sunset_domain::process::record::ProcessRecord;
use sunset_domain::runbook::plan_document::Plan;

use crate::{FunctionError, ProcessContext};

/// Lays a plan into the bucket: YAML for people, Markdown for approvers, and the canonical JSON that is hashed. Done
/// twice they are the same objects.
///
/// # Errors
/// [`FunctionError`].
pub async fn publish(context: &ProcessContext, record: &ProcessRecord, plan: &Plan) -> Result<(), FunctionError> {
    let said = |cause: String| FunctionError::Document { what: "plan", cause };
    let prefix = format!("processes/{}/plan-{:04}", record.process_id, plan.number);
    let yaml = plan.runbook.yaml().map_err(|error| said(error.to_string()))?;
    let json = canonical_json(&plan.runbook).map_err(|error| said(error.to_string()))?;
    let bucket = context.bucket();
    bucket.put(format!("{prefix}.yaml"), "application/yaml", yaml.into_bytes()).await?;
    bucket.put(format!("{prefix}.json"), "application/json", json.into_bytes()).await?;
    bucket.put(format!("{prefix}.md"), "text/markdown; charset=utf-8", plan.markdown().into_bytes()).await?;
    Ok(())
}
