use std::collections::BTreeMap;

use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::approval::fixtures::{deadline, hash, now, round, vote};
use crate::approval::vote::{Answer, Escalation};

fn hour(hours: u32) -> Timestamp {
    now().plus_hours(hours)
}

fn escalation(hours: u32, role: &str, people: &[&str]) -> Escalation {
    Escalation {
        at: hour(hours),
        role: role.into(),
        people: people.iter().map(|name| (*name).to_owned()).collect(),
        standing_in: BTreeMap::new(),
    }
}

/// 72 hours: reminders after 36 and 60, more people after 48 and 60.
fn scheduled() -> Round {
    Round {
        reminders: vec![hour(36), hour(60)],
        escalations: vec![
            escalation(48, "infrastructure-manager", &["margaret"]),
            escalation(60, "security-team", &["ada", "deployer"]),
        ],
        ..round()
    }
}

#[rstest]
#[case(0, Due::Nothing, 36)]
#[case(35, Due::Nothing, 36)]
#[case(36, Due::Remind, 48)]
#[case(48, Due::Escalate, 60)]
#[case(60, Due::Escalate, 72)]
#[case(71, Due::Escalate, 72)]
#[case(72, Due::Nothing, 72)]
#[case(100, Due::Nothing, 72)]
fn what_is_due_and_what_is_next_follow_from_the_time(#[case] hours: u32, #[case] what: Due, #[case] next: u32) {
    assert_eq!((due(&scheduled(), hour(hours)), next_at(&scheduled(), hour(hours))), (what, hour(next)));
}

#[test]
fn more_people_are_asked_first_and_then_reminded_with_the_others() {
    let at = hour(60);
    let (round, _) = escalated(scheduled(), at);
    assert_eq!(due(&round, at), Due::Remind);
    let round = reminded(round, at);
    assert_eq!((due(&round, at), next_at(&round, at)), (Due::Nothing, deadline()));
}

#[test]
fn two_missed_reminders_are_one() {
    let round = reminded(scheduled(), hour(61));
    assert_eq!(round.reminded, 2);
    assert_eq!(reminded(round.clone(), hour(61)), round);
    assert_eq!(reminded(round.clone(), hour(1)), round);
}

#[test]
fn a_reminder_before_its_time_is_none() {
    assert_eq!(reminded(scheduled(), hour(35)), scheduled());
    assert_eq!(escalated(scheduled(), hour(47)), (scheduled(), vec![]));
}

#[test]
fn more_people_answer_for_their_role_and_only_who_was_not_asked_is_new() {
    let (round, new) = escalated(scheduled(), hour(60));
    assert_eq!(round.required[0].people, ["ada", "grace", "linus", "margaret"]);
    assert_eq!(round.required[1].people, ["grace", "margaret", "linus", "ada", "deployer"]);
    assert_eq!(new, ["deployer"]);
    assert_eq!(round.escalated, 2);
}

#[test]
fn one_escalation_at_a_time_is_one_step() {
    let (round, new) = escalated(scheduled(), hour(48));
    assert_eq!((round.escalated, new.len()), (1, 0));
    assert_eq!(due(&reminded(round.clone(), hour(59)), hour(59)), Due::Nothing);
    let (round, new) = escalated(round, hour(60));
    assert_eq!((round.escalated, new), (2, vec!["deployer".to_owned()]));
}

#[test]
fn who_stands_in_for_whom_comes_along() {
    let mut round = scheduled();
    round.escalations[1].standing_in = BTreeMap::from([("deployer".into(), "carol".into())]);
    let (round, _) = escalated(round, hour(60));
    assert_eq!(round.required[1].standing_in, BTreeMap::from([("deployer".into(), "carol".into())]));
}

#[test]
fn who_has_answered_is_not_reminded_and_a_vote_that_does_not_count_is_no_answer() {
    let mut of_another_plan = vote("grace", Answer::Approve);
    of_another_plan.plan_hash = hash('b');
    let mut of_another_round = vote("linus", Answer::Approve);
    of_another_round.round = 2;
    let votes = [vote("ada", Answer::Approve), of_another_plan, of_another_round, vote("eve", Answer::Approve)];
    assert_eq!(unanswered(&scheduled(), &votes), ["grace", "linus", "margaret"]);
    let everybody = ["ada", "grace", "linus", "margaret"].map(|person| vote(person, Answer::Reject));
    assert_eq!(unanswered(&scheduled(), &everybody), Vec::<String>::new());
}

#[test]
fn a_round_of_before_there_were_reminders_waits_for_its_deadline() {
    let mut old = serde_json::to_value(round()).unwrap();
    for field in ["risk_level", "reminders", "escalations", "reminded", "escalated"] {
        old.as_object_mut().unwrap().remove(field);
    }
    let old: Round = serde_json::from_value(old).unwrap();
    assert_eq!((due(&old, hour(71)), next_at(&old, hour(71))), (Due::Nothing, deadline()));
}

fn rounds() -> impl Strategy<Value = Round> {
    let moments = || prop::collection::btree_set(0u32..80, 0..5);
    (moments(), moments(), 0u32..7, 0u32..7).prop_map(|(reminders, escalations, reminded, escalated)| Round {
        reminders: reminders.into_iter().map(hour).collect(),
        escalations: escalations.into_iter().map(|at| escalation(at, "security-team", &["ada", "deployer"])).collect(),
        reminded,
        escalated,
        ..round()
    })
}

proptest! {
    #[test]
    fn the_next_moment_never_goes_back(round in rounds(), hours in 0u32..80, later in 0u32..80, acts in any::<(bool, bool)>()) {
        let before = next_at(&round, hour(hours));
        let mut after = round;
        if acts.0 {
            after = reminded(after, hour(hours));
        }
        if acts.1 {
            (after, _) = escalated(after, hour(hours));
        }
        prop_assert!(next_at(&after, hour(hours + later)) >= before);
    }

    #[test]
    fn the_next_moment_is_ahead_or_the_deadline(round in rounds(), hours in 0u32..80) {
        let next = next_at(&round, hour(hours));
        prop_assert!(next <= deadline() && (next > hour(hours) || next == deadline()));
    }

    #[test]
    fn what_is_due_is_done_by_doing_it_once(round in rounds(), hours in 0u32..80) {
        let at = hour(hours);
        let (round, _) = escalated(round, at);
        prop_assert!(due(&round, at) != Due::Escalate);
        let done = reminded(round, at);
        prop_assert_eq!(due(&done, at), Due::Nothing);
    }
}
