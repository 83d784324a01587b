//! A ledger, an audit trail or keys that cannot be read or written: the page says so, shows nothing half, and changes
//! nothing.

use std::time::{Duration, Instant};

use serde_json::Value;
use sunset_domain::approval::link::Link;
use sunset_functions_tests::page::{Form, Shown, Visit, now, sign};
use sunset_functions_tests::{Outage, Person};
use sunset_wire::{Fault, When};

use crate::answers::sound;
use crate::asked::{Asked, Question};
use crate::stored::{attempts, everything, processes};

/// How long the function may take, as the template has it.
const TIMEOUT: Duration = Duration::from_secs(15);

impl Asked {
    /// A visit that the page cannot answer now.
    pub async fn is_unavailable(&self, visit: Visit) -> Shown {
        let before = everything(&self.world).await;
        let begun = Instant::now();
        let shown = self.visit(visit.clone()).await;
        let took = begun.elapsed();
        let told = || format!("{visit:?}\n{shown:#?}\n{}", self.functions.logs());
        assert_eq!(shown.status, 503, "{}", told());
        is_no_half_page(&shown);
        assert_eq!(everything(&self.world).await, before, "{}", told());
        assert!(took < TIMEOUT, "it took {took:?}, and Lambda would have ended it: {}", told());
        shown
    }
}

/// Nothing of a process, of a person or of a link is shown beside a 503.
fn is_no_half_page(shown: &Shown) {
    assert_eq!(shown.header("retry-after"), Some("60"), "{shown:#?}");
    for half in ["vol-0spare", "sg-0idle", "form_token", "team-web", "?l="] {
        assert!(!shown.html.contains(half), "{half}: {}", shown.html);
    }
}

/// What somebody may do with their links.
#[derive(Debug, Clone, Copy)]
enum Doing {
    Reads,
    ReadsTheTimeline,
    ReadsTheList,
    Answers,
}

impl Doing {
    const ALL: [Self; 4] = [Self::Reads, Self::ReadsTheTimeline, Self::ReadsTheList, Self::Answers];

    async fn visit(self, asked: &Asked) -> Visit {
        let token = asked.token(Person::Lin).await;
        match self {
            Self::Reads => Visit::get(&token),
            Self::ReadsTheTimeline => Visit::get(&asked.timeline(Person::Lin).await),
            Self::ReadsTheList => Visit::get(&sign(&Link::waiting("lin", now().plus_days(1)))),
            Self::Answers => Visit::post(&token, &asked.form(&token, "reject").await),
        }
    }
}

/// Fails the first call of this action, then only the second, and so on until none is left. How many were in it.
async fn fails_at_each(asked: &Asked, visit: &Visit, action: &str) -> usize {
    for served in 0..20 {
        asked.world.outages.after(action, served, Outage::Denied);
        let before = processes(&asked.world).await;
        let shown = asked.visit(visit.clone()).await;
        asked.world.outages.clear();
        if shown.status != 503 {
            assert!([200, 303].contains(&shown.status), "{shown:#?}");
            return served;
        }
        is_no_half_page(&shown);
        assert_eq!(processes(&asked.world).await, before, "{action} {served}: {visit:?}");
    }
    panic!("it never came to an end: {visit:?}");
}

#[tokio::test]
async fn whichever_read_of_the_ledger_fails_nothing_is_shown_half() {
    for question in [Question::Volume, Question::ByRule] {
        for doing in Doing::ALL {
            let mut calls = 0;
            for action in ["GetItem", "Query"] {
                let asked = question.asked().await;
                let visit = doing.visit(&asked).await;
                calls += fails_at_each(&asked, &visit, action).await;
                sound(&asked).await;
            }
            assert!(calls >= 2, "{doing:?} makes {calls} calls");
        }
    }
}

#[tokio::test]
async fn a_ledger_that_throttles_fails_or_hangs_is_told_in_time() {
    let story = async |action: &str, outage: Outage| {
        let asked = Question::Volume.asked().await;
        let token = asked.token(Person::Lin).await;
        let form = asked.form(&token, "approve").await;
        let visit = if action == "TransactWriteItems" { Visit::post(&token, &form) } else { Visit::get(&token) };
        asked.world.outages.of(action, outage);
        asked.is_unavailable(visit).await;
        asked.world.outages.clear();
        assert_eq!(asked.visit(Visit::post(&token, &form)).await.status, 303);
        sound(&asked).await;
    };
    tokio::join!(
        story("GetItem", Outage::Throttled),
        story("GetItem", Outage::Failing),
        story("Query", Outage::Throttled),
        story("Query", Outage::Failing),
        story("TransactWriteItems", Outage::Throttled),
        story("TransactWriteItems", Outage::Failing),
        story("GetItem", Outage::Hanging),
        story("Query", Outage::Hanging),
        story("TransactWriteItems", Outage::Hanging),
    );
}

#[tokio::test]
async fn a_ledger_that_stumbles_once_is_asked_again() {
    let asked = Question::Volume.asked().await;
    for action in ["GetItem", "Query", "TransactWriteItems"] {
        asked.world.outages.times(action, 1, Outage::Throttled);
    }
    assert_eq!(asked.answers(Person::Lin, "approve").await.status, 303);
    sound(&asked).await;
}

