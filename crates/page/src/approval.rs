//! The page on which a person decides: what will happen, why its risk is what it is, what it saves, who else has
//! answered, and the form.

use maud::{Markup, html};
use sunset_domain::approval::link::Purpose;
use sunset_domain::approval::tally::tally;
use sunset_domain::approval::vote::{Decision, Vote};
use sunset_domain::policy::Mode;
use sunset_domain::process::record::ProcessRecord;
use sunset_domain::process::report::dollars;
use sunset_domain::process::status::Status;
use sunset_domain::risk::assessment::Assessment;
use sunset_domain::runbook::plan_document::Plan;
use sunset_domain::time::Timestamp;

use crate::answer::Page;
use crate::form::{self, FormError, FormOf};
use crate::layout::{Frame, document, fact, section};
use crate::steps;
use crate::words::{code, level, moment, moment_and_distance, quote, said, signed};
use crate::{checks, people, risk, savings};

/// What the page is made of.
#[derive(Debug, Clone, Copy)]
pub struct Approval<'a> {
    /// The process.
    pub record: &'a ProcessRecord,
    /// The assessment that the plan was made from.
    pub assessment: &'a Assessment,
    /// The plan that is asked about.
    pub plan: &'a Plan,
    /// The votes of every round.
    pub votes: &'a [Vote],
    /// Whose page it is.
    pub person: &'a str,
    /// Whether it asks for an answer, or for objections to what the rule approved.
    pub purpose: Purpose,
    /// The time.
    pub now: Timestamp,
    /// The form; nothing where the person cannot answer here and now.
    pub form: Option<FormOf<'a>>,
    /// Why there is no form, in sentences.
    pub no_form_because: Option<&'a str>,
    /// Where the process's timeline is.
    pub timeline_url: &'a str,
    /// Where the person's list is.
    pub waiting_url: &'a str,
    /// What was wrong with the answer that was just sent.
    pub error: Option<FormError<'a>>,
}

impl Approval<'_> {
    pub(crate) fn objects(&self) -> bool {
        self.purpose == Purpose::OptOut
    }

    fn has_answered(&self) -> bool {
        let round = self.record.round.as_ref().map(|round| round.number);
        self.votes.iter().any(|vote| vote.person == self.person && Some(vote.round) == round)
    }

    /// Until when the person can answer.
    fn until(&self) -> Option<Timestamp> {
        if self.objects() {
            self.record.notice.as_ref().map(|notice| notice.until)
        } else {
            self.record.round.as_ref().map(|round| round.deadline)
        }
    }
}

/// The page: 200, or 422 with an error, which the caller may make another.
#[must_use]
pub fn approval(approval: &Approval<'_>) -> Page {
    let state = state(approval);
    let error = if approval.error.is_some() { "Error: " } else { "" };
    let title = format!("{error}{state}: {}", approval.record.resource);
    let frame = Frame {
        title: &title,
        person: Some(approval.person),
        links: &[(approval.waiting_url, "What waits for you"), (approval.timeline_url, "Timeline")],
        skip_to: approval.form.map(|_| ("answer", "Skip to your answer")),
    };
    let status = if approval.error.is_some() { 422 } else { 200 };
    Page::new(status, document(&frame, &content(approval, &state)))
}

/// How it stands, in a few words.
fn state(approval: &Approval<'_>) -> String {
    let record = approval.record;
    match (approval.form.is_some(), approval.objects(), record.status) {
        (true, true, _) => "Approved by rule, and you can object".into(),
        (true, false, _) => "Your answer is needed".into(),
        (false, _, Status::AwaitingApproval) => match record.round.as_ref() {
            Some(round) => match tally(round, approval.votes, approval.now) {
                Decision::Approved { .. } => "Approved".into(),
                Decision::Rejected { .. } => "Rejected".into(),
                Decision::Expired => "Expired".into(),
                Decision::Waiting { .. } if approval.has_answered() => "You have answered".into(),
                Decision::Waiting { .. } => "Not decided yet".into(),
            },
            None => "Awaiting approval".into(),
        },
        (false, _, status) => crate::words::status(status),
    }
}

