use rstest::rstest;

use super::*;
use crate::approval::fixtures::{approvers, assessment, deadline, harmless, hash, now, record};

const SHIPPED: &str = include_str!("../../../../../policy/approvers.yaml");

const PEOPLE: &str = "schema: 1\npeople:\n  ada: { identities: [user/ada] }\n  bob: { identities: [user/bob] }\n";

#[test]
fn the_file_as_shipped_is_sound_and_has_nobody_in_any_role() {
    let shipped = Approvers::parse(SHIPPED).unwrap();
    assert_eq!(
        shipped.check_roles().unwrap_err().to_string(),
        "nobody is in roles.infrastructure-manager, roles.security-team, roles.cto, roles.compliance-officer, \
         roles.production-manager, roles.data-protection-officer in policy/approvers.yaml: name people under people, and \
         put them there"
    );
}

#[test]
fn the_example_in_the_shipped_files_comment_is_sound() {
    let example: String = SHIPPED
        .lines()
        .filter_map(|line| line.strip_prefix("#   "))
        .filter(|line| line.starts_with(' ') || line.ends_with(':'))
        .fold("schema: 1\n".to_owned(), |text, line| text + line + "\n");
    let approvers = Approvers::parse(&example).unwrap();
    assert_eq!(approvers.person_of(&Identity::parse("sso/ada@example.com").unwrap()), Some("ada"));
}

#[test]
fn the_example_with_people_is_sound_and_every_role_has_somebody() {
    let approvers = approvers();
    assert_eq!(approvers.check_roles(), Ok(()));
    for (identity, person) in [
        ("user/ada", Some("ada")),
        ("sso/ada@example.com", Some("ada")),
        ("user/ops/linus", Some("linus")),
        ("role/deploy", Some("deployer")),
        ("user/linus", None),
        ("user/ADA", None),
    ] {
        assert_eq!(approvers.person_of(&Identity::parse(identity).unwrap()), person, "{identity}");
    }
    assert!(approvers.has_a_role("ada") && !approvers.has_a_role("deployer"));
}

#[rstest]
#[case("", "line 1: the file is empty; it must be a map")]
#[case("schema: 2\npeople: {}\nroles: {}\n", "line 1: schema is 2; it must be 1")]
#[case("people: {}\nroles: {}\n", "line 1: schema is missing; it must be 1")]
#[case("schema: 1\nroles: {}\n", "line 1: people is missing; it must be a map of names to identities")]
#[case(
    "schema: 1\npeople: {}\nroles: {}\nowner: {}\n",
    "line 4: owner is not a field of this file; the fields here are schema, people, roles, owners"
)]
#[case(
    "schema: 1\npeople: [ada]\nroles: {}\n",
    "line 2: people is a list of 1; it must be a map of names to identities"
)]
#[case(
    "schema: 1\npeople:\n  ada: {}\nroles: {}\n",
    "line 3: people.ada.identities is missing; it must be a list of at least one identity"
)]
#[case(
    "schema: 1\npeople:\n  ada: { identities: [] }\nroles: {}\n",
    "line 3: people.ada.identities is empty; it must be a list of at least one identity"
)]
#[case(
    "schema: 1\npeople:\n  ada: { identities: [user/ada], mail: a@example.com }\nroles: {}\n",
    "line 3: people.ada.mail is not a field of this file; the fields here are identities"
)]
#[case("schema: 1\npeople:\n  ada: { identities: [ada] }\nroles: {}\n", r#"line 3: people.ada.identities[0] is "ada"; it must be user/<IAM user>, sso/<user name in IAM Identity Center> or role/<role name without its path>"#)]
#[case(
    "schema: 1\npeople:\n  ada:\n    identities:\n      - user/ada\n      - 7\nroles: {}\n",
    "line 6: people.ada.identities[1] is 7; it must be user/<IAM user>, sso/<user name in IAM Identity Center> or role/<role name without its path>"
)]
#[case(
    "schema: 1\npeople:\n  a b: { identities: [user/ada] }\nroles: {}\n",
    "line 3: people.a b is no name; it must be 1 to 64 letters, digits and . _ @ -"
)]
#[case(
    "schema: 1\npeople:\n  ada: { identities: [user/ada] }\n  Ada: { identities: [user/bob] }\nroles: {}\n",
    "line 4: people.Ada is the same as ada; it must be a name of its own: upper and lower case are the same"
)]
#[case(
    "schema: 1\npeople:\n  ada: { identities: [user/ada] }\n  bob: { identities: [user/Ada] }\nroles: {}\n",
    "line 4: people.bob.identities[0] is user/Ada, which is ada already; it must be one person's, once"
)]
#[case(
    "schema: 1\npeople:\n  ada: { identities: [user/ada, user/ada] }\nroles: {}\n",
    "line 3: people.ada.identities[1] is user/ada, which is ada already; it must be one person's, once"
)]
fn a_broken_file_is_refused_with_its_line(#[case] yaml: &str, #[case] message: &str) {
    assert_eq!(Approvers::parse(yaml).unwrap_err().to_string(), message);
}

