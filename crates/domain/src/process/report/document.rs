//! The report as Markdown.

mod approvals;

use crate::policy::Mode;
use crate::process::report::markdown::Page;
use crate::process::report::savings::{Fate, dollars};
use crate::process::report::timeline::{details, what};
use crate::process::report::{ProcessReport, StepReport};
use crate::process::terms::Terms;
use crate::risk::assessment::{Assessment, CostLine};
use crate::runbook::action::Effect;
use crate::time::Timestamp;
use approvals::approvals;

/// What a review fills in (C8, C9, C40).
const LESSONS: [&str; 6] = [
    "What went as planned",
    "What did not, and why",
    "What the assessment did not see, and which source would have shown it",
    "Who was surprised, and who should have been asked or told",
    "What to change in policy, procedure or inventory",
    "Who does that, and until when",
];

/// Writes the report.
pub fn markdown(report: &ProcessReport<'_>) -> String {
    let mut page = Page::default();
    page.title(&format!("Decommissioning report {}", report.process.display_id));
    page.strong(&report.outcome);
    page.list(&report.reasons);
    facts(&mut page, report);
    timeline(&mut page, report);
    risk(&mut page, report);
    approvals(&mut page, report);
    steps(&mut page, report);
    evidence(&mut page, report);
    what_became_of_it(&mut page, report);
    money(&mut page, report);
    way_back(&mut page, report);
    next_steps(&mut page, report);
    checklist(&mut page, report);
    lessons(&mut page);
    audit(&mut page, report);
    page.text()
}

fn or_none(text: Option<&str>) -> String {
    text.unwrap_or("not known").to_owned()
}

fn moment(at: Option<Timestamp>) -> String {
    at.map(|at| at.to_string()).unwrap_or_default()
}

fn facts(page: &mut Page, report: &ProcessReport<'_>) {
    let process = report.process;
    let found = report.assessment.and_then(|assessment| assessment.observation.found.as_ref());
    let business = report.assessment.map(|assessment| &assessment.business);
    let proof = if process.initiator_verified { "proved by AWS" } else { "as said at the start; not proved" };
    let mode = match process.mode {
        Mode::DryRun => "dry-run: it may change nothing",
        Mode::Live => "live",
    };
    let ended = if process.status.is_end() { "ended" } else { "as of; it goes on" };
    let plan = match (process.plan, &process.plan_hash) {
        (0, _) | (_, None) => "none".to_owned(),
        (number, Some(hash)) => format!("number {number}, {hash}"),
    };
    let mut rows = vec![
        ["status".to_owned(), process.status.to_string()],
        ["mode".to_owned(), mode.to_owned()],
        ["resource".to_owned(), process.resource.to_string()],
        ["name".to_owned(), found.and_then(|found| found.name.clone()).unwrap_or_else(|| "none".into())],
        ["account".to_owned(), process.account_id.to_string()],
        ["environment".to_owned(), or_none(business.map(|business| business.environment.as_str()))],
        ["project".to_owned(), or_none(business.map(|business| business.project.as_str()))],
        ["owner".to_owned(), or_none(process.resource_owner.as_deref())],
        ["stakeholders".to_owned(), process.stakeholders.join(", ")],
        ["started by".to_owned(), format!("{} ({proof})", process.initiator)],
        ["why".to_owned(), process.reason.clone()],
        ["process".to_owned(), process.process_id.to_string()],
        ["execution".to_owned(), process.execution_arn.clone()],
        ["terms".to_owned(), terms(&process.terms)],
        ["plan".to_owned(), plan],
        ["started".to_owned(), process.created_at.to_string()],
        [ended.to_owned(), report.as_of.to_string()],
    ];
    if let Some(notice) = &process.notice {
        rows.push(["people could object until".to_owned(), notice.until.to_string()]);
    }
    if let Some(until) = process.soak_until {
        rows.push(["soak until".to_owned(), until.to_string()]);
    }
    rows.push(["keep until".to_owned(), report.keep_until.to_string()]);
    page.chapter("What, who and why");
    page.table(["", ""], rows);
}

fn terms(terms: &Terms) -> String {
    let by_rule = if terms.auto_approve {
        format!("low risk may be approved by rule, with {} seconds to object", terms.notice_seconds)
    } else {
        "nothing is approved by rule".to_owned()
    };
    format!(
        "risk by profile {}; {} seconds to decide; a soak of {} seconds; {by_rule}; backups kept {} days",
        terms.profile.as_str(),
        terms.approval_seconds,
        terms.soak_seconds,
        terms.backup_retention_days
    )
}

fn timeline(page: &mut Page, report: &ProcessReport<'_>) {
    page.chapter("Timeline");
    page.table(
        ["event", "when", "what", "by", "details"],
        report.trail.iter().map(|event| {
            [
                event.seq.to_string(),
                event.at.to_string(),
                what(event).to_owned(),
                event.actor.clone(),
                details(&event.data),
            ]
        }),
    );
}

