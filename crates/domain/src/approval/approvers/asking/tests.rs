use rstest::rstest;

use super::*;
use crate::approval::fixtures::{EXAMPLE, approvers, assessment, at, deadline, harmless, hash, now, record};

#[test]
fn a_round_asks_every_role_and_the_owner_until_the_deadline() {
    let round = approvers().round(1, &hash('a'), &assessment(), &record(), now()).unwrap();
    let asked: Vec<String> =
        round.required.iter().map(|role| format!("{} {} {:?}", role.role, role.quorum, role.people)).collect();
    assert_eq!(
        asked,
        [
            r#"owner:team-web 1 ["grace", "deployer"]"#,
            r#"infrastructure-manager 1 ["ada", "grace", "linus"]"#,
            r#"security-team 2 ["grace", "margaret", "linus"]"#,
            r#"production-manager 1 ["ada", "linus"]"#,
            r#"data-protection-officer 1 ["margaret", "grace"]"#,
        ]
    );
    assert_eq!((round.minimum_approvers, round.deadline), (2, deadline()));
}

#[rstest]
#[case("grace")]
#[case("GRACE")]
#[case("  Grace ")]
#[case("sso/grace@example.com")]
#[case("SSO/Grace@Example.com")]
#[case("grace@example.com")]
#[case("arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Ops_0123456789abcdef/grace@example.com")]
fn the_initiator_is_never_asked_under_any_spelling(#[case] initiator: &str) {
    let mut record = record();
    record.initiator = initiator.into();
    let round = approvers().round(1, &hash('a'), &assessment(), &record, now()).unwrap();
    assert!(round.required.iter().all(|role| !role.people.contains(&"grace".to_owned())), "{round:?}");
    assert_eq!(round.required[2].people, ["margaret", "linus"]);
}

#[test]
fn who_cannot_prove_who_started_the_process_needs_one_approver_more() {
    let mut record = record();
    record.initiator_verified = false;
    let round = approvers().round(1, &hash('a'), &assessment(), &record, now()).unwrap();
    assert_eq!(round.minimum_approvers, 3);
    let two = approvers().round(1, &hash('a'), &harmless(), &record, now()).unwrap();
    assert_eq!(two.minimum_approvers, 2);
}

#[test]
fn an_assessment_that_names_nobody_is_not_approved_by_nobody() {
    let mut assessment = assessment();
    assessment.roles.clear();
    assert_eq!(approvers().round(1, &hash('a'), &assessment, &record(), now()), Err(CannotAsk::Nobody));
}

#[test]
fn a_role_that_is_asked_for_twice_is_asked_once_for_both_reasons() {
    let mut assessment = harmless();
    for because in ["the risk is high", "nobody knows its owner", "the risk is high"] {
        assessment.roles.push(RequiredRole { role: "cto".into(), because: because.into() });
    }
    let round = approvers().round(1, &hash('a'), &assessment, &record(), now()).unwrap();
    assert_eq!(round.required.len(), 2);
    assert_eq!(round.required[1].because, "the risk is high; nobody knows its owner");
}

#[rstest]
#[case(
    "owner:team-mobile",
    "carol",
    r#"the owner "team-mobile" is not in policy/approvers.yaml: put the name under owners, with its people"#
)]
#[case(
    "boss",
    "carol",
    "the role boss does not exist; the roles are infrastructure-manager, security-team, cto, compliance-officer, production-manager, data-protection-officer, and owner:<name>"
)]
#[case(
    "cto",
    "margaret",
    "1 of cto must approve and only 0 can, because the initiator never approves: put more people into roles.cto in policy/approvers.yaml"
)]
#[case(
    "owner:TEAM Größe & co",
    "ada",
    "1 of owner:TEAM Größe & co must approve and only 0 can, because the initiator never approves: put more people into owners.Team Größe & Co in policy/approvers.yaml"
)]
fn nobody_is_asked_who_could_never_decide(#[case] role: &str, #[case] initiator: &str, #[case] message: &str) {
    let mut assessment = harmless();
    assessment.roles = vec![RequiredRole { role: role.into(), because: "a test asks".into() }];
    let mut record = record();
    record.initiator = initiator.into();
    let error = approvers().round(1, &hash('a'), &assessment, &record, now()).unwrap_err();
    assert_eq!(error.to_string(), message);
}

