//! How a process ended, or how it stands, in one sentence; and every reason that is on record.

use crate::approval::vote::{Answer, NOTICE_ROUND, Vote};
use crate::policy::Mode;
use crate::process::record::{Choice, ProcessRecord, StepState};
use crate::process::report::Material;
use crate::process::report::step::StepReport;
use crate::process::report::way_back::lost;
use crate::process::status::Status;
use crate::process::validation::Gone;
use crate::runbook::action::Effect;

const UNCHANGED: &str = "nothing was changed";

fn changed_or_not(steps: &[StepReport<'_>]) -> &'static str {
    if steps.iter().any(StepReport::may_have_changed_something) {
        "what was changed by then is in the list of steps"
    } else {
        UNCHANGED
    }
}

/// The outcome in a sentence. It says what is proved and nothing better: a dry run changed nothing, and what was taken
/// back was not a success, whatever the last function returned (C138).
#[must_use]
pub fn outcome(material: &Material<'_>, steps: &[StepReport<'_>]) -> String {
    match material.record.mode {
        Mode::DryRun => dry(material, steps),
        Mode::Live => live(material, steps),
    }
}

fn dry(material: &Material<'_>, steps: &[StepReport<'_>]) -> String {
    let record = material.record;
    let resource = &record.resource;
    match record.status {
        Status::Completed => {
            let risk =
                record.risk_level.map_or_else(|| "of unknown risk".to_owned(), |level| format!("of {level} risk"));
            let irreversible = steps.iter().filter(|step| step.is_irreversible()).count();
            if steps.is_empty() {
                return format!("Dry run, {UNCHANGED}: {resource} is {risk}, and no plan for it is on record.");
            }
            format!(
                "Dry run, {UNCHANGED}: a live run would retire {resource}, which is {risk}, in {} steps, {irreversible} of \
                 them irreversible.",
                steps.len()
            )
        }
        Status::Identified | Status::Assessed | Status::Blocked | Status::Failed | Status::Cancelled => {
            let live = live(material, steps);
            format!("Dry run: {live}")
        }
        status => format!(
            "Dry run: the ledger says {status} of {resource}, which no dry run comes to; look at it before anything else."
        ),
    }
}

fn live(material: &Material<'_>, steps: &[StepReport<'_>]) -> String {
    let record = material.record;
    let resource = &record.resource;
    match record.status {
        Status::Identified => format!("{resource} is locked for this process; its risk is not known yet."),
        Status::Assessed => {
            let level = record.risk_level.map_or_else(|| "unknown".to_owned(), |level| level.to_string());
            format!("The risk of retiring {resource} is assessed as {level}; no decision was taken yet.")
        }
        Status::AwaitingApproval => {
            let until = record.round.as_ref().map(|round| format!(" until {}", round.deadline)).unwrap_or_default();
            format!("People are asked{until} whether {resource} may go; {UNCHANGED}.")
        }
        Status::Approved => approved(record),
        Status::Planned => format!("The approved plan for {resource} is confirmed; {UNCHANGED} yet."),
        Status::InProgress if record.rolling_back => format!("The steps against {resource} are being taken back."),
        Status::InProgress => format!("The steps against {resource} are being taken."),
        Status::Soaking => {
            let until = record.soak_until.map(|until| format!(" until {until}")).unwrap_or_default();
            format!("{resource} rests{until}: its reversible steps are taken, and everything can still be taken back.")
        }
        Status::Scheduled => format!(
            "{resource} has soaked, and waits for a change window: its reversible steps are taken, and everything can still \
             be taken back."
        ),
        Status::Held => held(record),
        Status::Completed => completed(material),
        Status::Failed if record.past_the_point_of_no_return => {
            format!("The process for {resource} was given up after an irreversible step; {}.", changed_or_not(steps))
        }
        Status::Failed => format!("The process for {resource} failed; {}.", changed_or_not(steps)),
        Status::RolledBack => rolled_back(material, steps),
        Status::RollbackFailed => {
            let stuck: Vec<&str> = steps
                .iter()
                .filter(|step| step.state() == Some(StepState::UndoFailed))
                .map(|step| step.id.as_str())
                .collect();
            let stuck = if stuck.is_empty() { "the list of steps says which".to_owned() } else { stuck.join(", ") };
            format!(
                "{resource} is NOT as it was: not every step could be taken back ({stuck}). It stays locked until somebody \
                 has looked at it."
            )
        }
        Status::Rejected => {
            let by: Vec<&str> = rejections(material).map(|vote| vote.person.as_str()).collect();
            let by = if by.is_empty() { "somebody who was asked".to_owned() } else { by.join(", ") };
            format!("{resource} is left alone: {by} rejected its plan; {}.", changed_or_not(steps))
        }
        Status::Expired => {
            let until = record.round.as_ref().map(|round| format!(" by {}", round.deadline)).unwrap_or_default();
            format!("{resource} is left alone: nobody decided{until}; {}.", changed_or_not(steps))
        }
        Status::Blocked => {
            format!(
                "{resource} is left alone: it must not go this way, and the reasons say what to change instead; {}.",
                changed_or_not(steps)
            )
        }
        Status::Cancelled => cancelled(material, steps),
    }
}

fn approved(record: &ProcessRecord) -> String {
    let resource = &record.resource;
    match (&record.round, &record.notice) {
        (None, Some(notice)) if !notice.over => {
            format!(
                "The rule approved a plan for {resource}, and people can object until {}; {UNCHANGED}.",
                notice.until
            )
        }
        _ => format!("A plan for {resource} is approved, and is about to be made again; {UNCHANGED}."),
    }
}

