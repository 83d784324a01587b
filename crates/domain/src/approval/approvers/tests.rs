use rstest::rstest;

use super::*;
use crate::approval::fixtures::approvers;

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
fn the_example_in_the_shipped_files_comment_is_sound_and_has_every_field() {
    let example: String = SHIPPED
        .lines()
        .skip_while(|line| *line != "#   people:")
        .map_while(|line| line.strip_prefix("#   "))
        .fold("schema: 1\n".to_owned(), |text, line| text + line + "\n");
    let approvers = Approvers::parse(&example).unwrap();
    assert_eq!(approvers.person_of(&Identity::parse("sso/ada@example.com").unwrap()), Some("ada"));
    for field in [
        "identities",
        "channels",
        "people",
        "quorum",
        "escalation",
        "at_percent",
        "delegations",
        "from",
        "to",
        "first_day",
        "last_day",
        "deadline_hours",
        "reminders_percent",
        "links_may_decide",
    ] {
        assert!(example.contains(&format!("{field}:")), "{field}");
    }
}

#[test]
fn a_file_without_the_optional_fields_is_read_with_their_defaults() {
    let approvers = approvers();
    assert_eq!(approvers.reminders_percent, [50, 90]);
    assert_eq!(approvers.deadline_hours, BTreeMap::new());
    assert_eq!(approvers.delegations, Delegations::default());
    let by_link = levels::ALL.map(|level| approvers.links_may_decide(level));
    assert_eq!(by_link, [true, true, false, false]);
    assert_eq!(approvers.topic("ada"), None);
}

#[test]
fn a_person_is_known_by_name_identities_and_topic() {
    let yaml =
        PEOPLE.replace("[user/ada] }", "[user/ada, sso/ada@example.com], channels: [\"sns:sunset-approver-ada\"] }");
    let approvers = Approvers::parse(&format!("{yaml}roles: {{}}\n")).unwrap();
    assert!(approvers.knows("ada") && !approvers.knows("Ada") && !approvers.knows("eve"));
    let names: Vec<String> = approvers.identities("ada").iter().map(Identity::to_string).collect();
    assert_eq!(names, ["user/ada", "sso/ada@example.com"]);
    assert_eq!(approvers.identities("eve"), []);
    assert_eq!(approvers.topic("ada"), Some("sunset-approver-ada"));
    assert_eq!((approvers.topic("bob"), approvers.topic("eve")), (None, None));
}

#[test]
fn links_decide_at_the_levels_that_the_file_names_and_at_no_other() {
    let by_link = |list: &str| {
        let approvers = Approvers::parse(&format!("{PEOPLE}roles: {{}}\nlinks_may_decide: {list}\n")).unwrap();
        levels::ALL.map(|level| approvers.links_may_decide(level))
    };
    assert_eq!(by_link("[]"), [false; 4]);
    assert_eq!(by_link("[critical]"), [false, false, false, true]);
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
    "line 4: owner is not a field of this file; the fields here are schema, people, roles, owners, delegations, deadline_hours, reminders_percent, links_may_decide"
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
    "line 3: people.ada.mail is not a field of this file; the fields here are identities, channels"
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
    "line 6: roles.cto.because is not a field of this file; the fields here are people, quorum, escalation"
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

const CHANNEL: &str = "sns:<topic>, the topic of 1 to 256 letters, digits, - and _";

#[rstest]
#[case("[\"mail:ada@example.com\"]", r#"channels[0] is "mail:ada@example.com"; it must be "#, CHANNEL)]
#[case("[\"sns:\"]", r#"channels[0] is "sns:"; it must be "#, CHANNEL)]
#[case("[\"sns:a.fifo\"]", r#"channels[0] is "sns:a.fifo"; it must be "#, CHANNEL)]
#[case(
    "[\"sns:arn:aws:sns:eu-central-1:123456789012:a\"]",
    r#"channels[0] is "sns:arn:aws:sns:eu-central-1:123456789012:a"; it must be "#,
    CHANNEL
)]
#[case("[7]", "channels[0] is 7; it must be ", CHANNEL)]
#[case("\"sns:a\"", r#"channels is "sns:a"; it must be "#, "a list of at most one channel")]
#[case("[\"sns:b\", \"sns:c\"]", "channels[1] is a second channel; it must be ", "left out: a person has one")]
#[case(
    "[\"sns:a\"]",
    "channels[0] is sns:a, which is ada's already; it must be ",
    "a topic of the person's own, which personal links are sent to"
)]
fn a_channel_that_reaches_not_one_person_is_refused(#[case] list: &str, #[case] found: &str, #[case] expected: &str) {
    let yaml = format!(
        "schema: 1\npeople:\n  ada: {{ identities: [user/ada], channels: [\"sns:a\"] }}\n  bob:\n    identities: \
         [user/bob]\n    channels: {list}\nroles: {{}}\n"
    );
    let message = format!("line 6: people.bob.{found}{expected}");
    assert_eq!(Approvers::parse(&yaml).unwrap_err().to_string(), message);
}

#[test]
fn a_topic_name_of_the_greatest_length_is_one() {
    let with = |length: usize| {
        let topic = "a".repeat(length);
        let yaml = format!("people:\n  ada: {{ identities: [user/ada], channels: [\"sns:{topic}\"] }}\n");
        Approvers::parse(&format!("schema: 1\n{yaml}roles: {{}}\n"))
    };
    assert_eq!(with(256).unwrap().topic("ada").map(str::len), Some(256));
    assert!(with(257).is_err());
}