#[test]
fn one_person_alone_is_not_asked_where_two_must_agree() {
    let mut assessment = harmless();
    assessment.roles = vec![RequiredRole { role: "cto".into(), because: "the risk is critical".into() }];
    let mut record = record();
    record.initiator_verified = false;
    let error = approvers().round(1, &hash('a'), &assessment, &record, now()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "2 different people must approve, one more because nobody can prove who started the process, and only 1 can be \
         asked: put more people into cto in policy/approvers.yaml"
    );
}

#[test]
fn an_empty_role_cannot_be_asked() {
    let shipped = Approvers::parse(include_str!("../../../../../../policy/approvers.yaml")).unwrap();
    let mut assessment = harmless();
    assessment.roles = vec![RequiredRole { role: "cto".into(), because: "x".into() }];
    let error = shipped.round(1, &hash('a'), &assessment, &record(), now()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "1 of cto must approve and only 0 can: put more people into roles.cto in policy/approvers.yaml"
    );
}

fn with(role: &str, fields: &str, rest: &str) -> Approvers {
    let marker = format!("  {role}: {{ ");
    let before = EXAMPLE.lines().find(|line| line.starts_with(&marker)).unwrap();
    let yaml = EXAMPLE.replace(before, &format!("  {role}: {{ {fields} }}"));
    Approvers::parse(&format!("{yaml}{rest}\n")).unwrap()
}

fn away(list: &[(&str, &str)]) -> String {
    list.iter().fold("delegations:\n".to_owned(), |text, (from, to)| {
        text + &format!("  - {{ from: {from}, to: {to}, first_day: 2026-11-20, last_day: 2026-11-21 }}\n")
    })
}

fn asking(role: &str, level: Level) -> Assessment {
    let mut assessment = harmless();
    assessment.level = level;
    assessment.roles = vec![RequiredRole { role: role.into(), because: "a test asks".into() }];
    assessment
}

fn initiated_by(initiator: &str) -> ProcessRecord {
    ProcessRecord { initiator: initiator.into(), ..record() }
}

/// What the role security-team is asked where `initiator` began.
fn security(approvers: &Approvers, initiator: &str) -> Result<Round, CannotAsk> {
    let assessment = asking("security-team", Level::High);
    approvers.round(1, &hash('a'), &assessment, &initiated_by(initiator), now())
}

fn stands_in(delegate: &str, absent: &str) -> BTreeMap<String, String> {
    BTreeMap::from([(delegate.to_owned(), absent.to_owned())])
}

#[test]
fn people_are_reminded_at_half_and_at_nine_tenths_of_their_time() {
    let round = approvers().round(1, &hash('a'), &assessment(), &record(), now()).unwrap();
    assert_eq!(round.risk_level, Some(Level::High));
    assert_eq!(round.reminders, [at("2026-11-21T21:00:00Z"), at("2026-11-23T01:48:00Z")]);
    assert_eq!((round.escalations, round.reminded, round.escalated), (vec![], 0, 0));
}

#[test]
fn the_file_says_when_people_are_reminded_and_may_say_never() {
    let reminders = |list: &str| {
        let approvers = with("cto", "people: [ada]", &format!("reminders_percent: {list}"));
        approvers.round(1, &hash('a'), &assessment(), &record(), now()).unwrap().reminders
    };
    assert_eq!(reminders("[25]"), [at("2026-11-21T03:00:00Z")]);
    assert_eq!(reminders("[]"), []);
}

#[test]
fn nobody_is_reminded_in_the_second_in_which_they_are_asked() {
    let mut record = record();
    record.terms.approval_seconds = 1;
    let round = approvers().round(1, &hash('a'), &assessment(), &record, now()).unwrap();
    assert_eq!((round.reminders, round.deadline), (vec![], now().plus_seconds(1)));
}

#[rstest]
#[case::the_files(Level::High, 259_200, 24 * 3600)]
#[case::the_stacks_where_the_file_names_none(Level::Medium, 259_200, 259_200)]
#[case::the_stacks_where_the_files_is_longer(Level::Critical, 259_200, 259_200)]
#[case::a_start_that_gave_people_more(Level::Critical, 2_592_000, 168 * 3600)]
#[case::a_start_that_gave_people_less(Level::High, 3600, 3600)]
fn the_shorter_of_the_files_time_and_the_processs_own_counts(
    #[case] level: Level,
    #[case] terms: u32,
    #[case] seconds: u32,
) {
    let approvers = with("cto", "people: [ada]", "deadline_hours: { high: 24, critical: 168 }");
    let mut record = record();
    record.terms.approval_seconds = terms;
    let round = approvers.round(1, &hash('a'), &asking("cto", level), &record, now()).unwrap();
    assert_eq!(round.deadline, now().plus_seconds(seconds));
}

