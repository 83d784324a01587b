use proptest::prelude::*;
use rstest::rstest;

use super::*;

const FILE: &str =
    "schema: 1\ntime_zone: UTC\nwindows:\n  - { name: a, days: [mon], from: \"01:00\", to: \"02:00\" }\n";

fn refused(yaml: &str) -> String {
    Windows::parse(yaml).unwrap_err().to_string()
}

#[rstest]
#[case("", "line 1: the file is empty; it must be a map")]
#[case("schema: 2\n", "line 1: schema is 2; it must be 1")]
#[case("time_zone: UTC\nwindows: []\n", "line 1: schema is missing; it must be 1")]
#[case(
    "schema: 1\nwindows: []\n",
    "line 1: time_zone is missing; it must be the IANA name of a time zone, such as Europe/Berlin or UTC"
)]
#[case(
    "schema: 1\ntime_zone: Europe/Berln\nwindows: []\n",
    r#"line 2: time_zone is "Europe/Berln"; it must be the IANA name of a time zone, such as Europe/Berlin or UTC"#
)]
#[case(
    "schema: 1\ntime_zone: Etc/Unknown\nwindows: []\n",
    r#"line 2: time_zone is "Etc/Unknown"; it must be the IANA name of a time zone, such as Europe/Berlin or UTC"#
)]
#[case(
    "schema: 1\ntime_zone: CET-1CEST,M3.5.0,M10.5.0/3\nwindows: []\n",
    r#"line 2: time_zone is "CET-1CEST,M3.5.0,M10.5.0/3"; it must be the IANA name of a time zone, such as Europe/Berlin or UTC"#
)]
#[case(
    "schema: 1\ntime_zone: 1\nwindows: []\n",
    "line 2: time_zone is 1; it must be the IANA name of a time zone, such as Europe/Berlin or UTC"
)]
#[case("schema: 1\ntime_zone: UTC\n", "line 1: windows is missing; it must be a list of windows")]
#[case("schema: 1\ntime_zone: UTC\nwindows: nights\n", r#"line 3: windows is "nights"; it must be a list of windows"#)]
#[case("schema: 1\ntime_zone: UTC\nwindows: [nights]\n", r#"line 3: windows[0] is "nights"; it must be a map"#)]
#[case(
    "schema: 1\ntime_zone: UTC\nwindow: []\nwindows: []\n",
    "line 3: window is not a field of this file; the fields here are schema, time_zone, windows, holidays, freezes, calendars"
)]
#[case("schema: 1\ntime_zone: UTC\ntime_zone: UTC\nwindows: []\n", r#"line 3: "time_zone" stands here twice"#)]
fn a_broken_file_is_refused_with_its_line(#[case] yaml: &str, #[case] message: &str) {
    assert_eq!(refused(yaml), message);
}

#[rstest]
#[case(
    r#"days: [mon], from: "01:00", to: "02:00""#,
    "line 5: windows[1].name is missing; it must be a name of 1 to 64 printable characters"
)]
#[case(
    r#"name: "", days: [mon], from: "01:00", to: "02:00""#,
    r#"line 5: windows[1].name is ""; it must be a name of 1 to 64 printable characters"#
)]
#[case(
    r#"name: A, days: [mon], from: "01:00", to: "02:00""#,
    "line 5: windows[1].name is the same as a; it must be a name of its own: upper and lower case are the same"
)]
#[case(
    r#"name: b, days: [], from: "01:00", to: "02:00""#,
    "line 5: windows[1].days is empty; it must be a list of at least one of mon, tue, wed, thu, fri, sat, sun"
)]
#[case(
    r#"name: b, days: [mon, Tue], from: "01:00", to: "02:00""#,
    r#"line 5: windows[1].days[1] is "Tue"; it must be one of mon, tue, wed, thu, fri, sat, sun"#
)]
#[case(
    r#"name: b, days: [mon, mon], from: "01:00", to: "02:00""#,
    "line 5: windows[1].days[1] is mon again; it must be another day, or left out"
)]
#[case(
    r#"name: b, days: mon, from: "01:00", to: "02:00""#,
    r#"line 5: windows[1].days is "mon"; it must be a list of at least one of mon, tue, wed, thu, fri, sat, sun"#
)]
#[case(
    r#"name: b, days: [mon], from: "24:00", to: "02:00""#,
    r#"line 5: windows[1].from is "24:00"; it must be a time from 00:00 to 23:59, such as 09:30"#
)]
#[case(
    r#"name: b, days: [mon], from: "1:00", to: "02:00""#,
    r#"line 5: windows[1].from is "1:00"; it must be a time from 00:00 to 23:59, such as 09:30"#
)]
#[case(
    r#"name: b, days: [mon], from: 900, to: "02:00""#,
    "line 5: windows[1].from is 900; it must be a time from 00:00 to 23:59, such as 09:30"
)]
#[case(
    r#"name: b, days: [mon], from: "01:00", to: "24:01""#,
    r#"line 5: windows[1].to is "24:01"; it must be a time from 00:00 to 24:00, such as 16:30"#
)]
#[case(
    r#"name: b, days: [mon], from: "01:00", to: "02:00:00""#,
    r#"line 5: windows[1].to is "02:00:00"; it must be a time from 00:00 to 24:00, such as 16:30"#
)]
#[case(
    r#"name: b, days: [mon], from: "01:00""#,
    "line 5: windows[1].to is missing; it must be a time from 00:00 to 24:00, such as 16:30"
)]
#[case(
    r#"name: b, days: [mon], from: "01:00", to: "02:00", zone: UTC"#,
    "line 5: windows[1].zone is not a field of this file; the fields here are name, days, from, to"
)]
fn a_broken_window_is_refused_with_its_line_and_field(#[case] window: &str, #[case] message: &str) {
    assert_eq!(refused(&format!("{FILE}  - {{ {window} }}\n")), message);
}

