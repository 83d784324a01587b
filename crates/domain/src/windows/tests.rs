use rstest::rstest;

use super::*;

const SHIPPED: &str = include_str!("../../../../policy/windows.yaml");

const NIGHTS: &str = r#"
schema: 1
time_zone: Europe/Berlin
windows:
  - { name: nights, days: [mon, tue, wed, thu], from: "22:00", to: "04:00" }
"#;

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn windows(yaml: &str) -> Windows {
    Windows::parse(yaml).unwrap()
}

fn with(more: &str) -> Windows {
    windows(&format!("{NIGHTS}{more}\n"))
}

fn opens_at(windows: &Windows, now: &str) -> Option<String> {
    match windows.at(at(now)) {
        WindowState::Closed { opens_at, .. } => opens_at.map(|moment| moment.to_string()),
        WindowState::Open { .. } => Some("now".to_owned()),
    }
}

fn until(windows: &Windows, now: &str) -> Option<String> {
    match windows.at(at(now)) {
        WindowState::Open { until, .. } => until.map(|moment| moment.to_string()),
        closed @ WindowState::Closed { .. } => panic!("{closed:?}"),
    }
}

fn because(windows: &Windows, now: &str) -> String {
    match windows.at(at(now)) {
        WindowState::Closed { because, .. } => because,
        open @ WindowState::Open { .. } => panic!("{open:?}"),
    }
}

#[test]
fn the_file_as_shipped_is_open_when_people_are_there_to_notice() {
    let shipped = windows(SHIPPED);
    assert_eq!(shipped.check(at("2026-11-20T12:00:00Z")), Ok(()));
    assert_eq!(
        shipped.at(at("2026-11-19T12:00:00Z")),
        WindowState::Open {
            until: Some(at("2026-11-19T16:00:00Z")),
            window: "office hours (mon, tue, wed, thu 09:00 to 16:00), UTC".to_owned(),
        }
    );
    assert_eq!(
        shipped.at(at("2026-11-20T12:00:00Z")),
        WindowState::Closed {
            opens_at: Some(at("2026-11-23T09:00:00Z")),
            because: "it is Friday 12:00 in UTC, outside office hours (mon, tue, wed, thu 09:00 to 16:00)".to_owned(),
        }
    );
    assert!(shipped.calendars().is_empty());
}

#[test]
fn the_example_in_the_shipped_files_comment_is_sound() {
    let example: String = SHIPPED
        .lines()
        .filter_map(|line| line.strip_prefix("#   "))
        .fold("schema: 1\n".to_owned(), |text, line| text + line + "\n");
    let example = windows(&example);
    assert_eq!(example.calendars(), ["release-calendar"]);
    assert_eq!(because(&example, "2026-12-21T22:00:00Z"), "frozen until 2027-01-04 00:00: year end (Europe/Berlin)");
    assert_eq!(until(&example, "2026-11-21T22:59:59Z").as_deref(), Some("2026-11-21T23:00:00Z"));
}

#[rstest]
#[case("2026-11-19T20:59:59Z", false)]
#[case("2026-11-19T21:00:00Z", true)]
#[case("2026-11-20T02:59:59Z", true)]
#[case("2026-11-20T03:00:00Z", false)]
#[case("2026-11-20T21:00:00Z", false)]
#[case("2026-11-22T23:30:00Z", false)]
fn a_window_past_midnight_belongs_to_the_day_on_which_it_begins(#[case] now: &str, #[case] open: bool) {
    assert_eq!(windows(NIGHTS).at(at(now)).is_open(), open);
}

#[test]
fn on_a_holiday_no_window_begins_and_none_goes_on() {
    let windows = with("holidays: [2026-12-23]");
    assert_eq!(until(&windows, "2026-12-22T22:00:00Z").as_deref(), Some("2026-12-22T23:00:00Z"));
    assert_eq!(because(&windows, "2026-12-22T23:00:00Z"), "2026-12-23 is a holiday (Europe/Berlin)");
    assert_eq!(opens_at(&windows, "2026-12-22T23:00:00Z").as_deref(), Some("2026-12-24T21:00:00Z"));
    let after_midnight = "2026-12-24T01:00:00Z";
    assert!(!windows.at(at(after_midnight)).is_open(), "the window of a holiday reaches into the day after");
}

