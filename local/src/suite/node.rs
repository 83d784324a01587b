//! The log of Node's own test runner, in the Test Anything Protocol.

use crate::suite::{Count, Runner, at_most};

/// As the runner sums itself up at its end.
pub(super) const RUNNER: Runner = Runner { counted, failures };

fn counted(log: &str) -> Count {
    let number = |what: &str| {
        let last = log.lines().rev().find_map(|line| line.strip_prefix("# ")?.strip_prefix(what)?.trim().parse().ok());
        last.unwrap_or(0)
    };
    Count { passed: number("pass "), failed: number("fail ") + number("cancelled ") }
}

/// Everything between a test that is not ok and the next one.
fn failures(log: &str) -> String {
    let mut shown: Vec<&str> = Vec::new();
    let mut inside = false;
    for line in log.lines() {
        inside = match line {
            _ if line.starts_with("not ok ") => true,
            _ if line.starts_with("ok ") || line.starts_with("# ") || line.starts_with("1..") => false,
            _ => inside,
        };
        if inside {
            shown.push(line);
        }
    }
    at_most(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "TAP version 13\n# Subtest: one\nok 1 - one\n  ---\n  duration_ms: 1\n  ...\n# Subtest: two\n\
                       not ok 2 - two\n  ---\n  error: 'left 1'\n  ...\n# Subtest: three\nok 3 - three\n1..3\n# tests 4\n\
                       # pass 2\n# fail 1\n# cancelled 1\n# skipped 0\n";

    #[test]
    fn the_runners_own_summary_counts() {
        assert_eq!(counted(LOG), Count { passed: 2, failed: 2 });
        assert_eq!(counted("Error: Cannot find module\n"), Count::default());
    }

    #[test]
    fn a_failure_is_shown_in_its_own_words() {
        let shown = failures(LOG);
        assert!(shown.contains("two") && shown.contains("left 1"), "{shown}");
        assert!(!shown.contains("three") && !shown.contains("duration_ms"), "{shown}");
    }
}
