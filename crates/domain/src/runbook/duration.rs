//! Durations as people say them.

/// `7 days`, `90 minutes`, `45 seconds`: in the largest unit that counts it without a rest.
#[must_use]
pub fn in_words(seconds: u64) -> String {
    let (count, unit) = match seconds {
        0 => (0, "second"),
        _ if seconds.is_multiple_of(86_400) => (seconds / 86_400, "day"),
        _ if seconds.is_multiple_of(3_600) => (seconds / 3_600, "hour"),
        _ if seconds.is_multiple_of(60) => (seconds / 60, "minute"),
        _ => (seconds, "second"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

/// `about 7 days`: rounded up to two digits, for estimates.
#[must_use]
pub fn about(seconds: u64) -> String {
    let unit = match seconds {
        172_800.. => 86_400,
        7_200.. => 3_600,
        120.. => 60,
        _ => 1,
    };
    format!("about {}", in_words(seconds.div_ceil(unit).saturating_mul(unit)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case(0, "0 seconds", "about 0 seconds")]
    #[case(1, "1 second", "about 1 second")]
    #[case(90, "90 seconds", "about 90 seconds")]
    #[case(900, "15 minutes", "about 15 minutes")]
    #[case(5_400, "90 minutes", "about 90 minutes")]
    #[case(86_400, "1 day", "about 1 day")]
    #[case(604_800, "7 days", "about 7 days")]
    #[case(604_801, "604801 seconds", "about 8 days")]
    fn a_duration_is_said_in_the_largest_unit_that_fits(
        #[case] seconds: u64,
        #[case] exact: &str,
        #[case] rough: &str,
    ) {
        assert_eq!((in_words(seconds).as_str(), about(seconds).as_str()), (exact, rough));
    }
}
