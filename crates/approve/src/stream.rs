//! Votes as the ledger's stream reports them, whoever wrote them down: the state that waits for them is woken.

use serde_json::{Value, json};
use sunset_aws::ledger::Wait;
use sunset_domain::approval::opt_out::{Objection, objections};
use sunset_domain::approval::tally::tally;
use sunset_domain::approval::vote::{Decision, NOTICE_ROUND};
use sunset_domain::ids::ProcessId;
use sunset_domain::process::status::Status;
use sunset_function::{FunctionError, ProcessContext};

use crate::wake::wake_up;

/// Whether an event is a batch of a stream.
pub fn is_batch(event: &Value) -> bool {
    event.get("Records").is_some_and(Value::is_array)
}

/// Wakes whatever the votes of a batch decide. What failed is named, so that it comes again; a record that is no vote, or
/// that somebody made up, wakes at most a state that counts for itself.
pub async fn woken(context: &ProcessContext, event: &Value) -> Value {
    let records = event.get("Records").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut failures = Vec::new();
    for record in records {
        let Some((process_id, round)) = vote(record) else {
            tracing::warn!("a record of the stream is no new vote");
            continue;
        };
        if let Err(error) = wake_if_decided(context, &process_id, round).await {
            tracing::error!(%process_id, round, %error, "a vote did not wake its process yet");
            // Without a number the whole batch comes again.
            let number = record.pointer("/dynamodb/SequenceNumber").and_then(Value::as_str).unwrap_or_default();
            failures.push(json!({"itemIdentifier": number}));
        }
    }
    json!({"batchItemFailures": failures})
}

/// The process and the round of a new vote.
fn vote(record: &Value) -> Option<(ProcessId, u32)> {
    let text = |path: &str| record.pointer(path).and_then(Value::as_str);
    if text("/eventSource") != Some("aws:dynamodb") || text("/eventName") != Some("INSERT") {
        return None;
    }
    let process_id = text("/dynamodb/Keys/pk/S")?.strip_prefix("PROC#")?;
    let (round, person) = text("/dynamodb/Keys/sk/S")?.strip_prefix("VOTE#")?.split_once('#')?;
    if person.is_empty() || round.len() < 4 || !round.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some((ProcessId::parse(process_id).ok()?, round.parse().ok()?))
}

async fn wake_if_decided(context: &ProcessContext, process_id: &ProcessId, round: u32) -> Result<(), FunctionError> {
    let Some(record) = context.processes.process(process_id).await? else {
        tracing::warn!(%process_id, "a vote for a process that does not exist");
        return Ok(());
    };
    let votes = context.processes.votes(process_id, round).await?;
    let now = context.now();
    let wait = match (record.status, &record.round, &record.notice) {
        (Status::Approved, None, Some(notice)) if round == NOTICE_ROUND => {
            matches!(objections(notice, &votes, now), Objection::OptedOut { .. }).then_some(Wait::Notice)
        }
        (Status::AwaitingApproval, Some(asked), _) if asked.number == round => {
            let decision = tally(asked, &votes, now);
            matches!(decision, Decision::Approved { .. } | Decision::Rejected { .. }).then_some(Wait::Approval)
        }
        _ => None,
    };
    match wait {
        Some(wait) => wake_up(context, process_id, wait).await,
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROCESS: &str = "01KAG3V7Q4M2ZD9X5T8R6W0B1C";

    fn record(pk: &str, sk: &str) -> Value {
        json!({
            "eventID": "1",
            "eventName": "INSERT",
            "eventVersion": "1.1",
            "eventSource": "aws:dynamodb",
            "awsRegion": "eu-central-1",
            "dynamodb": {
                "Keys": {"pk": {"S": pk}, "sk": {"S": sk}},
                "SequenceNumber": "4421584500000000017450439091",
                "StreamViewType": "KEYS_ONLY",
            },
        })
    }

    #[test]
    fn a_new_vote_names_its_process_and_its_round() {
        let pk = format!("PROC#{PROCESS}");
        for (sk, round) in [("VOTE#0000#ada", 0), ("VOTE#0002#ada@example.com", 2), ("VOTE#12345#ada", 12_345)] {
            assert_eq!(vote(&record(&pk, sk)), Some((ProcessId::parse(PROCESS).unwrap(), round)), "{sk}");
        }
    }

    #[test]
    fn whatever_else_the_stream_or_somebody_sends_is_no_vote() {
        let pk = format!("PROC#{PROCESS}");
        for (pk, sk) in [
            (pk.as_str(), "META"),
            (&pk, "VOTE#"),
            (&pk, "VOTE#0001"),
            (&pk, "VOTE#0001#"),
            (&pk, "VOTE#1#ada"),
            (&pk, "VOTE#-001#ada"),
            (&pk, "VOTE#99999999999#ada"),
            ("PROC#", "VOTE#0001#ada"),
            ("PROC#../x", "VOTE#0001#ada"),
            ("LOCK#vol-1", "VOTE#0001#ada"),
        ] {
            assert_eq!(vote(&record(pk, sk)), None, "{pk} {sk}");
        }
        for (path, value) in [("eventName", "MODIFY"), ("eventName", "REMOVE"), ("eventSource", "aws:sqs")] {
            let mut other = record(&pk, "VOTE#0001#ada");
            other[path] = json!(value);
            assert_eq!(vote(&other), None, "{value}");
        }
        assert_eq!(vote(&json!({})), None);
        assert_eq!(vote(&json!(null)), None);
    }

    #[test]
    fn only_a_list_of_records_is_a_batch() {
        assert!(is_batch(&json!({"Records": []})));
        assert!(!is_batch(&json!({"Records": {}})));
        assert!(!is_batch(&json!({"schema": 1, "action": "tally"})));
    }
}
