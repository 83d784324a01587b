//! Who was asked and who answered what, as the report shows it.

#[cfg(test)]
mod tests;

use crate::approval::notice::people;
use crate::approval::vote::{Answer, NOTICE_ROUND, Round};
use crate::policy::Mode;
use crate::process::audit::EventType;
use crate::process::record::ProcessRecord;
use crate::process::report::ProcessReport;
use crate::process::report::markdown::Page;
use crate::process::report::timeline::details;
use crate::process::status::Status;

pub(super) fn approvals(page: &mut Page, report: &ProcessReport<'_>) {
    let process = report.process;
    page.chapter("Approvals");
    if process.mode == Mode::DryRun {
        page.paragraph("A dry run asks nobody.");
    }
    let by_rule = report.trail.iter().find(|event| event.event_type == EventType::AutoApproved);
    if let Some(event) = by_rule {
        page.paragraph(&format!("Approved by rule at {}, by {}. {}", event.at, event.actor, details(&event.data)));
        notice(page, process);
    }
    if let Some(round) = &process.round {
        page.paragraph(&format!(
            "Round {}, asked at {}, answers until {}: at least {} people, for plan {}.",
            round.number, round.requested_at, round.deadline, round.minimum_approvers, round.plan_hash
        ));
        page.table(
            ["role", "people", "how many must agree", "because"],
            round.required.iter().map(|required| {
                [required.role.clone(), people(required), required.quorum.to_string(), required.because.clone()]
            }),
        );
        reminders(page, round);
    }
    if !report.votes.is_empty() {
        page.table(
            ["round", "when", "who", "identity", "answer", "reason", "plan"],
            report.votes.iter().map(|vote| {
                let objects = vote.round == NOTICE_ROUND;
                [
                    if objects { "notice".to_owned() } else { vote.round.to_string() },
                    vote.at.to_string(),
                    vote.person.clone(),
                    vote.identity.clone(),
                    match vote.answer {
                        Answer::Approve => "approve".to_owned(),
                        Answer::Reject if objects => "OBJECT".to_owned(),
                        Answer::Reject => "REJECT".to_owned(),
                    },
                    vote.reason.clone().unwrap_or_default(),
                    vote.plan_hash.to_string(),
                ]
            }),
        );
    } else if process.mode == Mode::Live && by_rule.is_none() {
        page.paragraph("Nobody voted.");
    }
    match &process.approved_plan_hash {
        None if process.mode == Mode::Live => page.paragraph("No plan was approved."),
        None => {}
        Some(hash) if report.plan_is_the_approved_one => page.paragraph(&format!("The approved plan is {hash}.")),
        Some(hash) => {
            page.paragraph(&format!("The approved plan is {hash}; the plan in this report is NOT that one."));
        }
    }
}

/// How long people could object to what the rule approved, and that nobody did.
fn notice(page: &mut Page, process: &ProcessRecord) {
    let Some(notice) = &process.notice else { return };
    let end = match (notice.over, process.status) {
        (true, _) => "Nobody did",
        (false, Status::Approved) => "That is not over",
        (false, _) => "It ended before that",
    };
    page.paragraph(&format!("People could object until {}. {end}.", notice.until));
}

/// What was done about a round that nobody decided, and what was not needed.
fn reminders(page: &mut Page, round: &Round) {
    if !round.reminders.is_empty() {
        let at: Vec<String> = round.reminders.iter().map(ToString::to_string).collect();
        page.paragraph(&format!("Reminders due at {}: {} done.", at.join(", "), round.reminded));
    }
    let asked = usize::try_from(round.escalated).unwrap_or(usize::MAX);
    page.list(round.escalations.iter().zip(0usize..).map(|(escalation, at)| {
        let asked = if at < asked { "asked as well" } else { "to be asked as well" };
        format!("{} {asked} from {} on, for {}", escalation.people.join(", "), escalation.at, escalation.role)
    }));
}
