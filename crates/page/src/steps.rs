//! The plan, step by step: what happens, what can be taken back and until when, and what is lost even so.

use maud::{Markup, html};
use sunset_domain::process::record::ProcessRecord;
use sunset_domain::runbook::action::{Action, Effect};
use sunset_domain::runbook::document::Runbook;
use sunset_domain::runbook::duration::{about, in_words};
use sunset_domain::runbook::step::Step;
use sunset_domain::time::Timestamp;

use crate::words::{counted, moment_and_distance, said};

fn is_final(step: &Step) -> bool {
    step.effect == Effect::Irreversible
}

/// What will happen, in a breath. It promises nothing that a plan of another form would not keep.
pub(crate) fn in_a_sentence(runbook: &Runbook) -> Markup {
    let before: Vec<&Step> = runbook.before_the_soak().collect();
    let last: Vec<&Step> = runbook.steps.iter().filter(|step| is_final(step)).collect();
    html! {
        (counted(before.len(), "step comes", "steps come")) " first"
        @if !before.iter().any(|step| is_final(step)) { ", and none of them is final" }
        ". "
        @if before.len() < runbook.steps.len() {
            "Then it is left alone for " (in_words(runbook.soak_seconds.into())) ". "
        }
        @if last.is_empty() {
            "Nothing in the plan is irreversible."
        } @else {
            "Never to be taken back: "
            @for (at, step) in last.iter().enumerate() { @if at > 0 { " " } strong { (said(&step.description)) } }
        }
    }
}

/// `1 of 6 steps`.
pub(crate) fn irreversible_count(runbook: &Runbook) -> Markup {
    let count = runbook.steps.iter().filter(|step| is_final(step)).count();
    html! { (count) " of " (counted(runbook.steps.len(), "step", "steps")) }
}

/// Every step, in the three parts that differ in what can be taken back.
pub(crate) fn steps(runbook: &Runbook, record: &ProcessRecord, now: Timestamp) -> Markup {
    let numbered: Vec<(usize, &Step)> = (1..).zip(&runbook.steps).collect();
    let soak_at = numbered.iter().position(|(_, step)| step.action == Action::Soak).unwrap_or(numbered.len());
    let (before, rest) = numbered.split_at(soak_at);
    let (soak, after) = rest.split_at(rest.len().min(1));
    let until = until(runbook, &numbered);
    let first = if before.iter().any(|(_, step)| is_final(step)) { "First" } else { "First: what can be taken back" };
    html! {
        (part(first, before, &until))
        (part("Then: nothing, so that everybody can notice", soak, &until))
        @if let Some(until) = record.soak_until {
            p { "It is left alone until " (moment_and_distance(until, now)) "." }
        }
        @if !after.is_empty() {
            p.no-return { span aria-hidden="true" { "▼ " } "From here on there is no way back" span aria-hidden="true" { " ▼" } }
        }
        (part("Last: what cannot be taken back", after, &until))
        (when(runbook))
    }
}

/// Until when what can be taken back can be.
fn until(runbook: &Runbook, numbered: &[(usize, &Step)]) -> String {
    let soak = in_words(runbook.soak_seconds.into());
    match numbered.iter().find(|(_, step)| is_final(step)) {
        Some((number, _)) => format!("until step {number}, which comes after {soak} of rest at the earliest"),
        None => "for as long as the process goes on".into(),
    }
}

fn part(title: &str, steps: &[(usize, &Step)], until: &str) -> Markup {
    let Some((first, _)) = steps.first() else { return html! {} };
    html! {
        h3 { (title) }
        ol.steps start=(first) { @for (number, step) in steps { (one(*number, step, until)) } }
    }
}

fn one(number: usize, step: &Step, until: &str) -> Markup {
    let irreversible = is_final(step);
    html! {
        li class=(if irreversible { "step irreversible" } else { "step" }) {
            p.what { span.number aria-hidden="true" { (number) } " " span { (said(&step.description)) } }
            p.effect { (effect(step, until)) @if !irreversible { " Done when " (said(&step.verification)) "." } }
            @if irreversible { (recovery(step)) }
            @if let Some(loses) = &step.loses { p { strong { "Lost even so: " } (said(loses)) "." } }
            @if let Some(away) = step.rollback.as_ref().and_then(|back| back.does_not_bring_back.as_ref()) {
                p { strong { "Not brought back: " } (said(away)) "." }
            }
            @if irreversible { p { "Done when " (said(&step.verification)) "." } }
        }
    }
}

fn effect(step: &Step, until: &str) -> Markup {
    html! {
        @match (step.action, step.effect) {
            (Action::Soak, _) => { "Changes nothing. Whoever ends it early has everything put back." }
            (_, Effect::Additive) => { "Only adds something." }
            (_, Effect::Reversible) => {
                span aria-hidden="true" { "↩ " } "Can be taken back " (until) "."
            }
            (_, Effect::Irreversible) => { span aria-hidden="true" { "⚠ " } strong { "Cannot be taken back." } }
        }
    }
}

fn recovery(step: &Step) -> Markup {
    html! {
        @match &step.recovery {
            Some(recovery) => {
                p { strong { "To have it again: " } (said(&recovery.how)) }
                @if recovery.verified_by.is_none() { p.quiet { "Its record is all that this needs." } }
            }
            None => { p { strong { "Nothing brings it back." } } }
        }
    }
}

fn when(runbook: &Runbook) -> Markup {
    let seconds = runbook.steps.iter().map(|step| u64::from(step.action.usual_seconds())).sum::<u64>();
    html! {
        p.quiet {
            "In all it takes " (about(seconds.saturating_add(runbook.soak_seconds.into())))
            ", and longer where a change window has to open first. Backups are kept for "
            (runbook.backup_retention_days) " days."
        }
    }
}
