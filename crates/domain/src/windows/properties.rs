//! What holds for any file at any moment.

use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::time::Timestamp;
use crate::windows::stretches::DAYS;
use crate::windows::{Calendar, Freeze, HORIZON_DAYS, Window, WindowState, Windows, with_calendars};

const QUARTER: i64 = 900;

/// Time zones of both hemispheres; with half hours, with a change of half an hour, with a change at midnight, with none.
fn zones() -> impl Strategy<Value = TimeZone> {
    select(vec![
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "America/Havana",
        "America/Nuuk",
        "America/Santiago",
        "Africa/Cairo",
        "Asia/Kolkata",
        "Asia/Kathmandu",
        "Australia/Sydney",
        "Australia/Lord_Howe",
        "Pacific/Kiritimati",
    ])
    .prop_map(|name| TimeZone::get(name).unwrap())
}

fn quarters() -> impl Strategy<Value = Time> {
    (0i8..24, select(vec![0i8, 15, 30, 45])).prop_map(|(hour, minute)| Time::constant(hour, minute, 0, 0))
}

fn window() -> impl Strategy<Value = Window> {
    (subsequence(DAYS.map(|(_, day)| day).to_vec(), 1..=7), quarters(), quarters())
        .prop_map(|(days, from, to)| Window { name: "w".into(), days, from, to })
}

/// Any file, and a moment that is often close to a change of its clocks.
fn cases(windows: std::ops::Range<usize>) -> impl Strategy<Value = (Windows, Timestamp)> {
    let moment = (0i64..2 * 365 * 96, any::<bool>(), -120i64..120);
    let days = prop::collection::vec(-3i64..12, 0..3);
    let freezes = prop::collection::vec((-300i64..900, 1i64..300), 0..3);
    (zones(), prop::collection::vec(window(), windows), moment, days, freezes).prop_map(
        |(zone, windows, (quarter, near, off), days, freezes)| {
            let start = jiff::Timestamp::from_second(1_767_225_600 + quarter * QUARTER).unwrap();
            let change = zone.following(start).next().map(|change| change.timestamp());
            let seconds = match change.filter(|_| near) {
                Some(change) => change.as_second() + off * QUARTER,
                None => start.as_second(),
            };
            let now = Timestamp::from_unix_seconds(seconds);
            let here = local(&zone, now);
            let mut holidays: Vec<_> = days.into_iter().map(|day| here.date().saturating_add(day.days())).collect();
            holidays.dedup();
            let freezes = freezes
                .into_iter()
                .map(|(from, long)| {
                    let from = here + SignedDuration::from_secs(from * QUARTER);
                    Freeze { from, to: from + SignedDuration::from_secs(long * QUARTER), because: "release".into() }
                })
                .collect();
            (Windows { zone, windows, holidays, freezes, calendars: Vec::new() }, now)
        },
    )
}

fn local(zone: &TimeZone, now: Timestamp) -> DateTime {
    zone.to_datetime(jiff::Timestamp::from_second(now.unix_seconds()).unwrap())
}

/// Whether the clock shows the same an hour or half an hour earlier or later.
fn comes_twice(zone: &TimeZone, now: Timestamp) -> bool {
    let shown = local(zone, now);
    [-7200, -3600, -1800, 1800, 3600, 7200]
        .iter()
        .any(|off| local(zone, Timestamp::from_unix_seconds(now.unix_seconds() + off)) == shown)
}

/// The file, read as people read it: by nothing but what the clock on the wall shows.
fn the_wall_says(file: &Windows, wall: DateTime) -> bool {
    let (today, clock) = (wall.date(), wall.time());
    let yesterday = today.yesterday().unwrap();
    let begins = |window: &Window, date: jiff::civil::Date| {
        window.days.contains(&date.weekday()) && !file.holidays.contains(&date)
    };
    !file.holidays.contains(&today)
        && !file.freezes.iter().any(|freeze| freeze.from <= wall && wall < freeze.to)
        && file.windows.iter().any(|window| {
            let past_midnight = window.to <= window.from;
            (begins(window, today) && window.from <= clock && (past_midnight || clock < window.to))
                || (past_midnight && begins(window, yesterday) && clock < window.to)
        })
}

/// What must be so at a moment. Where the clock shows the same twice, a window may be closed at one of them.
fn agrees(file: &Windows, now: Timestamp, open: bool) -> Result<(), TestCaseError> {
    let wall = local(&file.zone, now);
    let as_the_wall_says = open == the_wall_says(file, wall) || (!open && comes_twice(&file.zone, now));
    prop_assert!(as_the_wall_says, "open is {open} at {now}, {wall} in {:?}", file.zone);
    Ok(())
}

