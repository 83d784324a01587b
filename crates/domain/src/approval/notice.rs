//! What people are told of a process: plain text with what they need to act, and nothing that could act for them. No
//! notice holds a token (C53): whoever reads one must still prove who they are.

mod body;
mod personal;
#[cfg(test)]
mod tests;

use crate::approval::approvers;
use crate::approval::text::{one_line, quoted};
use crate::approval::vote::{Required, Round};
pub use crate::notice::Notice;
use crate::policy::Mode;
use crate::process::record::ProcessRecord;
use crate::process::report::dollars;
use crate::process::status::Status;
use crate::process::validation::Gone;
use crate::risk::assessment::Assessment;
use crate::runbook::action::{Action, Effect};
use crate::runbook::check::Severity;
use crate::runbook::duration::in_words;
use crate::runbook::plan_document::Plan;
use crate::runbook::step::Step;
use body::Body;
pub use personal::{Ways, asked, escalation, objection_possible, reminder};

/// Asks people to approve a plan. `url` is the Function URL at which they answer.
#[must_use]
pub fn approval_requested(
    record: &ProcessRecord,
    round: &Round,
    assessment: &Assessment,
    plan: &Plan,
    url: Option<&str>,
) -> Notice {
    let mut body = Body::default();
    body.line(&format!("{} is to be retired, and people must decide.", name(record, assessment)));
    body.line("").process(record);
    beginning(&mut body, record);
    body.item(&format!("deadline: {}; after it the process ends, and nothing was changed", round.deadline));
    body.item(&format!("plan: {} (round {})", round.plan_hash, round.number));
    body.heading("Who is asked");
    body.items(round.required.iter().map(role));
    body.items(round.escalations.iter().map(|more| {
        format!("{}: from {} on also {}, unless it is decided", more.role, more.at, more.people.join(", "))
    }));
    body.item(&format!(
        "in all at least {}; one no ends it; the initiator never approves",
        counted(round.minimum_approvers, "person", "different people")
    ));
    body.heading("To answer, with your own AWS credentials in the environment");
    vote(&mut body, record, round, url);
    body.heading("To read everything about it first");
    read(&mut body, record, url);
    risk(&mut body, assessment);
    steps(&mut body, plan);
    let level = assessment.level;
    body.notice(&format!("Approval needed by {}: {} ({level} risk)", round.deadline, record.resource), record)
}

/// Tells that the rule approved a plan, and how to stop it before anything is done.
#[must_use]
pub fn auto_approved(record: &ProcessRecord, assessment: &Assessment, plan: &Plan, url: Option<&str>) -> Notice {
    let mut body = Body::default();
    body.line(&format!(
        "{} is going to be retired. Nobody has to approve it: its risk is {}, everything about it is known, and it can be \
         had again.",
        name(record, assessment),
        assessment.level
    ));
    body.line("").process(record);
    beginning(&mut body, record);
    let until = objections_until(record);
    body.item(&format!("objections: until {until}; nothing is done before, and one is enough"));
    body.item(&format!("plan: {}", plan.hash));
    body.heading(&format!("To keep it, object before {until}"));
    object(&mut body, record, url);
    let soak = in_words(plan.runbook.soak_seconds.into());
    body.item(&format!(
        r#"Afterwards "end_soak" in place of "opt_out" puts everything back, as long as it soaks: {soak}."#
    ));
    body.heading("To read everything about it first");
    read(&mut body, record, url);
    risk(&mut body, assessment);
    steps(&mut body, plan);
    body.notice(&format!("Approved by rule: {} will be retired", record.resource), record)
}

/// Asks a person what to do about a process that failed after the point of no return.
#[must_use]
pub fn held(record: &ProcessRecord, url: Option<&str>) -> Notice {
    let mut body = Body::default();
    body.line(&format!(
        "Retiring {} failed after the point of no return. Nothing more happens until a person decides.",
        record.resource
    ));
    body.line("").process(record);
    beginning(&mut body, record);
    if let Some(hold) = &record.hold {
        body.item(&format!("failed: {}", quoted(&hold.because, 280)));
        body.item(&format!("held since: {} (hold {})", hold.since, hold.number));
        body.item(&format!("decide by: {}; after it you are asked again", hold.deadline));
    }
    let resolve = format!(
        r#"{{"schema":1,"action":"resolve","process_id":"{}","choice":"retry","reason":"why"}}"#,
        record.process_id
    );
    body.heading("To decide, as somebody with a role or who was asked to approve it");
    send(&mut body, record, url, &resolve);
    body.heading("The choices");
    body.item("retry: look again, and go on from there");
    body.item("accept: leave everything as it is, and report that");
    body.item("recover: take back what can be taken back, and report the rest");
    body.heading("To read everything about it first");
    read(&mut body, record, url);
    body.notice(&format!("DECISION NEEDED: retiring {} failed half way", record.resource), record)
}

