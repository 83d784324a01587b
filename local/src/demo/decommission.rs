//! The chapters of decommission in which an instance goes the whole way.

use serde_json::{Value, json};

use crate::account::TEAM;
use crate::demo::people::by_link;
use crate::demo::story::Story;
use crate::error::{Result, missing, plain};
use crate::make::NewInstance;
use crate::process_report::{ProcessReport, dollars};
use crate::resources::Instance;
use crate::screen::Look;
use crate::seed::image_id;
use crate::stored::Item;
use crate::table::{Cell, Table};
use crate::workflow::{Execution, Finished};

/// What the instances are launched from: an image that stays.
const BASE: &str = "web-1.4";

/// A process that people follow.
pub(super) struct Case {
    pub(super) instance_id: String,
    pub(super) execution: Execution,
    pub(super) process_id: String,
}

/// An instance that nobody needs: shown dry, then retired.
pub(super) fn whole_way(story: &mut Story) -> Result<()> {
    let id = make_instance(story, "legacy-web")?;
    dry(story, &id)?;
    let (case, record) = asks(story, "7. The same instance, live: people decide, each on their own page", &id)?;
    if by_link(story, &case, &record)? {
        rest(story, &case)?;
        return gone(story, &case);
    }
    kept(story, &case)
}

pub(super) fn make_instance(story: &Story, name: &str) -> Result<String> {
    let group = story.stack.make_security_group(name, &[])?;
    let new = NewInstance::of(&image_id(BASE)).security_group(&group).volume("/dev/sdf", 20).tag("Name", name);
    let id = story.stack.make_instance(new)?;
    let data = json!({"environment": "staging", "project": "shop", "owner": TEAM});
    story.stack.put_tracking("EC2Instance", &id, &data)?;
    Ok(id)
}

pub(super) fn seen(story: &Story, id: &str) -> Result<Instance> {
    story.stack.instance(id)?.ok_or_else(|| plain(format!("EC2 does not know {id}")))
}

fn input(id: &str, mode: &str) -> Value {
    json!({
        "schema": 1, "resource_type": "EC2Instance", "resource_id": id, "initiator": "cleanup-campaign",
        "reason": "no request for a year", "mode": mode,
    })
}

pub(super) fn report(story: &Story, process_id: &str) -> Result<ProcessReport> {
    ProcessReport::read(&story.stack.process_report(process_id)?)
}

pub(super) fn field(record: &Item, name: &str) -> Result<String> {
    record.get(name).and_then(Value::as_str).map(str::to_owned).ok_or_else(|| missing("the process's record", name))
}

pub(super) fn stands(record: &Item, status: &str) -> bool {
    record.get("status").and_then(Value::as_str) == Some(status)
}

fn dry(story: &mut Story, id: &str) -> Result<()> {
    story.screen.heading("6. One instance, dry: how risky it is, and what would be done");
    let before = seen(story, id)?;
    let stack = &story.stack;
    let (record, finished) = story.screen.step("running the workflow, dry", None, || {
        let execution = stack.start_decommission(&input(id, "dry-run"))?;
        Ok::<_, crate::error::Error>((stack.until_process(&execution, "admitted", |_| true)?, stack.wait(&execution)?))
    })?;
    story.expect(finished.status == "SUCCEEDED", &format!("the dry run ended as {}", ended_as(&finished)));
    let report = report(story, &field(&record, "process_id")?)?;
    if let Some(risk) = &report.assessment {
        story.say(&format!("The risk is {}, {} points:", risk.level, risk.score));
        let mut table = Table::new(["points", "why"]);
        for point in &risk.points {
            table.row([point.points.to_string().into(), point.reason.as_str().into()]);
        }
        for floor in &risk.floors {
            table.row([Cell::new(Look::Yellow, format!("≥ {}", floor.level)), floor.reason.as_str().into()]);
        }
        story.show(&table);
    }
    story.expect(report.assessment.is_some(), "the report says nothing of the risk");
    let steps = report.plan.map(|plan| plan.steps).unwrap_or_default();
    story.expect(!steps.is_empty(), "the report has no plan");
    story.say("The plan, which approvers would see:");
    let mut table = Table::new(["step", "effect", "what it does"]);
    for step in steps {
        let look = match step.effect.as_str() {
            "irreversible" => Look::Red,
            "reversible" => Look::Yellow,
            _ => Look::Green,
        };
        table.row([step.id.into(), Cell::new(look, step.effect), step.description.into()]);
    }
    story.show(&table);
    story.expect(seen(story, id)? == before, "the dry run changed the instance");
    story.say("Nothing has changed: the instance runs, and nobody was asked.");
    Ok(())
}