#[rstest]
#[case(
    "  boss: { people: [ada] }",
    "line 6: roles.boss is no role; it must be one of infrastructure-manager, security-team, cto, compliance-officer, production-manager, data-protection-officer"
)]
#[case("  cto: { people: [eve] }", r#"line 6: roles.cto.people[0] is "eve"; it must be a name under people"#)]
#[case(
    "  cto: { people: [ada, ada] }",
    "line 6: roles.cto.people[1] is ada again; it must be another name, or left out"
)]
#[case("  cto: { people: [ada], quorum: 0 }", "line 6: roles.cto.quorum is 0; it must be a whole number from 1")]
#[case("  cto: { people: [ada], quorum: -1 }", "line 6: roles.cto.quorum is -1; it must be a whole number from 1")]
#[case("  cto: { people: [ada], quorum: 1.5 }", "line 6: roles.cto.quorum is 1.5; it must be a whole number from 1")]
#[case(
    "  cto: { people: [ada], quorum: \"1\" }",
    r#"line 6: roles.cto.quorum is "1"; it must be a whole number from 1"#
)]
#[case(
    "  cto: { people: [ada], quorum: 2 }",
    "line 6: roles.cto.quorum is 2; it must be at most 1, the number of its people"
)]
#[case("  cto: { people: ada }", r#"line 6: roles.cto.people is "ada"; it must be a list of names under people"#)]
#[case("  cto: [ada]", "line 6: roles.cto is a list of 1; it must be a map")]
#[case("  cto: { quorum: 1 }", "line 6: roles.cto.people is missing; it must be a list of names under people")]
#[case(
    "  cto: { people: [ada], because: x }",
    "line 6: roles.cto.because is not a field of this file; the fields here are people, quorum"
)]
#[case("  cto: { people: [yes] }", r#"line 6: roles.cto.people[0] is "yes"; it must be a name under people"#)]
#[case(
    "  cto: { people: [ada] }\nowners:\n  team: { people: [] }",
    "line 8: owners.team.people is empty; it must be a list of at least one name under people"
)]
#[case(
    "  cto: { people: [ada] }\nowners:\n  team: { people: [eve] }",
    r#"line 8: owners.team.people[0] is "eve"; it must be a name under people"#
)]
#[case(
    "  cto: { people: [ada] }\nowners:\n  team: { people: [ada] }\n  Team: { people: [bob] }",
    r#"line 9: owners.Team is the same as "team"; it must be a name of its own: upper and lower case are the same"#
)]
fn a_broken_role_or_owner_is_refused_with_its_line(#[case] rest: &str, #[case] message: &str) {
    let yaml = format!("{PEOPLE}roles:\n{rest}\n");
    assert_eq!(Approvers::parse(&yaml).unwrap_err().to_string(), message);
}

#[rstest]
#[case("schema: 1\nschema: 1\npeople: {}\nroles: {}\n", r#"line 2: "schema" stands here twice"#)]
#[case(
    "schema: 1\npeople:\n  ada: { identities: [user/ada] }\n  ada: { identities: [user/eve] }\nroles: {}\n",
    r#"line 4: "ada" stands here twice"#
)]
#[case("schema: 1\npeople: {}\nroles:\n  cto: { people: [], people: [] }\n", r#"line 4: "people" stands here twice"#)]
#[case("schema: 1\npeople: {\nroles: {}\n", "line 2: unclosed bracket '{'")]
#[case(
    "schema: 1\npeople: &a\n  ada: { identities: [user/ada] }\nroles:\n  <<: *a\n",
    "line 5: YAML merge keys are not allowed by configured policy"
)]
#[case("schema: 1\npeople: {}\nroles: {}\n---\nschema: 1\n", "line 5: a second document; there must be one")]
fn what_yaml_itself_or_a_key_that_stands_twice_makes_ambiguous_is_refused(#[case] yaml: &str, #[case] message: &str) {
    let error = Approvers::parse(yaml).unwrap_err();
    assert!(matches!(error, InvalidPolicy::NotYaml { .. }));
    assert_eq!(error.to_string(), message);
}

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

#[rstest]
#[case("user/ops/linus", "linus")]
#[case("linus", "linus")]
#[case("arn:aws:iam::123456789012:user/ops/linus", "linus")]
#[case("arn:aws:sts::123456789012:assumed-role/deploy/nightly", "deployer")]
#[case("role/deploy", "deployer")]
fn an_initiator_may_be_written_as_an_arn(#[case] initiator: &str, #[case] person: &str) {
    assert!(approvers().is(person, initiator));
    assert!(!approvers().is("margaret", initiator));
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
    let shipped = Approvers::parse(SHIPPED).unwrap();
    let mut assessment = harmless();
    assessment.roles = vec![RequiredRole { role: "cto".into(), because: "x".into() }];
    let error = shipped.round(1, &hash('a'), &assessment, &record(), now()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "1 of cto must approve and only 0 can: put more people into roles.cto in policy/approvers.yaml"
    );
}
