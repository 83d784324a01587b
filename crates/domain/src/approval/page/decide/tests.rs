use rstest::rstest;

use super::*;
use crate::approval::fixtures::{at, deadline, hash, now, record, vote};
use crate::approval::link::fixtures::{keys, link_of};
use crate::approval::link::{BadLink, Token};
use crate::approval::page::attempt::Attempt;
use crate::approval::page::refused::LINK_DOES_NOT_WORK;
use crate::approval::page::waiting::{Waiting, still_waits};
use crate::approval::vote::Round;
use crate::ids::ProcessId;
use crate::process::record::NoticePeriod;
use crate::process::resource::ResourceType;
use crate::process::status::Status;
use crate::risk::level::Level;

fn approvers() -> Approvers {
    crate::approval::fixtures::approvers()
}

/// The process that tests begin with, at a risk that links decide.
fn asked() -> ProcessRecord {
    let mut record = record();
    record.risk_level = Some(Level::Medium);
    if let Some(round) = &mut record.round {
        round.risk_level = Some(Level::Medium);
    }
    record
}

/// One that the rule approved, while people can object.
fn noticed() -> ProcessRecord {
    ProcessRecord {
        status: Status::Approved,
        risk_level: Some(Level::Low),
        approved_plan_hash: Some(hash('a')),
        round: None,
        notice: Some(NoticePeriod { until: deadline(), over: false }),
        ..record()
    }
}

fn objection(person: &str) -> Link {
    Link::opt_out(person, &record().process_id, &hash('a'), deadline())
}

fn form(answer: Answer) -> Form {
    Form { form_token: Token::new("f"), confirm: "bcdef0".into(), answer, reason: Some("billing uses it".into()) }
}

fn answered(link: &Link, record: &ProcessRecord, votes: &[Vote]) -> Result<Answerable, Refused> {
    may_answer(link, &form(Answer::Reject), record, votes, &approvers(), now())
}

fn shown(link: &Link, record: &ProcessRecord, votes: &[Vote]) -> Result<Shown, Refused> {
    usable(link, record, votes, &approvers(), now())
}

fn no_form(because: &str) -> Result<Shown, Refused> {
    Ok(Shown::NoForm { because: because.into() })
}

/// Asserts that a link is refused as every other that does not work, whether it is read or answered.
fn does_not_work(link: &Link, record: &ProcessRecord, votes: &[Vote], kind: Kind) {
    let expected = Refused { status: 404, kind, message: LINK_DOES_NOT_WORK.into() };
    assert_eq!(shown(link, record, votes), Err(expected.clone()));
    for answer in [Answer::Approve, Answer::Reject] {
        let mut form = form(answer);
        assert_eq!(may_answer(link, &form, record, votes, &approvers(), now()), Err(expected.clone()));
        // Nor does a form that is filled in wrongly get another answer.
        form.confirm.clear();
        form.reason = None;
        assert_eq!(may_answer(link, &form, record, votes, &approvers(), now()), Err(expected.clone()));
    }
}

#[test]
fn a_link_of_somebody_who_is_asked_shows_the_form_and_becomes_a_vote() {
    for answer in [Answer::Approve, Answer::Reject] {
        assert_eq!(shown(&link_of("ada"), &asked(), &[]), Ok(Shown::Form));
        assert_eq!(
            may_answer(&link_of("ada"), &form(answer), &asked(), &[], &approvers(), now()).unwrap().vote,
            Vote {
                round: 1,
                person: "ada".into(),
                identity: "link/ada".into(),
                answer,
                reason: Some("billing uses it".into()),
                plan_hash: hash('a'),
                at: now(),
            }
        );
    }
}

#[test]
fn an_objection_is_a_no_to_what_the_rule_approved() {
    assert_eq!(shown(&objection("ada"), &noticed(), &[]), Ok(Shown::Form));
    let vote = answered(&objection("ada"), &noticed(), &[]).unwrap().vote;
    assert_eq!((vote.round, vote.answer, vote.plan_hash), (0, Answer::Reject, hash('a')));
    let refused = may_answer(&objection("ada"), &form(Answer::Approve), &noticed(), &[], &approvers(), now());
    assert_eq!(refused.unwrap_err().status, 400);
}

#[test]
fn the_initiator_may_object_and_never_decide() {
    let mut by_ada = noticed();
    by_ada.initiator = "ada".into();
    assert_eq!(shown(&objection("ada"), &by_ada, &[]), Ok(Shown::Form));
    let mut by_ada = asked();
    for initiator in ["ada", "ADA ", "user/ada", "arn:aws:iam::123456789012:user/ada"] {
        by_ada.initiator = initiator.into();
        does_not_work(&link_of("ada"), &by_ada, &[], Kind::Foreign);
    }
}