fn risk(page: &mut Page, report: &ProcessReport<'_>) {
    page.chapter("Risk");
    match report.assessment {
        None => page.paragraph("It was not assessed."),
        Some(assessment) => one_assessment(page, assessment),
    }
    if let Some(assessment) = report.later_assessment {
        page.section("Looked at again");
        one_assessment(page, assessment);
    }
}

fn one_assessment(page: &mut Page, assessment: &Assessment) {
    page.paragraph(&format!(
        "Assessment {} of {}: {}, {} points by profile {}. {}",
        assessment.number,
        assessment.assessed_at,
        assessment.level,
        assessment.score,
        assessment.profile.as_str(),
        if assessment.evidence_complete {
            "Every source was read completely."
        } else {
            "NOT every source was read completely."
        }
    ));
    if !assessment.points.is_empty() {
        page.table(
            ["points", "because"],
            assessment.points.iter().map(|point| [format!("+{}", point.points), point.reason.clone()]),
        );
    }
    if !assessment.floors.is_empty() {
        page.table(
            ["never below", "because"],
            assessment.floors.iter().map(|floor| [floor.level.to_string(), floor.reason.clone()]),
        );
    }
    if !assessment.observation.dependents.is_empty() {
        page.table(
            ["dependent", "how", "need", "seen in"],
            assessment.observation.dependents.iter().map(|dependent| {
                [
                    format!("{} {}", dependent.kind, dependent.id),
                    dependent.relation.clone(),
                    if dependent.dependency.is_critical() { "needs it, or nobody knows" } else { "can do without" }
                        .into(),
                    dependent.source.to_string(),
                ]
            }),
        );
    }
    page.list(assessment.blocked.iter().map(|blocker| format!("BLOCKED, {}: {}", blocker.code, blocker.detail)));
    let protections = &assessment.observation.protections;
    page.list(protections.iter().map(|protection| format!("Protected, {}: {}", protection.code, protection.detail)));
    page.list(
        assessment
            .managed_by
            .iter()
            .map(|manager| format!("Managed by {} {}: {}", manager.service, manager.name, manager.change_instead)),
    );
    page.list(assessment.recommendations.iter().map(|text| format!("Recommended: {text}")));
}

fn steps(page: &mut Page, report: &ProcessReport<'_>) {
    page.chapter("Steps");
    if report.steps.is_empty() {
        page.paragraph("There is no plan, and no step was taken.");
        return;
    }
    let shown = |step: &StepReport<'_>| {
        let record = step.record;
        let count = |number: Option<u32>| number.map(|number| number.to_string()).unwrap_or_default();
        let effect = step.planned.map(|planned| match planned.effect {
            Effect::Additive => "additive",
            Effect::Reversible => "reversible",
            Effect::Irreversible => "IRREVERSIBLE",
        });
        [
            step.id.to_string(),
            step.planned.map_or_else(|| "not in the plan".to_owned(), |planned| planned.description.clone()),
            effect.unwrap_or_default().to_owned(),
            step.stands.to_owned(),
            count(record.map(|record| record.attempts)),
            count(record.map(|record| record.undo_attempts)),
            moment(record.map(|record| record.begun_at)),
            moment(step.settled_at),
            step.note(),
        ]
    };
    page.table(
        ["step", "what", "effect", "state", "calls", "undo calls", "begun", "settled", "note"],
        report.steps.iter().map(shown),
    );
    page.list(report.steps.iter().filter_map(|step| {
        let loses = step.planned?.loses.as_ref()?;
        Some(format!("{} loses, although it can be taken back: {loses}", step.id))
    }));
}

fn evidence(page: &mut Page, report: &ProcessReport<'_>) {
    page.chapter("Evidence");
    let assessments = report.assessment.into_iter().chain(report.later_assessment);
    let rows: Vec<[String; 4]> = assessments
        .flat_map(|assessment| {
            assessment.observation.coverages.iter().map(|(source, coverage)| {
                [
                    assessment.number.to_string(),
                    assessment.observation.observed_at.to_string(),
                    source.to_string(),
                    coverage.to_string(),
                ]
            })
        })
        .collect();
    if rows.is_empty() {
        page.paragraph("Nothing was read.");
    } else {
        page.table(["assessment", "read at", "source", "reading"], rows);
    }
    let last = report.later_assessment.or(report.assessment);
    if let Some(activity) = last.and_then(|assessment| assessment.observation.last_activity.as_ref()) {
        page.paragraph(&format!("Last sign of life: {} at {}.", activity.what, activity.at));
    }
    if let Some(validation) = report.validation {
        page.paragraph(&format!("Last look for it, at {}: {}.", validation.at, validation.gone));
    }
}

