//! How long a process and its audit trail are kept.

use time::{Duration, OffsetDateTime};

use crate::time::Timestamp;

const YEARS: i32 = 7;

/// Until when a process that began at this moment is kept: seven calendar years (C20, C62). Seven times 365 days, as
/// it was once counted, ends a day or two early. What began on 29 February is kept to 1 March: never less than seven
/// years.
#[must_use]
pub fn audit_retention_until(created_at: Timestamp) -> Timestamp {
    let end = OffsetDateTime::UNIX_EPOCH.checked_add(Duration::seconds(created_at.unix_seconds())).and_then(|began| {
        let year = began.year().checked_add(YEARS)?;
        began.replace_year(year).ok().or_else(|| began.checked_add(Duration::DAY)?.replace_year(year).ok())
    });
    // What no calendar holds is kept to the end of the one there is.
    end.map_or_else(|| Timestamp::from_unix_seconds(i64::MAX), |end| Timestamp::from_unix_seconds(end.unix_timestamp()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[rstest::rstest]
    #[case::over_two_leap_days("2026-11-20T09:08:07Z", "2033-11-20T09:08:07Z")]
    #[case::leap_day("2028-02-29T23:59:59Z", "2035-03-01T23:59:59Z")]
    #[case::the_day_before("2028-02-28T00:00:00Z", "2035-02-28T00:00:00Z")]
    #[case::into_a_leap_year("2025-02-28T12:00:00Z", "2032-02-28T12:00:00Z")]
    #[case::new_years_eve("2026-12-31T23:59:59Z", "2033-12-31T23:59:59Z")]
    #[case::the_end_of_the_calendar("9995-01-01T00:00:00Z", "9999-12-31T23:59:59Z")]
    fn a_process_is_kept_for_seven_calendar_years(#[case] from: &str, #[case] until: &str) {
        assert_eq!(audit_retention_until(Timestamp::parse(from).unwrap()).to_string(), until);
    }

    proptest! {
        #[test]
        fn it_is_never_less_than_seven_years_and_never_more_than_two_leap_days_over(seconds in 0i64..7_000_000_000) {
            let from = Timestamp::from_unix_seconds(seconds);
            let days = audit_retention_until(from).seconds_since(from) / 86_400;
            // 2100 is no leap year: around it seven years may hold no leap day.
            prop_assert!((2555..=2557).contains(&days), "{days}");
        }
    }
}
