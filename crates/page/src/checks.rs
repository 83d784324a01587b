//! What the checker found in the plan, and what a person attests by approving it.

use maud::{Markup, html};
use sunset_domain::runbook::check::Severity;
use sunset_domain::runbook::checklist::ItemState;
use sunset_domain::runbook::plan_document::Plan;

use crate::layout::section;
use crate::words::said;

/// The two lists, where there is something in them.
pub(crate) fn checks(plan: &Plan, by_rule: bool) -> Markup {
    let warnings: Vec<_> = plan.findings.iter().filter(|finding| finding.severity < Severity::Info).collect();
    let attested: Vec<_> = plan.checklist.iter().filter(|item| item.state == ItemState::AttestedNeeded).collect();
    html! {
        @if !warnings.is_empty() {
            (section("warnings", &html! { "What the checker found in the plan" }, &html! {
                ul { @for finding in &warnings { li { (said(&finding.to_string())) } } }
            }))
        }
        @if !attested.is_empty() {
            (section("attested", &html! {
                @if by_rule { "What no machine could check" } @else { "What you attest by approving" }
            }, &html! {
                ul { @for item in &attested { li { strong { (said(&item.text)) } ": " (said(&item.how)) } } }
            }))
        }
    }
}
