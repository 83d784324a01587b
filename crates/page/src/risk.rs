//! Why the risk is what it is: every reason, and what nobody could see.

use maud::{Markup, html};
use sunset_domain::risk::assessment::Assessment;
use sunset_domain::risk::sources::unread;

use crate::words::{counted, level, moment, said};

/// Every reason.
pub(crate) fn reasons(assessment: &Assessment) -> Markup {
    let observation = &assessment.observation;
    html! {
        p {
            (level(assessment.level)) ", with "
            (counted(usize::try_from(assessment.score).unwrap_or(usize::MAX), "point", "points"))
            " by profile " (assessment.profile.as_str()) ", as seen " (moment(observation.observed_at)) "."
        }
        @if assessment.points.is_empty() {
            p { "It has no points." }
        } @else {
            ul.points {
                @for point in &assessment.points { li { strong { "+" (point.points) } " " (said(&point.reason)) } }
            }
        }
        @if !assessment.floors.is_empty() {
            h3 { "Never below" }
            ul {
                @for floor in &assessment.floors { li { strong { (floor.level) } ": " (said(&floor.reason)) } }
            }
        }
        (not_seen(assessment))
        h3 { "What depends on it" }
        @if observation.dependents.is_empty() {
            p {
                @if assessment.evidence_complete { "Nothing was found that does." }
                @else { "Nothing was found that does, but not everything could be read." }
            }
        } @else {
            ul {
                @for dependent in &observation.dependents {
                    li {
                        strong { (said(&dependent.id)) } " (" (said(&dependent.kind)) ") " (said(&dependent.relation))
                        ": "
                        @if dependent.dependency.is_critical() { "it needs it, or nobody knows" }
                        @else { "it can do without" }
                    }
                }
            }
        }
        (in_the_way(assessment))
        @if let Some(activity) = &observation.last_activity {
            p { "Last sign of life: " (said(&activity.what)) " " (moment(activity.at)) "." }
        }
        @if !assessment.recommendations.is_empty() {
            h3 { "What to do first" }
            ul { @for text in &assessment.recommendations { li { (said(text)) } } }
        }
    }
}

/// What could not be read is never shown as nothing.
fn not_seen(assessment: &Assessment) -> Markup {
    let unread = unread(&assessment.observation);
    if unread.is_empty() && assessment.evidence_complete {
        return html! { p { "Every source was read completely." } };
    }
    html! {
        div.warning {
            h3 { span aria-hidden="true" { "▲ " } "Not everything could be read" }
            p { "Something may depend on it that nobody saw." }
            @if !unread.is_empty() {
                ul { @for (source, what) in &unread { li { (source) ": " (said(what)) } } }
            }
        }
    }
}

fn in_the_way(assessment: &Assessment) -> Markup {
    let protections = &assessment.observation.protections;
    if assessment.blocked.is_empty() && assessment.managed_by.is_empty() && protections.is_empty() {
        return html! {};
    }
    html! {
        h3 { "What stands against it" }
        ul {
            @for blocker in &assessment.blocked {
                li { "Blocked, " (said(&blocker.code)) ": " (said(&blocker.detail)) }
            }
            @for protection in protections {
                li { "Protected, " (said(&protection.code)) ": " (said(&protection.detail)) }
            }
            @for manager in &assessment.managed_by {
                li {
                    "Managed by " (said(&manager.service)) " " (said(&manager.name)) ": " (said(&manager.change_instead))
                }
            }
        }
    }
}
