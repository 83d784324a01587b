//! What holds for every page.

mod document;
mod everything_shown;
mod other_peoples_text;

use scraper::{ElementRef, Html, Node, Selector};
use sunset_domain::approval::vote::Answer;
use sunset_domain::coverage::{Coverage, Source};
use sunset_domain::process::audit::Defect;

use crate::fixtures::{Material, now};
use crate::{Page, Refusal, Timeline, WaitingList, Waits, approval, home, refused, timeline, waiting};

pub(crate) fn parsed(page: &Page) -> Html {
    Html::parse_document(&page.html)
}

pub(crate) fn all<'a>(html: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    html.select(&Selector::parse(selector).unwrap()).collect()
}

/// The text of an element as it reads, a line for every part of it that stands on lines of its own.
pub(super) fn lines(element: ElementRef<'_>) -> String {
    const INLINE: [&str; 9] = ["a", "bdi", "code", "input", "mark", "span", "strong", "time", "textarea"];
    let mut read = String::new();
    for node in element.descendants() {
        match node.value() {
            Node::Text(text) => read.push_str(text),
            Node::Element(element) if !INLINE.contains(&element.name()) => read.push('\n'),
            _ => {}
        }
    }
    let line = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    read.lines().map(line).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

/// The same on one line.
pub(crate) fn text(element: ElementRef<'_>) -> String {
    lines(element).replace('\n', " ")
}

/// The text of what the person reads first to last.
pub(super) fn main_text(page: &Page) -> String {
    text(all(&parsed(page), "main")[0])
}

/// A process of which everything is amiss.
pub(super) fn amiss() -> Material {
    let mut material = Material::asked();
    let observation = &mut material.assessment.observation;
    observation.coverages.insert(Source::Instances, Coverage::Denied { detail: "not authorized".into() });
    observation.coverages.remove(&Source::ResourceTracking);
    material.assessment.evidence_complete = false;
    material.plan.savings.complete = false;
    material.plan.runbook.steps.last_mut().unwrap().recovery = None;
    material.record.initiator_verified = false;
    material.defects = vec![Defect::Edited { seq: 2 }];
    material.vote("ada", Answer::Reject, Some("not yet"), 0);
    material
}

/// One of every kind of page, by name.
pub(super) fn every_page() -> Vec<(&'static str, Page)> {
    let (asked, amiss, mut by_rule) = (Material::asked(), amiss(), Material::by_rule());
    let mut pages = vec![
        ("asked", approval(&asked.open())),
        ("answered", approval(&asked.closed("you answered already"))),
        ("wrong confirm", approval(&asked.wrong("confirm", "that is not the end of the id"))),
        ("wrong reason", approval(&asked.wrong("reason", "a no needs a reason"))),
        ("old form", approval(&asked.wrong("form", "the page was open for too long: send it again"))),
        ("amiss", approval(&amiss.open())),
        ("by rule", approval(&by_rule.open())),
        ("timeline", timeline(&asked.timeline())),
        ("done", timeline(&Timeline { done: true, ..asked.timeline() })),
        ("broken trail", timeline(&amiss.timeline())),
    ];
    by_rule.object("grace", "the team still uses it");
    pages.push(("objected", timeline(&Timeline { done: true, ..by_rule.timeline() })));
    let item = Waits { record: &asked.record, deadline: asked.record.round.as_ref().unwrap().deadline, url: None };
    let items = [item, Waits { url: Some("/?l=v1.decide"), ..item }];
    let list = WaitingList { person: "ada", items: &items, now: now(), more: true };
    pages.push(("waiting", waiting(&list)));
    pages.push(("nothing waits", waiting(&WaitingList { items: &[], more: false, ..list })));
    pages.push(("home", home()));
    let refusal = Refusal {
        status: 404,
        title: "This link does not work",
        message: "it is wrong, or it has done its work",
        changed_nothing: true,
        retry_after_seconds: None,
        allow: None,
    };
    pages.push(("refused", refused(&refusal)));
    pages
}
