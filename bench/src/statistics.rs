//! What a row of measurements comes to.

use std::fmt;
use std::time::Duration;

/// The median: half of the values are no larger. Of an even count it is the mean of the two in the middle.
#[must_use]
pub fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    let upper = *sorted.get(middle)?;
    if sorted.len() % 2 == 1 {
        return Some(upper);
    }
    let lower = *sorted.get(middle.checked_sub(1)?)?;
    Some(f64::midpoint(lower, upper))
}

/// The median of durations.
#[must_use]
pub fn median_duration(values: &[Duration]) -> Option<Duration> {
    let seconds: Vec<f64> = values.iter().map(Duration::as_secs_f64).collect();
    median(&seconds).map(Duration::from_secs_f64)
}

/// A figure with its unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Figure {
    /// A time.
    Time(Duration),
    /// A size in memory.
    Memory(u64),
    /// A size in a file.
    File(u64),
    /// A ratio.
    Times(f64),
    /// A count.
    Count(u64),
    /// Money.
    Dollars(f64),
}

impl Figure {
    /// The number alone, to compare figures of one kind.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "sizes and counts here are far below 2^52")]
    pub fn number(self) -> f64 {
        match self {
            Self::Time(time) => time.as_secs_f64(),
            Self::Memory(bytes) | Self::File(bytes) => bytes as f64,
            Self::Times(number) | Self::Dollars(number) => number,
            Self::Count(count) => count as f64,
        }
    }
}

impl fmt::Display for Figure {
    #[expect(clippy::cast_precision_loss, reason = "sizes here are far below 2^52")]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Time(time) if time.as_secs_f64() >= 1.0 => write!(f, "{:.2} s", time.as_secs_f64()),
            Self::Time(time) if time.as_secs_f64() >= 0.01 => write!(f, "{:.0} ms", time.as_secs_f64() * 1e3),
            Self::Time(time) => write!(f, "{:.2} ms", time.as_secs_f64() * 1e3),
            Self::Memory(bytes) => write!(f, "{:.1} MiB", *bytes as f64 / f64::from(1 << 20)),
            Self::File(bytes) => write!(f, "{:.2} MB", *bytes as f64 / 1e6),
            Self::Times(times) => write!(f, "{times:.1} ×"),
            Self::Count(count) => write!(f, "{count}"),
            Self::Dollars(dollars) => write!(f, "${dollars:.2}"),
        }
    }
}

/// `1/n`, or `n ×` where it is more.
#[must_use]
pub fn ratio(ours: Figure, theirs: Figure) -> String {
    let (ours, theirs) = (ours.number(), theirs.number());
    if ours <= 0.0 || theirs <= 0.0 {
        "–".into()
    } else if ours <= theirs {
        let times = theirs / ours;
        if times < 10.0 { format!("1/{times:.1}") } else { format!("1/{times:.0}") }
    } else {
        format!("{:.1} ×", ours / theirs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_does_not_follow_an_outlier() {
        assert_eq!(median(&[3.0, 1.0, 1000.0]), Some(3.0));
        assert_eq!(median(&[4.0, 1.0, 2.0, 1000.0]), Some(3.0));
        assert_eq!(median(&[]), None);
        let times = [30, 10, 20].map(Duration::from_millis);
        assert_eq!(median_duration(&times), Some(Duration::from_millis(20)));
    }

    #[test]
    fn a_ratio_reads_as_a_share_or_a_multiple() {
        let ms = |ms| Figure::Time(Duration::from_millis(ms));
        assert_eq!(ratio(ms(2), ms(100)), "1/50");
        assert_eq!(ratio(ms(20), ms(100)), "1/5.0");
        assert_eq!(ratio(ms(100), ms(50)), "2.0 ×");
        assert_eq!(ratio(ms(0), ms(50)), "–");
    }

    #[test]
    fn figures_read_in_their_units() {
        let shown = |figure: Figure| figure.to_string();
        assert_eq!(shown(Figure::Time(Duration::from_micros(1234))), "1.23 ms");
        assert_eq!(shown(Figure::Time(Duration::from_millis(262))), "262 ms");
        assert_eq!(shown(Figure::Time(Duration::from_millis(3210))), "3.21 s");
        assert_eq!(shown(Figure::Memory(10 << 20)), "10.0 MiB");
        assert_eq!(shown(Figure::File(1_630_000)), "1.63 MB");
    }
}
