//! Objections to what the rule approved: nothing is done before people had the time to say no (C71).

#[cfg(test)]
mod tests;

use crate::approval::tally::Refusal;
use crate::approval::vote::{Answer, NOTICE_ROUND, Vote};
use crate::ids::PlanHash;
use crate::process::record::{Cast, NoticePeriod, ProcessRecord};
use crate::process::status::Status;
use crate::time::Timestamp;

/// What the objections to an approval by rule decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Objection {
    /// Nobody has objected, and people still can.
    Waiting {
        /// For how many more seconds; at least 1.
        seconds: i64,
    },
    /// The time to object is over, and nobody did.
    Over,
    /// Somebody objected.
    OptedOut {
        /// Who did first.
        by: String,
        /// Why.
        reason: String,
    },
}

/// Whether a person's objection may be stored. Anybody whom the policy file knows may object, the initiator too: it only
/// ever leaves the resource alone. The same person again is [`Cast::Repeated`] however late that comes: whoever asks again
/// because no answer came back must hear that the objection is there.
///
/// `plan_hash` is the plan that the person was shown; none where they name none, and mean whatever the rule approved.
///
/// # Errors
/// [`Refusal`] with 409 (the rule approved nothing, or another plan, or the process has ended) or 410 (too late).
pub fn may_opt_out(
    record: &ProcessRecord,
    votes: &[Vote],
    person: &str,
    plan_hash: Option<&PlanHash>,
    now: Timestamp,
) -> Result<Cast, Refusal> {
    let own = |vote: &&Vote| is_objection(vote) && vote.person == person;
    let same_plan = |vote: &Vote| plan_hash.is_none_or(|hash| *hash == vote.plan_hash);
    if votes.iter().find(own).is_some_and(same_plan) {
        return Ok(Cast::Repeated);
    }
    let (None, Some(notice), Some(approved)) = (&record.round, &record.notice, &record.approved_plan_hash) else {
        let message = format!("the rule approved nothing that waits for objections: the process is {}", record.status);
        return Err(Refusal::new(409, message));
    };
    if let Some(other) = plan_hash.filter(|hash| *hash != approved) {
        let message = format!("the plan that the rule approved is {approved}, not {other}: look at it again");
        return Err(Refusal::new(409, message));
    }
    if notice.over {
        let message = format!("people could object until {}: the process is {}", notice.until, record.status);
        return Err(Refusal::new(410, message));
    }
    if record.status != Status::Approved {
        return Err(Refusal::new(409, format!("it is decided already: the process is {}", record.status)));
    }
    if now >= notice.until {
        return Err(Refusal::new(410, format!("people could object until {}", notice.until)));
    }
    Ok(Cast::Counted)
}

/// What the objections decide at this moment: the same whatever order they are in. One that was raised in time counts
/// even when it is counted late, and wins over everything.
#[must_use]
pub fn objections(notice: &NoticePeriod, votes: &[Vote], now: Timestamp) -> Objection {
    let in_time = votes.iter().filter(|vote| is_objection(vote) && vote.at < notice.until);
    if let Some(first) = in_time.min_by_key(|vote| (vote.at, &vote.person, &vote.reason)) {
        let reason = first.reason.clone().unwrap_or_else(|| "no reason was given".into());
        return Objection::OptedOut { by: first.person.clone(), reason };
    }
    let seconds = notice.until.seconds_since(now);
    if seconds > 0 { Objection::Waiting { seconds } } else { Objection::Over }
}

fn is_objection(vote: &Vote) -> bool {
    vote.round == NOTICE_ROUND && vote.answer == Answer::Reject
}

/// Whether an approved process may go on to be planned: what the rule approved may only once its notice is over.
///
/// # Errors
/// Why not.
pub fn notice_allows(record: &ProcessRecord) -> Result<(), String> {
    match (&record.round, &record.notice) {
        // People approved it: whoever was asked has said yes.
        (Some(_), _) | (None, Some(NoticePeriod { over: true, .. })) => Ok(()),
        (None, Some(NoticePeriod { until, .. })) => {
            Err(format!("the rule approved it, and people can object until {until}: that is not counted yet"))
        }
        (None, None) => Err("the rule approved it, and nobody was given notice".to_owned()),
    }
}
