//! What the state machine is answered, in the words that its states read.

use serde_json::{Value, json};
use sunset_domain::approval::schedule;
use sunset_domain::process::record::ProcessRecord;
use sunset_domain::time::Timestamp;

/// The longest that a state is ever told to wait: a year.
const LONGEST: i64 = 31_536_000;

/// How long a state waits for a moment: at least a second, because a wait without end would be none.
pub fn seconds_until(at: Timestamp, now: Timestamp) -> i64 {
    at.seconds_since(now).clamp(1, LONGEST)
}

/// Where an asking stands, and when it is looked at again at the latest.
pub fn asking(record: &ProcessRecord, now: Timestamp) -> Value {
    let round = record.round.as_ref();
    json!({
        "process_id": record.process_id,
        "status": record.status,
        "round": round.map(|round| round.number),
        "deadline": round.map(|round| round.deadline),
        "wait_seconds": round.map_or(1, |round| seconds_until(schedule::next_at(round, now), now)),
    })
}

/// A reason, as long as a state machine passes it on.
pub fn short(reason: &str) -> String {
    reason.chars().take(1000).collect()
}