#[rstest]
#[case(Level::Low, 1)]
#[case(Level::Medium, 1)]
#[case(Level::High, 2)]
#[case(Level::Critical, 3)]
fn how_many_must_agree_follows_from_the_level(#[case] level: Level, #[case] quorum: u32) {
    let approvers = with("cto", "people: [ada, grace, linus], quorum: { high: 2, critical: 3 }", "");
    let round = approvers.round(1, &hash('a'), &asking("cto", level), &record(), now()).unwrap();
    assert_eq!((round.required[0].quorum, round.minimum_approvers), (quorum, quorum));
}

#[rstest]
#[case("2026-11-30T23:59:59Z", "ada")]
#[case("2026-12-01T00:00:00Z", "grace")]
#[case("2026-12-14T23:59:59Z", "grace")]
#[case("2026-12-15T00:00:00Z", "ada")]
fn somebody_stands_in_from_the_first_day_to_the_end_of_the_last(#[case] asked_at: &str, #[case] person: &str) {
    let delegations = "delegations: [{ from: ada, to: grace, first_day: 2026-12-01, last_day: 2026-12-14 }]";
    let approvers = with("cto", "people: [ada]", delegations);
    let round = approvers.round(1, &hash('a'), &asking("cto", Level::High), &record(), at(asked_at)).unwrap();
    assert_eq!(round.required[0].people, [person]);
    let expected = if person == "grace" { stands_in("grace", "ada") } else { BTreeMap::new() };
    assert_eq!(round.required[0].standing_in, expected);
}

#[test]
fn somebody_stands_in_for_an_owner_too() {
    let approvers = with("cto", "people: [ada]", &away(&[("grace", "linus")]));
    let round = approvers.round(1, &hash('a'), &asking("owner:team-web", Level::High), &record(), now()).unwrap();
    assert_eq!(round.required[0].people, ["linus", "deployer"]);
    assert_eq!(round.required[0].standing_in, stands_in("linus", "grace"));
}

#[test]
fn who_has_the_role_already_stands_in_for_nobody_in_it() {
    let round = security(&with("cto", "people: [ada]", &away(&[("grace", "linus")])), "carol").unwrap();
    assert_eq!(round.required[0].people, ["margaret", "linus"]);
    assert_eq!(round.required[0].standing_in, BTreeMap::new());
}

#[test]
fn one_delegate_of_two_people_is_one_person() {
    let approvers =
        with("security-team", "people: [grace, linus], quorum: 2", &away(&[("grace", "ada"), ("linus", "ada")]));
    assert_eq!(
        security(&approvers, "carol").unwrap_err().to_string(),
        "2 of security-team must approve and only 1 can, because whoever stands in for linus is in it already: put more \
         people into roles.security-team in policy/approvers.yaml"
    );
}

#[test]
fn too_few_are_left_where_one_began_it_and_another_is_away() {
    let approvers = with("cto", "people: [ada]", &away(&[("grace", "linus")]));
    assert_eq!(
        security(&approvers, "margaret").unwrap_err().to_string(),
        "2 of security-team must approve and only 1 can, because the initiator never approves and whoever stands in for \
         grace is in it already: put more people into roles.security-team in policy/approvers.yaml"
    );
}

#[test]
fn nobody_stands_in_for_the_initiator() {
    let approvers = with("cto", "people: [ada]", &away(&[("grace", "ada")]));
    let round = security(&approvers, "grace").unwrap();
    assert_eq!(round.required[0].people, ["margaret", "linus"]);
    assert_eq!(round.required[0].standing_in, BTreeMap::new());
}

#[test]
fn the_initiators_delegate_approves_in_a_role_of_their_own() {
    let approvers = with("cto", "people: [ada]", &away(&[("grace", "linus")]));
    assert_eq!(security(&approvers, "grace").unwrap().required[0].people, ["margaret", "linus"]);
}

#[test]
fn who_is_away_is_asked_all_the_same_where_the_initiator_would_stand_in() {
    let approvers = with("cto", "people: [ada]", &away(&[("grace", "ada")]));
    let round = security(&approvers, "ada").unwrap();
    assert_eq!(round.required[0].people, ["grace", "margaret", "linus"]);
    assert_eq!(round.required[0].standing_in, BTreeMap::new());
}

fn escalation(at: Timestamp, role: &str, people: &[&str]) -> Escalation {
    Escalation {
        at,
        role: role.into(),
        people: people.iter().map(|name| (*name).to_owned()).collect(),
        standing_in: BTreeMap::new(),
    }
}

