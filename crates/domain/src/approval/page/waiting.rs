//! What waits for a person, as the ledger lists it. The list is a hint: the process's own record decides.

use serde::{Deserialize, Serialize};

use crate::approval::opt_out::may_opt_out;
use crate::approval::tally::is_asked;
use crate::approval::vote::{NOTICE_ROUND, Vote};
use crate::ids::ProcessId;
use crate::process::record::{Cast, ProcessRecord};
use crate::process::status::Status;
use crate::time::Timestamp;

/// One asking of one person: `PERSON#<name>`/`PROC#<id>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// Who is asked.
    pub person: String,
    /// About which process.
    pub process_id: ProcessId,
    /// In which round; 0 for an objection to what the rule approved.
    pub round: u32,
    /// Until when.
    pub deadline: Timestamp,
    /// When the table may forget it, in seconds since 1970.
    pub expires_at_epoch_seconds: i64,
}

impl Waiting {
    /// One asking, which the table forgets after its deadline.
    #[must_use]
    pub fn new(person: &str, process_id: &ProcessId, round: u32, deadline: Timestamp) -> Self {
        Self {
            person: person.to_owned(),
            process_id: process_id.clone(),
            round,
            deadline,
            expires_at_epoch_seconds: deadline.unix_seconds(),
        }
    }
}

/// Whether an asking still waits for its person, as the process's own record has it.
#[must_use]
pub fn still_waits(waiting: &Waiting, record: &ProcessRecord, votes: &[Vote], now: Timestamp) -> bool {
    if waiting.process_id != record.process_id {
        return false;
    }
    if waiting.round == NOTICE_ROUND {
        return may_opt_out(record, votes, &waiting.person, None, now) == Ok(Cast::Counted);
    }
    let answered = votes.iter().any(|vote| vote.round == waiting.round && vote.person == waiting.person);
    let asked = record
        .round
        .as_ref()
        .is_some_and(|round| round.number == waiting.round && now < round.deadline && is_asked(round, &waiting.person));
    record.status == Status::AwaitingApproval && asked && !answered
}
