//! Names, tags and reasons are other people's text, and must not become structure.

use std::sync::LazyLock;

use proptest::prelude::*;
use scraper::Html;
use sunset_domain::approval::text::is_printable;
use sunset_domain::approval::vote::Answer;
use sunset_domain::process::observation::{Blocker, Manager};

use super::{all, parsed, text};
use crate::fixtures::Material;
use crate::{Approval, FormError, FormOf, Page, Refusal, Timeline, WaitingList, Waits};
use crate::{approval, refused, timeline, waiting};

/// Every text that somebody else writes is this.
fn written_by_others(text: &str) -> Material {
    let mut material = Material::asked();
    let given = || text.to_owned();
    let Material { record, assessment, plan, .. } = &mut material;
    record.initiator = given();
    record.reason = given();
    record.resource_owner = Some(given());
    record.outcome = Some(given());
    for role in &mut record.round.as_mut().unwrap().required {
        role.because = given();
        role.role = format!("owner:{text}");
        role.people.push(given());
    }
    let observation = &mut assessment.observation;
    let mut dependents = std::mem::take(&mut observation.dependents).into_iter();
    let mut dependent = dependents.next().unwrap();
    (dependent.kind, dependent.id, dependent.relation) = (given(), given(), given());
    observation.dependents.insert(dependent);
    let found = observation.found.as_mut().unwrap();
    found.name = Some(given());
    found.tags = [("owner".to_owned(), given())].into_iter().collect();
    assessment.business.environment = given();
    assessment.recommendations = vec![given()];
    assessment.blocked = vec![Blocker { code: "opted_out".into(), detail: given() }];
    assessment.managed_by = vec![Manager { service: given(), name: given(), change_instead: given() }];
    for point in &mut assessment.points {
        point.reason = given();
    }
    for step in &mut plan.runbook.steps {
        step.description = given();
        step.verification = given();
        step.loses = Some(given());
    }
    material.vote(text, Answer::Reject, Some(text), 1);
    for event in &mut material.events {
        event.actor = given();
        // A field without text would not be there.
        event.data = serde_json::json!({"reason": format!("it is {text}")});
    }
    material
}

fn pages(text: &str) -> Vec<Page> {
    let material = written_by_others(text);
    let record = &material.record;
    let form = FormOf { reason: text, confirm: text, ..material.open().form.unwrap() };
    let error = FormError { field: "reason", message: text };
    let item = Waits { record, deadline: record.round.as_ref().unwrap().deadline, url: Some("/?l=v1.decide") };
    vec![
        approval(&Approval { form: Some(form), error: Some(error), ..material.open() }),
        approval(&material.closed(text)),
        timeline(&Timeline { done: true, ..material.timeline() }),
        waiting(&WaitingList { person: text, items: &[item], now: crate::fixtures::now(), more: false }),
        refused(&Refusal {
            status: 404,
            title: text,
            message: text,
            changed_nothing: true,
            retry_after_seconds: None,
            allow: Some(text),
        }),
    ]
}

/// Every element with its attributes' names, and what these say where it is the page's own.
fn structure(page: &Page) -> Vec<String> {
    let html: Html = parsed(page);
    assert_eq!(html.errors, Vec::<String>::new());
    all(&html, "*")
        .into_iter()
        .map(|element| {
            let attributes: Vec<String> = element
                .value()
                .attrs()
                .map(|(name, value)| if name == "value" { name.to_owned() } else { format!("{name}={value}") })
                .collect();
            let depth = element.ancestors().count();
            format!("{depth} {} {}", element.value().name(), attributes.join(" "))
        })
        .collect()
}

fn structures(pages: &[Page]) -> Vec<Vec<String>> {
    pages.iter().map(structure).collect()
}

static HARMLESS: LazyLock<Vec<Vec<String>>> = LazyLock::new(|| structures(&pages("web-data")));

#[rstest::rstest]
#[case("<script>alert(1)</script>")]
#[case("</bdi></li></ul><form action=//example.com>")]
#[case("\"><img src=x onerror=alert(1)>")]
#[case("</textarea></form><h1>Approved</h1>")]
#[case("</title><style>*{display:none}</style>")]
#[case("' autofocus onfocus='alert(1)")]
#[case("javascript:alert(1)")]
#[case("&lt;b&gt; &#60;i&#62; &quot;")]
#[case("--><!-- ]]> <![CDATA[ \u{202e}evorppa\u{2066}\u{0}\u{b}")]
#[case("\r\n\r\n<p>Risk: low")]
fn markup_in_other_peoples_text_stays_text(#[case] hostile: &str) {
    let pages = pages(hostile);
    assert_eq!(structures(&pages), *HARMLESS);
    for page in &pages {
        assert!(!text(parsed(page).root_element()).contains('\u{202e}'));
    }
}

#[test]
fn what_was_typed_before_is_still_there() {
    let typed = "it is <ours> & \"theirs\"";
    let page = &pages(typed)[0];
    let html = parsed(page);
    assert_eq!(text(all(&html, "textarea")[0]), typed);
    assert_eq!(all(&html, "#confirm")[0].value().attr("value"), Some(typed));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn whatever_others_write_a_page_has_the_same_elements(
        text in "(\\PC|[<>&\"'=/ -]|script|</bdi>|\u{202e}|\n){1,60}"
    ) {
        let pages = pages(&text);
        prop_assert_eq!(&structures(&pages), &*HARMLESS);
        for page in &pages {
            let parsed = parsed(page);
            let shown = all(&parsed, "bdi").into_iter().flat_map(|element| element.text());
            prop_assert!(shown.flat_map(str::chars).all(is_printable));
        }
    }
}
