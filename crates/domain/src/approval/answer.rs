//! Answers to people, as the Function URL takes them.

use serde_json::{Value, json};

use crate::approval::identity::NotAPerson;
use crate::approval::request::BadRequest;
use crate::approval::tally::{Refusal, tally};
use crate::approval::text::one_line;
use crate::approval::vote::{Decision, Round, Vote};
use crate::process::record::ProcessRecord;
use crate::risk::assessment::Assessment;
use crate::runbook::document::Runbook;
use crate::time::Timestamp;

/// An HTTP answer: a JSON body that no cache keeps and no browser takes for anything else.
#[must_use]
pub fn answer(status: u16, body: &Value) -> Value {
    json!({
        "statusCode": status,
        "headers": {
            "content-type": "application/json",
            "cache-control": "no-store",
            "x-content-type-options": "nosniff",
        },
        "body": body.to_string(),
        "isBase64Encoded": false,
    })
}

/// An answer that says no: `{"error": …}`.
#[must_use]
pub fn refused(status: u16, why: &str) -> Value {
    answer(status, &json!({"error": one_line(why, 1000)}))
}

impl BadRequest {
    /// The HTTP answer to it.
    #[must_use]
    pub fn answer(&self) -> Value {
        let mut answer = refused(self.status, &self.message);
        if let Some(headers) = answer.get_mut("headers").and_then(Value::as_object_mut).filter(|_| self.status == 405) {
            headers.insert("allow".into(), json!("GET, POST"));
        }
        answer
    }
}

impl NotAPerson {
    /// The HTTP answer to it.
    #[must_use]
    pub fn answer(&self) -> Value {
        refused(403, &self.to_string())
    }
}

impl Refusal {
    /// The HTTP answer to it.
    #[must_use]
    pub fn answer(&self) -> Value {
        refused(self.status, &self.message)
    }
}

/// Where a process stands, as whoever asked for it reads it after what they did.
#[must_use]
pub fn done(record: &ProcessRecord, decision: Option<&Decision>, repeated: bool) -> Value {
    let mut body = json!({
        "process_id": record.process_id,
        "resource": record.resource,
        "status": record.status,
        "repeated": repeated,
        "audit_head": record.audit,
    });
    if let (Some(fields), Some(decision)) = (body.as_object_mut(), decision) {
        fields.insert("decision".into(), json!(decision));
    }
    answer(200, &body)
}

/// What an approver needs before the answer: how the process stands, why its risk is what it is, and every step of the
/// plan. It holds no token.
#[must_use]
pub fn process(
    record: &ProcessRecord,
    assessment: Option<&Assessment>,
    runbook: Option<&Runbook>,
    votes: &[Vote],
    now: Timestamp,
) -> Value {
    let mut body = json!({
        "process_id": record.process_id,
        "display_id": record.display_id,
        "resource": record.resource,
        "account_id": record.account_id,
        "mode": record.mode,
        "status": record.status,
        "initiator": record.initiator,
        "initiator_verified": record.initiator_verified,
        "reason": record.reason,
        "created_at": record.created_at,
        "updated_at": record.updated_at,
        "outcome": record.outcome,
        "soak_until": record.soak_until,
        "soak_ended": record.soak_ended,
        "hold": record.hold,
        "error": record.error,
        "audit_head": record.audit,
    });
    let Some(fields) = body.as_object_mut() else { return answer(200, &body) };
    if let Some(assessment) = assessment {
        fields.insert("risk".into(), risk(assessment));
    }
    if let Some(runbook) = runbook {
        fields.insert("plan".into(), json!({"hash": record.plan_hash, "number": record.plan, "runbook": runbook}));
    }
    if let Some(round) = &record.round {
        fields.insert("approval".into(), approval(round, votes, now));
    }
    answer(200, &body)
}

fn risk(assessment: &Assessment) -> Value {
    json!({
        "level": assessment.level,
        "score": assessment.score,
        "profile": assessment.profile,
        "assessed_at": assessment.assessed_at,
        "points": assessment.points,
        "floors": assessment.floors,
        "evidence_complete": assessment.evidence_complete,
        "dependents": assessment.observation.dependents,
        "recommendations": assessment.recommendations,
        "blocked": assessment.blocked,
        "managed_by": assessment.managed_by,
    })
}

fn approval(round: &Round, votes: &[Vote], now: Timestamp) -> Value {
    json!({
        "round": round.number,
        "plan_hash": round.plan_hash,
        "required": round.required,
        "minimum_approvers": round.minimum_approvers,
        "requested_at": round.requested_at,
        "deadline": round.deadline,
        "votes": votes.iter().filter(|vote| vote.round == round.number).collect::<Vec<_>>(),
        "tally": tally(round, votes, now),
    })
}
