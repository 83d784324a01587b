//! The answer: what is typed, and the two ways to send it.

use maud::{Markup, html};
use sunset_domain::approval::text::is_printable;
use sunset_domain::approval::vote::Answer;

use crate::approval::Approval;
use crate::layout::section;
use crate::people;
use crate::words::said;

/// The form.
#[derive(Debug, Clone, Copy)]
pub struct FormOf<'a> {
    /// Where it goes: an address on this host, with the personal link in it.
    pub action: &'a str,
    /// What proves that it was sent from this page.
    pub form_token: &'a str,
    /// The end of the resource's id, as it has to be typed.
    pub confirm_end: &'a str,
    /// The reason that was typed before.
    pub reason: &'a str,
    /// The answer that was given before.
    pub answer: Option<Answer>,
    /// The end of the id that was typed before.
    pub confirm: &'a str,
}

/// What was wrong with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FormError<'a> {
    /// Of which field: `confirm`, `reason`, or `form` for the whole.
    pub field: &'a str,
    /// What, and what would be right.
    pub message: &'a str,
}

impl FormError<'_> {
    /// The id of what has to be changed.
    fn target(&self) -> &'static str {
        match self.field {
            "confirm" => "confirm",
            "reason" => "reason",
            _ => "answer",
        }
    }
}

/// What was wrong, at the top of the page, with the way to it.
pub(crate) fn summary(error: &FormError<'_>) -> Markup {
    html! {
        div.warning role="alert" aria-labelledby="error-title" {
            h2 #error-title { "Your answer was not taken" }
            p { a href={ "#" (error.target()) } { (said(error.message)) } }
        }
    }
}

/// The form, or why there is none.
pub(crate) fn answer(approval: &Approval<'_>) -> Markup {
    let title = if approval.objects() { "Your objection" } else { "Your answer" };
    let content = match (&approval.form, approval.no_form_because) {
        (Some(form), _) => fields(approval, form),
        (None, Some(because)) => html! { p.note { (said(because)) } },
        (None, None) => html! { p.note { "There is nothing to answer here." } },
    };
    section("answer", &html! { (title) }, &content)
}

fn fields(approval: &Approval<'_>, form: &FormOf<'_>) -> Markup {
    let wrong = |field: &str| approval.error.filter(|error| error.field == field);
    let objects = approval.objects();
    html! {
        form method="post" action=(form.action) {
            input type="hidden" name="form_token" value=(form.form_token);
            // The first button of a form is what Enter in a field presses: a decision takes a button of its own.
            button type="submit" disabled hidden { "Enter sends nothing" }
            (confirm(approval, form, wrong("confirm").as_ref()))
            (reason(objects, form, wrong("reason").as_ref()))
            @if let Some(before) = form.answer {
                p.note {
                    "You had chosen to "
                    @match (before, objects) {
                        (Answer::Approve, _) => { "approve" }
                        (Answer::Reject, false) => { "reject" }
                        (Answer::Reject, true) => { "object" }
                    }
                    ". Choose again to send it."
                }
            }
            div.choices {
                @if objects {
                    button.reject type="submit" name="answer" value="reject" { "Object: keep the resource" }
                } @else {
                    button.approve type="submit" name="answer" value="approve" { "Approve: retire it" }
                    button.reject type="submit" name="answer" value="reject" { "Reject: keep it" }
                }
            }
            p.quiet {
                "You answer as " (said(approval.person))
                @if let Some(away) = people::stands_in_for(approval.record, approval.person) {
                    ", standing in for " (said(away))
                }
                ", once. It is written into the audit trail with the time and your \
                 reason."
            }
        }
    }
}

fn confirm(approval: &Approval<'_>, form: &FormOf<'_>, wrong: Option<&FormError<'_>>) -> Markup {
    let id = approval.record.resource.id();
    let end = form.confirm_end;
    html! {
        div.field {
            label for="confirm" { "Type the last " (end.chars().count()) " characters of the resource’s id" }
            p.hint #confirm-hint {
                "It is "
                @match id.strip_suffix(end) {
                    Some(start) => { code { (start) mark { (end) } } }
                    None => { code { (id) } }
                }
                "."
            }
            (message("confirm", wrong))
            input #confirm name="confirm" type="text" value=(typed(form.confirm)) required autocomplete="off"
                autocapitalize="none" autocorrect="off" spellcheck="false"
                aria-describedby=(described_by("confirm", wrong)) aria-invalid=[wrong.map(|_| "true")];
        }
    }
}

fn reason(required: bool, form: &FormOf<'_>, wrong: Option<&FormError<'_>>) -> Markup {
    html! {
        div.field {
            label for="reason" { "Your reason" }
            p.hint #reason-hint {
                @if required { "Needed, up to 1000 characters." }
                @else { "Needed for a no, welcome for a yes, up to 1000 characters." }
                " Everybody who works on this process can read it."
            }
            (message("reason", wrong))
            textarea #reason name="reason" rows="4" maxlength="1000" required[required]
                aria-describedby=(described_by("reason", wrong)) aria-invalid=[wrong.map(|_| "true")] { (typed(form.reason)) }
        }
    }
}

/// What was typed before, without what nobody types: sent once more, it is fit.
fn typed(text: &str) -> String {
    text.chars().filter(|c| *c == '\n' || is_printable(*c)).collect()
}

fn message(field: &str, wrong: Option<&FormError<'_>>) -> Markup {
    html! {
        @if let Some(wrong) = wrong {
            p.error id={ (field) "-error" } { span aria-hidden="true" { "▲ " } "Error: " (said(wrong.message)) }
        }
    }
}

fn described_by(field: &str, wrong: Option<&FormError<'_>>) -> String {
    if wrong.is_some() { format!("{field}-error {field}-hint") } else { format!("{field}-hint") }
}

#[cfg(test)]
mod tests;
