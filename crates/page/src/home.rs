//! The page without a link: it knows nobody, and tells nothing.

use maud::html;

use crate::answer::Page;
use crate::layout::{Frame, document};

/// What somebody sees who comes without a link.
#[must_use]
pub fn home() -> Page {
    let frame = Frame { title: "Approvals", person: None, links: &[], skip_to: None };
    let content = html! {
        h1 { "Approvals" }
        p.lead { "Here people decide whether a resource may be retired." }
        p {
            "Open the link in your own notice: it is personal, and the only way in. If yours does not work any more, the \
             same can be decided with your own AWS credentials, as the notice on the shared topic says."
        }
    };
    Page::new(200, document(&frame, &content))
}
