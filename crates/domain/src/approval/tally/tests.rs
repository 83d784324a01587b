use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::approval::fixtures::{at, deadline, hash, now, record, required, round, vote};

fn approve(person: &str) -> Vote {
    vote(person, Answer::Approve)
}

fn reject(person: &str) -> Vote {
    vote(person, Answer::Reject)
}

#[test]
fn every_role_and_enough_people_approve() {
    let by = |votes: &[Vote]| tally(&round(), votes, now());
    assert_eq!(
        by(&[approve("grace"), approve("linus")]),
        Decision::Approved { by: vec!["grace".into(), "linus".into()] }
    );
    assert_eq!(
        by(&[approve("grace"), approve("margaret")]),
        Decision::Approved { by: vec!["grace".into(), "margaret".into()] }
    );
    assert!(matches!(by(&[approve("ada"), approve("grace")]), Decision::Waiting { .. }));
}

#[test]
fn what_is_missing_is_said() {
    assert_eq!(
        tally(&round(), &[approve("ada")], now()),
        Decision::Waiting {
            missing: "security-team needs 2 more of grace, margaret, linus; 1 of at least 2 people have approved"
                .into()
        }
    );
}

#[test]
fn one_person_in_two_roles_counts_for_both_and_once_as_a_person() {
    let mut round = round();
    round.required = vec![required("cto", &["ada", "grace"], 1), required("security-team", &["ada"], 1)];
    round.minimum_approvers = 2;
    assert_eq!(
        tally(&round, &[approve("ada"), approve("ada")], now()),
        Decision::Waiting { missing: "1 of at least 2 people have approved".into() }
    );
    assert!(matches!(tally(&round, &[approve("ada"), approve("grace")], now()), Decision::Approved { .. }));
}

#[test]
fn one_no_wins_over_any_number_of_yeses_and_the_first_one_is_named() {
    let mut later = reject("ada");
    later.at = now().plus_hours(1);
    let votes = [later, approve("grace"), approve("linus"), reject("margaret")];
    let decision = Decision::Rejected { by: "margaret".into(), reason: "margaret still needs it".into() };
    assert_eq!(tally(&round(), &votes, now()), decision);
    assert_eq!(tally(&round(), &votes, deadline().plus_days(1)), decision);
}

#[test]
fn an_approval_in_time_counts_after_the_deadline_and_one_at_the_deadline_does_not() {
    let mut last = approve("linus");
    last.at = at("2026-11-23T08:59:59Z");
    let votes = [approve("grace"), last.clone()];
    for counted in [now(), deadline(), deadline().plus_days(30)] {
        assert!(matches!(tally(&round(), &votes, counted), Decision::Approved { .. }), "{counted}");
    }
    last.at = deadline();
    assert_eq!(tally(&round(), &[approve("grace"), last], deadline()), Decision::Expired);
}

#[test]
fn a_round_that_nobody_decided_expires_at_its_deadline_and_not_before() {
    assert!(matches!(tally(&round(), &[], at("2026-11-23T08:59:59Z")), Decision::Waiting { .. }));
    assert_eq!(tally(&round(), &[], deadline()), Decision::Expired);
}

#[test]
fn a_round_that_asks_nobody_is_never_approved() {
    let mut round = round();
    round.required.clear();
    round.minimum_approvers = 0;
    assert!(matches!(tally(&round, &[approve("ada")], now()), Decision::Waiting { .. }));
    assert_eq!(tally(&round, &[approve("ada")], deadline()), Decision::Expired);
}

#[rstest]
#[case::of_another_round(|vote: &mut Vote| vote.round = 2)]
#[case::for_another_plan(|vote: &mut Vote| vote.plan_hash = hash('b'))]
#[case::too_late(|vote: &mut Vote| vote.at = deadline())]
#[case::of_a_stranger(|vote: &mut Vote| vote.person = "eve".into())]
#[case::of_the_initiator(|vote: &mut Vote| vote.person = "carol".into())]
#[case::under_another_spelling(|vote: &mut Vote| vote.person = "Linus".into())]
fn a_vote_that_does_not_count_decides_nothing_whatever_it_says(#[case] forge: fn(&mut Vote)) {
    for mut forged in [approve("linus"), reject("linus")] {
        forge(&mut forged);
        assert_eq!(
            tally(&round(), &[approve("grace"), forged.clone()], now()),
            tally(&round(), &[approve("grace")], now())
        );
    }
}