fn what_became_of_it(page: &mut Page, report: &ProcessReport<'_>) {
    page.chapter("Removed, kept and left behind");
    let table = |page: &mut Page, head: [&str; 2], things: &[super::Removed]| {
        page.table(head, things.iter().map(|it| [it.what.clone(), it.how.clone()]));
    };
    if report.removed.is_empty() {
        page.paragraph("Nothing was removed.");
    } else {
        table(page, ["removed", "how"], &report.removed);
    }
    if !report.kept.is_empty() {
        table(page, ["kept", "why"], &report.kept);
    }
    let left: Vec<_> = report.leftovers.iter().filter(|it| !it.is_backup).collect();
    if left.is_empty() {
        page.paragraph("Nothing is left behind that was seen before.");
    } else {
        page.table(
            ["left behind", "why", "costs a month"],
            left.into_iter().map(|it| {
                let cost = it.micro_dollars_a_month.and_then(|cost| i64::try_from(cost).ok());
                [format!("{} {}", it.kind, it.id), it.why.clone(), dollars(cost)]
            }),
        );
    }
}

fn money(page: &mut Page, report: &ProcessReport<'_>) {
    let savings = &report.savings;
    page.chapter("Savings");
    page.paragraph(match savings.fate {
        Fate::Gone => "A month, by the public prices of us-east-1: an estimate, not a bill.",
        Fate::WouldGo => "A month, were it live, by the public prices of us-east-1: an estimate, not a bill.",
        Fate::Stays => "The resource stays, so nothing is saved. A month, by the public prices of us-east-1:",
    });
    if let Some(assessment) = report.assessment.filter(|assessment| !assessment.cost.saved.is_empty()) {
        let row = |line: &CostLine| {
            let cost = line.micro_dollars_a_month.and_then(|cost| i64::try_from(cost).ok());
            [line.what.clone(), dollars(cost)]
        };
        page.table(["what it costs", "a month"], assessment.cost.saved.iter().map(row));
    }
    let until = match savings.backups_kept_until {
        Some(until) => format!("backups, until {until}"),
        None => "backups".to_owned(),
    };
    let mut rows = vec![
        ["before".to_owned(), savings.before.shown()],
        [until, savings.backups.shown()],
        ["after".to_owned(), savings.after.shown()],
        ["saved, net of the backups".to_owned(), dollars(savings.saved_micro_dollars_a_month)],
        ["saved once the backups are gone".to_owned(), dollars(savings.saved_without_backups_micro_dollars_a_month)],
    ];
    if report.leftovers.iter().any(|it| !it.is_backup) {
        rows.push(["goes on costing, because it is left behind".to_owned(), savings.leftovers.shown()]);
    }
    page.table(["", "a month"], rows);
}

fn way_back(page: &mut Page, report: &ProcessReport<'_>) {
    page.chapter("The way back");
    if report.way_back.is_empty() {
        page.paragraph("Nothing was done that could be taken back.");
        return;
    }
    page.paragraph("The last step first. A word in capitals is to be replaced: by what the command before it answers, or by what is not on record.");
    for entry in &report.way_back {
        page.section(&entry.step);
        page.paragraph(&format!("Stands: {}. Back: {}", entry.stands, entry.back));
        page.commands(&entry.commands);
        page.list(entry.lost.iter().map(|lost| format!("Lost all the same: {lost}")));
    }
}

fn next_steps(page: &mut Page, report: &ProcessReport<'_>) {
    page.chapter("Next steps");
    if report.next_steps.is_empty() {
        page.paragraph("Nothing is asked of anybody now.");
    }
    page.ticks(report.next_steps.iter().map(|step| (false, step)));
}

fn checklist(page: &mut Page, report: &ProcessReport<'_>) {
    page.chapter("Checklist");
    if report.checklist.is_empty() {
        page.paragraph("No checklist is on record.");
    }
    let mut rest = report.checklist;
    while let Some(first) = rest.first() {
        let length = rest.iter().take_while(|line| line.group == first.group).count();
        let (group, after) = rest.split_at(length);
        rest = after;
        page.section(&first.group);
        page.ticks(group.iter().map(|line| {
            let evidence = if line.evidence.is_empty() { String::new() } else { format!(": {}", line.evidence) };
            (line.settled, format!("{} ({}){evidence}", line.text, line.state))
        }));
    }
}

fn lessons(page: &mut Page) {
    page.chapter("Lessons learned");
    page.paragraph("To be filled in by the people of this process.");
    page.table(["question", "answer"], LESSONS.map(|question| [question.to_owned(), String::new()]));
}

fn audit(page: &mut Page, report: &ProcessReport<'_>) {
    page.chapter("Audit trail");
    let audit = &report.audit;
    page.paragraph(&format!("{} events; the head is {}.", audit.events, audit.head));
    if audit.defects.is_empty() {
        page.paragraph("Every event has its hash and names the one before, and the last one is the head.");
    } else {
        page.strong("The trail is NOT sound:");
        page.list(audit.defects.iter().map(ToString::to_string));
    }
    page.paragraph(&format!("Kept until {}: seven calendar years from the start of the process.", report.keep_until));
}
