//! What waits for a person.

use maud::html;
use sunset_domain::process::record::ProcessRecord;
use sunset_domain::time::Timestamp;

use crate::answer::Page;
use crate::layout::{Frame, document};
use crate::words::{counted, level, moment, moment_and_distance, quote, said};

/// The list of what waits for a person.
#[derive(Debug, Clone, Copy)]
pub struct WaitingList<'a> {
    /// For whom.
    pub person: &'a str,
    /// What, in the order in which it is shown.
    pub items: &'a [Waits<'a>],
    /// The time.
    pub now: Timestamp,
    /// Whether more waits than the list holds.
    pub more: bool,
}

/// A process that waits for a person.
#[derive(Debug, Clone, Copy)]
pub struct Waits<'a> {
    /// The process.
    pub record: &'a ProcessRecord,
    /// Until when it waits.
    pub deadline: Timestamp,
    /// Where the person can read and answer it; nothing where only the link in their notice leads there.
    pub url: Option<&'a str>,
}

/// The page that lists it.
#[must_use]
pub fn waiting(list: &WaitingList<'_>) -> Page {
    let title = match (list.items.len(), list.more) {
        (0, _) => "Nothing waits for you".to_owned(),
        (count, false) => format!("{} for you", counted(count, "process waits", "processes wait")),
        (count, true) => format!("More than {} for you", counted(count, "process waits", "processes wait")),
    };
    let frame = Frame { title: &title, person: Some(list.person), links: &[], skip_to: None };
    let content = html! {
        h1 { (title) }
        @if list.items.is_empty() {
            p.lead { "Nobody asks you anything at " (moment(list.now)) "." }
        } @else {
            ul.cards { @for item in list.items { (entry(item, list.now)) } }
        }
        @if list.more { p { "There is more than this list holds. Answer these first, and open it again." } }
    };
    Page::new(200, document(&frame, &content))
}

fn entry(item: &Waits<'_>, now: Timestamp) -> maud::Markup {
    let record = item.record;
    html! {
        li.card {
            h2 {
                @if let Some(url) = item.url { a href=(url) { (record.resource) } } @else { (record.resource) }
            }
            p {
                @if let Some(risk) = record.risk_level { (level(risk)) } @else { "The risk is not known." }
            }
            p { "Waits until " (moment_and_distance(item.deadline, now)) "." }
            p { "Asked for by " (quote(&record.initiator)) ": " (quote(&record.reason)) }
            @if item.url.is_none() {
                p.quiet { "Answer it by the link in your notice about " (said(&record.display_id)) "." }
            }
        }
    }
}
