//! Targets, met and missed. One that is missed is loud and is no failure; what could not be measured is one.

use crate::error::BenchError;
use crate::statistics::{Figure, ratio};

/// Every target of a run.
#[derive(Debug, Default)]
pub struct Targets {
    met: usize,
    missed: Vec<String>,
    unmeasured: Vec<String>,
}

/// How large a figure may be.
#[derive(Debug, Clone, Copy)]
pub enum Bound {
    /// At most this.
    AtMost(Figure),
    /// At most this share of another.
    Share {
        /// The other.
        of: Figure,
        /// The share.
        share: f64,
    },
}

impl Targets {
    /// Holds a figure against its target, and says what comes of it.
    pub fn check(&mut self, what: &str, figure: Figure, bound: Bound) -> String {
        let (limit, explained) = match bound {
            Bound::AtMost(limit) => (limit.number(), format!("{figure}, over {limit}")),
            Bound::Share { of, share } => {
                (of.number() * share, format!("{figure} is {} of {of}, over 1/{:.0}", ratio(figure, of), 1.0 / share))
            }
        };
        if figure.number() <= limit {
            self.met += 1;
            "met".into()
        } else {
            self.missed.push(format!("{what}: {explained}"));
            "MISSED".into()
        }
    }

    /// Notes that something could not be measured, and says so at once.
    pub fn not_measured(&mut self, what: &str, error: &BenchError) {
        eprintln!("NOT MEASURED: {what}: {error}");
        self.unmeasured.push(format!("{what}: {error}"));
    }

    /// Whether everything could be measured.
    #[must_use]
    pub fn all_measured(&self) -> bool {
        self.unmeasured.is_empty()
    }

    /// Prints how many were met, and each that was missed or could not be told.
    pub fn print(&self) {
        println!("\n# Targets\n\n{} met, {} missed.", self.met, self.missed.len());
        for unmeasured in &self.unmeasured {
            println!("- NOT MEASURED: {unmeasured}");
        }
        for missed in &self.missed {
            println!("- MISSED: {missed}");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_figure_on_its_limit_meets_it_and_one_over_it_is_named() {
        let mut targets = Targets::default();
        let ms = |ms| Figure::Time(Duration::from_millis(ms));
        assert_eq!(targets.check("start", ms(10), Bound::Share { of: ms(40), share: 0.25 }), "met");
        assert_eq!(targets.check("start", ms(11), Bound::Share { of: ms(40), share: 0.25 }), "MISSED");
        assert_eq!(targets.check("rss", Figure::Memory(1 << 20), Bound::AtMost(Figure::Memory(1 << 20))), "met");
        assert_eq!(targets.met, 2);
        assert!(targets.all_measured());
        assert_eq!(targets.missed, ["start: 11 ms is 1/3.6 of 40 ms, over 1/4"]);
    }
}
