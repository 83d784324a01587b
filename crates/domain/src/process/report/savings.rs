//! What a process saves, net of what its backups cost. Prices are the public ones of us-east-1: an estimate, never a
//! bill.

use serde::Serialize;

use crate::process::validation::Leftover;
use crate::risk::assessment::{CostEstimate, CostLine};
use crate::time::Timestamp;

/// A sum of costs, some of which nobody may know.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Total {
    /// What is known of it.
    pub known_micro_dollars_a_month: u64,
    /// What has no known price: the sum is at least what is known.
    pub not_known: Vec<String>,
}

impl Total {
    fn of<'a>(lines: impl IntoIterator<Item = (&'a str, Option<u64>)>) -> Self {
        let mut total = Self::default();
        for (what, cost) in lines {
            match cost {
                Some(cost) => {
                    total.known_micro_dollars_a_month = total.known_micro_dollars_a_month.saturating_add(cost);
                }
                None => total.not_known.push(what.to_owned()),
            }
        }
        total
    }

    fn of_lines(lines: &[CostLine]) -> Self {
        Self::of(lines.iter().map(|line| (line.what.as_str(), line.micro_dollars_a_month)))
    }

    fn plus(&self, other: &Self) -> Self {
        Self {
            known_micro_dollars_a_month: self
                .known_micro_dollars_a_month
                .saturating_add(other.known_micro_dollars_a_month),
            not_known: self.not_known.iter().chain(&other.not_known).cloned().collect(),
        }
    }

    /// The whole sum, where all of it is known.
    #[must_use]
    pub fn exact(&self) -> Option<i64> {
        let whole = i64::try_from(self.known_micro_dollars_a_month).ok()?;
        self.not_known.is_empty().then_some(whole)
    }

    /// The sum for people.
    #[must_use]
    pub fn shown(&self) -> String {
        let known = dollars(i64::try_from(self.known_micro_dollars_a_month).ok());
        if self.not_known.is_empty() {
            known
        } else if self.known_micro_dollars_a_month == 0 {
            format!("not known ({})", self.not_known.join("; "))
        } else {
            format!("at least {known}; not known: {}", self.not_known.join("; "))
        }
    }
}

/// Micro-dollars as dollars and cents. What is not known is never shown as nothing, and neither is less than a cent.
#[must_use]
pub fn dollars(micro_dollars: Option<i64>) -> String {
    let Some(micro_dollars) = micro_dollars else { return "not known".into() };
    let sign = if micro_dollars < 0 { "-" } else { "" };
    match micro_dollars.unsigned_abs() {
        1..10_000 => format!("{sign}less than $0.01"),
        size => format!("{sign}${}.{:02}", size / 1_000_000, size % 1_000_000 / 10_000),
    }
}

/// What became of the resource, as far as money goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It is gone.
    Gone,
    /// A dry run: this is what its going would save.
    WouldGo,
    /// It stays.
    Stays,
}

/// Savings, a month (C8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Savings {
    /// Whether there are any.
    pub fate: Fate,
    /// What the resource costs as long as it is there.
    pub before: Total,
    /// What the backups cost as long as they are kept.
    pub backups: Total,
    /// What is paid from now on, without what stays behind.
    pub after: Total,
    /// `before` less `after`; nothing where one of them is not known.
    pub saved_micro_dollars_a_month: Option<i64>,
    /// The same once the backups are gone too.
    pub saved_without_backups_micro_dollars_a_month: Option<i64>,
    /// When the last backup may go.
    pub backups_kept_until: Option<Timestamp>,
    /// What stays behind and still costs.
    pub leftovers: Total,
}

