use rstest::rstest;

use crate::approval::approvers::Approvers;

fn parse(delegations: &[&str]) -> Result<Approvers, String> {
    let people = ["ada", "bob", "eve"].map(|name| format!("  {name}: {{ identities: [user/{name}] }}\n")).concat();
    let list = delegations.iter().map(|one| format!("  - {{ {one} }}\n")).collect::<String>();
    Approvers::parse(&format!("schema: 1\npeople:\n{people}roles: {{}}\ndelegations:\n{list}"))
        .map_err(|error| error.to_string())
}

const ADA_TO_BOB: &str = "from: ada, to: bob, first_day: 2026-12-01, last_day: 2026-12-14";

#[rstest]
#[case(
    "from: ada, to: carol, first_day: 2026-12-01, last_day: 2026-12-14",
    r#"delegations[0].to is "carol"; it must be a name under people"#
)]
#[case(
    "from: Ada, to: bob, first_day: 2026-12-01, last_day: 2026-12-14",
    r#"delegations[0].from is "Ada"; it must be a name under people"#
)]
#[case(
    "from: ada, to: ada, first_day: 2026-12-01, last_day: 2026-12-14",
    r#"delegations[0].to is "ada"; it must be somebody else"#
)]
#[case(
    "from: ada, to: bob, first_day: 2026-12-02, last_day: 2026-12-01",
    r#"delegations[0].last_day is "2026-12-01"; it must be the first day or a later one"#
)]
#[case(
    "from: ada, to: bob, first_day: 2026-02-29, last_day: 2026-12-01",
    r#"delegations[0].first_day is "2026-02-29"; it must be a day such as 2026-12-01, in UTC"#
)]
#[case(
    "from: ada, to: bob, first_day: 2026-12-01T08:00:00Z, last_day: 2026-12-02",
    r#"delegations[0].first_day is "2026-12-01T08:00:00Z"; it must be a day such as 2026-12-01, in UTC"#
)]
#[case(
    "from: ada, to: bob, first_day: 20261201, last_day: 2026-12-02",
    "delegations[0].first_day is 20261201; it must be a day such as 2026-12-01, in UTC"
)]
#[case(
    "from: ada, to: bob, first_day: 2026-12-01",
    "delegations[0].last_day is missing; it must be a day such as 2026-12-01, in UTC"
)]
#[case(
    "from: ada, to: bob, first_day: 2026-12-01, last_day: 2026-12-14, because: x",
    "delegations[0].because is not a field of this file; the fields here are from, to, first_day, last_day"
)]
fn a_broken_delegation_is_refused_with_its_line(#[case] delegation: &str, #[case] message: &str) {
    assert_eq!(parse(&[delegation]).unwrap_err(), format!("line 8: {message}"));
}

#[rstest]
#[case::all_the_time("2026-11-01", "2026-12-31")]
#[case::on_the_first_day("2026-11-01", "2026-12-01")]
#[case::on_the_last_day("2026-12-14", "2026-12-31")]
fn who_is_away_on_any_of_the_days_cannot_stand_in(#[case] first: &str, #[case] last: &str) {
    let bobs = format!("from: bob, to: eve, first_day: {first}, last_day: {last}");
    let found = |at: usize, other: usize| {
        format!(
            "line {}: delegations[{at}].to is bob, who is away on some of these days: delegations[{other}]; it must be \
             somebody who is there",
            8 + at
        )
    };
    assert_eq!(parse(&[ADA_TO_BOB, &bobs]).unwrap_err(), found(0, 1));
    assert_eq!(parse(&[&bobs, ADA_TO_BOB]).unwrap_err(), found(1, 0));
}

#[test]
fn two_people_cannot_stand_in_for_each_other() {
    let back = ADA_TO_BOB.replace("from: ada, to: bob", "from: bob, to: ada");
    assert!(parse(&[ADA_TO_BOB, &back]).is_err());
}

#[test]
fn nobody_has_two_delegates_on_one_day() {
    let second = "from: ada, to: eve, first_day: 2026-12-14, last_day: 2026-12-20";
    assert_eq!(
        parse(&[ADA_TO_BOB, second]).unwrap_err(),
        "line 9: delegations[1].from is ada, for whom delegations[0] has somebody on some of these days; it must be a \
         name that one delegation at a time is for"
    );
}

#[test]
fn delegations_of_days_that_do_not_meet_go_together() {
    let next = "from: ada, to: eve, first_day: 2026-12-15, last_day: 2026-12-20";
    let later = "from: bob, to: ada, first_day: 2026-12-21, last_day: 2026-12-21";
    let same_delegate = "from: eve, to: bob, first_day: 2026-12-01, last_day: 2026-12-14";
    assert!(parse(&[ADA_TO_BOB, next, later, same_delegate]).is_ok());
    assert!(parse(&[]).is_ok());
}