#[tokio::test]
async fn keys_that_ssm_does_not_hand_out_are_told_in_time() {
    let story = async |fault: Fault| {
        let asked = Question::Volume.asked().await;
        let token = asked.token(Person::Lin).await;
        let form = asked.form(&token, "approve").await;
        asked.functions.cool_down();
        asked.world.ec2.faults().add("GetParameter", When::Every, fault);
        for visit in [Visit::get(&token), Visit::post(&token, &form)] {
            asked.is_unavailable(visit).await;
        }
        asked.world.ec2.faults().clear();
        assert_eq!(asked.visit(Visit::post(&token, &form)).await.status, 303);
        sound(&asked).await;
    };
    tokio::join!(
        story(Fault::Throttled),
        story(Fault::InternalError),
        story(Fault::error(400, "AccessDeniedException", "not authorized to perform ssm:GetParameter")),
        story(Fault::CloseBefore),
        story(Fault::Delay(TIMEOUT)),
    );
}

#[tokio::test]
async fn keys_that_were_read_before_an_outage_of_ssm_do_for_a_while() {
    let asked = Question::Volume.asked().await;
    let token = asked.token(Person::Lin).await;
    assert_eq!(asked.visit(Visit::get(&token)).await.status, 200);
    asked.world.ec2.faults().add("GetParameter", When::Every, Fault::InternalError);
    assert_eq!(asked.answers(Person::Lin, "approve").await.status, 303);
}

#[tokio::test]
async fn without_its_audit_trail_no_vote_is_written() {
    let asked = Question::Volume.asked().await;
    let token = asked.token(Person::Lin).await;
    let form = asked.form(&token, "approve").await;
    asked.world.denied.add(&asked.world.audit);
    asked.is_unavailable(Visit::post(&token, &form)).await;
    asked.is_unavailable(Visit::get(&asked.timeline(Person::Lin).await)).await;
    asked.world.denied.clear();
    assert_eq!(asked.visit(Visit::post(&token, &form)).await.status, 303);
    sound(&asked).await;
}

#[tokio::test]
async fn a_link_that_does_not_work_is_the_same_page_while_nothing_can_be_written_down() {
    let asked = Question::Volume.asked().await;
    let page = asked.dead_link_page().await;
    for action in ["TransactWriteItems", "GetItem"] {
        asked.world.outages.of(action, Outage::Denied);
        let before = everything(&asked.world).await;
        assert_eq!(asked.visit(Visit::get("x")).await, page, "{action}");
        assert_eq!(everything(&asked.world).await, before);
        asked.world.outages.clear();
    }
    assert!(asked.functions.logs().contains("could not be written down"), "{}", asked.functions.logs());
    assert_eq!(attempts(&asked.world).await.len(), 1);
}

#[tokio::test]
async fn a_process_that_lost_its_resource_takes_no_votes() {
    let asked = Question::Volume.asked().await;
    let token = asked.token(Person::Lin).await;
    let form = asked.form(&token, "approve").await;
    asked.world.ledger.set("LOCK#vol-0spare", "META", "process_id", "01ARZ3NDEKTSV4RRFFQ69G5FAV".into()).await;
    asked.is_unavailable(Visit::post(&token, &form)).await;
    asked.world.ledger.remove("LOCK#vol-0spare", "META").await;
    asked.is_unavailable(Visit::post(&token, &form)).await;
}

#[tokio::test]
async fn a_process_of_which_something_is_missing_or_broken_is_not_shown_half() {
    for (sk, attribute, value) in [
        ("META", "status", Value::from("no such status")),
        ("META", "round", Value::from("no round")),
        ("PLAN#0001", "document", "{".into()),
        ("PLAN#0001", "document", "{}".into()),
        ("ASSESSMENT#0001", "document", "null".into()),
    ] {
        let asked = Question::Volume.asked().await;
        let token = asked.token(Person::Lin).await;
        asked.world.ledger.set(&asked.pk(), sk, attribute, value).await;
        asked.is_unavailable(Visit::get(&token)).await;
    }
    for sk in ["PLAN#0001", "ASSESSMENT#0001"] {
        let asked = Question::Volume.asked().await;
        let token = asked.token(Person::Lin).await;
        asked.world.ledger.remove(&asked.pk(), sk).await;
        asked.is_unavailable(Visit::get(&token)).await;
    }
}

#[tokio::test]
async fn a_policy_file_that_cannot_be_read_lets_nobody_in() {
    let asked = Question::Volume.asked_before("schema: 1\npeople: [").await;
    let token = asked.token(Person::Lin).await;
    for visit in [
        Visit::get(&token),
        Visit::get(&asked.timeline(Person::Lin).await),
        Visit::post(&token, &Form::default().with("answer", "approve")),
    ] {
        let shown = asked.visit(visit).await;
        assert!([400, 503].contains(&shown.status), "{shown:#?}");
    }
    asked.is_unavailable(Visit::get(&token)).await;
    let logs = asked.functions.logs();
    assert!(logs.contains("policy/approvers.yaml") && logs.contains("line"), "{logs}");
}
