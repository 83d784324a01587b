//! How people decide: on the page behind their own link, or with a signed vote.

use std::thread::sleep;
use std::time::Duration;

use serde_json::{Value, json};
use ureq::http::Method;

use crate::decommission::voters;
use crate::demo::decommission::{Case, field, stands};
use crate::demo::story::Story;
use crate::error::Result;
use crate::screen::Look;
use crate::stored::Item;

const REASON: &str = "nobody has called it since spring";
/// The page asks for so much of the end of the resource's id.
const TYPED: usize = 6;
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// Lets people decide on the page: those at this machine, where the demo waits for them, and otherwise by itself. Answers
/// whether they approved.
pub(super) fn by_link(story: &mut Story, case: &Case, record: &Item) -> Result<bool> {
    let names = voters(record);
    let Some(first) = names.first() else { return Ok(false) };
    let notice = story.stack.personal_notice(first, &case.process_id)?;
    story.say(&format!("Whoever is asked gets a notice of their own, with a personal link. {first}'s:"));
    story.show_notice(&notice);
    let mut links = Vec::new();
    for name in &names {
        links.push((name.as_str(), story.stack.personal_link(name, &case.process_id)?));
    }
    story.say(&format!(
        "Links decide here up to high risk; unless a policy says so, up to medium. On this machine the page is at {}. Their \
         links:",
        story.stack.page_url()?
    ));
    for (name, link) in &links {
        story.screen.say(&format!("    {name}: {}", story.screen.paint(Look::Bold, link)));
    }
    a_mail_scanner_opens(story, case, &links)?;
    if story.waits {
        let deadline = record.get("round").and_then(|round| round.get("deadline")).and_then(Value::as_str);
        wait_for_a_browser(story, case, deadline.unwrap_or("its deadline"))?;
    } else {
        for (name, link) in &links {
            approve(story, case, name, link)?;
        }
        nobody_answers_twice(story, case, &links)?;
    }
    let stack = &story.stack;
    let record = stack.until_process(&case.execution, "a decision", |record| !stands(record, "awaiting_approval"))?;
    let rejected = ["rejected", "expired", "cancelled"].iter().any(|status| stands(&record, status));
    story.expect(!rejected || story.waits, &format!("the process is {}", field(&record, "status")?));
    Ok(!rejected)
}

/// Programs that look for harm in mails open every link before its reader does.
fn a_mail_scanner_opens(story: &mut Story, case: &Case, links: &[(&str, String)]) -> Result<()> {
    for (name, link) in links {
        for method in [Method::HEAD, Method::GET] {
            let shown = story.stack.visit(&method, link, &[], &[])?;
            story.expect(shown.status == 200, &format!("the page answers {name}'s link with HTTP {}", shown.status));
        }
    }
    let votes = story.stack.process_items(&case.process_id, "VOTE#")?;
    story.expect(votes.is_empty(), "opening a link was taken for an answer");
    story.say("A program that opens every link in every mail changes nothing: only the form on the page answers.");
    Ok(())
}

fn approve(story: &mut Story, case: &Case, name: &str, link: &str) -> Result<()> {
    let shown = story.stack.answer_by_link(link, &answer(case))?;
    story.expect(shown.status == 303, &format!("{name}'s answer was answered with HTTP {}", shown.status));
    let typed = end_of(&case.instance_id);
    story.say_as(
        Look::Plain,
        4,
        &format!("{name} reads the page, types {typed} to show what it is about, and approves"),
    );
    Ok(())
}

fn answer(case: &Case) -> [(&'static str, &str); 3] {
    [("confirm", end_of(&case.instance_id)), ("reason", REASON), ("answer", "approve")]
}

fn end_of(id: &str) -> &str {
    id.get(id.len().saturating_sub(TYPED)..).unwrap_or(id)
}

fn nobody_answers_twice(story: &mut Story, case: &Case, links: &[(&str, String)]) -> Result<()> {
    let Some((name, link)) = links.first() else { return Ok(()) };
    let again = story.stack.visit(&Method::GET, link, &[], &[])?;
    story.expect(again.status == 404, &format!("{name}'s used link is answered with HTTP {}", again.status));
    let votes = story.stack.process_items(&case.process_id, "VOTE#")?.len();
    story.expect(votes == links.len(), &format!("{} people answered, and there are {votes} votes", links.len()));
    story.say(&format!("A link answers once: {name}'s is now as good as a forged one."));
    Ok(())
}

fn wait_for_a_browser(story: &Story, case: &Case, deadline: &str) -> Result<()> {
    story.say("Open each link in your browser, and answer. Nothing goes on before.");
    let stack = &story.stack;
    story.screen.step(&format!("waiting for your browser until {deadline}"), None, || {
        // The process itself ends at its deadline.
        while stack.process(&case.process_id)?.is_some_and(|record| stands(&record, "awaiting_approval")) {
            sleep(LOOK_AGAIN);
        }
        Ok(())
    })
}

/// Lets as many people approve by a signed vote as are asked.
pub(super) fn by_signature(story: &mut Story, case: &Case, record: &Item) -> Result<()> {
    let refused = story.stack.stranger()?.look(&case.process_id)?;
    story.expect(refused.status == 403, "somebody who signs nothing was answered");
    story.say(
        "Where no link may decide, people vote with AWS credentials of their own: who votes is who signs, and whoever signs \
         nothing is refused. The votes:",
    );
    let ballot = json!({
        "schema": 1, "action": "vote", "process_id": case.process_id, "plan_hash": field(record, "plan_hash")?,
        "answer": "approve",
    });
    let mut decision = "waiting".to_owned();
    for name in voters(record) {
        if decision != "waiting" {
            break;
        }
        let reply = story.stack.person(&name)?.post(&ballot)?;
        story.expect(reply.status == 200, &format!("{name}'s vote was answered with {}: {}", reply.status, reply.body));
        reply.body.pointer("/decision/decision").and_then(Value::as_str).unwrap_or("unknown").clone_into(&mut decision);
        story.say_as(Look::Plain, 4, &format!("{name} approves this plan → {decision}"));
    }
    story.expect(decision == "approved", &format!("the decision is {decision}"));
    Ok(())
}
