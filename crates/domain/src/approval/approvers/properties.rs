//! What holds of every round, however the policy file delegates and escalates.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::subsequence;

use crate::approval::approvers::Approvers;
use crate::approval::fixtures::{harmless, hash, now, record, vote};
use crate::approval::schedule::escalated;
use crate::approval::tally::tally;
use crate::approval::vote::{Answer, Decision, Round};
use crate::process::record::ProcessRecord;
use crate::risk::assessment::{Assessment, RequiredRole};
use crate::time::Timestamp;

const NAMES: [&str; 7] = ["ada", "bob", "cleo", "dan", "eve", "fay", "gus"];
const ROLES: [&str; 3] = ["cto", "security-team", "compliance-officer"];

#[derive(Debug, Clone)]
struct Role {
    people: Vec<&'static str>,
    quorum: usize,
    chain: Vec<(u32, Vec<&'static str>)>,
}

/// A policy file whose delegations run in the first days of the round, and who began the process.
#[derive(Debug, Clone)]
struct Case {
    roles: Vec<Role>,
    delegations: Vec<(&'static str, &'static str, u32)>,
    initiator: String,
}

impl Case {
    fn approvers(&self) -> Approvers {
        let people = NAMES.map(|name| format!("  {name}: {{ identities: [\"sso/{name}@example.com\"] }}\n")).concat();
        let roles: String = ROLES
            .iter()
            .zip(&self.roles)
            .map(|(name, role)| {
                let chain: String = role
                    .chain
                    .iter()
                    .map(|(at, people)| format!("{{ at_percent: {at}, people: [{}] }},", people.join(", ")))
                    .collect();
                let people = role.people.join(", ");
                format!("  {name}: {{ people: [{people}], quorum: {}, escalation: [{chain}] }}\n", role.quorum)
            })
            .collect();
        let delegations: String = self
            .delegations
            .iter()
            .map(|(from, to, days)| {
                format!("  - {{ from: {from}, to: {to}, first_day: 2026-11-20, last_day: 2026-11-2{days} }}\n")
            })
            .collect();
        let yaml = format!("schema: 1\npeople:\n{people}roles:\n{roles}delegations:\n{delegations}");
        Approvers::parse(&yaml).unwrap()
    }

