//! SSM Change Calendars: they close what the rules leave open.

use crate::approval::text::one_line;
use crate::time::Timestamp;
use crate::windows::WindowState;

/// After how many seconds a calendar is asked again that could not be read.
pub const LOOK_AGAIN_SECONDS: u32 = 900;

/// After how many seconds a calendar is asked again that is closed with no end: only a person can open it.
const WITHOUT_END_SECONDS: u32 = 3600;

/// What an SSM Change Calendar says of a moment; nothing is said where it could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Calendar {
    /// Open.
    Open {
        /// When that changes, where SSM says it.
        until: Option<Timestamp>,
    },
    /// Closed.
    Closed {
        /// When that changes, where SSM says it.
        until: Option<Timestamp>,
    },
    /// It could not be read, which is closed.
    Unreadable {
        /// Why.
        why: String,
    },
}

/// What is left of the rules' answer once every calendar has been asked: open only where all are open. What the rules
/// close stays as it is. `opens_at` is the moment at which the last of the closed calendars may open.
#[must_use]
pub fn with_calendars(state: WindowState, calendars: &[(String, Calendar)], now: Timestamp) -> WindowState {
    let WindowState::Open { mut until, window } = state else { return state };
    let mut opens_at = None;
    let mut because: Vec<String> = Vec::new();
    for (name, calendar) in calendars {
        let name = one_line(name, 300);
        let (look_again, why) = match calendar {
            Calendar::Open { until: None } => continue,
            Calendar::Open { until: Some(end) } if *end > now => {
                until = Some(until.map_or(*end, |known| known.min(*end)));
                continue;
            }
            // The answer is older than the moment that it names.
            Calendar::Open { until: Some(end) } => {
                (now.plus_seconds(LOOK_AGAIN_SECONDS), format!("the calendar {name} was open until {end}"))
            }
            Calendar::Closed { until: Some(end) } => (
                if *end > now { *end } else { now.plus_seconds(LOOK_AGAIN_SECONDS) },
                format!("the calendar {name} is closed until {end}"),
            ),
            Calendar::Closed { until: None } => {
                (now.plus_seconds(WITHOUT_END_SECONDS), format!("the calendar {name} is closed"))
            }
            Calendar::Unreadable { why } => (
                now.plus_seconds(LOOK_AGAIN_SECONDS),
                format!("the calendar {name} could not be read: {}", one_line(why, 300)),
            ),
        };
        opens_at = opens_at.max(Some(look_again));
        because.push(why);
    }
    if because.is_empty() {
        WindowState::Open { until, window }
    } else {
        WindowState::Closed { opens_at, because: because.join("; ") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        Timestamp::parse("2026-11-19T12:00:00Z").unwrap()
    }

    fn open() -> WindowState {
        WindowState::Open { until: Some(now().plus_hours(4)), window: "office hours".into() }
    }

    fn asked(calendars: &[(&str, Calendar)]) -> WindowState {
        let calendars: Vec<_> = calendars.iter().map(|(name, says)| ((*name).to_owned(), says.clone())).collect();
        with_calendars(open(), &calendars, now())
    }

    fn closed(opens_at: Timestamp, because: &str) -> WindowState {
        WindowState::Closed { opens_at: Some(opens_at), because: because.into() }
    }

    #[test]
    fn a_calendar_that_could_not_be_read_is_closed_and_asked_again_in_a_quarter_of_an_hour() {
        let unreadable = Calendar::Unreadable { why: "AccessDeniedException:\nno".into() };
        assert_eq!(
            asked(&[("eu", Calendar::Open { until: None }), ("us", unreadable)]),
            closed(now().plus_seconds(900), "the calendar us could not be read: AccessDeniedException: no")
        );
    }

    #[test]
    fn the_window_closes_when_the_first_calendar_does() {
        assert_eq!(asked(&[]), open());
        assert_eq!(asked(&[("eu", Calendar::Open { until: Some(now().plus_hours(9)) })]), open());
        let soon = Calendar::Open { until: Some(now().plus_hours(1)) };
        assert_eq!(
            asked(&[("eu", soon), ("us", Calendar::Open { until: None })]),
            WindowState::Open { until: Some(now().plus_hours(1)), window: "office hours".into() }
        );
    }

    #[test]
    fn it_opens_when_the_last_calendar_does() {
        let until = |hours| Calendar::Closed { until: Some(now().plus_hours(hours)) };
        assert_eq!(
            asked(&[("eu", until(30)), ("us", until(2))]),
            closed(
                now().plus_hours(30),
                "the calendar eu is closed until 2026-11-20T18:00:00Z; the calendar us is closed until 2026-11-19T14:00:00Z"
            )
        );
        let for_ever = Calendar::Closed { until: None };
        assert_eq!(asked(&[("eu", for_ever)]), closed(now().plus_hours(1), "the calendar eu is closed"));
    }

    #[test]
    fn an_answer_that_is_older_than_its_own_end_is_asked_for_again() {
        let soon = now().plus_seconds(LOOK_AGAIN_SECONDS);
        let was_open = Calendar::Open { until: Some(now()) };
        assert_eq!(asked(&[("eu", was_open)]), closed(soon, "the calendar eu was open until 2026-11-19T12:00:00Z"));
        let was_closed = Calendar::Closed { until: Some(now()) };
        assert_eq!(asked(&[("eu", was_closed)]), closed(soon, "the calendar eu is closed until 2026-11-19T12:00:00Z"));
    }

    #[test]
    fn no_calendar_opens_what_the_rules_close() {
        let rules = WindowState::Closed { opens_at: Some(now().plus_hours(3)), because: "it is night".into() };
        let says = ["open", "closed"].map(|name| (name.to_owned(), Calendar::Open { until: None }));
        assert_eq!(with_calendars(rules.clone(), &says, now()), rules);
    }
}
