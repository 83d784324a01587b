//! `report`: counts what became of a run, tells people, gives the lock back, and fails the run if too much failed.

use serde_json::Value;
use sunset_aws::notices;
use sunset_domain::breaker::too_many_failed;
use sunset_domain::ids::RunId;
use sunset_domain::manifest::{self, Due};
use sunset_domain::notice::{self, Notice};
use sunset_domain::report::{RunSummary, summarize};
use sunset_domain::run::RunRecord;
use sunset_function::{Context, FunctionError, metrics};

use crate::documents::{put_json, put_text};

/// Reports a run. Called again it counts again, and comes to the same.
pub async fn report(context: &Context, run_id: &RunId) -> Result<Value, FunctionError> {
    let run = context.ledger.run(run_id).await?;
    let mut run = run.ok_or_else(|| FunctionError::Unknown(format!("run_id {run_id}: no such run in the ledger")))?;
    let lines = lines(context, &run).await?;
    let (items, snapshots) = tokio::join!(context.ledger.items(run_id), context.ledger.snapshot_records(run_id, None));
    let summary = summarize(run_id, run.mode, &lines, &items?, &snapshots?);
    put_text(context, &run, "summary.md", summary.text()).await?;
    let document = put_json(context, &run, "summary.json", &summary).await?;
    let failed = too_many_failed(summary.counts.failed, summary.counts.items, &run.policy);
    if run.closed_at.is_none() {
        tell(context, &summary, failed).await?;
        count(context, &summary, failed);
        run.closed_at = Some(context.now());
        context.ledger.update_run(&run).await?;
    }
    context.ledger.release_lock(run_id).await?;
    if failed {
        return Err(FunctionError::RunFailed(format!(
            "{} of {} items failed, over max_failed_share {}; s3://{}/{} names them",
            summary.counts.failed, summary.counts.items, run.policy.max_failed_share, document.bucket, document.key
        )));
    }
    Ok(serde_json::json!({
        "run_id": run_id,
        "mode": run.mode,
        "verdict": "completed",
        "counts": summary.counts,
        "savings": summary.savings,
        "report": document,
    }))
}

/// The manifest's lines: what was to be done, whatever became of it.
async fn lines(context: &Context, run: &RunRecord) -> Result<Vec<Due>, FunctionError> {
    let Some(object) = run.result.as_ref().and_then(|result| result.manifest.as_ref()) else { return Ok(Vec::new()) };
    let body = context.bucket().get(&object.key).await?;
    let unreadable = |cause: String| FunctionError::Document { what: "the manifest", cause };
    let text = String::from_utf8(body).map_err(|error| unreadable(error.to_string()))?;
    manifest::read(&text).map_err(|error| unreadable(error.to_string()))
}

async fn tell(context: &Context, summary: &RunSummary, failed: bool) -> Result<(), FunctionError> {
    match notice::ended(summary, failed) {
        None => Ok(()),
        Some(Notice { subject, body }) => {
            Ok(notices::publish(context.clients.sns(), &context.topic_arn, &subject, &body).await?)
        }
    }
}

fn count(context: &Context, summary: &RunSummary, failed: bool) {
    let counts = &summary.counts;
    metrics::emit(
        context,
        &[
            ("RunsCompleted", u64::from(!failed)),
            ("ImagesDisabled", counts.disabled),
            ("ImagesDeregistered", counts.deregistered),
            ("ImagesStale", counts.stale),
            ("SnapshotsDeleted", counts.snapshots_deleted),
            ("ItemsFailed", counts.failed),
        ],
    );
}