const CHAIN: &str = "people: [margaret], escalation: [{ at_percent: 25, people: [margaret, ada] }, \
    { at_percent: 50, people: [ada] }, { at_percent: 75, people: [linus, grace] }]";

#[test]
fn a_chain_asks_everybody_once_and_has_no_empty_link() {
    let round = with("cto", CHAIN, "").round(1, &hash('a'), &asking("cto", Level::High), &record(), now()).unwrap();
    assert_eq!(
        round.escalations,
        [
            escalation(now().plus_hours(18), "cto", &["ada"]),
            escalation(now().plus_hours(54), "cto", &["linus", "grace"])
        ]
    );
    assert_eq!(round.required[0].people, ["margaret"]);
}

#[test]
fn a_chain_never_leads_to_the_initiator_or_to_who_would_stand_in_for_them() {
    let approvers = with("cto", CHAIN, &away(&[("ada", "deployer")]));
    let round = approvers.round(1, &hash('a'), &asking("cto", Level::High), &initiated_by("ada"), now()).unwrap();
    assert_eq!(round.escalations, [escalation(now().plus_hours(54), "cto", &["linus", "grace"])]);
}

#[test]
fn who_is_away_when_a_chain_reaches_them_is_stood_in_for() {
    let approvers = with("cto", CHAIN, &away(&[("ada", "deployer"), ("linus", "margaret")]));
    let round = approvers.round(1, &hash('a'), &asking("cto", Level::High), &record(), now()).unwrap();
    assert_eq!(
        round.escalations,
        [
            Escalation {
                standing_in: stands_in("deployer", "ada"),
                ..escalation(now().plus_hours(18), "cto", &["deployer"])
            },
            // Both are back by then.
            escalation(now().plus_hours(54), "cto", &["linus", "grace"])
        ]
    );
}

#[test]
fn who_is_stood_in_for_is_not_asked_a_second_time_once_back() {
    let approvers = with(
        "cto",
        "people: [margaret], escalation: [{ at_percent: 90, people: [margaret, ada] }]",
        &away(&[("margaret", "grace")]),
    );
    let round = approvers.round(1, &hash('a'), &asking("cto", Level::High), &record(), now()).unwrap();
    assert_eq!(round.required[0].people, ["grace"]);
    assert_eq!(round.escalations[0].people, ["ada"]);
}

#[test]
fn the_chains_of_all_roles_are_one_in_order_of_time() {
    let approvers = with("cto", CHAIN, "");
    let mut assessment = asking("cto", Level::High);
    assessment.roles.push(RequiredRole { role: "owner:late".into(), because: "it is theirs".into() });
    let yaml = EXAMPLE.to_owned()
        + "  late: { people: [grace], escalation: [{ at_percent: 10, people: [linus] }, { at_percent: 60, people: [ada] }] }\n";
    let owners = Approvers::parse(&yaml).unwrap().owners;
    let approvers = Approvers { owners, ..approvers };
    let round = approvers.round(1, &hash('a'), &assessment, &record(), now()).unwrap();
    let order: Vec<String> =
        round.escalations.iter().map(|one| format!("{} {}", one.role, one.people.join(" "))).collect();
    assert_eq!(order, ["owner:late linus", "cto ada", "owner:late ada", "cto linus grace"]);
}

#[rstest]
#[case::the_owners_people(Some("team-web"), &["grace", "deployer"])]
#[case::in_any_spelling(Some(" TEAM-Web "), &["grace", "deployer"])]
#[case::an_owner_whom_the_file_does_not_have(Some("team-mobile"), &["ada", "grace", "linus"])]
#[case::nobody_knows_the_owner(None, &["ada", "grace", "linus"])]
fn the_owner_is_concerned_or_else_who_manages_the_infrastructure(#[case] owner: Option<&str>, #[case] people: &[&str]) {
    let record = ProcessRecord { resource_owner: owner.map(str::to_owned), ..record() };
    assert_eq!(approvers().concerned(&record, now()), people);
}

#[test]
fn who_stands_in_for_somebody_concerned_is_told_and_the_initiator_too() {
    let approvers = with("cto", "people: [ada]", &away(&[("grace", "linus")]));
    assert_eq!(approvers.concerned(&initiated_by("linus"), now()), ["linus", "deployer"]);
    assert_eq!(approvers.concerned(&initiated_by("grace"), now()), ["linus", "deployer"]);
}
