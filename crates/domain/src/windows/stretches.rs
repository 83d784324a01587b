//! The stretches of time in which the rules are open.

use std::fmt;

use jiff::ToSpan;
use jiff::civil::{Date, Time, Weekday};

use crate::time::Timestamp;
use crate::windows::wall::{Twice, moment, reading};
use crate::windows::{Freeze, HORIZON_DAYS, Window, Windows};

/// The days of the week as the file writes them.
pub(super) const DAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];

/// From one moment to another, the last one not included, by one window or by several that meet.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stretch<'a> {
    pub(super) from: Timestamp,
    pub(super) until: Timestamp,
    pub(super) windows: Vec<&'a Window>,
}

/// Time in which nothing is open, whatever the windows say.
#[derive(Debug)]
pub(super) struct Closure<'a> {
    from: Timestamp,
    until: Timestamp,
    why: Why<'a>,
}

#[derive(Debug)]
enum Why<'a> {
    Freeze(&'a Freeze),
    Holiday(Date),
}

impl Closure<'_> {
    pub(super) fn holds(&self, now: Timestamp) -> bool {
        self.from <= now && now < self.until
    }
}

impl fmt::Display for Closure<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.why {
            Why::Freeze(freeze) => {
                write!(f, "frozen until {}: {}", freeze.to.strftime("%Y-%m-%d %H:%M"), freeze.because)
            }
            Why::Holiday(date) => write!(f, "{date} is a holiday"),
        }
    }
}

impl Window {
    /// From when to when it would be open if it began on `date`. It opens once and closes once, and while it is open the
    /// clock shows what is written: where the clock shows `from` twice it opens at the second, where it shows `to` twice
    /// it closes at the first. Only a window that holds the whole repeated hour lasts that hour longer.
    fn on(&self, date: Date, windows: &Windows) -> Option<(Timestamp, Timestamp)> {
        let last = if self.to > self.from { date } else { date.tomorrow().ok()? };
        let opens = moment(&windows.zone, date.to_datetime(self.from), Twice::Second)?;
        let closes = moment(&windows.zone, last.to_datetime(self.to), Twice::First)?;
        if opens <= closes {
            return Some((opens, closes));
        }
        // It begins and ends within the hour that comes twice.
        Some((opens, moment(&windows.zone, last.to_datetime(self.to), Twice::Second)?))
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days: Vec<&str> =
            DAYS.iter().filter(|(_, day)| self.days.contains(day)).map(|(written, _)| *written).collect();
        write!(f, "{} ({} {} to ", self.name, days.join(", "), self.from.strftime("%H:%M"))?;
        if self.to == Time::midnight() { f.write_str("24:00)") } else { write!(f, "{})", self.to.strftime("%H:%M")) }
    }
}

impl Windows {
    /// Freezes, then holidays, each from the first time the clock shows its beginning to the last time it shows its end.
    pub(super) fn closures(&self) -> Vec<Closure<'_>> {
        // What is too far off for a moment lies after everything.
        let never = Timestamp::from_unix_seconds(i64::MAX);
        let closure = |from, to: Option<_>, why| Closure {
            from: moment(&self.zone, from, Twice::First).unwrap_or(never),
            until: to.and_then(|to| moment(&self.zone, to, Twice::Second)).unwrap_or(never),
            why,
        };
        let freezes = self.freezes.iter().map(|freeze| closure(freeze.from, Some(freeze.to), Why::Freeze(freeze)));
        let holidays = self.holidays.iter().map(|date| {
            let midnight = |date: Date| date.to_datetime(Time::midnight());
            closure(midnight(*date), date.tomorrow().ok().map(midnight), Why::Holiday(*date))
        });
        freezes.chain(holidays).collect()
    }

    /// Every stretch that ends after `now` and begins within the horizon, in order, with time between any two.
    pub(super) fn stretches(&self, now: Timestamp, closures: &[Closure<'_>]) -> Vec<Stretch<'_>> {
        let today = reading(&self.zone, now).date();
        // A window goes on into the day after, and a country may leave out a day.
        let first = today.saturating_sub(2.days());
        let end = now.plus_days(HORIZON_DAYS);
        let days = usize::try_from(HORIZON_DAYS).unwrap_or_default().saturating_add(4);
        let mut open: Vec<Stretch<'_>> = Vec::new();
        for date in first.series(1.day()).take(days).filter(|date| !self.holidays.contains(date)) {
            for window in self.windows.iter().filter(|window| window.days.contains(&date.weekday())) {
                let Some((from, until)) = window.on(date, self) else { continue };
                let pieces = without(from, until, closures).into_iter();
                let near = pieces.filter(|(from, until)| *until > now && *from < end);
                open.extend(near.map(|(from, until)| Stretch { from, until, windows: vec![window] }));
            }
        }
        open.sort_by_key(|stretch| stretch.from);
        let mut joined: Vec<Stretch<'_>> = Vec::new();
        for stretch in open {
            match joined.last_mut() {
                Some(last) if stretch.from <= last.until => {
                    last.until = last.until.max(stretch.until);
                    for window in stretch.windows {
                        if !last.windows.contains(&window) {
                            last.windows.push(window);
                        }
                    }
                }
                _ => joined.push(stretch),
            }
        }
        joined
    }
}

/// What the closures leave of a stretch, in order.
fn without(from: Timestamp, until: Timestamp, closures: &[Closure<'_>]) -> Vec<(Timestamp, Timestamp)> {
    let mut pieces = vec![(from, until)];
    for closure in closures.iter().filter(|closure| closure.from < until && from < closure.until) {
        pieces = pieces
            .into_iter()
            .flat_map(|(from, until)| [(from, until.min(closure.from)), (from.max(closure.until), until)])
            .filter(|(from, until)| from < until)
            .collect();
    }
    pieces.retain(|(from, until)| from < until);
    pieces
}
