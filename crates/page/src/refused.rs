//! What is not done, and why.

use maud::html;

use crate::answer::Page;
use crate::layout::{Frame, document};
use crate::words::said;

/// A request that is refused.
#[derive(Debug, Clone, Copy)]
pub struct Refusal<'a> {
    /// The HTTP status.
    pub status: u16,
    /// What is wrong, in a few words.
    pub title: &'a str,
    /// Why, and what would be right. It must not tell a wrong link from a used or a foreign one.
    pub message: &'a str,
    /// Whether that is known to have changed nothing.
    pub changed_nothing: bool,
    /// When it is worth trying again.
    pub retry_after_seconds: Option<u32>,
    /// The methods that would have been right.
    pub allow: Option<&'a str>,
}

/// The page that says so.
#[must_use]
pub fn refused(refusal: &Refusal<'_>) -> Page {
    let frame = Frame { title: refusal.title, person: None, links: &[], skip_to: None };
    let content = html! {
        h1 { (said(refusal.title)) }
        p.lead { (said(refusal.message)) }
        @if refusal.changed_nothing { p { "Nothing was changed by this." } }
        p.quiet { "HTTP " (refusal.status) }
    };
    let mut page = Page::new(refusal.status, document(&frame, &content));
    page.allow = refusal.allow.map(str::to_owned);
    page.retry_after_seconds = refusal.retry_after_seconds;
    page
}
