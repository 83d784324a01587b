//! Between the wall clock and moments. Twice a year, in many time zones, a reading of the clock comes never or twice.

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};

use crate::time::Timestamp;

/// Which moment is meant where the clock shows the same twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Twice {
    First,
    Second,
}

/// The moment at which the clock shows `wall`. If it skips that, the moment of the skip: before it the clock shows less,
/// from then on more. Nothing after the year 9999.
pub(super) fn moment(zone: &TimeZone, wall: DateTime, twice: Twice) -> Option<Timestamp> {
    let offset = match (zone.to_ambiguous_timestamp(wall).offset(), twice) {
        (AmbiguousOffset::Unambiguous { offset }, _) => offset,
        (AmbiguousOffset::Fold { before, .. }, Twice::First) => before,
        (AmbiguousOffset::Fold { after, .. }, Twice::Second) => after,
        (AmbiguousOffset::Gap { before, .. }, _) => {
            let past_the_skip = before.to_timestamp(wall).ok()?.as_second().checked_add(1)?;
            let skip = zone.preceding(jiff::Timestamp::from_second(past_the_skip).ok()?).next()?;
            return Some(Timestamp::from_unix_seconds(skip.timestamp().as_second()));
        }
    };
    Some(Timestamp::from_unix_seconds(offset.to_timestamp(wall).ok()?.as_second()))
}

/// What the clock shows.
pub(super) fn reading(zone: &TimeZone, now: Timestamp) -> DateTime {
    let (first, last) = (jiff::Timestamp::MIN, jiff::Timestamp::MAX);
    let seconds = now.unix_seconds().clamp(first.as_second(), last.as_second());
    zone.to_datetime(jiff::Timestamp::from_second(seconds).unwrap_or(last))
}
