//! Notices, each once: what went out stands in the record.

use crate::{FunctionError, ProcessContext};
use serde_json::json;
use sunset_aws::ledger::Change;
use sunset_aws::notices::publish;
use sunset_domain::approval::notice::Notice;
use sunset_domain::process::audit::EventType;
use sunset_domain::process::record::ProcessRecord;

/// Publishes a notice unless it went out before. Written down after it went out, so that it may come twice but never not
/// at all.
pub async fn tell(
    context: &ProcessContext,
    actor: &str,
    record: ProcessRecord,
    name: &str,
    notice: Notice,
) -> Result<ProcessRecord, FunctionError> {
    if record.told.iter().any(|told| told == name) {
        return Ok(record);
    }
    publish(context.clients.sns(), &context.topic_arn, &notice.subject, &notice.body).await?;
    let mut after = record.clone();
    after.told.push(name.to_owned());
    let data = json!({"notice": name, "subject": notice.subject});
    let change = Change::to(after, EventType::ApproversNotified, actor, context.now(), data);
    Ok(context.processes.commit(&record, change).await?)
}