fn content(approval: &Approval<'_>, state: &str) -> Markup {
    let Approval { record, assessment, plan, .. } = approval;
    html! {
        p.state { (state) }
        h1 {
            @if approval.objects() { "Keep " } @else { "Retire " }
            (record.resource)
            @if let Some(name) = name(assessment) { " " span.name { (quote(name)) } }
            "?"
        }
        @if let Some(error) = &approval.error { (form::summary(error)) }
        @if approval.objects() {
            p.lead { "Nobody has to approve this. It begins after the time to object, unless somebody does." }
        }
        p.lead { (steps::in_a_sentence(&plan.runbook)) }
        (glance(approval))
        @if approval.form.is_some() { p { a.button href="#answer" { "Go to your answer" } } }
        (section("risk", &html! { "Why the risk is " (assessment.level) }, &risk::reasons(assessment)))
        (section("steps", &html! { "What will happen, step by step" }, &steps::steps(&plan.runbook, record, approval.now)))
        (section("savings", &html! { "What it saves" }, &savings::savings(&plan.savings)))
        (checks::checks(plan, approval.objects()))
        (section("people", &html! { "Who decides" }, &people::people(record, approval.votes, approval.person, approval.now)))
        (section("proof", &html! { "What your answer is bound to" }, &bound_to(approval)))
        (form::answer(approval))
    }
}

fn name(assessment: &Assessment) -> Option<&str> {
    assessment.observation.found.as_ref().and_then(|found| found.name.as_deref())
}

/// What most people decide by.
fn glance(approval: &Approval<'_>) -> Markup {
    let Approval { record, assessment, plan, now, .. } = approval;
    let business = &assessment.business;
    let proof = if record.initiator_verified { "proved by AWS" } else { "which nobody can prove" };
    let net = dollars(Some(plan.savings.net_micro_dollars_a_month));
    let later = dollars(Some(signed(plan.savings.saved_micro_dollars_a_month)));
    html! {
        dl.facts {
            @if let Some(until) = approval.until() {
                (fact(
                    if approval.objects() { "Object before" } else { "Answer before" },
                    &html! { strong { (moment_and_distance(until, *now)) } }
                ))
            }
            (fact("Risk", &html! {
                (level(assessment.level)) " " a href="#risk" { "Why it is " (assessment.level) }
            }))
            (fact("Cannot be taken back", &html! { a href="#steps" { (steps::irreversible_count(&plan.runbook)) } }))
            (fact("Saves", &html! {
                (net) " a month, " (later) " once its backups are gone"
                @if !plan.savings.complete { ", as far as prices are known" }
            }))
            (fact("Why", &quote(&record.reason)))
            (fact("Started by", &html! {
                (quote(&record.initiator)) ", " (proof) ", " (moment_and_distance(record.created_at, *now))
            }))
            (fact("Owner", &match &record.resource_owner {
                Some(owner) => said(owner),
                None => html! { "not known" },
            }))
            (fact("Environment", &said(&business.environment)))
            (fact("Account", &html! { (record.account_id) }))
            @if record.mode == Mode::DryRun { (fact("Mode", &html! { "dry run: it may change nothing" })) }
        }
        (tags(assessment))
    }
}

fn tags(assessment: &Assessment) -> Markup {
    let Some(found) = assessment.observation.found.as_ref().filter(|found| found.tags.iter().next().is_some()) else {
        return html! {};
    };
    html! {
        details {
            summary { "Its tags" }
            dl.facts {
                @for (key, value) in found.tags.iter() { div { dt { (said(key)) } dd { (said(value)) } } }
            }
        }
    }
}

/// What proves later what was decided on.
fn bound_to(approval: &Approval<'_>) -> Markup {
    let Approval { record, plan, .. } = approval;
    html! {
        p { "An answer counts for this plan and no other. If the plan changes, people are asked again." }
        dl.facts {
            (fact("Plan", &html! { "number " (plan.number) ", made " (moment(plan.made_at)) }))
            (fact("Plan hash", &code(plan.hash.as_str())))
            (fact("Audit head", &code(&record.audit.to_string())))
            (fact("Process", &code(record.process_id.as_str())))
            (fact("Known as", &said(&record.display_id)))
        }
    }
}
