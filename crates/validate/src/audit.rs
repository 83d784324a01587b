//! Whether an audit trail is what it was.

use serde_json::{Value, json};
use sunset_domain::ids::ProcessId;
use sunset_domain::process::audit::verify;
use sunset_function::{FunctionError, ProcessContext};

/// No answer names more defects than this; how many there are it always says.
const SHOWN: usize = 100;

/// Holds the trail of a process against the head in its record.
pub async fn verify_audit(context: &ProcessContext, process_id: &ProcessId) -> Result<Value, FunctionError> {
    // The record is read first: events that are written in between come after its head, and are not held against it.
    let record = context.process(process_id).await?;
    let mut events = context.processes.audit_events(process_id).await?;
    let later = events.iter().filter(|event| event.seq > record.audit.seq).count();
    events.retain(|event| event.seq <= record.audit.seq);
    let defects = verify(process_id, &events, &record.audit);
    let shown: Vec<Value> =
        defects.iter().take(SHOWN).map(|defect| json!({"what": defect, "in_words": defect.to_string()})).collect();
    if !defects.is_empty() {
        tracing::error!(%process_id, defects = defects.len(), "the audit trail is not sound");
    }
    Ok(json!({
        "process_id": process_id,
        "sound": defects.is_empty(),
        "events": events.len(),
        "written_since": later,
        "head": record.audit,
        "defect_count": defects.len(),
        "defects": shown,
    }))
}
