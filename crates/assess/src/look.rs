//! The assessment that people will see.

use serde_json::{Value, json};
use sunset_aws::ledger::Change;
use sunset_domain::ids::ProcessId;
use sunset_domain::process::audit::EventType;
use sunset_domain::process::record::ProcessRecord;
use sunset_domain::process::status::Status;
use sunset_domain::risk::assessment::Assessment;
use sunset_function::{FunctionError, ProcessContext};

/// Assesses a process once; asked again it answers the same.
pub async fn assess(context: &ProcessContext, process_id: &ProcessId) -> Result<Value, FunctionError> {
    let before = context.process(process_id).await?;
    if before.assessment > 0 {
        let assessment = context.assessment(&before, before.assessment).await?;
        return Ok(answer(&before, &assessment));
    }
    let assessment = context.look(&before).await;
    let mut after = before
        .clone()
        .at(if assessment.blocked.is_empty() { Status::Assessed } else { Status::Blocked })
        .map_err(|no_way| FunctionError::Stale(format!("process {process_id}: {no_way}")))?;
    after.assessment = assessment.number;
    after.risk_level = Some(assessment.level);
    after.resource_owner = Some(assessment.business.owner.clone()).filter(|owner| owner != "unknown");
    after.stakeholders = assessment.roles.iter().map(|role| role.role.clone()).collect();
    let event = if assessment.blocked.is_empty() {
        EventType::AssessmentCompleted
    } else {
        after.outcome = Some(reason(&assessment));
        EventType::ProcessBlocked
    };
    let change =
        Change::to(after, event, "function:assess", context.now(), summary(&assessment)).assessment(&assessment)?;
    let after = context.processes.commit(&before, change).await?;
    tracing::info!(%process_id, status = %after.status, level = %assessment.level, score = assessment.score, "assessed");
    Ok(answer(&after, &assessment))
}

/// What the audit trail keeps of an assessment; the whole is an item of its own.
pub fn summary(assessment: &Assessment) -> Value {
    json!({
        "assessment": assessment.number,
        "profile": assessment.profile,
        "score": assessment.score,
        "level": assessment.level,
        "points": assessment.points,
        "floors": assessment.floors,
        "roles": assessment.roles,
        "dependents": assessment.observation.dependents.len(),
        "evidence_complete": assessment.evidence_complete,
        "fingerprint": assessment.fingerprint,
        "blocked": assessment.blocked,
    })
}

fn reason(assessment: &Assessment) -> String {
    if assessment.blocked.is_empty() {
        let points = assessment.points.iter().map(|point| format!("{} ({})", point.reason, point.points));
        let floors = assessment.floors.iter().map(|floor| format!("{} (never below {})", floor.reason, floor.level));
        points.chain(floors).collect::<Vec<_>>().join("; ")
    } else {
        assessment.blocked.iter().map(|blocker| blocker.detail.as_str()).collect::<Vec<_>>().join("; ")
    }
}

fn answer(record: &ProcessRecord, assessment: &Assessment) -> Value {
    json!({
        "process_id": record.process_id,
        "verdict": if record.status == Status::Blocked { "blocked" } else { "assessed" },
        "risk_level": assessment.level,
        "score": assessment.score,
        "reason": cut(&reason(assessment)),
        "assessment": assessment.number,
        "mode": record.mode,
    })
}

/// Documents live in the ledger; what travels through the state machine is short.
fn cut(text: &str) -> String {
    text.chars().take(1000).collect()
}
