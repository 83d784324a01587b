//! Other people's text, moments and durations, as pages show them.

use maud::{Markup, html};
use sunset_domain::approval::text::{one_line, quoted};
use sunset_domain::process::status::Status;
use sunset_domain::risk::level::Level;
use sunset_domain::runbook::duration::in_words;
use sunset_domain::time::Timestamp;

/// The longest text of anybody that a page shows in full: as much as a reason may have.
pub(crate) const LONGEST: usize = 1000;

/// A text on one line that cannot reorder what stands beside it, whatever script it is in.
pub(crate) fn said(text: &str) -> Markup {
    html! { bdi { (one_line(text, LONGEST)) } }
}

/// The same in quotation marks: somebody's own words.
pub(crate) fn quote(text: &str) -> Markup {
    html! { bdi { (quoted(text, LONGEST)) } }
}

/// An id or a hash, which may break anywhere.
pub(crate) fn code(text: &str) -> Markup {
    html! { code { (one_line(text, LONGEST)) } }
}

/// `Mon 23 Nov 2026, 09:00 UTC`, for people and, in full, for machines.
pub(crate) fn moment(at: Timestamp) -> Markup {
    html! { time datetime=(at) { (in_full(at)) } }
}

/// The same with how far away it is: `(in 3 days)`.
pub(crate) fn moment_and_distance(at: Timestamp, now: Timestamp) -> Markup {
    html! { (moment(at)) " (" (distance(at, now)) ")" }
}

fn in_full(at: Timestamp) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let text = at.to_string();
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    let named =
        |names: &[&'static str], at: Option<usize>| at.and_then(|at| names.get(at).copied()).unwrap_or_default();
    // 1970-01-01 was a Thursday.
    let day = named(&DAYS, usize::try_from(at.unix_seconds().div_euclid(86_400).rem_euclid(7)).ok());
    let month = named(&MONTHS, part(5, 7).parse::<usize>().ok().and_then(|month| month.checked_sub(1)));
    let date = part(8, 10).trim_start_matches('0');
    format!("{day} {date} {month} {}, {} UTC", part(0, 4), part(11, 16))
}

/// `in 3 days`, `40 minutes ago`: never more time than there is.
pub(crate) fn distance(at: Timestamp, now: Timestamp) -> String {
    let seconds = at.seconds_since(now);
    let size = seconds.unsigned_abs();
    let unit = match size {
        172_800.. => 86_400,
        7_200.. => 3_600,
        60.. => 60,
        _ => return if seconds > 0 { "in less than a minute" } else { "just now" }.to_owned(),
    };
    let words = in_words(size - size % unit);
    if seconds > 0 { format!("in {words}") } else { format!("{words} ago") }
}

/// `3 steps`, `1 step`.
pub(crate) fn counted(count: usize, one: &str, more: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { more })
}

/// The level in a word and, for the eye alone, by how much of a scale is filled.
pub(crate) fn level(level: Level) -> Markup {
    let (name, scale) = match level {
        Level::Low => ("low", "●○○○"),
        Level::Medium => ("medium", "●●○○"),
        Level::High => ("high", "●●●○"),
        Level::Critical => ("critical", "●●●●"),
    };
    html! {
        span class={ "level level-" (name) } { span.scale aria-hidden="true" { (scale) } " " (name) " risk" }
    }
}

/// Where a process stands, at the beginning of a line: `Awaiting approval`.
pub(crate) fn status(status: Status) -> String {
    capital(&status.as_str().replace('_', " "))
}

/// Words as they begin a line.
pub(crate) fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// What is above zero, as the sums that a page shows are signed.
pub(crate) fn signed(amount: u64) -> i64 {
    i64::try_from(amount).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