impl Savings {
    /// The savings, by the estimate of the assessment that was approved, where it saw the resource, and by what stays.
    #[must_use]
    pub fn of(fate: Fate, estimate: Option<&CostEstimate>, left: &[Leftover], backups_kept_until: Timestamp) -> Self {
        let before = match estimate {
            Some(estimate) => Total::of_lines(&estimate.saved),
            None => Total { not_known: vec!["the resource".into()], ..Total::default() },
        };
        let cost = |leftover: &Leftover| leftover.micro_dollars_a_month;
        let backups = match (fate, estimate) {
            (Fate::WouldGo, Some(estimate)) => Total::of_lines(&estimate.backups),
            (Fate::WouldGo, None) => Total { not_known: vec!["the backups".into()], ..Total::default() },
            (Fate::Gone | Fate::Stays, _) => {
                Total::of(left.iter().filter(|it| it.is_backup).map(|it| (it.id.as_str(), cost(it))))
            }
        };
        let less = |one: &Total, other: &Total| one.exact()?.checked_sub(other.exact()?);
        let (after, saved, later) = match fate {
            Fate::Gone | Fate::WouldGo => (backups.clone(), less(&before, &backups), before.exact()),
            // Whatever the resource costs, it goes on costing that: the difference is what was added.
            Fate::Stays => (before.plus(&backups), less(&Total::default(), &backups), Some(0)),
        };
        Self {
            fate,
            after,
            saved_micro_dollars_a_month: saved,
            saved_without_backups_micro_dollars_a_month: later,
            backups_kept_until: left.iter().any(|it| it.is_backup).then_some(backups_kept_until),
            leftovers: Total::of(left.iter().filter(|it| !it.is_backup).map(|it| (it.id.as_str(), cost(it)))),
            before,
            backups,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::validation::Kind;
    use proptest::prelude::*;

    fn line(what: &str, cost: Option<u64>) -> CostLine {
        CostLine { what: what.into(), micro_dollars_a_month: cost }
    }

    fn of(fate: Fate, estimate: Option<&CostEstimate>, left: &[Leftover]) -> Savings {
        Savings::of(fate, estimate, left, Timestamp::from_unix_seconds(0))
    }

    fn backup(cost: Option<u64>) -> Leftover {
        Leftover {
            kind: Kind::Snapshot,
            id: "snap-1".into(),
            why: "the backup".into(),
            micro_dollars_a_month: cost,
            is_backup: true,
        }
    }

    #[test]
    fn savings_are_net_of_the_backups_and_grow_when_these_go() {
        let estimate = CostEstimate { saved: vec![line("the instance", Some(59_568_000))], backups: vec![] };
        let savings = of(Fate::Gone, Some(&estimate), &[backup(Some(1_500_000))]);
        assert_eq!(dollars(savings.saved_micro_dollars_a_month), "$58.06");
        assert_eq!(dollars(savings.saved_without_backups_micro_dollars_a_month), "$59.56");
    }

    #[test]
    fn an_unknown_price_is_not_known_and_never_nothing() {
        let estimate =
            CostEstimate { saved: vec![line("an m99.huge", None), line("gp3", Some(640_000))], backups: vec![] };
        let savings = of(Fate::Gone, Some(&estimate), &[]);
        assert_eq!(savings.before.shown(), "at least $0.64; not known: an m99.huge");
        assert_eq!(dollars(savings.saved_micro_dollars_a_month), "not known");
        let unseen = of(Fate::Gone, None, &[]);
        assert_eq!(
            (unseen.before.shown().as_str(), unseen.saved_micro_dollars_a_month),
            ("not known (the resource)", None)
        );
        let savings = of(Fate::Gone, Some(&estimate), &[backup(None)]);
        assert_eq!(savings.backups.shown(), "not known (snap-1)");
    }

    #[test]
    fn what_stays_saves_nothing_and_its_backups_cost() {
        let estimate = CostEstimate { saved: vec![line("the instance", None)], backups: vec![] };
        let savings = of(Fate::Stays, Some(&estimate), &[backup(Some(1_500_000))]);
        assert_eq!(dollars(savings.saved_micro_dollars_a_month), "-$1.50");
        assert_eq!(dollars(savings.saved_without_backups_micro_dollars_a_month), "$0.00");
    }

    #[test]
    fn less_than_a_cent_is_not_nothing() {
        assert_eq!(dollars(Some(4_000)), "less than $0.01");
        assert_eq!(dollars(Some(0)), "$0.00");
        assert_eq!(dollars(Some(-10_000)), "-$0.01");
    }

    proptest! {
        #[test]
        fn what_is_saved_is_before_less_after(
            saved in proptest::collection::vec(proptest::option::of(0u64..1_000_000_000_000), 0..5),
            backups in proptest::collection::vec(proptest::option::of(0u64..1_000_000_000_000), 0..5),
            gone in any::<bool>(),
        ) {
            let estimate = CostEstimate { saved: saved.iter().map(|cost| line("it", *cost)).collect(), backups: vec![] };
            let left: Vec<Leftover> = backups.iter().map(|cost| backup(*cost)).collect();
            let fate = if gone { Fate::Gone } else { Fate::Stays };
            let savings = of(fate, Some(&estimate), &left);
            if let (Some(before), Some(after)) = (savings.before.exact(), savings.after.exact()) {
                prop_assert_eq!(savings.saved_micro_dollars_a_month, Some(before - after));
            }
            if gone && saved.contains(&None) {
                prop_assert_eq!(savings.saved_micro_dollars_a_month, None);
            }
        }
    }
}