#[test]
fn a_used_link_does_not_work_whatever_it_is_answered_with_now() {
    for answer in [Answer::Approve, Answer::Reject] {
        does_not_work(&link_of("ada"), &asked(), &[vote("ada", answer)], Kind::Used);
    }
    let objected = Vote { round: 0, ..vote("ada", Answer::Reject) };
    does_not_work(&objection("ada"), &noticed(), std::slice::from_ref(&objected), Kind::Used);
    assert_eq!(shown(&objection("grace"), &noticed(), &[objected]), Ok(Shown::Form), "others may object too");
}

#[test]
fn a_vote_of_somebody_else_or_in_another_round_uses_no_link() {
    let votes = [vote("grace", Answer::Approve), Vote { round: 2, ..vote("ada", Answer::Approve) }];
    assert_eq!(shown(&link_of("ada"), &asked(), &votes), Ok(Shown::Form));
}

#[test]
fn a_link_of_another_process_person_round_or_plan_does_not_work() {
    let other = ProcessId::parse("01KAG3V7Q4M2ZD9X5T8R6W0B1D").unwrap();
    does_not_work(&Link { process_id: Some(other.clone()), ..link_of("ada") }, &asked(), &[], Kind::Foreign);
    does_not_work(&Link { process_id: Some(other.clone()), ..objection("ada") }, &noticed(), &[], Kind::Foreign);
    does_not_work(&link_of("mallory"), &asked(), &[], Kind::Foreign);
    does_not_work(&objection("mallory"), &noticed(), &[], Kind::Foreign);
    does_not_work(&link_of("deployer"), &asked(), &[], Kind::Foreign);
    does_not_work(&Link { round: 2, ..link_of("ada") }, &asked(), &[], Kind::ChangedPlan);
    does_not_work(&Link { plan_hash: Some(hash('b')), ..link_of("ada") }, &asked(), &[], Kind::ChangedPlan);
    does_not_work(&Link { plan_hash: Some(hash('b')), ..objection("ada") }, &noticed(), &[], Kind::ChangedPlan);
    does_not_work(&link_of("ada"), &noticed(), &[], Kind::ChangedPlan);
    does_not_work(&objection("ada"), &asked(), &[], Kind::ChangedPlan);
    let asked_after_all = ProcessRecord { round: asked().round, ..noticed() };
    does_not_work(&objection("ada"), &asked_after_all, &[], Kind::ChangedPlan);
    let timeline = Link::timeline("ada", &other, deadline());
    assert_eq!(shown(&timeline, &asked(), &[]), Err(Refused::link(Kind::Foreign)));
}

#[test]
fn a_link_that_only_shows_something_answers_nothing() {
    let timeline = Link::timeline("ada", &record().process_id, deadline());
    assert_eq!(shown(&timeline, &asked(), &[vote("ada", Answer::Approve)]), Ok(Shown::Timeline));
    assert_eq!(answered(&timeline, &asked(), &[]), Err(Refused::link(Kind::Foreign)));
    does_not_work(&Link::waiting("ada", deadline()), &asked(), &[], Kind::Foreign);
    assert_eq!(known(&Link::waiting("ada", deadline()), &approvers()), Ok(()));
    let gone = Link::timeline("mallory", &record().process_id, deadline());
    assert_eq!(shown(&gone, &asked(), &[]), Err(Refused::link(Kind::Foreign)));
    assert_eq!(known(&gone, &approvers()), Err(Refused::link(Kind::Foreign)));
}

#[test]
fn used_foreign_and_forged_links_get_one_and_the_same_answer() {
    let token = keys().sign(&link_of("ada"), now()).unwrap();
    let bad = |token: &str| Refused::from(&keys().verify(token, now()).unwrap_err());
    let answers = [
        bad("x"),
        bad(&token.replacen("2026b", "2026c", 1)),
        bad(&token.replacen("eyJ", "eyK", 1)),
        answered(&link_of("ada"), &asked(), &[vote("ada", Answer::Reject)]).unwrap_err(),
        answered(&link_of("mallory"), &asked(), &[]).unwrap_err(),
        answered(&Link { round: 3, ..link_of("ada") }, &asked(), &[]).unwrap_err(),
        shown(&link_of("ada"), &asked(), &[vote("ada", Answer::Approve)]).unwrap_err(),
    ];
    let kinds: Vec<&str> = answers.iter().map(|refused| refused.kind.as_str()).collect();
    assert_eq!(kinds, ["malformed", "unknown_key", "forged", "used", "foreign", "changed_plan", "used"]);
    for refused in answers {
        assert_eq!((refused.status, refused.message.as_str(), refused.field()), (404, LINK_DOES_NOT_WORK, None));
    }
}

