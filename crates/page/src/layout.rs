//! What every page is framed by.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use sunset_domain::approval::text::one_line;

use crate::style::STYLE;
use crate::words::{LONGEST, said};

/// What a page is framed by.
pub(crate) struct Frame<'a> {
    /// What stands in the browser's tab: the state first.
    pub title: &'a str,
    /// Whose page it is.
    pub person: Option<&'a str>,
    /// Where else the person can go: address, and what is there.
    pub links: &'a [(&'a str, &'a str)],
    /// A part of the page that many want to go to at once: its id, and what is there.
    pub skip_to: Option<(&'a str, &'a str)>,
}

/// A whole document.
pub(crate) fn document(frame: &Frame<'_>, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                title { (one_line(frame.title, LONGEST)) " · Sunset" }
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex, nofollow";
                // Without it browsers ask for /favicon.ico, which would be one refused request for every page.
                link rel="icon" href="data:,";
                style { (PreEscaped(STYLE)) }
            }
            body {
                nav.skip aria-label="Skip" {
                    a href="#main" { "Skip to the content" }
                    @if let Some((id, what)) = frame.skip_to { a href={ "#" (id) } { (what) } }
                }
                header.top {
                    p.brand { span.sun aria-hidden="true" { "◒" } " Sunset" }
                    @if !frame.links.is_empty() {
                        nav aria-label="Your pages" {
                            @for (address, what) in frame.links { a href=(address) { (what) } }
                        }
                    }
                }
                main #main tabindex="-1" { (content) }
                footer {
                    @if let Some(person) = frame.person {
                        p {
                            "This page is " strong { (said(person)) } "’s own. Whoever has its address can act as "
                            (said(person)) ": do not pass it on."
                        }
                    }
                    p { "All times are in UTC." }
                }
            }
        }
    }
}

/// A part of a page under its own heading.
pub(crate) fn section(id: &str, title: &Markup, content: &Markup) -> Markup {
    html! {
        section aria-labelledby=(id) {
            h2 id=(id) { (title) }
            (content)
        }
    }
}

/// A fact of a list of facts.
pub(crate) fn fact(name: &str, value: &Markup) -> Markup {
    html! { div { dt { (name) } dd { (value) } } }
}