#[test]
fn a_freeze_cuts_a_window_off_and_lets_it_open_late() {
    let windows = with(
        "freezes:\n  - { from: 2026-11-18T23:00, to: 2026-11-18T23:30, because: one }\n  \
         - { from: 2026-11-18T23:30, to: 2026-11-19T01:00, because: two }",
    );
    assert_eq!(until(&windows, "2026-11-18T21:30:00Z").as_deref(), Some("2026-11-18T22:00:00Z"));
    assert_eq!(opens_at(&windows, "2026-11-18T22:00:00Z").as_deref(), Some("2026-11-19T00:00:00Z"));
    assert_eq!(until(&windows, "2026-11-19T00:00:00Z").as_deref(), Some("2026-11-19T03:00:00Z"));
    assert_eq!(because(&windows, "2026-11-18T22:15:00Z"), "frozen until 2026-11-18 23:30: one (Europe/Berlin)");
}

#[test]
fn windows_that_meet_are_one() {
    let windows = windows(
        r#"
schema: 1
time_zone: UTC
windows:
  - { name: late, days: [tue], from: "12:00", to: "18:00" }
  - { name: early, days: [tue], from: "06:00", to: "12:00" }
  - { name: inner, days: [tue], from: "07:00", to: "08:00" }
"#,
    );
    assert_eq!(
        windows.at(at("2026-11-17T06:00:00Z")),
        WindowState::Open {
            until: Some(at("2026-11-17T18:00:00Z")),
            window: "early (tue 06:00 to 12:00) and inner (tue 07:00 to 08:00) and late (tue 12:00 to 18:00), UTC"
                .into(),
        }
    );
}

#[test]
fn a_window_that_is_always_open_has_no_end() {
    let always = |hours: &str| {
        windows(&format!(
            "schema: 1\ntime_zone: Africa/Cairo\nwindows:\n  - {{ name: always, days: [sun, mon, tue, wed, thu, fri, sat], {hours} }}"
        ))
    };
    for hours in [r#"from: "00:00", to: "24:00""#, r#"from: "00:00", to: "00:00""#, r#"from: "07:30", to: "07:30""#] {
        assert_eq!(until(&always(hours), "2026-11-17T06:00:00Z"), None, "{hours}");
    }
}

#[test]
fn a_file_by_which_nothing_could_ever_begin_is_found_out() {
    let now = at("2026-11-20T12:00:00Z");
    let none = windows("schema: 1\ntime_zone: UTC\nwindows: []");
    assert_eq!(because(&none, "2026-11-20T12:00:00Z"), "policy/windows.yaml has no window");
    let frozen = with("freezes: [{ from: 2026-01-01T00:00, to: 9999-12-31T00:00, because: for ever }]");
    let beyond = with("freezes: [{ from: 2026-01-01T00:00, to: 2027-11-23T00:00, because: two winters }]");
    for never in [&none, &frozen, &beyond] {
        assert_eq!(
            never.check(now).unwrap_err().to_string(),
            "no window in policy/windows.yaml is open at any time from 2026-11-20T12:00:00Z to 2027-11-21T12:00:00Z: add \
             one, or end a freeze"
        );
    }
    let late = with("freezes: [{ from: 2026-01-01T00:00, to: 2027-11-18T00:00, because: two winters }]");
    assert_eq!(late.check(now), Ok(()));
}

#[test]
fn a_window_that_a_clock_skips_does_not_count_as_one() {
    let skipped = windows(
        r#"{ schema: 1, time_zone: Pacific/Apia, windows: [{ name: day, days: [fri], from: "00:00", to: "24:00" }] }"#,
    );
    assert_eq!(opens_at(&skipped, "2011-12-29T12:00:00Z").as_deref(), Some("2012-01-05T10:00:00Z"));
}

#[test]
fn at_the_ends_of_the_calendar_it_is_closed_and_no_panic() {
    for seconds in [i64::MIN, -62_135_596_800, 253_402_207_200, 253_402_300_799, i64::MAX] {
        let now = Timestamp::from_unix_seconds(seconds);
        let always = windows(
            r#"{ schema: 1, time_zone: Pacific/Apia, windows: [{ name: day, days: [mon], from: "00:00", to: "24:00" }] }"#,
        );
        assert!(matches!(always.at(now), WindowState::Closed { .. } | WindowState::Open { .. }));
        assert!(!windows(NIGHTS).at(Timestamp::from_unix_seconds(i64::MAX)).is_open());
    }
}

#[test]
fn a_state_says_itself_in_json() {
    let state = windows(NIGHTS).at(at("2026-11-19T21:00:00Z"));
    let json = serde_json::to_value(&state).unwrap();
    assert_eq!(
        json,
        serde_json::json!({
            "state": "open", "until": "2026-11-20T03:00:00Z",
            "window": "nights (mon, tue, wed, thu 22:00 to 04:00), Europe/Berlin",
        })
    );
    assert_eq!(serde_json::from_value::<WindowState>(json).unwrap(), state);
}
