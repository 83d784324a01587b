//! Windows over the days on which the clocks change.

use rstest::rstest;

use crate::time::Timestamp;
use crate::windows::{WindowState, Windows};

fn windows(zone: &str, days: &str, from: &str, to: &str, more: &str) -> Windows {
    Windows::parse(&format!(
        "schema: 1\ntime_zone: {zone}\nwindows:\n  - {{ name: w, days: [{days}], from: \"{from}\", to: \"{to}\" }}\n{more}\n"
    ))
    .unwrap()
}

/// When it opens next after `now`, and when it closes then.
fn next(windows: &Windows, now: &str) -> (String, String) {
    let WindowState::Closed { opens_at: Some(opens), .. } = windows.at(Timestamp::parse(now).unwrap()) else {
        panic!("{:?}", windows.at(Timestamp::parse(now).unwrap()));
    };
    let WindowState::Open { until: Some(closes), .. } = windows.at(opens) else { panic!("{:?}", windows.at(opens)) };
    (opens.to_string(), closes.to_string())
}

#[rstest]
// Berlin, 28 March 2027: at 01:00Z the clock goes from 02:00 to 03:00.
#[case(
    "Europe/Berlin",
    "sat",
    "22:00",
    "04:00",
    "2027-03-27T12:00:00Z",
    "2027-03-27T21:00:00Z",
    "2027-03-28T02:00:00Z"
)]
#[case(
    "Europe/Berlin",
    "sat",
    "22:00",
    "02:30",
    "2027-03-27T12:00:00Z",
    "2027-03-27T21:00:00Z",
    "2027-03-28T01:00:00Z"
)]
#[case(
    "Europe/Berlin",
    "sun",
    "02:30",
    "05:00",
    "2027-03-27T12:00:00Z",
    "2027-03-28T01:00:00Z",
    "2027-03-28T03:00:00Z"
)]
#[case(
    "Europe/Berlin",
    "sun",
    "02:00",
    "05:00",
    "2027-03-27T12:00:00Z",
    "2027-03-28T01:00:00Z",
    "2027-03-28T03:00:00Z"
)]
// New York, 14 March 2027: at 07:00Z from 02:00 to 03:00.
#[case(
    "America/New_York",
    "sun",
    "01:30",
    "03:30",
    "2027-03-13T12:00:00Z",
    "2027-03-14T06:30:00Z",
    "2027-03-14T07:30:00Z"
)]
// Sydney, 4 October 2026: at 16:00Z the day before from 02:00 to 03:00.
#[case(
    "Australia/Sydney",
    "sat",
    "22:00",
    "04:00",
    "2026-10-03T00:00:00Z",
    "2026-10-03T12:00:00Z",
    "2026-10-03T17:00:00Z"
)]
#[case(
    "Australia/Sydney",
    "sun",
    "02:30",
    "04:00",
    "2026-10-03T00:00:00Z",
    "2026-10-03T16:00:00Z",
    "2026-10-03T17:00:00Z"
)]
// Lord Howe, 4 October 2026: at 15:30Z the day before from 02:00 to 02:30.
#[case(
    "Australia/Lord_Howe",
    "sat",
    "22:00",
    "02:15",
    "2026-10-03T00:00:00Z",
    "2026-10-03T11:30:00Z",
    "2026-10-03T15:30:00Z"
)]
#[case(
    "Australia/Lord_Howe",
    "sun",
    "02:15",
    "03:00",
    "2026-10-03T00:00:00Z",
    "2026-10-03T15:30:00Z",
    "2026-10-03T16:00:00Z"
)]
// Cairo, 30 April 2027: at 22:00Z the day before from 00:00 to 01:00.
#[case("Africa/Cairo", "thu", "22:00", "24:00", "2027-04-29T00:00:00Z", "2027-04-29T20:00:00Z", "2027-04-29T22:00:00Z")]
#[case("Africa/Cairo", "fri", "00:00", "02:00", "2027-04-29T00:00:00Z", "2027-04-29T22:00:00Z", "2027-04-29T23:00:00Z")]
fn an_hour_that_is_left_out_is_left_out_of_the_window(
    #[case] zone: &str,
    #[case] days: &str,
    #[case] from: &str,
    #[case] to: &str,
    #[case] now: &str,
    #[case] opens: &str,
    #[case] closes: &str,
) {
    assert_eq!(next(&windows(zone, days, from, to, ""), now), (opens.into(), closes.into()));
}