fn grace() -> Identity {
    Identity::parse("sso/grace@example.com").unwrap()
}

fn cast(
    record: &ProcessRecord,
    votes: &[Vote],
    person: &str,
    identity: &Identity,
    now: Timestamp,
) -> Result<Cast, Refusal> {
    may_vote(
        record,
        votes,
        Voter { person, identities: std::slice::from_ref(identity) },
        &hash('a'),
        Answer::Approve,
        now,
    )
}

#[test]
fn who_is_asked_may_vote_once() {
    let record = record();
    assert_eq!(cast(&record, &[], "grace", &grace(), now()), Ok(Cast::Counted));
    assert_eq!(cast(&record, &[approve("grace")], "grace", &grace(), now()), Ok(Cast::Repeated));
    let error = cast(&record, &[reject("grace")], "grace", &grace(), now()).unwrap_err();
    assert_eq!(
        (error.status, error.message.as_str()),
        (409, "grace answered reject at 2026-11-20T09:00:00Z, and the first answer stands")
    );
}

#[test]
fn a_vote_that_is_there_is_there_however_late_it_is_asked_for_again() {
    let mut record = record();
    record.status = Status::Approved;
    let late = deadline().plus_days(1);
    assert_eq!(cast(&record, &[approve("grace")], "grace", &grace(), late), Ok(Cast::Repeated));
    assert_eq!(cast(&record, &[], "grace", &grace(), now()).unwrap_err().status, 409);
}

#[test]
fn a_vote_of_an_earlier_round_is_not_this_rounds() {
    let mut record = record();
    let mut second = round();
    second.number = 2;
    record.round = Some(second);
    assert_eq!(cast(&record, &[reject("grace")], "grace", &grace(), now()), Ok(Cast::Counted));
}

#[rstest]
#[case::a_stranger("eve", |_: &mut ProcessRecord| {}, 403, "eve is not asked in round 1")]
#[case::the_initiator_by_name("grace", |record: &mut ProcessRecord| record.initiator = "Grace".into(), 403, "grace started the process, and the initiator never approves")]
#[case::the_initiator_by_identity("grace", |record: &mut ProcessRecord| record.initiator = "grace@example.com".into(), 403, "grace started the process, and the initiator never approves")]
#[case::nobody_is_asked("grace", |record: &mut ProcessRecord| record.round = None, 409, "nobody is asked: the process is awaiting_approval")]
#[case::it_is_decided("grace", |record: &mut ProcessRecord| record.status = Status::Rejected, 409, "it is decided already: the process is rejected")]
fn who_may_not_vote_hears_why(
    #[case] person: &str,
    #[case] change: fn(&mut ProcessRecord),
    #[case] status: u16,
    #[case] message: &str,
) {
    let mut record = record();
    change(&mut record);
    let error = cast(&record, &[], person, &grace(), now()).unwrap_err();
    assert_eq!((error.status, error.message.as_str()), (status, message));
}

#[test]
fn who_began_it_under_any_of_their_identities_never_approves() {
    let identities = [Identity::parse("user/ops/hopper").unwrap(), grace()];
    let voter = Voter { person: "ada", identities: &identities };
    for (initiator, allowed) in [("carol", true), ("hopper", false), ("sso/Grace@example.com", false)] {
        let record = ProcessRecord { initiator: initiator.into(), ..record() };
        let cast = may_vote(&record, &[], voter, &hash('a'), Answer::Approve, now());
        assert_eq!(cast.is_ok(), allowed, "{initiator}: {cast:?}");
    }
}

#[test]
fn another_plan_is_a_conflict_and_the_deadline_is_the_end() {
    let grace = grace();
    let voter = Voter { person: "grace", identities: std::slice::from_ref(&grace) };
    let other = may_vote(&record(), &[], voter, &hash('b'), Answer::Approve, now()).unwrap_err();
    assert_eq!(other.status, 409);
    assert!(other.message.ends_with("look at it again"), "{other}");
    let late = cast(&record(), &[], "grace", &grace, deadline()).unwrap_err();
    assert_eq!((late.status, late.message.as_str()), (410, "the deadline was 2026-11-23T09:00:00Z"));
    assert_eq!(cast(&record(), &[], "grace", &grace, at("2026-11-23T08:59:59Z")), Ok(Cast::Counted));
}