fn ended_as(finished: &Finished) -> String {
    format!("{} {} {}", finished.status, finished.error, finished.cause)
}

/// Starts a process and waits until it asks people.
pub(super) fn asks(story: &mut Story, heading: &str, id: &str) -> Result<(Case, Item)> {
    story.screen.heading(heading);
    let stack = &story.stack;
    let (execution, record) =
        story.screen.step("starting the workflow, live: it assesses, plans and asks", None, || {
            let execution = stack.start_decommission(&input(id, "live"))?;
            let record = stack.until_process(&execution, "asking", |record| stands(record, "awaiting_approval"))?;
            Ok::<_, crate::error::Error>((execution, record))
        })?;
    let process_id = field(&record, "process_id")?;
    story.show_the_notice_about(&process_id)?;
    story.expect(seen(story, id)?.state == "running", "the instance was touched before anybody approved");
    Ok((Case { instance_id: id.to_owned(), execution, process_id }, record))
}

/// Waits until the instance rests, and holds what EC2 says of it against the story.
pub(super) fn rest(story: &mut Story, case: &Case) -> Result<()> {
    let stack = &story.stack;
    let record = story.screen.step("making a backup, stopping the instance", None, || {
        stack.until_process(&case.execution, "the soak", |record| stands(record, "soaking"))
    })?;
    let resting = seen(story, &case.instance_id)?;
    story.expect(resting.state == "stopped", &format!("in its soak the instance is {}", resting.state));
    let backups = backups(story, case)?;
    story.expect(backups.len() == 1, &format!("the process made {} images", backups.len()));
    let until = field(&record, "soak_until")?;
    story.say(&format!(
        "EC2 says that it is {}, and that there is an image with {} snapshots. It rests until {until}; here that is \
         seconds, in an account a week.",
        resting.state,
        backups.first().map_or(0, |(_, snapshots)| *snapshots)
    ));
    Ok(())
}

/// The images that a process made, and how many snapshots each has.
fn backups(story: &Story, case: &Case) -> Result<Vec<(String, usize)>> {
    let images = story.stack.images()?.into_iter();
    let own = images.filter(|image| image.tags.get("sunset:process") == Some(&case.process_id));
    Ok(own.map(|image| (image.id, image.snapshot_ids.len())).collect())
}

/// What becomes of an instance that people want to keep, or about which nobody decided.
fn kept(story: &mut Story, case: &Case) -> Result<()> {
    let finished = story.stack.wait(&case.execution)?;
    story.expect(finished.status == "SUCCEEDED", &format!("the process ended as {}", ended_as(&finished)));
    let state = seen(story, &case.instance_id)?.state;
    story.expect(state == "running", &format!("the instance is {state}"));
    story.say(&format!("EC2 says that it is {state}. The report: {}", report(story, &case.process_id)?.outcome));
    Ok(())
}

fn gone(story: &mut Story, case: &Case) -> Result<()> {
    story.screen.heading("8. Nobody missed it: gone, and proved gone");
    let stack = &story.stack;
    let waited = || stack.wait(&case.execution);
    let finished = story.screen.step("resting, looking again, terminating, proving", None, waited)?;
    story.expect(finished.status == "SUCCEEDED", &format!("the process ended as {}", ended_as(&finished)));
    let state = seen(story, &case.instance_id)?.state;
    story.expect(state == "terminated", &format!("the instance is {state}"));
    let backups = backups(story, case)?;
    story.expect(backups.len() == 1, "the backup is not there");
    let report = report(story, &case.process_id)?;
    story.expect(report.audit.defects.is_empty(), &format!("the audit trail has defects: {:?}", report.audit.defects));
    story.say(&format!("EC2 says that it is {state}. The report: {}", report.outcome));
    story.say(&format!(
        "It saves {} a month, and {} once its backups may go ({}).",
        dollars(report.savings.saved_micro_dollars_a_month),
        dollars(report.savings.saved_without_backups_micro_dollars_a_month),
        report.savings.backups_kept_until.as_deref().unwrap_or("never")
    ));
    story.say(&format!(
        "The audit trail: {} events, each chained to the one before, none missing.",
        report.audit.events
    ));
    story.say("The way back:");
    let commands: Vec<_> = report.way_back.iter().flat_map(|back| &back.commands).collect();
    story.expect(!commands.is_empty(), "the report shows no way back");
    for back in report.way_back.iter().filter(|back| !back.commands.is_empty()) {
        story.say_as(Look::Plain, 4, &format!("{}: {}", back.step, back.back));
        for command in &back.commands {
            // In one piece, so that it can be copied.
            story.screen.say(&format!("      {}", story.screen.paint(Look::Dim, command)));
        }
    }
    Ok(())
}
