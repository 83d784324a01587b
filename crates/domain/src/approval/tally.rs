//! What votes decide. The decision is always computed from the votes as they are stored: a token that comes back, from
//! whomever, decides nothing.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use crate::approval::approvers::{means, same_name};
use crate::approval::identity::Identity;
use crate::approval::text::one_line;
use crate::approval::vote::{Answer, Decision, Required, Round, Vote};
use crate::ids::PlanHash;
use crate::process::record::{Cast, ProcessRecord};
use crate::process::status::Status;
use crate::time::Timestamp;

/// What the votes of a round decide at this moment: the same whatever order they are in.
///
/// A no of anybody who was asked wins over everything. Votes that were cast in time count even when they are counted
/// late, so that an approval and a deadline that meet have one result.
#[must_use]
pub fn tally(round: &Round, votes: &[Vote], now: Timestamp) -> Decision {
    let counted: Vec<&Vote> = votes.iter().filter(|vote| counts(round, vote)).collect();
    let no = counted.iter().filter(|vote| vote.answer == Answer::Reject);
    if let Some(no) = no.min_by_key(|vote| (vote.at, &vote.person, &vote.reason)) {
        let reason = no.reason.clone().unwrap_or_else(|| "no reason was given".into());
        return Decision::Rejected { by: no.person.clone(), reason };
    }
    let by: BTreeSet<&str> = counted.iter().map(|vote| vote.person.as_str()).collect();
    let missing = missing(round, &by);
    if missing.is_empty() {
        Decision::Approved { by: by.into_iter().map(str::to_owned).collect() }
    } else if now >= round.deadline {
        Decision::Expired
    } else {
        Decision::Waiting { missing: missing.join("; ") }
    }
}

/// Whether a vote is one of this round, for this plan, in time, of somebody who was asked. Who was asked never holds the
/// initiator.
pub(super) fn counts(round: &Round, vote: &Vote) -> bool {
    vote.round == round.number
        && vote.plan_hash == round.plan_hash
        && vote.at < round.deadline
        && is_asked(round, &vote.person)
}

pub(crate) fn is_asked(round: &Round, person: &str) -> bool {
    round.required.iter().any(|role| role.people.iter().any(|name| name == person))
}

/// What is still missing when these people agree, in sentences.
fn missing(round: &Round, by: &BTreeSet<&str>) -> Vec<String> {
    let agree = |role: &Required| {
        let people: BTreeSet<&str> = role.people.iter().map(String::as_str).collect();
        u32::try_from(people.intersection(by).count()).unwrap_or(u32::MAX)
    };
    let mut missing: Vec<String> = round
        .required
        .iter()
        .filter(|role| agree(role) < role.quorum)
        .map(|role| {
            let open: Vec<&str> = role.people.iter().map(String::as_str).filter(|name| !by.contains(name)).collect();
            let more = role.quorum - agree(role);
            format!("{} needs {more} more of {}", one_line(&role.role, 100), one_line(&open.join(", "), 200))
        })
        .collect();
    let people = u32::try_from(by.len()).unwrap_or(u32::MAX);
    // A round that asks nobody can never be approved.
    let minimum = round.minimum_approvers.max(1);
    if people < minimum {
        missing.push(format!("{people} of at least {minimum} people have approved"));
    }
    missing
}

/// Who casts a vote: the person, and whom AWS may know them as.
#[derive(Debug, Clone, Copy)]
pub struct Voter<'a> {
    /// By the policy file's name.
    pub person: &'a str,
    /// The one that signed the request, or all that the policy file has where a personal link was followed.
    pub identities: &'a [Identity],
}

/// Why something that a person asks for is not done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// The HTTP status: 403, 404, 409 or 410.
    pub status: u16,
    /// Why, and what would be right.
    pub message: String,
}

impl Refusal {
    pub(crate) fn new(status: u16, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }
}

/// Whether a vote may be stored. The same answer of the same person again is [`Cast::Repeated`] however late it comes:
/// whoever asks again because no answer came back must hear that the vote is there.
///
/// # Errors
/// [`Refusal`] with 403 (not asked, or the initiator), 409 (nobody is asked, another plan, another answer before) or 410
/// (too late).
pub fn may_vote(
    record: &ProcessRecord,
    votes: &[Vote],
    voter: Voter<'_>,
    plan_hash: &PlanHash,
    answer: Answer,
    now: Timestamp,
) -> Result<Cast, Refusal> {
    let Voter { person, identities } = voter;
    let Some(round) = &record.round else {
        return Err(Refusal::new(409, format!("nobody is asked: the process is {}", record.status)));
    };
    let initiator = &record.initiator;
    if same_name(initiator, person) || identities.iter().any(|identity| means(initiator, identity)) {
        return Err(Refusal::new(403, format!("{person} started the process, and the initiator never approves")));
    }
    if !is_asked(round, person) {
        return Err(Refusal::new(403, format!("{person} is not asked in round {}", round.number)));
    }
    if *plan_hash != round.plan_hash {
        let message = format!("the plan that is asked about is {}, not {plan_hash}: look at it again", round.plan_hash);
        return Err(Refusal::new(409, message));
    }
    let own = |vote: &&Vote| vote.round == round.number && vote.person == person && vote.plan_hash == *plan_hash;
    if let Some(vote) = votes.iter().find(own) {
        if vote.answer == answer {
            return Ok(Cast::Repeated);
        }
        let before = match vote.answer {
            Answer::Approve => "approve",
            Answer::Reject => "reject",
        };
        let message = format!("{person} answered {before} at {}, and the first answer stands", vote.at);
        return Err(Refusal::new(409, message));
    }
    if record.status != Status::AwaitingApproval {
        return Err(Refusal::new(409, format!("it is decided already: the process is {}", record.status)));
    }
    if now >= round.deadline {
        return Err(Refusal::new(410, format!("the deadline was {}", round.deadline)));
    }
    Ok(Cast::Counted)
}