#[rstest]
#[case("quorum: { high: 3 }", "quorum.high is 3; it must be at most 2, the number of its people")]
#[case("quorum: { high: 0 }", "quorum.high is 0; it must be a whole number from 1")]
#[case("quorum: { severe: 1 }", "quorum.severe is no level; it must be one of low, medium, high, critical")]
#[case("quorum: { High: 1 }", "quorum.High is no level; it must be one of low, medium, high, critical")]
#[case(
    "quorum: { high: 2 }",
    "quorum is 2 at high and 1 at critical; it must be no less at a higher level; a level that is not named has 1"
)]
#[case(
    "quorum: { low: 2, high: 2, critical: 2 }",
    "quorum is 2 at low and 1 at medium; it must be no less at a higher level; a level that is not named has 1"
)]
#[case("quorum: ~", "quorum is empty; it must be a whole number from 1")]
#[case("escalation: { at_percent: 75 }", "escalation is a map of 1; it must be a list of { at_percent, people }")]
#[case("escalation: [bob]", r#"escalation[0] is "bob"; it must be a map"#)]
#[case(
    "escalation: [{ people: [bob] }]",
    "escalation[0].at_percent is missing; it must be a whole number from 1 to 99"
)]
#[case(
    "escalation: [{ at_percent: 75 }]",
    "escalation[0].people is missing; it must be a list of at least one name under people"
)]
#[case(
    "escalation: [{ at_percent: 75, people: [] }]",
    "escalation[0].people is empty; it must be a list of at least one name under people"
)]
#[case(
    "escalation: [{ at_percent: 75, people: [eve] }]",
    r#"escalation[0].people[0] is "eve"; it must be a name under people"#
)]
#[case(
    "escalation: [{ at_percent: 75, people: [bob, bob] }]",
    "escalation[0].people[1] is bob again; it must be another name, or left out"
)]
#[case(
    "escalation: [{ at_percent: 0, people: [bob] }]",
    "escalation[0].at_percent is 0; it must be a whole number from 1 to 99"
)]
#[case(
    "escalation: [{ at_percent: 100, people: [bob] }]",
    "escalation[0].at_percent is 100; it must be a whole number from 1 to 99"
)]
#[case(
    "escalation: [{ at_percent: 50, people: [bob] }, { at_percent: 50, people: [ada] }]",
    "escalation[1].at_percent is 50; it must be more than 50, which stands before it"
)]
#[case(
    "escalation: [{ at_percent: 50, people: [bob], because: x }]",
    "escalation[0].because is not a field of this file; the fields here are at_percent, people"
)]
fn a_broken_quorum_or_escalation_is_refused_with_its_line(#[case] field: &str, #[case] message: &str) {
    for (place, name) in [("roles", "cto"), ("owners", "team")] {
        let roles = if place == "owners" { "roles: {}\n" } else { "" };
        let yaml = format!("{PEOPLE}{roles}{place}:\n  {name}:\n    people: [ada, bob]\n    {field}\n");
        let line = 4 + 4 + usize::from(place == "owners");
        assert_eq!(Approvers::parse(&yaml).unwrap_err().to_string(), format!("line {line}: {place}.{name}.{message}"));
    }
}

#[rstest]
#[case("deadline_hours: [72]", "deadline_hours is a list of 1; it must be a map of risk levels")]
#[case(
    "deadline_hours: { severe: 72 }",
    "deadline_hours.severe is no level; it must be one of low, medium, high, critical"
)]
#[case("deadline_hours: { high: 0 }", "deadline_hours.high is 0; it must be a whole number from 1 to 720")]
#[case("deadline_hours: { high: 721 }", "deadline_hours.high is 721; it must be a whole number from 1 to 720")]
#[case("deadline_hours: { high: 1.5 }", "deadline_hours.high is 1.5; it must be a whole number from 1 to 720")]
#[case("deadline_hours: { high: 3d }", r#"deadline_hours.high is "3d"; it must be a whole number from 1 to 720"#)]
#[case("reminders_percent: 50", "reminders_percent is 50; it must be a list of whole numbers from 1 to 99")]
#[case("reminders_percent: [0]", "reminders_percent[0] is 0; it must be a whole number from 1 to 99")]
#[case("reminders_percent: [50, 100]", "reminders_percent[1] is 100; it must be a whole number from 1 to 99")]
#[case("reminders_percent: [90, 50]", "reminders_percent[1] is 50; it must be more than 90, which stands before it")]
#[case("reminders_percent: [50%]", r#"reminders_percent[0] is "50%"; it must be a whole number from 1 to 99"#)]
#[case("links_may_decide: low", r#"links_may_decide is "low"; it must be a list of risk levels"#)]
#[case("links_may_decide: [any]", r#"links_may_decide[0] is "any"; it must be one of low, medium, high, critical"#)]
#[case("links_may_decide: [low, low]", "links_may_decide[1] is low again; it must be another level, or left out")]
fn a_broken_time_or_level_is_refused_with_its_line(#[case] field: &str, #[case] message: &str) {
    let yaml = format!("{PEOPLE}roles: {{}}\n{field}\n");
    assert_eq!(Approvers::parse(&yaml).unwrap_err().to_string(), format!("line 6: {message}"));
}