const PEOPLE: [&str; 7] = ["ada", "grace", "linus", "margaret", "carol", "eve", "Grace"];

fn any_vote() -> impl Strategy<Value = Vote> {
    (0..PEOPLE.len(), any::<bool>(), 1u32..3, any::<bool>(), 0u32..100).prop_map(|(person, yes, round, plan, hours)| {
        Vote {
            round,
            plan_hash: hash(if plan { 'a' } else { 'b' }),
            at: now().plus_hours(hours),
            ..vote(PEOPLE[person], if yes { Answer::Approve } else { Answer::Reject })
        }
    })
}

fn any_votes() -> impl Strategy<Value = Vec<Vote>> {
    proptest::collection::vec(any_vote(), 0..12)
}

proptest! {
    #[test]
    fn the_order_of_votes_does_not_matter(votes in any_votes(), order in any::<u64>(), hours in 0u32..100) {
        let mut shuffled = votes.clone();
        let mut seed = order;
        shuffled.sort_by_cached_key(|_| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            seed
        });
        let now = now().plus_hours(hours);
        prop_assert_eq!(tally(&round(), &votes, now), tally(&round(), &shuffled, now));
    }

    #[test]
    fn a_rejection_stays_one_whatever_else_is_said(votes in any_votes(), more in any_vote(), hours in 0u32..100) {
        let now = now().plus_hours(hours);
        let before = tally(&round(), &votes, now);
        let mut after = votes;
        after.push(more);
        if matches!(before, Decision::Rejected { .. }) {
            let still = matches!(tally(&round(), &after, now), Decision::Rejected { .. });
            prop_assert!(still);
        }
    }

    #[test]
    fn nothing_is_approved_without_enough_different_people(votes in any_votes(), hours in 0u32..100) {
        if let Decision::Approved { by } = tally(&round(), &votes, now().plus_hours(hours)) {
            let in_time = |person: &str| votes.iter().any(|vote| {
                vote.person == person && vote.answer == Answer::Approve && vote.round == 1
                    && vote.plan_hash == hash('a') && vote.at < deadline()
            });
            prop_assert!(by.len() >= 2);
            prop_assert!(by.iter().all(|person| in_time(person)));
            prop_assert!(["grace", "linus", "margaret"].into_iter().filter(|person| in_time(person)).count() >= 2);
            prop_assert!(["ada", "grace", "linus"].into_iter().any(in_time));
        }
    }

    #[test]
    fn votes_of_the_initiator_and_of_strangers_change_nothing(votes in any_votes(), hours in 0u32..100) {
        let asked: Vec<Vote> =
            votes.iter().filter(|vote| !["carol", "eve", "Grace"].contains(&vote.person.as_str())).cloned().collect();
        let now = now().plus_hours(hours);
        prop_assert_eq!(tally(&round(), &votes, now), tally(&round(), &asked, now));
    }

    #[test]
    fn a_decision_once_made_stays_as_time_passes(votes in any_votes(), hours in 0u32..100, later in 0u32..100) {
        let before = tally(&round(), &votes, now().plus_hours(hours));
        let after = tally(&round(), &votes, now().plus_hours(hours + later));
        if !matches!(before, Decision::Waiting { .. }) {
            prop_assert_eq!(before, after);
        }
    }

    #[test]
    fn a_vote_that_may_be_cast_counts(person in 0..PEOPLE.len(), yes in any::<bool>(), hours in 0u32..100) {
        let person = PEOPLE[person];
        let answer = if yes { Answer::Approve } else { Answer::Reject };
        let now = now().plus_hours(hours);
        let identities = [Identity::parse("user/somebody").unwrap()];
        let voter = Voter { person, identities: &identities };
        let allowed = may_vote(&record(), &[], voter, &hash('a'), answer, now).is_ok();
        let cast = Vote { at: now, ..vote(person, answer) };
        prop_assert_eq!(allowed, counts(&round(), &cast));
    }
}