    fn round(&self) -> Option<Round> {
        let ask = |role: &str| RequiredRole { role: role.to_owned(), because: "a test asks".into() };
        let assessment = Assessment { roles: ROLES.iter().map(|role| ask(role)).collect(), ..harmless() };
        let record = ProcessRecord { initiator: self.initiator.clone(), ..record() };
        self.approvers().round(1, &hash('a'), &assessment, &record, now()).ok()
    }
}

fn roles() -> impl Strategy<Value = Role> {
    let names = |least: usize| subsequence(NAMES.to_vec(), least..NAMES.len());
    (names(2), 1usize..3, prop::collection::btree_map(1u32..100, names(1), 0..3))
        .prop_map(|(people, quorum, chain)| Role { people, quorum, chain: chain.into_iter().collect() })
}

fn cases() -> impl Strategy<Value = Case> {
    let initiator = prop_oneof![
        Just("carol".to_owned()),
        proptest::sample::select(NAMES.to_vec()).prop_map(str::to_uppercase),
        proptest::sample::select(NAMES.to_vec()).prop_map(|name| format!("{name}@example.com")),
    ];
    let away = subsequence(NAMES.to_vec(), 0..4);
    let whom = prop::collection::vec((any::<prop::sample::Index>(), 0u32..4), 4);
    (prop::collection::vec(roles(), ROLES.len()), away, whom, initiator).prop_map(|(roles, away, whom, initiator)| {
        let there: Vec<&str> = NAMES.into_iter().filter(|name| !away.contains(name)).collect();
        let delegations =
            away.into_iter().zip(whom).map(|(from, (to, days))| (from, there[to.index(there.len())], days)).collect();
        Case { roles, delegations, initiator }
    })
}

fn is_initiator(case: &Case, person: &str) -> bool {
    case.initiator.to_lowercase().trim_end_matches("@example.com") == person
}

fn end() -> Timestamp {
    now().plus_days(3)
}

proptest! {
    #[test]
    fn the_initiator_is_in_no_round_and_nobody_speaks_for_them(case in cases(), hours in 0u32..80) {
        let Some(round) = case.round() else { return Ok(()) };
        for round in [round.clone(), escalated(round, now().plus_hours(hours)).0] {
            for role in &round.required {
                prop_assert!(!role.people.iter().any(|person| is_initiator(&case, person)), "{:?}", role);
                prop_assert!(!role.standing_in.iter().any(|(to, from)| is_initiator(&case, to) || is_initiator(&case, from)));
            }
            for escalation in &round.escalations {
                prop_assert!(!escalation.people.iter().any(|person| is_initiator(&case, person)), "{:?}", escalation);
                prop_assert!(!escalation.standing_in.values().any(|person| is_initiator(&case, person)));
            }
        }
    }

    #[test]
    fn a_delegate_never_makes_one_person_count_twice(case in cases(), hours in 0u32..80) {
        let Some(round) = case.round() else { return Ok(()) };
        for (role, in_file) in round.required.iter().zip(&case.roles) {
            prop_assert!(role.people.len() <= in_file.people.len());
        }
        let (round, _) = escalated(round, now().plus_hours(hours));
        for role in &round.required {
            let different: BTreeSet<&String> = role.people.iter().collect();
            prop_assert_eq!(different.len(), role.people.len());
            prop_assert!(role.standing_in.keys().all(|delegate| role.people.contains(delegate)));
            prop_assert!(!role.standing_in.values().any(|absent| role.people.contains(absent)), "{:?}", role);
        }
        for alone in NAMES {
            let votes = [vote(alone, Answer::Approve), vote(alone, Answer::Approve)];
            let approved = matches!(tally(&round, &votes, now()), Decision::Approved { .. });
            prop_assert!(!approved || (round.minimum_approvers == 1 && round.required.iter().all(|role| role.quorum == 1)));
        }
    }

    #[test]
    fn a_round_that_is_asked_can_be_decided(case in cases()) {
        let Some(round) = case.round() else { return Ok(()) };
        let votes = NAMES.map(|name| vote(name, Answer::Approve));
        let approved = matches!(tally(&round, &votes, now()), Decision::Approved { .. });
        prop_assert!(approved, "{:?}", round);
    }

    #[test]
    fn escalation_never_lowers_what_is_needed(case in cases(), hours in 0u32..80, voters in subsequence(NAMES.to_vec(), 0..7)) {
        let Some(before) = case.round() else { return Ok(()) };
        let (after, new) = escalated(before.clone(), now().plus_hours(hours));
        prop_assert!(after.minimum_approvers == before.minimum_approvers && after.deadline == before.deadline);
        prop_assert_eq!(after.required.len(), before.required.len());
        for (role, was) in after.required.iter().zip(&before.required) {
            prop_assert!(role.role == was.role && role.quorum == was.quorum);
            prop_assert!(role.people.starts_with(&was.people));
        }
        let asked = |round: &Round, name: &String| round.required.iter().any(|role| role.people.contains(name));
        prop_assert!(new.iter().all(|name| asked(&after, name) && !asked(&before, name)));
        let votes: Vec<_> = voters.iter().map(|name| vote(name, Answer::Approve)).collect();
        if let Decision::Approved { by } = tally(&after, &votes, now()) {
            prop_assert!(by.len() >= usize::try_from(before.minimum_approvers).unwrap());
            for role in &after.required {
                let agree = role.people.iter().filter(|person| by.contains(person)).count();
                prop_assert!(agree >= usize::try_from(role.quorum).unwrap());
            }
        }
        // Nobody is asked a second time by escalating again.
        prop_assert_eq!(escalated(after.clone(), now().plus_hours(hours)), (after, vec![]));
    }

    #[test]
    fn every_moment_lies_between_asking_and_deadline_in_order(case in cases()) {
        let Some(round) = case.round() else { return Ok(()) };
        prop_assert_eq!(round.deadline, end());
        prop_assert!(round.escalations.is_sorted_by_key(|escalation| escalation.at) && round.reminders.is_sorted());
        let moments = round.reminders.iter().copied().chain(round.escalations.iter().map(|escalation| escalation.at));
        prop_assert!(moments.into_iter().all(|at| now() < at && at < end()));
    }
}