proptest! {
    #[test]
    fn a_window_is_open_exactly_when_the_clock_on_the_wall_says_so((file, now) in cases(0..4)) {
        for second in [0, 1, QUARTER - 1] {
            let now = Timestamp::from_unix_seconds(now.unix_seconds() + second);
            agrees(&file, now, file.at(now).is_open())?;
        }
    }

    #[test]
    fn what_is_closed_opens_at_the_moment_it_says_and_not_before((file, now) in cases(1..4)) {
        if let WindowState::Closed { opens_at, .. } = file.at(now) {
            let end = opens_at.unwrap_or(now.plus_days(HORIZON_DAYS));
            prop_assert!(end > now);
            let quarters = (now.unix_seconds()..end.unix_seconds()).step_by(QUARTER as usize);
            for seconds in quarters {
                agrees(&file, Timestamp::from_unix_seconds(seconds), false)?;
            }
            if let Some(opens_at) = opens_at {
                prop_assert!(file.at(opens_at).is_open());
                prop_assert!(!file.at(Timestamp::from_unix_seconds(opens_at.unix_seconds() - 1)).is_open());
            }
        }
    }

    #[test]
    fn what_is_open_closes_at_the_moment_it_says_and_not_before((file, now) in cases(1..4)) {
        if let WindowState::Open { until, .. } = file.at(now) {
            let end = until.unwrap_or(now.plus_days(HORIZON_DAYS));
            prop_assert!(end > now);
            for seconds in (now.unix_seconds()..end.unix_seconds()).step_by(QUARTER as usize) {
                agrees(&file, Timestamp::from_unix_seconds(seconds), true)?;
            }
            if until.is_some() {
                prop_assert!(!file.at(end).is_open());
                prop_assert!(file.at(Timestamp::from_unix_seconds(end.unix_seconds() - 1)).is_open());
            }
        }
    }

    #[test]
    fn a_window_opens_once_a_day_whatever_the_clocks_do((mut file, now) in cases(1..2)) {
        file.freezes.clear();
        let (mut moment, mut last) = (now, None);
        for _ in 0..4 {
            let WindowState::Closed { opens_at: Some(opens), .. } = file.at(moment) else { break };
            if let Some(last) = last {
                prop_assert!(opens.seconds_since(last) >= 22 * 3600, "opens at {last} and again at {opens}");
            }
            let WindowState::Open { until: Some(until), .. } = file.at(opens) else { break };
            (moment, last) = (until, Some(opens));
        }
    }

    #[test]
    fn a_freeze_always_wins((mut file, now) in cases(1..4), before in 0i64..200, after in 1i64..200) {
        let here = local(&file.zone, now);
        let shift = |quarters: i64| here + SignedDuration::from_secs(quarters * QUARTER);
        let (from, to) = (shift(-before), shift(after));
        file.freezes.push(Freeze { from, to, because: "release".into() });
        let state = file.at(now);
        let WindowState::Closed { opens_at, because } = state else { panic!("{state:?}") };
        prop_assert!(because.starts_with("frozen until "), "{because}");
        if let Some(opens_at) = opens_at {
            prop_assert!(local(&file.zone, opens_at) >= to);
        }
    }

    #[test]
    fn a_file_that_opens_at_all_passes_the_check_and_no_other_does((file, now) in cases(0..2)) {
        let never = matches!(file.at(now), WindowState::Closed { opens_at: None, .. });
        prop_assert_eq!(file.check(now).is_err(), never);
        prop_assert!(never || !file.windows.is_empty());
    }

    #[test]
    fn no_moment_and_no_file_makes_it_panic((file, _) in cases(0..3), seconds in any::<i64>()) {
        let now = Timestamp::from_unix_seconds(seconds);
        prop_assert!(!file.at(now).is_open() || file.check(now).is_ok());
    }
}

fn calendar(now: Timestamp) -> impl Strategy<Value = Calendar> {
    let moment = move || {
        prop::option::of(-7200i64..7200)
            .prop_map(move |off| off.map(|off| Timestamp::from_unix_seconds(now.unix_seconds() + off)))
    };
    prop_oneof![
        4 => moment().prop_map(|until| Calendar::Open { until }),
        1 => moment().prop_map(|until| Calendar::Closed { until }),
        1 => Just(Calendar::Unreadable { why: "AccessDenied".into() }),
    ]
}

proptest! {
    #[test]
    fn calendars_only_ever_close_and_say_when_to_look_again(
        calendars in prop::collection::vec(calendar(Timestamp::from_unix_seconds(1_800_000_000)), 0..4), open in any::<bool>(),
    ) {
        let now = Timestamp::from_unix_seconds(1_800_000_000);
        let rules = if open {
            WindowState::Open { until: Some(now.plus_hours(1)), window: "w".into() }
        } else {
            WindowState::Closed { opens_at: None, because: "frozen".into() }
        };
        let asked: Vec<(String, Calendar)> = calendars.iter().map(|calendar| ("c".to_owned(), calendar.clone())).collect();
        let all_open = calendars.iter().all(|calendar| match calendar {
            Calendar::Open { until } => until.is_none_or(|until| until > now),
            Calendar::Closed { .. } | Calendar::Unreadable { .. } => false,
        });
        match with_calendars(rules.clone(), &asked, now) {
            WindowState::Open { until, .. } => {
                prop_assert!(open && all_open);
                prop_assert!(until.is_some_and(|until| until > now && until <= now.plus_hours(1)));
            }
            closed if !open => prop_assert_eq!(closed, rules),
            WindowState::Closed { opens_at, because } => {
                prop_assert!(!all_open && !because.is_empty());
                prop_assert!(opens_at.is_some_and(|opens_at| opens_at > now));
            }
        }
    }
}
