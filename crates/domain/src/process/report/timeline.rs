//! What happened, in order, from the audit trail.

use serde_json::Value;

use crate::approval::vote::NOTICE_ROUND;
use crate::process::audit::{AuditEvent, EventType};
use crate::runbook::step::StepId;
use crate::time::Timestamp;

const LONGEST_DETAIL: usize = 160;

/// What an event records, for people.
#[must_use]
pub fn what(event: &AuditEvent) -> &'static str {
    match event.event_type {
        EventType::StepSkipped if event.data.get("rehearsed").is_some() => {
            "a step was rehearsed, and nothing was called"
        }
        EventType::VoteCast if is_objection(event) => "somebody objected",
        EventType::ProcessInitiated => "the process began",
        EventType::AssessmentCompleted => "the risk was assessed",
        EventType::ProcessBlocked => "it was found that the resource must not go this way",
        EventType::PlanDrafted => "a plan was made",
        EventType::PlanConfirmed => "the plan was made again, and is the approved one",
        EventType::PlanChanged => "the plan was made again, and is another one",
        EventType::ApprovalRequested => "people were asked",
        EventType::ApproversNotified => "a notice went out",
        EventType::ApproversReminded => "who had not answered was reminded",
        EventType::ApprovalEscalated => "more people were asked",
        EventType::VoteCast => "somebody answered",
        EventType::AutoApproved => "the rule approved",
        EventType::NoticeOver => "nobody objected to what the rule approved",
        EventType::OptedOut => "somebody objected to what the rule approved",
        EventType::Approved => "the votes approved",
        EventType::Rejected => "the votes rejected",
        EventType::Expired => "the time to decide ran out",
        EventType::StepIntended => "a step was intended",
        EventType::StepCalled => "a step's call was answered",
        EventType::StepDone => "a step was proved done",
        EventType::StepSkipped => "a step was found done, or what it was to end was kept",
        EventType::StepFailed => "a step failed",
        EventType::SoakStarted => "the soak began",
        EventType::Scheduled => "it waits for a change window",
        EventType::SoakEnded => "the soak was ended early",
        EventType::Reassessed => "the resource was looked at again",
        EventType::RollbackStarted => "the way back began",
        EventType::UndoIntended => "a step's undo was intended",
        EventType::UndoCalled => "a step's undo was answered",
        EventType::UndoDone => "a step was proved taken back",
        EventType::UndoFailed => "a step could not be taken back",
        EventType::RolledBack => "the way back was proved complete",
        EventType::RollbackFailed => "the way back was found incomplete",
        EventType::Held => "the process was held for a person",
        EventType::Resolved => "a person decided",
        EventType::Validated => "the resource was looked for",
        EventType::ProcessCompleted => "the process was completed",
        EventType::ProcessFailed => "the process failed",
        EventType::LockReleased => "somebody released the lock by hand",
        EventType::Reported => "the report was written",
    }
}

fn is_objection(event: &AuditEvent) -> bool {
    event.data.pointer("/vote/round").and_then(Value::as_u64) == Some(NOTICE_ROUND.into())
}

/// What else there is to say, on one line: an event's plain fields, by name. What is deeper stands in the JSON.
#[must_use]
pub fn details(data: &Value) -> String {
    let Value::Object(fields) = data else { return scalar(data).unwrap_or_default() };
    let mut fields: Vec<(&String, String)> = fields
        .iter()
        .filter_map(|(name, value)| {
            let text = match value {
                Value::Array(items) => items
                    .iter()
                    .map(scalar)
                    .collect::<Option<Vec<String>>>()
                    .filter(|items| !items.is_empty())?
                    .join(", "),
                other => scalar(other)?,
            };
            Some((name, shortened(&text)))
        })
        .collect();
    fields.sort();
    let fields: Vec<String> = fields.into_iter().map(|(name, text)| format!("{name}: {text}")).collect();
    fields.join("; ")
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= LONGEST_DETAIL {
        return text.to_owned();
    }
    text.chars().take(LONGEST_DETAIL).chain("…".chars()).collect()
}

/// When a step came to rest: the last event that says that it is done, skipped, failed or taken back, by the field
/// `step` of its data.
#[must_use]
pub fn settled_at(events: &[AuditEvent], step: &StepId) -> Option<Timestamp> {
    let settles = |event: &&AuditEvent| {
        matches!(
            event.event_type,
            EventType::StepDone
                | EventType::StepSkipped
                | EventType::StepFailed
                | EventType::UndoDone
                | EventType::UndoFailed
        ) && event.data.get("step").and_then(Value::as_str) == Some(step.as_str())
    };
    events.iter().rev().find(settles).map(|event| event.at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::audit::Head;
    use serde_json::json;

    #[test]
    fn an_objection_is_told_apart_from_an_answer() {
        let told = |round: u32| {
            let data = json!({"vote": {"answer": "reject", "round": round}});
            let process_id = crate::ids::ProcessId::parse("01KAG3V7Q4M2ZD9X5T8R6W0B1C").unwrap();
            let at = Timestamp::from_unix_seconds(0);
            what(&Head::default().next(&process_id, EventType::VoteCast, "person:ada", at, data).unwrap())
        };
        assert_eq!((told(0), told(1)), ("somebody objected", "somebody answered"));
    }

    #[test]
    fn an_events_plain_fields_are_shown_by_name_and_long_ones_are_cut() {
        let data = json!({"step": "stop-instance", "attempts": 2, "deep": {"a": 1}, "by": ["ada", "bob"], "none": null, "empty": []});
        assert_eq!(details(&data), "attempts: 2; by: ada, bob; step: stop-instance");
        assert_eq!(details(&json!({})), "");
        let long = details(&json!({"a": "é".repeat(500)}));
        assert_eq!(long.chars().count(), "a: ".len() + LONGEST_DETAIL + 1);
    }
}
