//! Answers to people, as the Function URL takes them.

use serde_json::{Value, json};

use crate::approval::identity::NotAPerson;
use crate::approval::request::BadRequest;
use crate::approval::tally::{Refusal, tally};
use crate::approval::text::one_line;
use crate::approval::vote::{Decision, NOTICE_ROUND, Round, Vote};
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
    if let Some(notice) = &record.notice {
        let objections: Vec<&Vote> = votes.iter().filter(|vote| vote.round == NOTICE_ROUND).collect();
        let notice = json!({"until": notice.until, "over": notice.over, "objections": objections});
        fields.insert("notice".into(), notice);
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
        "risk_level": round.risk_level,
        "reminders": round.reminders,
        "reminded": round.reminded,
        "escalations": round.escalations,
        "escalated": round.escalated,
        "votes": votes.iter().filter(|vote| vote.round == round.number).collect::<Vec<_>>(),
        "tally": tally(round, votes, now),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    use crate::approval::fixtures::{assessment, now, record, runbook, vote};
    use crate::approval::vote::{Answer, Escalation};
    use crate::process::record::NoticePeriod;
    use crate::risk::level::Level;

    fn body(answer: &Value) -> Value {
        serde_json::from_str(answer["body"].as_str().unwrap()).unwrap()
    }

    #[test]
    fn an_answer_is_json_that_nobody_keeps() {
        insta::assert_json_snapshot!(answer(200, &json!({"status": "approved"})), @r#"
    {
      "body": "{\"status\":\"approved\"}",
      "headers": {
        "cache-control": "no-store",
        "content-type": "application/json",
        "x-content-type-options": "nosniff"
      },
      "isBase64Encoded": false,
      "statusCode": 200
    }
    "#);
    }

    #[test]
    fn what_is_refused_says_why_on_one_line() {
        let refusal = Refusal { status: 409, message: "decided\nalready".into() };
        assert_eq!(
            (&refusal.answer()["statusCode"], body(&refusal.answer())),
            (&json!(409), json!({"error": "decided already"}))
        );
        assert_eq!(NotAPerson::Root.answer()["statusCode"], 403);
        let bad = BadRequest { status: 405, message: "no".into() };
        assert_eq!(
            (&bad.answer()["statusCode"], &bad.answer()["headers"]["allow"]),
            (&json!(405), &json!("GET, POST"))
        );
        assert_eq!(BadRequest { status: 400, message: "no".into() }.answer()["headers"].get("allow"), None);
    }

    #[test]
    fn whoever_did_something_reads_where_the_process_stands_now() {
        let decision = Decision::Approved { by: vec!["grace".into(), "linus".into()] };
        insta::assert_json_snapshot!(body(&done(&record(), Some(&decision), false)), @r#"
    {
      "audit_head": {
        "hash": "5555555555555555555555555555555555555555555555555555555555555555",
        "seq": 5
      },
      "decision": {
        "by": [
          "grace",
          "linus"
        ],
        "decision": "approved"
      },
      "process_id": "01KAG3V7Q4M2ZD9X5T8R6W0B1C",
      "repeated": false,
      "resource": {
        "resource_id": "vol-0123456789abcdef0",
        "resource_type": "EBSVolume"
      },
      "status": "awaiting_approval"
    }
    "#);
    }

    #[test]
    fn an_approver_reads_the_risk_the_plan_and_what_is_missing() {
        let votes = [vote("ada", Answer::Approve)];
        let answer = process(&record(), Some(&assessment()), Some(&runbook()), &votes, now());
        let body = body(&answer);
        assert_eq!(body["risk"]["points"].as_array().unwrap().len(), 3);
        assert_eq!(body["plan"]["runbook"]["steps"].as_array().unwrap().len(), 6);
        assert_eq!(body["approval"]["tally"]["decision"], "waiting");
        assert_eq!(body["approval"]["votes"][0]["person"], "ada");
        assert_eq!(body["audit_head"]["seq"], 5);
        assert!(!answer.to_string().to_lowercase().contains("token"));
    }

    #[test]
    fn a_process_of_which_little_is_known_is_answered_too() {
        let mut record = record();
        record.round = None;
        let body = body(&process(&record, None, None, &[], now()));
        assert_eq!(body["status"], "awaiting_approval");
        assert_eq!((body.get("risk"), body.get("plan"), body.get("approval")), (None, None, None));
        assert_eq!(body.get("notice"), None);
    }

    #[test]
    fn until_when_people_can_object_and_who_did_is_answered() {
        let mut record = record();
        record.round = None;
        record.notice = Some(NoticePeriod { until: now().plus_days(1), over: false });
        let objection = Vote { round: NOTICE_ROUND, ..vote("carol", Answer::Reject) };
        let body = body(&process(&record, None, None, &[objection, vote("ada", Answer::Approve)], now()));
        assert_eq!(
            (&body["notice"]["until"], &body["notice"]["over"]),
            (&json!("2026-11-21T09:00:00Z"), &json!(false))
        );
        assert_eq!(body["notice"]["objections"].as_array().unwrap().len(), 1);
        assert_eq!(body["notice"]["objections"][0]["reason"], "carol still needs it");
    }

    #[test]
    fn when_people_are_reminded_and_who_is_asked_later_is_answered() {
        let mut record = record();
        let round = record.round.as_mut().unwrap();
        round.risk_level = Some(Level::High);
        round.reminders = vec![now().plus_days(1)];
        round.reminded = 1;
        let (at, role, people) = (now().plus_days(2), "security-team".to_owned(), vec!["margaret".to_owned()]);
        round.escalations = vec![Escalation { at, role, people, standing_in: BTreeMap::new() }];
        let approval = &body(&process(&record, None, None, &[], now()))["approval"];
        assert_eq!(approval["risk_level"], "high");
        assert_eq!((&approval["reminders"], &approval["reminded"]), (&json!(["2026-11-21T09:00:00Z"]), &json!(1)));
        let escalations =
            json!([{"at": "2026-11-22T09:00:00Z", "role": "security-team", "people": ["margaret"], "standing_in": {}}]);
        assert_eq!((&approval["escalations"], &approval["escalated"]), (&escalations, &json!(0)));
    }
}
