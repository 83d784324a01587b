//! A process with its audit trail.

use maud::{Markup, html};
use sunset_domain::approval::vote::{Answer, NOTICE_ROUND, Vote};
use sunset_domain::process::audit::{AuditEvent, Defect};
use sunset_domain::process::record::ProcessRecord;
use sunset_domain::process::report::{details, what};
use sunset_domain::risk::assessment::Assessment;
use sunset_domain::time::Timestamp;

use crate::answer::Page;
use crate::layout::{Frame, document, fact, section};
use crate::people;
use crate::words::{capital, code, counted, level, moment, moment_and_distance, quote, said, status};

/// What the page is made of.
#[derive(Debug, Clone, Copy)]
pub struct Timeline<'a> {
    /// The process.
    pub record: &'a ProcessRecord,
    /// Its newest assessment.
    pub assessment: Option<&'a Assessment>,
    /// The votes of every round.
    pub votes: &'a [Vote],
    /// The whole audit trail, as it is stored.
    pub events: &'a [AuditEvent],
    /// What [`sunset_domain::process::audit::verify`] found in it.
    pub defects: &'a [Defect],
    /// Whose page it is.
    pub person: &'a str,
    /// The time.
    pub now: Timestamp,
    /// Whether the person has just answered.
    pub done: bool,
    /// Where the person's list is.
    pub waiting_url: &'a str,
}

/// The page.
#[must_use]
pub fn timeline(timeline: &Timeline<'_>) -> Page {
    let Timeline { record, now, .. } = timeline;
    let state = status(record.status);
    let own = timeline.votes.iter().filter(|vote| vote.person == timeline.person);
    let answer = own.max_by_key(|vote| (vote.at, vote.round));
    let title = if timeline.done && answer.is_some() {
        format!("Your answer is recorded: {}", record.resource)
    } else {
        format!("{state}: {}", record.resource)
    };
    let frame = Frame {
        title: &title,
        person: Some(timeline.person),
        links: &[(timeline.waiting_url, "What waits for you")],
        skip_to: Some(("trail", "Skip to the audit trail")),
    };
    let content = html! {
        p.state { (state) }
        h1 { "Retiring " (record.resource) (name(timeline.assessment)) }
        @if timeline.done { (thanks(answer)) }
        (facts(record, *now))
        (section("people", &html! { "Who decides" }, &people::people(record, timeline.votes, timeline.person, *now)))
        (section("trail", &html! { "What happened" }, &trail(timeline)))
    };
    Page::new(200, document(&frame, &content))
}

fn name(assessment: Option<&Assessment>) -> Markup {
    let name = assessment.and_then(|assessment| assessment.observation.found.as_ref()?.name.as_deref());
    html! { @if let Some(name) = name { " " span.name { (quote(name)) } } }
}

/// What the person did, as it is stored.
fn thanks(answer: Option<&Vote>) -> Markup {
    html! {
        div.note role="status" {
            @match answer {
                Some(vote) => {
                    p {
                        strong { "Your answer is recorded." } " You "
                        @match (vote.answer, vote.round) {
                            (Answer::Approve, _) => { "approved" }
                            (Answer::Reject, NOTICE_ROUND) => { "objected" }
                            (Answer::Reject, _) => { "rejected" }
                        }
                        " " (moment(vote.at)) "."
                    }
                    p { "You can close this page. The link that you answered by has done its work." }
                }
                None => { p { "Your answer was taken, and does not show here yet. Open this page again in a moment." } }
            }
        }
    }
}

fn facts(record: &ProcessRecord, now: Timestamp) -> Markup {
    html! {
        dl.facts {
            (fact("Stands", &html! { (status(record.status)) ", since " (moment_and_distance(record.updated_at, now)) }))
            @if let Some(outcome) = &record.outcome { (fact("Because", &quote(outcome))) }
            @if let Some(risk) = record.risk_level { (fact("Risk", &level(risk))) }
            (fact("Why", &quote(&record.reason)))
            (fact("Started by", &html! {
                (quote(&record.initiator)) ", "
                @if record.initiator_verified { "proved by AWS" } @else { "which nobody can prove" }
                ", " (moment_and_distance(record.created_at, now))
            }))
            @if let Some(until) = record.soak_until { (fact("Left alone until", &moment_and_distance(until, now))) }
            @if let Some(ended) = &record.soak_ended {
                (fact("Stopped by", &html! { (said(&ended.by)) ", " (moment(ended.at)) ": " (quote(&ended.reason)) }))
            }
            @if let Some(hold) = &record.hold {
                (fact("Held", &html! { "since " (moment(hold.since)) ": " (quote(&hold.because)) }))
            }
            @if let Some(error) = &record.error {
                (fact("Failed with", &html! { (said(&error.error)) ": " (quote(&error.cause)) }))
            }
            (fact("Process", &code(record.process_id.as_str())))
            @if let Some(hash) = &record.plan_hash { (fact("Plan hash", &code(hash.as_str()))) }
        }
    }
}

fn trail(timeline: &Timeline<'_>) -> Markup {
    let events = timeline.events;
    html! {
        @if timeline.defects.is_empty() {
            p {
                "The audit trail is whole: " (counted(events.len(), "event", "events"))
                ", each chained to the one before. It ends at " (code(&timeline.record.audit.to_string())) "."
            }
        } @else {
            div.warning {
                h3 { span aria-hidden="true" { "▲ " } "The audit trail is not whole" }
                ul { @for defect in timeline.defects { li { (said(&defect.to_string())) } } }
                p { "Somebody changed it, or some of it could not be read. Trust nothing here before that is cleared up." }
            }
        }
        ol.trail {
            @for event in events {
                li {
                    p.what { span.number aria-hidden="true" { (event.seq) } " " span { (capital(what(event))) } }
                    p.quiet { (moment(event.at)) ", by " (said(&event.actor)) }
                    @let details = details(&event.data);
                    @if !details.is_empty() { p.details { (said(&details)) } }
                }
            }
        }
    }
}