#[rstest]
#[case("holidays: 2026-12-25", r#"line 5: holidays is "2026-12-25"; it must be a list of dates"#)]
#[case("holidays: [2026-02-29]", r#"line 5: holidays[0] is "2026-02-29"; it must be a date, such as 2026-12-25"#)]
#[case("holidays: [20261225]", "line 5: holidays[0] is 20261225; it must be a date, such as 2026-12-25")]
#[case(
    "holidays:\n  - 2026-12-25\n  - 25.12.2026",
    r#"line 7: holidays[1] is "25.12.2026"; it must be a date, such as 2026-12-25"#
)]
#[case(
    "holidays: [2026-12-25, 2026-12-25]",
    "line 5: holidays[1] is 2026-12-25 again; it must be another date, or left out"
)]
#[case(
    "freezes:\n  - { from: 2026-12-20, to: 2027-01-04T00:00, because: x }",
    r#"line 6: freezes[0].from is "2026-12-20"; it must be a local date and time without a time zone, such as 2026-12-20T00:00"#
)]
#[case(
    "freezes:\n  - { from: 2026-12-20T00:00, to: 2027-01-04T00:00Z, because: x }",
    r#"line 6: freezes[0].to is "2027-01-04T00:00Z"; it must be a local date and time without a time zone, such as 2026-12-20T00:00"#
)]
#[case(
    "freezes:\n  - { from: 2026-12-20T00:00, to: 2026-12-20T00:00, because: x }",
    r#"line 6: freezes[0].to is "2026-12-20T00:00"; it must be later than from"#
)]
#[case(
    "freezes:\n  - { from: 2026-12-20T00:00, to: 2027-01-04T00:00 }",
    "line 6: freezes[0].because is missing; it must be a reason of 1 to 200 printable characters"
)]
#[case(
    "freezes:\n  - { from: 2026-12-20T00:00, because: x }",
    "line 6: freezes[0].to is missing; it must be a local date and time without a time zone, such as 2026-12-20T00:00"
)]
#[case(
    "calendars: [a]",
    r#"line 5: calendars[0] is "a"; it must be the name of an SSM document (3 to 128 letters, digits and _ - .) or its ARN"#
)]
#[case(
    "calendars:\n  - releases\n  - releases",
    "line 7: calendars[1] is releases again; it must be another calendar, or left out"
)]
fn what_closes_windows_is_refused_with_its_line_and_field(#[case] more: &str, #[case] message: &str) {
    assert_eq!(refused(&format!("{FILE}{more}\n")), message);
}

#[test]
fn calendars_are_names_or_arns_of_documents() {
    for good in [
        "releases",
        "my_Calendar-1.2",
        "arn:aws:ssm:eu-central-1:123456789012:document/releases",
        "arn:aws-us-gov:ssm:us-gov-west-1:123456789012:document/releases",
    ] {
        assert!(is_calendar(good), "{good}");
    }
    for bad in [
        "",
        "re leases",
        "releases\n",
        "arn:aws:ssm:eu-central-1:123456789012:parameter/releases",
        "arn:aws:ssm::123456789012:document/releases",
        "arn:aws:ssm:eu-central-1:12345678901:document/releases",
        "arn:aws:ssm:eu-central-1:123456789012:document/",
        "arn:aws:s3:eu-central-1:123456789012:document/releases",
    ] {
        assert!(!is_calendar(bad), "{bad}");
    }
}

#[test]
fn times_may_stand_without_quotation_marks() {
    let bare = FILE.replace('"', "").replace("01:00", "22:00");
    let quoted = FILE.replace("01:00", "22:00");
    assert_eq!(Windows::parse(&bare).unwrap(), Windows::parse(&quoted).unwrap());
}

#[test]
fn lists_may_be_left_out_or_empty() {
    let short = Windows::parse(FILE).unwrap();
    assert_eq!(Windows::parse(&format!("{FILE}holidays:\nfreezes: []\ncalendars: []\n")).unwrap(), short);
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "(?s).{0,200}", field in "(from|to|name|days|because|holidays): ?.{0,30}") {
        prop_assert!(Windows::parse(&text).is_err());
        let more = Windows::parse(&format!("{FILE}{field}"));
        prop_assert!(more.is_err() || field.starts_with("holidays"));
    }
}