#[test]
fn an_expired_link_says_so_and_until_when_it_worked() {
    let refused = Refused::from(&BadLink::Expired(link_of("ada")));
    assert_eq!((refused.status, refused.kind), (410, Kind::Expired));
    assert_eq!(refused.message, "this link worked until 2026-11-23T09:00:00Z");
}

#[test]
fn what_is_decided_is_shown_without_a_form_and_takes_no_answer() {
    for status in [Status::Approved, Status::Rejected, Status::Soaking, Status::Completed] {
        let record = ProcessRecord { status, ..asked() };
        let because = format!("it is decided already: the process is {status}");
        assert_eq!(shown(&link_of("ada"), &record, &[]), no_form(&because));
        assert_eq!(answered(&link_of("ada"), &record, &[]), Err(Refused::new(409, Kind::Decided, because)));
    }
    let cancelled = ProcessRecord { status: Status::Cancelled, ..noticed() };
    assert_eq!(answered(&objection("ada"), &cancelled, &[]).unwrap_err().kind, Kind::Decided);
    assert!(matches!(shown(&objection("ada"), &cancelled, &[]), Ok(Shown::NoForm { .. })));
}

#[test]
fn an_answer_after_the_deadline_is_too_late() {
    let late = |link: &Link, record: &ProcessRecord| {
        let refused = may_answer(link, &form(Answer::Reject), record, &[], &approvers(), deadline()).unwrap_err();
        (refused.status, refused.kind)
    };
    assert_eq!(late(&link_of("ada"), &asked()), (410, Kind::TooLate));
    assert_eq!(late(&objection("ada"), &noticed()), (410, Kind::TooLate));
    let over = ProcessRecord { notice: Some(NoticePeriod { until: deadline(), over: true }), ..noticed() };
    assert_eq!(answered(&objection("ada"), &over, &[]).unwrap_err().kind, Kind::TooLate);
    assert!(matches!(shown(&objection("ada"), &over, &[]), Ok(Shown::NoForm { .. })));
}

#[rstest]
#[case::low(Some(Level::Low), Some(Level::Low), None)]
#[case::medium(Some(Level::Medium), Some(Level::Medium), None)]
#[case::only_the_round_knows(Some(Level::Low), None, None)]
#[case::only_the_process_knows(None, Some(Level::Low), None)]
#[case::high(Some(Level::High), Some(Level::High), Some("high"))]
#[case::critical(Some(Level::Critical), Some(Level::Critical), Some("critical"))]
#[case::higher_since(Some(Level::Low), Some(Level::High), Some("high"))]
#[case::higher_then(Some(Level::Critical), Some(Level::Low), Some("critical"))]
#[case::unknown(None, None, Some("unknown"))]
fn a_link_decides_only_at_a_risk_that_the_policy_names(
    #[case] asked_at: Option<Level>,
    #[case] now_at: Option<Level>,
    #[case] refused_at: Option<&str>,
) {
    let mut record = asked();
    record.risk_level = now_at;
    record.round = record.round.map(|round| Round { risk_level: asked_at, ..round });
    let Some(level) = refused_at else {
        assert_eq!(shown(&link_of("ada"), &record, &[]), Ok(Shown::Form));
        assert!(answered(&link_of("ada"), &record, &[]).is_ok());
        return;
    };
    let because = format!("the risk is {level}, and a link does not decide at that: answer signed in to AWS");
    assert_eq!(shown(&link_of("ada"), &record, &[]), no_form(&because));
    for answer in [Answer::Approve, Answer::Reject] {
        let refused = may_answer(&link_of("ada"), &form(answer), &record, &[], &approvers(), now()).unwrap_err();
        assert_eq!(refused, Refused::new(403, Kind::NotByLink, because.clone()));
    }
}

#[test]
fn an_objection_by_link_is_possible_at_any_risk() {
    let critical = ProcessRecord { risk_level: Some(Level::Critical), ..noticed() };
    assert!(answered(&objection("ada"), &critical, &[]).is_ok(), "it only ever leaves the resource alone");
}