#[rstest]
// Berlin, 25 October 2026: at 01:00Z the clock goes from 03:00 back to 02:00.
#[case(
    "Europe/Berlin",
    "sat",
    "22:00",
    "02:30",
    "2026-10-24T12:00:00Z",
    "2026-10-24T20:00:00Z",
    "2026-10-25T00:30:00Z"
)]
#[case(
    "Europe/Berlin",
    "sun",
    "02:30",
    "05:00",
    "2026-10-24T12:00:00Z",
    "2026-10-25T01:30:00Z",
    "2026-10-25T04:00:00Z"
)]
#[case(
    "Europe/Berlin",
    "sun",
    "02:15",
    "02:45",
    "2026-10-24T12:00:00Z",
    "2026-10-25T01:15:00Z",
    "2026-10-25T01:45:00Z"
)]
#[case(
    "Europe/Berlin",
    "sun",
    "02:00",
    "03:00",
    "2026-10-24T12:00:00Z",
    "2026-10-25T01:00:00Z",
    "2026-10-25T02:00:00Z"
)]
#[case(
    "Europe/Berlin",
    "sat",
    "22:00",
    "02:00",
    "2026-10-24T12:00:00Z",
    "2026-10-24T20:00:00Z",
    "2026-10-25T00:00:00Z"
)]
// New York, 1 November 2026: at 06:00Z from 02:00 back to 01:00.
#[case(
    "America/New_York",
    "sat",
    "23:00",
    "01:30",
    "2026-10-31T12:00:00Z",
    "2026-11-01T03:00:00Z",
    "2026-11-01T05:30:00Z"
)]
// Sydney, 4 April 2027: at 16:00Z the day before from 03:00 back to 02:00.
#[case(
    "Australia/Sydney",
    "sat",
    "22:00",
    "02:30",
    "2027-04-03T00:00:00Z",
    "2027-04-03T11:00:00Z",
    "2027-04-03T15:30:00Z"
)]
#[case(
    "Australia/Sydney",
    "sun",
    "02:30",
    "04:00",
    "2027-04-03T00:00:00Z",
    "2027-04-03T16:30:00Z",
    "2027-04-03T18:00:00Z"
)]
// Lord Howe, 4 April 2027: at 15:00Z the day before from 02:00 back to 01:30.
#[case(
    "Australia/Lord_Howe",
    "sat",
    "22:00",
    "01:45",
    "2027-04-03T00:00:00Z",
    "2027-04-03T11:00:00Z",
    "2027-04-03T14:45:00Z"
)]
#[case(
    "Australia/Lord_Howe",
    "sun",
    "01:45",
    "03:00",
    "2027-04-03T00:00:00Z",
    "2027-04-03T15:15:00Z",
    "2027-04-03T16:30:00Z"
)]
#[case(
    "Australia/Lord_Howe",
    "sun",
    "01:35",
    "01:50",
    "2027-04-03T00:00:00Z",
    "2027-04-03T15:05:00Z",
    "2027-04-03T15:20:00Z"
)]
// Havana, 1 November 2026: at 05:00Z from 01:00 back to 00:00, so that midnight comes twice.
#[case(
    "America/Havana",
    "sat",
    "20:00",
    "24:00",
    "2026-10-31T12:00:00Z",
    "2026-11-01T00:00:00Z",
    "2026-11-01T04:00:00Z"
)]
#[case(
    "America/Havana",
    "sun",
    "00:00",
    "01:00",
    "2026-10-31T12:00:00Z",
    "2026-11-01T05:00:00Z",
    "2026-11-01T06:00:00Z"
)]
fn a_window_that_begins_or_ends_in_the_hour_that_comes_twice_is_as_long_as_it_is_written(
    #[case] zone: &str,
    #[case] days: &str,
    #[case] from: &str,
    #[case] to: &str,
    #[case] now: &str,
    #[case] opens: &str,
    #[case] closes: &str,
) {
    assert_eq!(next(&windows(zone, days, from, to, ""), now), (opens.into(), closes.into()));
}

