use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::approval::fixtures::{hash, now, record, round, vote};

fn until() -> Timestamp {
    now().plus_days(1)
}

/// A process that the rule approved a moment ago.
fn by_rule() -> ProcessRecord {
    ProcessRecord {
        status: Status::Approved,
        round: None,
        approved_plan_hash: Some(hash('a')),
        notice: Some(NoticePeriod { until: until(), over: false }),
        ..record()
    }
}

fn objection(person: &str, at: Timestamp) -> Vote {
    Vote { round: NOTICE_ROUND, at, ..vote(person, Answer::Reject) }
}

fn status(answer: Result<Cast, Refusal>) -> u16 {
    answer.unwrap_err().status
}

#[test]
fn anybody_known_may_object_and_the_initiator_too() {
    for person in ["carol", "ada", "deployer"] {
        assert_eq!(may_opt_out(&by_rule(), &[], person, Some(&hash('a')), now()), Ok(Cast::Counted));
        assert_eq!(may_opt_out(&by_rule(), &[], person, None, now()), Ok(Cast::Counted));
    }
    let others = [objection("ada", now())];
    assert_eq!(may_opt_out(&by_rule(), &others, "carol", None, now()), Ok(Cast::Counted));
}

#[test]
fn whoever_objects_again_hears_that_the_objection_is_there_however_late() {
    let votes = [objection("ada", now())];
    let mut record = by_rule();
    assert_eq!(may_opt_out(&record, &votes, "ada", Some(&hash('a')), now()), Ok(Cast::Repeated));
    record.status = Status::Cancelled;
    assert_eq!(may_opt_out(&record, &votes, "ada", None, until().plus_days(9)), Ok(Cast::Repeated));
    assert_eq!(status(may_opt_out(&record, &votes, "ada", Some(&hash('b')), now())), 409);
}

#[test]
fn an_answer_of_a_later_round_is_no_objection() {
    let votes = [vote("ada", Answer::Reject), Vote { round: NOTICE_ROUND, ..vote("ada", Answer::Approve) }];
    assert_eq!(may_opt_out(&by_rule(), &votes, "ada", None, now()), Ok(Cast::Counted));
    let notice = NoticePeriod { until: until(), over: false };
    assert_eq!(objections(&notice, &votes, now()), Objection::Waiting { seconds: 86_400 });
}

#[rstest]
#[case::of_another_plan(|_: &mut ProcessRecord| {}, 'b', 409)]
#[case::where_people_are_asked(|it: &mut ProcessRecord| it.round = Some(round()), 'a', 409)]
#[case::where_no_notice_was_given(|it: &mut ProcessRecord| it.notice = None, 'a', 409)]
#[case::where_the_approval_was_taken_back(|it: &mut ProcessRecord| it.approved_plan_hash = None, 'a', 409)]
#[case::of_a_process_that_is_cancelled(|it: &mut ProcessRecord| it.status = Status::Cancelled, 'a', 409)]
#[case::once_it_is_over(|it: &mut ProcessRecord| it.notice = Some(NoticePeriod { until: until(), over: true }), 'a', 410)]
#[case::once_its_time_is_over(|it: &mut ProcessRecord| it.notice = Some(NoticePeriod { until: now(), over: false }), 'a', 410)]
fn nobody_objects(#[case] change: fn(&mut ProcessRecord), #[case] plan: char, #[case] refused: u16) {
    let mut record = by_rule();
    change(&mut record);
    assert_eq!(status(may_opt_out(&record, &[], "ada", Some(&hash(plan)), now())), refused);
}

#[test]
fn who_comes_too_late_reads_until_when_it_was_and_where_the_process_stands() {
    let mut record = by_rule();
    record.status = Status::Soaking;
    record.notice = Some(NoticePeriod { until: until(), over: true });
    assert_eq!(
        may_opt_out(&record, &[], "ada", None, now()).unwrap_err().to_string(),
        "people could object until 2026-11-21T09:00:00Z: the process is soaking"
    );
}

#[test]
fn one_objection_in_time_is_enough_even_when_it_is_counted_late() {
    let notice = NoticePeriod { until: until(), over: false };
    let votes = [objection("grace", now().plus_hours(2)), objection("ada", now().plus_hours(1))];
    let opted_out = Objection::OptedOut { by: "ada".into(), reason: "ada still needs it".into() };
    assert_eq!(objections(&notice, &votes, until().plus_days(1)), opted_out);
    assert_eq!(objections(&notice, &[objection("ada", until())], until()), Objection::Over);
    assert_eq!(
        objections(&notice, &[], Timestamp::from_unix_seconds(until().unix_seconds() - 1)),
        Objection::Waiting { seconds: 1 }
    );
}

#[test]
fn what_the_rule_approved_is_planned_only_once_nobody_objected_in_time() {
    let mut record = by_rule();
    assert_eq!(
        notice_allows(&record).unwrap_err(),
        "the rule approved it, and people can object until 2026-11-21T09:00:00Z: that is not counted yet"
    );
    record.notice = None;
    assert_eq!(notice_allows(&record).unwrap_err(), "the rule approved it, and nobody was given notice");
    record.notice = Some(NoticePeriod { until: until(), over: true });
    assert_eq!(notice_allows(&record), Ok(()));
    record.notice = None;
    record.round = Some(round());
    assert_eq!(notice_allows(&record), Ok(()));
}

proptest! {
    #[test]
    fn whatever_may_be_stored_is_counted_and_nothing_else(
        asked_at in -200_000i64..200_000,
        counted_at in -200_000i64..200_000,
        over in any::<bool>(),
    ) {
        let at = |seconds: i64| Timestamp::from_unix_seconds(now().unix_seconds() + seconds);
        let notice = NoticePeriod { until: until(), over };
        let record = ProcessRecord { notice: Some(notice.clone()), ..by_rule() };
        let stored = may_opt_out(&record, &[], "ada", None, at(asked_at)).is_ok();
        let votes = [objection("ada", at(asked_at))];
        let decided = objections(&notice, if stored { &votes } else { &[] }, at(counted_at));
        prop_assert_eq!(matches!(decided, Objection::OptedOut { .. }), stored);
        if let Objection::Waiting { seconds } = decided {
            prop_assert!(seconds > 0);
            prop_assert_eq!(at(counted_at).unix_seconds() + seconds, until().unix_seconds());
        }
    }

    #[test]
    fn the_order_of_objections_changes_nothing(mut hours in proptest::collection::vec(0u32..48, 0..6)) {
        let notice = NoticePeriod { until: until(), over: false };
        let count = |hours: &[u32]| {
            let votes: Vec<Vote> =
                hours.iter().map(|hour| objection(&format!("p{hour}"), now().plus_hours(*hour))).collect();
            objections(&notice, &votes, until())
        };
        let before = count(&hours);
        hours.reverse();
        prop_assert_eq!(before, count(&hours));
    }
}
