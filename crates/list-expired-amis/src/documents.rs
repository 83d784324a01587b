//! The report and the manifest of a run, in the bucket.

use serde::Serialize;
use sunset_domain::line::ImageLine;
use sunset_domain::report::ListReport;
use sunset_domain::run::{ObjectRef, RunRecord};
use sunset_function::{Context, FunctionError};

fn key(run: &RunRecord, name: &str) -> String {
    format!("runs/{}/{name}", run.run_id)
}

/// A document as JSON, written to the bucket.
pub async fn put_json<T: Serialize>(
    context: &Context,
    run: &RunRecord,
    name: &'static str,
    document: &T,
) -> Result<ObjectRef, FunctionError> {
    let body = serde_json::to_vec(document)
        .map_err(|error| FunctionError::Document { what: name, cause: error.to_string() })?;
    Ok(context.bucket().put(key(run, name), "application/json", body).await?)
}

/// A text, written to the bucket.
pub async fn put_text(
    context: &Context,
    run: &RunRecord,
    name: &'static str,
    text: String,
) -> Result<ObjectRef, FunctionError> {
    Ok(context.bucket().put(key(run, name), "text/markdown; charset=utf-8", text.into_bytes()).await?)
}

/// The report, for machines and for people; the machines' is the one that is referred to.
pub async fn put_report(
    context: &Context,
    run: &RunRecord,
    report: &ListReport<'_>,
) -> Result<ObjectRef, FunctionError> {
    put_text(context, run, "report.md", report.markdown()).await?;
    put_json(context, run, "report.json", report).await
}

/// The lines to work through, one JSON object a line.
pub async fn put_manifest(context: &Context, run: &RunRecord, lines: &[ImageLine]) -> Result<ObjectRef, FunctionError> {
    let mut body = String::new();
    for line in lines {
        body.push_str(&line.to_json().to_string());
        body.push('\n');
    }
    Ok(context.bucket().put(key(run, "manifest.jsonl"), "application/x-ndjson", body.into_bytes()).await?)
}