#[rstest]
#[case(
    "Europe/Berlin",
    "sat",
    "22:00",
    "04:00",
    "2026-10-24T12:00:00Z",
    "2026-10-24T20:00:00Z",
    "2026-10-25T03:00:00Z"
)]
#[case(
    "Australia/Lord_Howe",
    "sat",
    "22:00",
    "04:00",
    "2027-04-03T00:00:00Z",
    "2027-04-03T11:00:00Z",
    "2027-04-03T17:30:00Z"
)]
// Cairo, 29 October 2026: at 21:00Z from 24:00 back to 23:00.
#[case("Africa/Cairo", "thu", "20:00", "24:00", "2026-10-29T00:00:00Z", "2026-10-29T17:00:00Z", "2026-10-29T22:00:00Z")]
fn a_window_that_holds_the_whole_hour_that_comes_twice_ends_when_the_clock_says_so(
    #[case] zone: &str,
    #[case] days: &str,
    #[case] from: &str,
    #[case] to: &str,
    #[case] now: &str,
    #[case] opens: &str,
    #[case] closes: &str,
) {
    assert_eq!(next(&windows(zone, days, from, to, ""), now), (opens.into(), closes.into()));
}

#[test]
fn a_window_within_the_hour_that_is_left_out_waits_for_its_next_day() {
    let windows = windows("Europe/Berlin", "sun", "02:10", "02:50", "");
    let next = next(&windows, "2027-03-27T12:00:00Z");
    assert_eq!(next, ("2027-04-04T00:10:00Z".into(), "2027-04-04T00:50:00Z".into()));
}

#[rstest]
// In autumn a freeze begins at the first and ends at the second of two; in spring it ends where the clock skips its end.
#[case("2026-10-25T02:30", "2026-10-25T03:30", "2026-10-25T00:29:59Z", "2026-10-25T02:30:00Z")]
#[case("2026-10-25T00:00", "2026-10-25T02:30", "2026-10-24T21:59:59Z", "2026-10-25T01:30:00Z")]
#[case("2027-03-28T01:00", "2027-03-28T02:30", "2027-03-27T23:59:59Z", "2027-03-28T01:00:00Z")]
#[case("2027-03-28T02:30", "2027-03-28T03:30", "2027-03-28T00:59:59Z", "2027-03-28T01:30:00Z")]
fn a_freeze_is_never_shorter_than_it_is_written(
    #[case] from: &str,
    #[case] to: &str,
    #[case] last: &str,
    #[case] again: &str,
) {
    let freeze = format!("freezes: [{{ from: {from}, to: {to}, because: release }}]");
    let windows = windows("Europe/Berlin", "sat, sun", "00:00", "24:00", &freeze);
    let last = Timestamp::parse(last).unwrap();
    let again = Timestamp::parse(again).unwrap();
    let frozen = last.plus_seconds(1);
    assert_eq!(windows.at(last), WindowState::Open { until: Some(frozen), window: in_words() });
    assert!(matches!(windows.at(frozen), WindowState::Closed { opens_at: Some(at), .. } if at == again));
}

fn in_words() -> String {
    "w (sat, sun 00:00 to 24:00), Europe/Berlin".into()
}

#[test]
fn a_holiday_whose_midnight_comes_twice_or_never_is_still_a_whole_day() {
    let everything = "mon, tue, wed, thu, fri, sat, sun";
    let until = |windows: &Windows, now: &str| match windows.at(Timestamp::parse(now).unwrap()) {
        WindowState::Open { until, .. } => until.map(|until| until.to_string()),
        WindowState::Closed { opens_at, .. } => opens_at.map(|opens| opens.to_string()),
    };
    let havana = windows("America/Havana", everything, "00:00", "24:00", "holidays: [2026-11-01]");
    assert_eq!(until(&havana, "2026-11-01T03:59:59Z").as_deref(), Some("2026-11-01T04:00:00Z"));
    assert_eq!(until(&havana, "2026-11-01T04:00:00Z").as_deref(), Some("2026-11-02T05:00:00Z"));
    let cairo = windows("Africa/Cairo", everything, "00:00", "24:00", "holidays: [2027-04-30]");
    assert_eq!(until(&cairo, "2027-04-29T21:59:59Z").as_deref(), Some("2027-04-29T22:00:00Z"));
    assert_eq!(until(&cairo, "2027-04-29T22:00:00Z").as_deref(), Some("2027-04-30T21:00:00Z"));
}
