//! What one person is told on a channel of their own: short, and with the link that only they may have.

#[cfg(test)]
pub(super) mod tests;

use super::body::Body;
use super::{Notice, beginning, counted, name, object, objections_until, read, savings, vote};
use crate::approval::text::{one_line, quoted};
use crate::approval::vote::{Required, Round};
use crate::process::record::ProcessRecord;
use crate::risk::assessment::Assessment;
use crate::risk::level::Level;
use crate::runbook::plan_document::Plan;

/// Of how many roles a person reads why they are asked: enough for anybody, and never so many that the link is cut off.
const MOST_ROLES: usize = 8;

/// How the person can answer.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ways<'a> {
    /// Their own link to this question; none where the stack has no page or no key for links.
    pub link: Option<&'a str>,
    /// Their own link to everything that waits for them.
    pub waiting: Option<&'a str>,
    /// The Function URL that takes their AWS credentials.
    pub approve_url: Option<&'a str>,
    /// Whether the link decides at this risk, or only shows.
    pub link_decides: bool,
}

/// Asks a person to approve a plan.
#[must_use]
pub fn asked(
    record: &ProcessRecord,
    round: &Round,
    assessment: &Assessment,
    plan: &Plan,
    person: &str,
    ways: Ways<'_>,
) -> Notice {
    let lead = format!("{} is to be retired, and you are asked whether it may go.", name(record, assessment));
    Question { record, round, assessment, plan, person, ways }.notice("Answer by", &[&lead])
}

/// Reminds a person who has not answered. `missing` is what the tally still misses, in a sentence.
#[must_use]
pub fn reminder(
    record: &ProcessRecord,
    round: &Round,
    assessment: &Assessment,
    plan: &Plan,
    person: &str,
    missing: &str,
    ways: Ways<'_>,
) -> Notice {
    let name = name(record, assessment);
    let lead = format!("{name} is to be retired. You were asked whether it may go, and have not answered.");
    let missing = format!("Still missing: {}.", one_line(missing, 400));
    Question { record, round, assessment, plan, person, ways }.notice("Reminder: answer by", &[&lead, &missing])
}

/// Asks a person because those who were asked first have not decided.
#[must_use]
pub fn escalation(
    record: &ProcessRecord,
    round: &Round,
    assessment: &Assessment,
    plan: &Plan,
    person: &str,
    ways: Ways<'_>,
) -> Notice {
    let lead = format!("{} is to be retired, and you are asked whether it may go.", name(record, assessment));
    let late = format!("You are asked now because those who were asked at {} have not decided.", round.requested_at);
    Question { record, round, assessment, plan, person, ways }.notice("Escalated: answer by", &[&lead, &late])
}

/// Tells a person what the rule approved, and how to object before anything is done.
#[must_use]
pub fn objection_possible(
    record: &ProcessRecord,
    assessment: &Assessment,
    plan: &Plan,
    person: &str,
    ways: Ways<'_>,
) -> Notice {
    let until = objections_until(record);
    let mut body = Body::default();
    body.line(&format!(
        "{} is going to be retired unless somebody objects. Nobody has to approve it: its risk is {}, everything about it \
         is known, and it can be had again.",
        name(record, assessment),
        assessment.level
    ));
    body.line("").item(&format!("for: {person}"));
    body.item(&match &record.resource_owner {
        Some(owner) => format!("why you: it belongs to {}, and you answer for it", quoted(owner, 100)),
        None => "why you: nobody is known to own it, and you answer for what nobody owns".to_owned(),
    });
    body.item(&format!("until: {until}; nothing is done before, and one objection is enough"));
    facts(&mut body, record, assessment.level, assessment, plan);
    match ways.link {
        Some(link) if ways.link_decides => {
            body.heading("To read everything about it, and to object:");
            personal(&mut body, link, &format!("It works once, until {until}."));
        }
        other => {
            if let Some(link) = other {
                body.heading("To read everything about it:");
                personal(&mut body, link, &format!("It works until {until}, and only shows."));
            }
            body.heading("To object, with your own AWS credentials in the environment");
            object(&mut body, record, ways.approve_url);
            if other.is_none() {
                body.heading("To read everything about it first");
                read(&mut body, record, ways.approve_url);
            }
        }
    }
    body.line("").line("If you do nothing, it goes on. As long as it soaks, everything can still be put back.");
    end(&mut body, record, ways);
    body.notice(&format!("Will be retired unless you object by {until}: {}", record.resource), record)
}

