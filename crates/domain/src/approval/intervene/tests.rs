use rstest::rstest;

use super::*;
use crate::approval::fixtures::{approvers, now, record};
use crate::process::record::{EndedSoak, Hold, Resolution};

fn soaking() -> ProcessRecord {
    let mut record = record();
    record.status = Status::Soaking;
    record
}

fn held() -> ProcessRecord {
    let mut record = record();
    record.status = Status::Held;
    record.past_the_point_of_no_return = true;
    record.hold = Some(Hold {
        number: 1,
        because: "EC2 kept saying no".into(),
        since: now(),
        deadline: now().plus_days(14),
        resolution: None,
    });
    record
}

fn status(refusal: Result<Cast, Refusal>) -> u16 {
    refusal.unwrap_err().status
}

#[test]
fn anybody_known_may_end_a_soak_once_and_the_initiator_too() {
    let mut record = soaking();
    assert_eq!(may_end_soak(&record, "carol"), Ok(Cast::Counted));
    record.status = Status::Scheduled;
    assert_eq!(may_end_soak(&record, "carol"), Ok(Cast::Counted));
    record.soak_ended = Some(EndedSoak { by: "ada".into(), reason: "still used".into(), at: now() });
    assert_eq!(may_end_soak(&record, "ada"), Ok(Cast::Repeated));
    record.status = Status::InProgress;
    assert_eq!(may_end_soak(&record, "ada"), Ok(Cast::Repeated));
    assert_eq!(may_end_soak(&record, "grace").unwrap_err().to_string(), "ada ended the soak at 2026-11-20T09:00:00Z");
}

#[test]
fn there_is_no_soak_to_end_before_it_or_after_it() {
    for other in Status::ALL.into_iter().filter(|other| !matches!(other, Status::Soaking | Status::Scheduled)) {
        let mut record = soaking();
        record.status = other;
        assert_eq!(status(may_end_soak(&record, "ada")), 409, "{other}");
    }
    for rests in [Status::Soaking, Status::Scheduled] {
        let mut record = soaking();
        record.status = rests;
        record.past_the_point_of_no_return = true;
        assert_eq!(status(may_end_soak(&record, "ada")), 409, "{rests}");
    }
}

#[test]
fn who_has_a_role_or_was_asked_decides_about_a_held_process_once() {
    let resolve = |record: &ProcessRecord, person: &str, choice| may_resolve(record, &approvers(), person, choice);
    let mut record = held();
    assert_eq!(resolve(&record, "ada", Choice::Retry), Ok(Cast::Counted));
    assert_eq!(status(resolve(&record, "deployer", Choice::Retry)), 403);
    if let Some(round) = &mut record.round {
        round.required[0].people.push("deployer".into());
    }
    assert_eq!(resolve(&record, "deployer", Choice::Retry), Ok(Cast::Counted));
    if let Some(hold) = &mut record.hold {
        hold.resolution = Some(Resolution { choice: Choice::Retry, by: "ada".into(), reason: "x".into(), at: now() });
    }
    assert_eq!(resolve(&record, "ada", Choice::Retry), Ok(Cast::Repeated));
    assert_eq!(status(resolve(&record, "ada", Choice::Accept)), 409);
    assert_eq!(status(resolve(&record, "grace", Choice::Retry)), 409);
    record.status = Status::InProgress;
    assert_eq!(resolve(&record, "ada", Choice::Retry), Ok(Cast::Repeated));
}

#[test]
fn there_is_nothing_to_decide_about_a_process_that_is_not_held() {
    let mut never_held = record();
    never_held.status = Status::InProgress;
    let mut gone_on = held();
    gone_on.status = Status::InProgress;
    let mut empty = held();
    empty.hold = None;
    for record in [never_held, gone_on, empty] {
        assert_eq!(status(may_resolve(&record, &approvers(), "ada", Choice::Retry)), 409);
    }
}

#[rstest]
#[case::by_somebody_without_a_role("deployer", "vol-0123456789abcdef0", false, Status::RollbackFailed, Some(403))]
#[case::of_another_resource("ada", "vol-0123456789abcdef1", false, Status::RollbackFailed, Some(409))]
#[case::while_it_runs("ada", "vol-0123456789abcdef0", true, Status::InProgress, Some(409))]
#[case::that_is_released_already("ada", "vol-0123456789abcdef0", false, Status::RolledBack, Some(409))]
#[case::of_a_broken_end("ada", "vol-0123456789abcdef0", false, Status::RollbackFailed, None)]
#[case::of_an_execution_that_is_gone("ada", "vol-0123456789abcdef0", false, Status::InProgress, None)]
fn a_release_is_the_last_resort(
    #[case] person: &str,
    #[case] confirm: &str,
    #[case] runs: bool,
    #[case] status: Status,
    #[case] refused: Option<u16>,
) {
    let mut record = record();
    record.status = status;
    let answer = may_release(&record, &approvers(), person, confirm, runs);
    assert_eq!(answer.err().map(|refusal| refusal.status), refused);
}
