//! Who is asked, who has answered what and why, and what is missing.

use maud::{Markup, html};
use sunset_domain::approval::tally::tally;
use sunset_domain::approval::vote::{Answer, Decision, NOTICE_ROUND, Required, Round, Vote};
use sunset_domain::process::record::ProcessRecord;
use sunset_domain::time::Timestamp;

use crate::words::{counted, moment, moment_and_distance, quote, said};

/// The people of the newest asking, or of an approval by rule.
pub(crate) fn people(record: &ProcessRecord, votes: &[Vote], person: &str, now: Timestamp) -> Markup {
    html! {
        @match (&record.round, &record.notice) {
            (Some(round), _) => { (asked(round, votes, person, now)) }
            (None, Some(notice)) => {
                p {
                    "Nobody has to approve it: the rule did, because its risk is low, everything about it is known, and it \
                     can be had again. "
                    @if notice.over || now >= notice.until { "People could object until " }
                    @else { "Nothing is done, and you can object, until " }
                    (moment_and_distance(notice.until, now)) "."
                }
            }
            (None, None) => { p { "Nobody is asked." } }
        }
        (others(record, votes))
    }
}

fn asked(round: &Round, votes: &[Vote], person: &str, now: Timestamp) -> Markup {
    html! {
        p { (decision(round, votes, now)) }
        @for (at, role) in round.required.iter().enumerate() { (one_role(round, role, at, votes, person)) }
        p {
            "In all at least " (counted(usize::try_from(round.minimum_approvers).unwrap_or(usize::MAX), "person", "different people"))
            " must approve. One no ends it. Whoever started it never approves."
        }
        @let coming: Vec<_> = round.escalations.iter().filter(|escalation| escalation.at > now).collect();
        @if !coming.is_empty() {
            h3 { "Who is asked later" }
            ul {
                @for escalation in coming {
                    li {
                        (names(&escalation.people)) " for " (role_name(&escalation.role)) ", if it is not decided by "
                        (moment(escalation.at))
                    }
                }
            }
        }
    }
}

fn decision(round: &Round, votes: &[Vote], now: Timestamp) -> Markup {
    html! {
        @match tally(round, votes, now) {
            Decision::Approved { by } => { strong { "Approved" } " by " (names(&by)) "." }
            Decision::Rejected { by, reason } => { strong { "Rejected" } " by " (said(&by)) ": " (quote(&reason)) }
            Decision::Expired => { strong { "Expired" } ": nobody decided by " (moment(round.deadline)) "." }
            Decision::Waiting { missing } => {
                strong { "Not decided yet." } " Missing: " (said(&missing)) ". Answers count until "
                (moment_and_distance(round.deadline, now)) "."
            }
        }
    }
}

fn one_role(round: &Round, role: &Required, at: usize, votes: &[Vote], person: &str) -> Markup {
    let id = format!("role-{}", at.saturating_add(1));
    html! {
        h3 id=(id) { (role_name(&role.role)) }
        p { "Asked because " (said(&role.because)) ". " (role.quorum) " of " (role.people.len()) " must approve." }
        ul.people aria-labelledby=(id) {
            @for name in &role.people {
                li {
                    strong { (said(name)) } @if name == person { " (you)" }
                    @if let Some(away) = role.standing_in.get(name) { ", standing in for " (said(away)) }
                    ": "
                    (answered(votes.iter().find(|vote| is_of(round, vote) && vote.person == *name)))
                }
            }
        }
    }
}

/// For whom the person is asked, where it is not for themselves alone.
pub(crate) fn stands_in_for<'a>(record: &'a ProcessRecord, person: &str) -> Option<&'a str> {
    let asked = record.round.iter().flat_map(|round| &round.required);
    asked.filter_map(|role| role.standing_in.get(person)).next().map(String::as_str)
}

fn is_of(round: &Round, vote: &Vote) -> bool {
    vote.round == round.number && vote.plan_hash == round.plan_hash
}

fn answered(vote: Option<&Vote>) -> Markup {
    html! {
        @match vote {
            None => { "no answer yet" }
            Some(vote) => {
                @match vote.answer {
                    Answer::Approve => { span.yes { span aria-hidden="true" { "✓ " } "approved" } }
                    Answer::Reject => { span.no { span aria-hidden="true" { "✕ " } "rejected" } }
                }
                ", " (moment(vote.at))
                @if let Some(reason) = &vote.reason { ": " (quote(reason)) }
            }
        }
    }
}

/// Answers to other askings: they decide nothing here, and whoever decides may want to know them.
fn others(record: &ProcessRecord, votes: &[Vote]) -> Markup {
    let of_this = |vote: &&Vote| record.round.as_ref().is_some_and(|round| is_of(round, vote));
    let others: Vec<&Vote> = votes.iter().filter(|vote| !of_this(vote)).collect();
    if others.is_empty() {
        return html! {};
    }
    html! {
        h3 { @if record.round.is_some() { "Answers to what was asked before" } @else { "Objections" } }
        ul.people {
            @for vote in others {
                li {
                    strong { (said(&vote.person)) }
                    @if vote.round == NOTICE_ROUND && vote.answer == Answer::Reject {
                        ": objected, " (moment(vote.at))
                        @if let Some(reason) = &vote.reason { ": " (quote(reason)) }
                    } @else {
                        " in round " (vote.round) ": " (answered(Some(vote)))
                    }
                }
            }
        }
    }
}

fn role_name(role: &str) -> Markup {
    match role.split_once(':') {
        Some(("owner", owner)) => html! { "owner " (said(owner)) },
        _ => said(role),
    }
}

fn names(names: &[String]) -> Markup {
    html! { @for (at, name) in names.iter().enumerate() { @if at > 0 { ", " } (said(name)) } }
}