/// A question to one person.
struct Question<'a> {
    record: &'a ProcessRecord,
    round: &'a Round,
    assessment: &'a Assessment,
    plan: &'a Plan,
    person: &'a str,
    ways: Ways<'a>,
}

impl Question<'_> {
    fn notice(&self, subject: &str, lead: &[&str]) -> Notice {
        let Self { record, round, assessment, plan, person, ways } = self;
        let (deadline, url) = (round.deadline, ways.approve_url);
        let level = round.risk_level.unwrap_or(assessment.level);
        let mut body = Body::default();
        for line in lead {
            body.line(line);
        }
        body.line("").item(&format!("for: {person}"));
        let roles = round.required.iter().filter(|role| role.people.iter().any(|name| name == person));
        for role in roles.take(MOST_ROLES) {
            body.item(&format!("why you: {}", why(role, person)));
        }
        body.item(&format!("until: {deadline}; undecided by then, the process ends and nothing is changed"));
        facts(&mut body, record, level, assessment, plan);
        match ways.link {
            Some(link) if ways.link_decides => {
                body.heading("To read everything about it, and to answer:");
                personal(&mut body, link, &format!("It answers once, until {deadline}."));
            }
            Some(link) => {
                body.heading("To read everything about it:");
                personal(&mut body, link, &format!("It works until {deadline}, and only shows."));
                body.heading(&format!("At {level} risk no link decides. To answer, with your own AWS credentials:"));
                by_hand(&mut body, record, round, url);
            }
            None => {
                body.heading("To read everything about it, and to answer, with your own AWS credentials:");
                by_hand(&mut body, record, round, url);
            }
        }
        end(&mut body, record, *ways);
        body.notice(&format!("{subject} {deadline}: {} ({level} risk)", record.resource), record)
    }
}

fn why(role: &Required, person: &str) -> String {
    let away = role.standing_in.get(person).map(|away| format!(", standing in for {away}")).unwrap_or_default();
    format!("{}{away} ({})", role.role, role.because)
}

fn facts(body: &mut Body, record: &ProcessRecord, level: Level, assessment: &Assessment, plan: &Plan) {
    let known = if assessment.evidence_complete { "" } else { "; NOT EVERYTHING COULD BE READ" };
    body.item(&format!("risk: {level}, {}{known}", counted(assessment.score, "point", "points")));
    body.item(&format!("saves: {}", savings(plan)));
    beginning(body, record);
}

/// A link on a line of its own, so that no mail program breaks it, and what the person must know of it.
fn personal(body: &mut Body, link: &str, lasts: &str) {
    body.line(&bare(link));
    body.line(&format!("This link is yours alone: whoever has it stands for you. Do not forward it. {lasts}"));
}

/// The way that needs no page: the script of the repository, and what it does in one command.
fn by_hand(body: &mut Body, record: &ProcessRecord, round: &Round, url: Option<&str>) {
    let shown = url.map_or_else(|| "https://<the Function URL of approve>/".to_owned(), bare);
    body.line(&format!("  scripts/vote '{}' {}", shown.replace('\'', ""), record.process_id));
    body.item("or");
    vote(body, record, round, url);
}

fn end(body: &mut Body, record: &ProcessRecord, ways: Ways<'_>) {
    if let Some(waiting) = ways.waiting {
        body.heading("Everything that waits for you (this link is yours alone too):");
        body.line(&bare(waiting));
    }
    body.line("").process(record);
}

/// A URL as it must stand: one that came with anything else in it would not work anyway.
fn bare(url: &str) -> String {
    url.chars().filter(char::is_ascii_graphic).collect()
}
