//! What a link that is signed and not over may do, held against the ledger. Whoever forged a link, used it before or has
//! somebody else's gets one and the same answer.

#[cfg(test)]
mod tests;

use crate::approval::approvers::Approvers;
use crate::approval::link::{Link, Purpose};
use crate::approval::opt_out::may_opt_out;
use crate::approval::page::form::Form;
use crate::approval::page::refused::{Kind, Refused};
use crate::approval::tally::{Voter, is_asked, may_vote};
use crate::approval::vote::{Answer, Vote};
use crate::process::record::{Cast, ProcessRecord};
use crate::process::resource::Resource;
use crate::risk::level::Level;
use crate::time::Timestamp;

/// What a link that works shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// What is asked, with the form that answers it.
    Form,
    /// What is asked, and why it cannot be answered here.
    NoForm {
        /// In words.
        because: String,
    },
    /// The process with its audit trail.
    Timeline,
}

/// An answer that may be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answerable {
    /// As the ledger keeps it.
    pub vote: Vote,
}

/// How a vote names who cast it where AWS did not say it: by the personal link.
const BY_LINK: &str = "link/";

/// How many characters of the resource's id are typed again.
const TYPED: usize = 6;

/// The end of the resource's id, which an answer types again: nobody answers by tapping twice on the wrong mail.
#[must_use]
pub fn confirm_end(resource: &Resource) -> &str {
    let id = resource.id();
    id.len().checked_sub(TYPED).and_then(|start| id.get(start..)).unwrap_or(id)
}

/// Whether the policy file still knows the person of a link.
///
/// # Errors
/// [`Refused`].
pub fn known(link: &Link, approvers: &Approvers) -> Result<(), Refused> {
    if approvers.knows(&link.person) { Ok(()) } else { Err(Refused::link(Kind::Foreign)) }
}

/// What a link shows now. It changes nothing, however often it is asked.
///
/// # Errors
/// [`Refused`]: the same for a link that was used, belongs to somebody else, or is about another plan or round.
pub fn usable(
    link: &Link,
    record: &ProcessRecord,
    votes: &[Vote],
    approvers: &Approvers,
    now: Timestamp,
) -> Result<Shown, Refused> {
    if link.purpose == Purpose::Timeline {
        bound(link, record, approvers)?;
        return Ok(Shown::Timeline);
    }
    // A no is possible wherever any answer is.
    match castable(link, Answer::Reject, record, votes, approvers, now) {
        Ok(()) => Ok(Shown::Form),
        Err(Refused { kind: Kind::NotByLink | Kind::Decided | Kind::TooLate, message, .. }) => {
            Ok(Shown::NoForm { because: message })
        }
        Err(refused) => Err(refused),
    }
}

/// The vote that a form is, if it may be cast. The form's own token is checked before.
///
/// # Errors
/// [`Refused`]: as [`usable`], and with 403 where links do not decide, 409 where it is decided, 410 where it is too late
/// and 422 for a field that was filled in wrongly.
pub fn may_answer(
    link: &Link,
    form: &Form,
    record: &ProcessRecord,
    votes: &[Vote],
    approvers: &Approvers,
    now: Timestamp,
) -> Result<Answerable, Refused> {
    castable(link, form.answer, record, votes, approvers, now)?;
    let end = confirm_end(&record.resource);
    if !form.confirm.trim().eq_ignore_ascii_case(end) {
        let message = format!("type {end}, the end of the id of what is to go");
        return Err(Refused::new(422, Kind::Confirm, message));
    }
    let reason = form.checked_reason()?;
    let plan_hash = link.plan_hash.clone().ok_or_else(|| Refused::link(Kind::ChangedPlan))?;
    Ok(Answerable {
        vote: Vote {
            round: link.round,
            person: link.person.clone(),
            identity: format!("{BY_LINK}{}", link.person),
            answer: form.answer,
            reason,
            plan_hash,
            at: now,
        },
    })
}

/// Whether a link is about this process, and of somebody whom the policy file still knows.
fn bound(link: &Link, record: &ProcessRecord, approvers: &Approvers) -> Result<(), Refused> {
    if link.process_id.as_ref() != Some(&record.process_id) {
        return Err(Refused::link(Kind::Foreign));
    }
    known(link, approvers)
}

fn castable(
    link: &Link,
    answer: Answer,
    record: &ProcessRecord,
    votes: &[Vote],
    approvers: &Approvers,
    now: Timestamp,
) -> Result<(), Refused> {
    bound(link, record, approvers)?;
    if votes.iter().any(|vote| vote.round == link.round && vote.person == link.person) {
        return Err(Refused::link(Kind::Used));
    }
    let cast = match (link.purpose, &link.plan_hash) {
        (Purpose::Decide, Some(plan_hash)) => {
            let asked = record.round.as_ref().filter(|round| round.number == link.round);
            let round = asked.ok_or_else(|| Refused::link(Kind::ChangedPlan))?;
            if round.plan_hash != *plan_hash {
                return Err(Refused::link(Kind::ChangedPlan));
            }
            if !is_asked(round, &link.person) {
                return Err(Refused::link(Kind::Foreign));
            }
            let voter = Voter { person: &link.person, identities: approvers.identities(&link.person) };
            let cast = may_vote(record, votes, voter, plan_hash, answer, now)?;
            expect_link_decides(record, approvers)?;
            cast
        }
        (Purpose::OptOut, Some(plan_hash)) => {
            // Once people are asked after all, what the rule approved is not what would be done.
            if record.round.is_some() || record.approved_plan_hash.as_ref() != Some(plan_hash) {
                return Err(Refused::link(Kind::ChangedPlan));
            }
            if answer != Answer::Reject {
                return Err(Refused::new(400, Kind::Body, "this link can only object: open it again"));
            }
            may_opt_out(record, votes, &link.person, Some(plan_hash), now)?
        }
        (Purpose::Decide | Purpose::OptOut, None) | (Purpose::Timeline | Purpose::Waiting, _) => {
            return Err(Refused::link(Kind::Foreign));
        }
    };
    match cast {
        Cast::Counted => Ok(()),
        Cast::Repeated => Err(Refused::link(Kind::Used)),
    }
}

/// Whether links decide about a process: at every level that it was assessed at since people were asked. A risk that
/// nobody knows is too high.
#[must_use]
pub fn link_decides(record: &ProcessRecord, approvers: &Approvers) -> bool {
    let levels = levels(record);
    !levels.is_empty() && levels.iter().all(|level| approvers.links_may_decide(*level))
}

fn levels(record: &ProcessRecord) -> Vec<Level> {
    let asked_at = record.round.as_ref().and_then(|round| round.risk_level);
    [asked_at, record.risk_level].into_iter().flatten().collect()
}

fn expect_link_decides(record: &ProcessRecord, approvers: &Approvers) -> Result<(), Refused> {
    if link_decides(record, approvers) {
        return Ok(());
    }
    let risk = levels(record).into_iter().max().map_or("unknown", Level::as_str);
    let message = format!("the risk is {risk}, and a link does not decide at that: answer signed in to AWS");
    Err(Refused::new(403, Kind::NotByLink, message))
}