fn cancelled(material: &Material<'_>, steps: &[StepReport<'_>]) -> String {
    let by: Vec<&str> = objections(material).map(|vote| vote.person.as_str()).collect();
    let because = if by.is_empty() {
        "the process was cancelled".to_owned()
    } else {
        format!("{} objected to what the rule approved", by.join(", "))
    };
    format!("{} is left alone: {because}; {}.", material.record.resource, changed_or_not(steps))
}

fn held(record: &ProcessRecord) -> String {
    let resource = &record.resource;
    match &record.hold {
        Some(hold) => format!(
            "{resource} is past the point of no return, something failed, and the process has waited for a person since {}: \
             retry, accept or recover, by {}.",
            hold.since, hold.deadline
        ),
        None => format!("{resource} is past the point of no return, and the process waits for a person."),
    }
}

fn completed(material: &Material<'_>) -> String {
    let resource = &material.record.resource;
    let validation = material.validation.map(|validation| &validation.gone);
    if let Some(Gone::Yes { how }) = validation {
        return format!("{resource} was retired, and is proved gone: {how}.");
    }
    let accepted = material.record.hold.as_ref().and_then(|hold| hold.resolution.as_ref());
    let found = match validation {
        Some(gone) => gone.to_string(),
        None => "no look on record proves it gone".to_owned(),
    };
    match accepted.filter(|resolution| resolution.choice == Choice::Accept) {
        Some(resolution) => {
            format!("{resource} was left as it is, which {} accepted; {found}.", resolution.by)
        }
        None => format!("The process for {resource} is completed in the ledger, but that is not proved: {found}."),
    }
}

fn rolled_back(material: &Material<'_>, steps: &[StepReport<'_>]) -> String {
    let resource = &material.record.resource;
    let open: Vec<&str> = steps.iter().filter(|step| is_still_done(step)).map(|step| step.id.as_str()).collect();
    if !open.is_empty() {
        return format!(
            "{resource} is rolled back in the ledger, but that is not proved of every step ({}).",
            open.join(", ")
        );
    }
    let undone = steps.iter().filter(|step| step.state() == Some(StepState::Undone)).count();
    let lost = steps.iter().any(|step| {
        step.state() == Some(StepState::Undone) && step.planned.is_some_and(|planned| lost(planned).is_some())
    });
    let except = if lost { ", except for what the way back names as lost" } else { "" };
    match undone {
        0 => format!("{resource} is as it was: no step had to be taken back."),
        1 => format!("{resource} is as it was{except}: the one step that was taken is taken back."),
        _ => format!("{resource} is as it was{except}: the {undone} steps that were taken are taken back."),
    }
}

/// Whether a step that changes the resource is done, or may be.
fn is_still_done(step: &StepReport<'_>) -> bool {
    let changes = step.planned.is_some_and(|planned| planned.effect != Effect::Additive);
    let done = matches!(
        step.state(),
        Some(
            StepState::Intended
                | StepState::Called
                | StepState::Done
                | StepState::UndoIntended
                | StepState::UndoCalled
                | StepState::UndoFailed
        )
    );
    changes && done
}

fn rejections<'a>(material: &Material<'a>) -> impl Iterator<Item = &'a Vote> {
    material.votes.iter().filter(|vote| vote.answer == Answer::Reject && vote.round != NOTICE_ROUND)
}

fn objections<'a>(material: &Material<'a>) -> impl Iterator<Item = &'a Vote> {
    material.votes.iter().filter(|vote| vote.answer == Answer::Reject && vote.round == NOTICE_ROUND)
}

/// Every reason for the outcome that the ledger holds.
#[must_use]
pub fn reasons(material: &Material<'_>) -> Vec<String> {
    let record = material.record;
    let mut reasons: Vec<String> = Vec::new();
    let why = |vote: &Vote| vote.reason.clone().unwrap_or_else(|| "no reason was given".to_owned());
    if record.status == Status::Rejected {
        reasons.extend(rejections(material).map(|vote| format!("{} said no: {}", vote.person, why(vote))));
    }
    if record.status == Status::Cancelled {
        reasons.extend(objections(material).map(|vote| format!("{} objected: {}", vote.person, why(vote))));
    }
    if record.status == Status::Blocked
        && let Some(assessment) = material.newest_assessment()
    {
        reasons.extend(assessment.blocked.iter().map(|blocker| format!("{}: {}", blocker.code, blocker.detail)));
        reasons.extend(
            assessment
                .managed_by
                .iter()
                .map(|manager| format!("{} {} manages it: {}", manager.service, manager.name, manager.change_instead)),
        );
    }
    if let Some(ended) = &record.soak_ended {
        reasons.push(format!("{} ended the soak at {}: {}", ended.by, ended.at, ended.reason));
    }
    if let Some(hold) = &record.hold {
        reasons.push(format!("held at {}: {}", hold.since, hold.because));
        if let Some(resolution) = &hold.resolution {
            let choice = match resolution.choice {
                Choice::Retry => "to retry",
                Choice::Accept => "to accept it as it is",
                Choice::Recover => "to recover what can be recovered",
            };
            reasons.push(format!("{} decided {choice} at {}: {}", resolution.by, resolution.at, resolution.reason));
        }
    }
    // The outcome of a process that is completed is no reason, and said already.
    reasons.extend(record.outcome.clone().filter(|_| record.status != Status::Completed));
    let said = |cause: &str| record.outcome.as_ref().is_some_and(|outcome| outcome.contains(cause));
    reasons.extend(
        record
            .error
            .as_ref()
            .filter(|error| !said(&error.cause))
            .map(|error| format!("{}: {}", error.error, error.cause)),
    );
    // The same words often come from more than one place.
    let mut told: Vec<String> = Vec::new();
    for reason in reasons {
        if !told.contains(&reason) {
            told.push(reason);
        }
    }
    told
}