/// Tells how a process ended: `outcome` is the report's sentence about it.
#[must_use]
pub fn ended(record: &ProcessRecord, outcome: &str) -> Notice {
    let mut body = Body::default();
    body.line(&one_line(outcome, 600));
    body.line("").process(record);
    beginning(&mut body, record);
    body.item(&format!("status: {}, since {}", record.status, record.updated_at));
    if let Some(reason) = &record.outcome {
        body.item(&format!("because: {}", quoted(reason, 280)));
    }
    if let Some(error) = &record.error {
        body.item(&format!("error: {}, {}", one_line(&error.error, 80), quoted(&error.cause, 200)));
    }
    if let Some(report) = &record.report {
        body.item(&format!("report: s3://{}/{}", report.bucket, report.key));
    }
    if record.status.keeps_the_lock() {
        body.line("")
            .line("The resource stays locked, so that nothing else touches it until somebody releases it by hand.");
    }
    body.notice(&end(record), record)
}

/// Tells everybody who reads the shared topic whom no personal notice reached, and why: each with their name.
#[must_use]
pub fn unreachable(record: &ProcessRecord, people: &[(String, String)]) -> Notice {
    let mut body = Body::default();
    body.line(&format!(
        "{} must hear of retiring {}, and could not be told. What they are asked goes on all the same, and their time runs.",
        counted(u64::try_from(people.len()).unwrap_or(u64::MAX), "person", "people"),
        record.resource
    ));
    body.line("").process(record);
    beginning(&mut body, record);
    body.heading("Who was not told, and why");
    body.items(people.iter().map(|(person, why)| format!("{}: {}", one_line(person, 100), quoted(why, 180))));
    body.heading("What to do");
    body.item("tell them yourself: they can read it and answer with their own AWS credentials, as below");
    body.item(&format!("then mend their channel in {}, and deploy it", approvers::PATH));
    body.line("");
    read(&mut body, record, record.approve_url.as_deref());
    body.notice(&format!("NOT TOLD: {} of those who must hear of {}", people.len(), record.resource), record)
}

/// The end in a few words: what must not be overlooked is in capitals.
fn end(record: &ProcessRecord) -> String {
    let resource = &record.resource;
    if record.mode == Mode::DryRun {
        return format!("Dry run ended: {resource}, {}", record.status);
    }
    let is_gone = record.validation.as_ref().is_some_and(|validation| matches!(validation.gone, Gone::Yes { .. }));
    match record.status {
        Status::Completed if is_gone => format!("Retired: {resource}"),
        Status::Completed => format!("Ended without proof: {resource}"),
        Status::RolledBack => format!("Rolled back: {resource} is as it was"),
        Status::RollbackFailed => format!("ROLLBACK FAILED: {resource} is not as it was"),
        Status::Failed if record.past_the_point_of_no_return => format!("FAILED half way: {resource}"),
        Status::Failed => format!("Failed: {resource}"),
        Status::Blocked => format!("Blocked: {resource} stays"),
        Status::Rejected => format!("Rejected: {resource} stays"),
        Status::Expired => format!("Expired: {resource} stays"),
        Status::Cancelled => format!("Cancelled: {resource} stays"),
        status => format!("Reported: {resource}, {status}"),
    }
}

fn name(record: &ProcessRecord, assessment: &Assessment) -> String {
    match assessment.observation.found.as_ref().and_then(|found| found.name.as_deref()) {
        Some(name) => format!("{} ({})", record.resource, quoted(name, 80)),
        None => record.resource.to_string(),
    }
}

/// Who began it and why, in their own words.
fn beginning(body: &mut Body, record: &ProcessRecord) {
    let proof = if record.initiator_verified { "" } else { ", which nobody can prove" };
    body.item(&format!("started by: {}{proof}, at {}", quoted(&record.initiator, 128), record.created_at));
    body.item(&format!("reason: {}", quoted(&record.reason, 280)));
}

fn role(required: &Required) -> String {
    format!("{}: {} of {} ({})", required.role, required.quorum, people(required), required.because)
}

/// The people of a role, and for whom they stand in.
pub(crate) fn people(required: &Required) -> String {
    let people = required.people.iter().map(|person| match required.standing_in.get(person) {
        Some(away) => format!("{person} for {away}"),
        None => person.clone(),
    });
    people.collect::<Vec<String>>().join(", ")
}

fn objections_until(record: &ProcessRecord) -> String {
    record.notice.as_ref().map_or_else(|| "it is planned".to_owned(), |notice| notice.until.to_string())
}

