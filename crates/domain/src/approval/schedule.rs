//! When people are reminded, and when more of them are asked: absolute moments, which the round has from its beginning.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use crate::approval::tally::{counts, is_asked};
use crate::approval::vote::{Round, Vote};
use crate::time::Timestamp;

/// What is to be done about a round that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// Remind those who have not answered.
    Remind,
    /// Ask more people.
    Escalate,
    /// Wait.
    Nothing,
}

/// What is due. More people come first: they are then reminded with the others.
#[must_use]
pub fn due(round: &Round, now: Timestamp) -> Due {
    if now >= round.deadline {
        Due::Nothing
    } else if due_escalations(round, now) > round.escalated {
        Due::Escalate
    } else if due_reminders(round, now) > round.reminded {
        Due::Remind
    } else {
        Due::Nothing
    }
}

/// The next moment at which something becomes due that is not done, at the latest the deadline. What is due already is
/// [`due`]'s.
#[must_use]
pub fn next_at(round: &Round, now: Timestamp) -> Timestamp {
    let reminders = round.reminders.iter().skip(done(round.reminded)).copied();
    let escalations = round.escalations.iter().skip(done(round.escalated)).map(|escalation| escalation.at);
    let ahead = reminders.chain(escalations).filter(|at| *at > now);
    ahead.min().map_or(round.deadline, |at| at.min(round.deadline))
}

/// The round once people were reminded. Two reminders that are due are one.
#[must_use]
pub fn reminded(mut round: Round, now: Timestamp) -> Round {
    round.reminded = round.reminded.max(due_reminders(&round, now));
    round
}

/// The round once everybody is asked who is due, and who of them was not asked before. No role needs fewer people than it
/// did: only more can answer for it.
#[must_use]
pub fn escalated(mut round: Round, now: Timestamp) -> (Round, Vec<String>) {
    let to = due_escalations(&round, now).max(round.escalated);
    let before = round.clone();
    let mut new: Vec<String> = Vec::new();
    for escalation in before.escalations.iter().take(done(to)).skip(done(before.escalated)) {
        let Some(role) = round.required.iter_mut().find(|role| role.role == escalation.role) else { continue };
        for person in &escalation.people {
            if role.people.contains(person) {
                continue;
            }
            role.people.push(person.clone());
            if let Some(absent) = escalation.standing_in.get(person) {
                role.standing_in.insert(person.clone(), absent.clone());
            }
            if !is_asked(&before, person) && !new.contains(person) {
                new.push(person.clone());
            }
        }
    }
    round.escalated = to;
    (round, new)
}

/// Who was asked and has not answered, by name.
#[must_use]
pub fn unanswered(round: &Round, votes: &[Vote]) -> Vec<String> {
    let answered: BTreeSet<&str> =
        votes.iter().filter(|vote| counts(round, vote)).map(|vote| vote.person.as_str()).collect();
    let asked: BTreeSet<&str> = round.required.iter().flat_map(|role| &role.people).map(String::as_str).collect();
    asked.difference(&answered).map(|person| (*person).to_owned()).collect()
}

fn due_reminders(round: &Round, now: Timestamp) -> u32 {
    number(round.reminders.iter().take_while(|at| **at <= now).count())
}

fn due_escalations(round: &Round, now: Timestamp) -> u32 {
    number(round.escalations.iter().take_while(|escalation| escalation.at <= now).count())
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn done(count: u32) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}