#[rstest]
#[case::as_shown("bcdef0", true)]
#[case::as_a_phone_writes_it("Bcdef0 ", true)]
#[case::nothing("", false)]
#[case::shorter("cdef0", false)]
#[case::whole("vol-0123456789abcdef0", false)]
#[case::another("bcdef1", false)]
#[case::with_hidden_characters("bcdef\u{200b}0", false)]
#[case::of_another_script("bсdef0", false)]
fn an_answer_types_the_end_of_the_resources_id(#[case] typed: &str, #[case] is_right: bool) {
    let form = Form { confirm: typed.into(), ..form(Answer::Approve) };
    let answer = may_answer(&link_of("ada"), &form, &asked(), &[], &approvers(), now());
    if is_right {
        assert!(answer.is_ok());
    } else {
        let refused = answer.unwrap_err();
        assert_eq!((refused.status, refused.kind, refused.field()), (422, Kind::Confirm, Some("confirm")));
        assert_eq!(refused.message, "type bcdef0, the end of the id of what is to go");
    }
}

#[test]
fn the_end_of_a_short_id_is_the_whole_id() {
    let end = |id: &str| confirm_end(&Resource::new(ResourceType::Instance, id).unwrap()).to_owned();
    assert_eq!((end("i-1"), end("i-1234"), end("i-12345")), ("i-1".into(), "i-1234".into(), "-12345".into()));
}

#[test]
fn a_reason_is_stored_on_one_line_and_a_forged_one_not_at_all() {
    let reasoned = |reason: Option<&str>, answer| {
        let form = Form { reason: reason.map(str::to_owned), ..form(answer) };
        may_answer(&link_of("ada"), &form, &asked(), &[], &approvers(), now()).map(|answer| answer.vote.reason)
    };
    assert_eq!(reasoned(Some(" in use\r\nby billing "), Answer::Reject), Ok(Some("in use by billing".into())));
    assert_eq!(reasoned(None, Answer::Approve), Ok(None));
    assert_eq!(reasoned(None, Answer::Reject).unwrap_err().kind, Kind::Reason);
    assert_eq!(reasoned(Some("\u{202e}evorppa"), Answer::Approve).unwrap_err().kind, Kind::Reason);
}

#[test]
fn every_refusal_that_is_recorded_has_its_name() {
    for refused in [
        Refused::form(),
        Refused::rate(),
        Refused::unavailable(),
        Refused::link(Kind::UnknownKey),
        Refused::link(Kind::ChangedPlan),
        Refused::new(403, Kind::NotByLink, ""),
        Refused::new(410, Kind::TooLate, ""),
    ] {
        let attempt = serde_json::to_value(Attempt::of(&refused, "203.0.113.24", None, now())).unwrap();
        assert_eq!(attempt["kind"], refused.kind.as_str());
    }
}

#[test]
fn what_waits_is_what_the_process_itself_still_asks() {
    let waiting = |person, round| Waiting::new(person, &record().process_id, round, deadline());
    let waits = |waiting: &Waiting, record: &ProcessRecord, votes: &[Vote]| still_waits(waiting, record, votes, now());
    assert!(waits(&waiting("ada", 1), &asked(), &[vote("grace", Answer::Approve)]));
    assert!(waits(&waiting("ada", 0), &noticed(), &[]));
    assert!(!waits(&waiting("ada", 1), &asked(), &[vote("ada", Answer::Approve)]), "answered");
    assert!(!waits(&waiting("ada", 0), &noticed(), &[Vote { round: 0, ..vote("ada", Answer::Reject) }]), "objected");
    assert!(!waits(&waiting("ada", 2), &asked(), &[]), "another round");
    assert!(!waits(&waiting("ada", 0), &asked(), &[]), "people are asked after all");
    assert!(!waits(&waiting("deployer", 1), &asked(), &[]), "not asked");
    assert!(!waits(&waiting("ada", 1), &ProcessRecord { status: Status::Expired, ..asked() }, &[]), "decided");
    assert!(!still_waits(&waiting("ada", 1), &asked(), &[], deadline()), "too late");
    assert!(!still_waits(&waiting("ada", 0), &noticed(), &[], deadline()), "too late to object");
    let other = ProcessId::parse("01KAG3V7Q4M2ZD9X5T8R6W0B1D").unwrap();
    assert!(!waits(&Waiting { process_id: other, ..waiting("ada", 1) }, &asked(), &[]), "another process");
    assert_eq!(waiting("ada", 1).expires_at_epoch_seconds, at("2026-11-23T09:00:00Z").unix_seconds());
}
