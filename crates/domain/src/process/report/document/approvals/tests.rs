use serde_json::json;

use crate::approval::vote::{Answer, Escalation, NOTICE_ROUND};
use crate::policy::Mode;
use crate::process::audit::EventType;
use crate::process::record::NoticePeriod;
use crate::process::report::ProcessReport;
use crate::process::report::fixtures::{Case, at};
use crate::process::resource::ResourceType;
use crate::process::status::Status;

fn by_rule(status: Status, over: bool) -> Case {
    let mut case = Case::new(ResourceType::SecurityGroup, Mode::Live, status).planned();
    case.record.round = None;
    case.record.approved_plan_hash = case.record.plan_hash.clone();
    case.record.notice = Some(NoticePeriod { until: at("2026-11-21T09:01:00Z"), over });
    case.happened(EventType::AutoApproved, "function:approve", "2026-11-20T09:01:00Z", json!({"level": "low"}));
    case
}

fn shows(case: &Case, text: &str) {
    let document = ProcessReport::of(&case.material()).markdown();
    assert!(document.contains(text), "{text}: {document}");
}

#[test]
fn until_when_people_can_object_is_told_as_long_as_they_can() {
    let case = by_rule(Status::Approved, false);
    let outcome = ProcessReport::of(&case.material()).outcome;
    assert!(outcome.contains("and people can object until 2026-11-21T09:01:00Z; nothing was changed"), "{outcome}");
    shows(&case, "People could object until 2026-11-21T09:01:00Z. That is not over.");
    let case = by_rule(Status::Approved, true);
    assert!(ProcessReport::of(&case.material()).outcome.contains("about to be made again"));
    shows(&case, "People could object until 2026-11-21T09:01:00Z. Nobody did.");
    shows(&by_rule(Status::Failed, false), "People could object until 2026-11-21T09:01:00Z. It ended before that.");
}

#[test]
fn who_objected_and_why_is_the_outcome() {
    let mut case = by_rule(Status::Cancelled, false).voted(
        "bob",
        Answer::Reject,
        Some("the pipeline still uses it"),
        "2026-11-20T10:00:00Z",
    );
    case.votes[0].round = NOTICE_ROUND;
    case.happened(EventType::OptedOut, "function:approve", "2026-11-20T10:00:05Z", json!({"by": "bob"}));
    let report = ProcessReport::of(&case.material());
    assert!(report.outcome.contains("is left alone: bob objected to what the rule approved; nothing was changed."));
    assert_eq!(report.reasons, ["bob objected: the pipeline still uses it"]);
    shows(&case, "| notice | 2026-11-20T10:00:00Z | bob | user/bob | OBJECT | the pipeline still uses it |");
    shows(&case, "People could object until 2026-11-21T09:01:00Z. It ended before that.");
    case.votes.clear();
    assert!(ProcessReport::of(&case.material()).outcome.contains("the process was cancelled"));
}

#[test]
fn reminders_and_those_who_were_asked_later_are_told_of_and_so_is_who_stands_in() {
    let mut case = Case::new(ResourceType::Volume, Mode::Live, Status::Expired).planned();
    let round = case.record.round.as_mut().unwrap();
    round.required[0].standing_in.insert("bob".into(), "edith".into());
    round.reminders = vec![at("2026-11-21T21:00:30Z"), at("2026-11-23T01:48:30Z")];
    round.reminded = 1;
    let more = |when: &str, person: &str| Escalation {
        at: at(when),
        role: "infrastructure-manager".into(),
        people: vec![person.into()],
        standing_in: Default::default(),
    };
    round.escalations = vec![more("2026-11-22T09:00:30Z", "cleo"), more("2026-11-23T00:00:00Z", "dora")];
    round.escalated = 1;
    shows(&case, "ada, bob for edith");
    shows(&case, "Reminders due at 2026-11-21T21:00:30Z, 2026-11-23T01:48:30Z: 1 done.");
    shows(&case, "cleo asked as well from 2026-11-22T09:00:30Z on, for infrastructure-manager");
    shows(&case, "dora to be asked as well from 2026-11-23T00:00:00Z on, for infrastructure-manager");
}

#[test]
fn what_waits_for_a_window_can_still_be_taken_back() {
    let mut case = Case::new(ResourceType::Volume, Mode::Live, Status::Scheduled).planned().approved();
    let data = json!({"because": "it is Sunday", "opens_at": "2026-11-30T09:00:00Z"});
    case.happened(EventType::Scheduled, "function:execute", "2026-11-28T12:00:00Z", data);
    let outcome = ProcessReport::of(&case.material()).outcome;
    assert!(outcome.contains("waits for a change window") && outcome.contains("can still be taken back"), "{outcome}");
    shows(&case, "it waits for a change window");
    shows(&case, "opens_at: 2026-11-30T09:00:00Z");
}