fn risk(body: &mut Body, assessment: &Assessment) {
    let points = counted(assessment.score, "point", "points");
    body.heading(&format!("Risk: {}, {points} in profile {}", assessment.level, assessment.profile.as_str()));
    body.items(assessment.points.iter().map(|point| format!("+{} {}", point.points, point.reason)));
    body.items(assessment.floors.iter().map(|floor| format!("never below {}: {}", floor.level, floor.reason)));
    if !assessment.evidence_complete {
        body.item("NOT EVERYTHING COULD BE READ: something may depend on it that nobody saw");
    }
    let dependents = &assessment.observation.dependents;
    if !dependents.is_empty() {
        body.heading("What depends on it");
        body.items(
            dependents.iter().map(|it| format!("{} {} {}", one_line(&it.kind, 40), quoted(&it.id, 120), it.relation)),
        );
    }
    if !assessment.recommendations.is_empty() {
        body.heading("What to do about it first");
        body.items(assessment.recommendations.iter().cloned());
    }
}

fn steps(body: &mut Body, plan: &Plan) {
    let runbook = &plan.runbook;
    body.heading(&format!(
        "Plan {}: {}",
        plan.number,
        counted(u64::try_from(runbook.steps.len()).unwrap_or(u64::MAX), "step", "steps")
    ));
    let soak = in_words(runbook.soak_seconds.into());
    let lines: Vec<String> =
        runbook.steps.iter().zip(1usize..).flat_map(|(step, at)| lines_of(step, at, &soak)).collect();
    body.items(lines.into_iter());
    body.item(&format!("It saves {}.", savings(plan)));
    let warnings: Vec<String> =
        plan.findings.iter().filter(|it| it.severity < Severity::Info).map(ToString::to_string).collect();
    if !warnings.is_empty() {
        body.heading("What the checker found in it");
        body.items(warnings.into_iter());
    }
}

fn savings(plan: &Plan) -> String {
    let savings = &plan.savings;
    let unless = if savings.complete { "" } else { ", without what has no known price" };
    format!(
        "about {} a month, less {} for its backups as long as they are kept{unless}",
        dollars(i64::try_from(savings.saved_micro_dollars_a_month).ok()),
        dollars(i64::try_from(savings.backups_micro_dollars_a_month).ok())
    )
}

fn lines_of(step: &Step, at: usize, soak: &str) -> Vec<String> {
    let effect = match (step.action, step.effect) {
        (Action::Soak, _) => format!("waits {soak}"),
        (_, Effect::Additive) => "only adds".into(),
        (_, Effect::Reversible) => "can be taken back".into(),
        (_, Effect::Irreversible) => "CANNOT BE TAKEN BACK".into(),
    };
    let mut lines = vec![format!("{at}. {} [{effect}] {}", step.id, step.description)];
    lines.extend(step.loses.iter().map(|loses| format!("{at}. even so: {loses}")));
    if step.effect == Effect::Irreversible {
        lines.push(match &step.recovery {
            Some(recovery) => format!("{at}. had again by: {}", recovery.how),
            None => format!("{at}. NOTHING BRINGS IT BACK"),
        });
    }
    lines
}

fn counted(count: impl Into<u64> + Copy, one: &str, more: &str) -> String {
    let count = count.into();
    format!("{count} {}", if count == 1 { one } else { more })
}

/// The command that votes.
fn vote(body: &mut Body, record: &ProcessRecord, round: &Round, url: Option<&str>) {
    let vote = format!(
        r#"{{"schema":1,"action":"vote","process_id":"{}","plan_hash":"{}","answer":"approve"}}"#,
        record.process_id, round.plan_hash
    );
    send(body, record, url, &vote);
    body.item(r#"For a no, write "answer":"reject","reason":"why" instead."#);
}

/// The command that objects to what the rule approved.
fn object(body: &mut Body, record: &ProcessRecord, url: Option<&str>) {
    let objection = format!(r#"{{"schema":1,"action":"opt_out","process_id":"{}","reason":"why"}}"#, record.process_id);
    send(body, record, url, &objection);
}

/// The command that sends a body to the Function URL.
fn send(body: &mut Body, record: &ProcessRecord, url: Option<&str>, data: &str) {
    command(body, record, url, &format!("    -H 'content-type: application/json' \\\n    --data '{data}' \\\n"), "");
}

/// The command that asks the Function URL how the process stands.
fn read(body: &mut Body, record: &ProcessRecord, url: Option<&str>) {
    command(body, record, url, "", &format!("?process_id={}", record.process_id));
}

fn command(body: &mut Body, record: &ProcessRecord, url: Option<&str>, data: &str, query: &str) {
    // All of it is ours, but it comes by way of the environment: a quotation mark there must not end what it stands in.
    let bare = |text: &str| one_line(text, 300).replace(['\'', '"', '\\', '`', '$', ' '], "");
    let region = bare(record.execution_arn.split(':').nth(3).unwrap_or_default());
    let url = url.map_or_else(|| "https://<the Function URL of approve>/".to_owned(), bare);
    body.line(&format!(
        "  curl --aws-sigv4 \"aws:amz:{region}:lambda\" \\\n    --user \"$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY\" \\\n    \
         -H \"x-amz-security-token: $AWS_SESSION_TOKEN\" \\\n{data}    '{url}{query}'"
    ));
}
