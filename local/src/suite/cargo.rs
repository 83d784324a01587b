//! The log of `cargo test`.

use crate::suite::{Count, Runner, at_most};

/// As every test binary sums itself up.
pub(super) const RUNNER: Runner = Runner { counted, failures };

/// Sums the summaries of all test binaries in a log of `cargo test`.
fn counted(log: &str) -> Count {
    log.lines().filter_map(|line| line.strip_prefix("test result: ")).fold(Count::default(), |sum, line| {
        let number = |what: &str| {
            let before = line.split(what).next().unwrap_or_default();
            before
                .rsplit([' ', ';', '.'])
                .find(|word| !word.is_empty())
                .and_then(|word| word.parse::<u64>().ok())
                .unwrap_or(0)
        };
        Count { passed: sum.passed + number(" passed"), failed: sum.failed + number(" failed") }
    })
}

/// What a person wants to see of a failed `cargo test`: the compiler's errors, or the failures' own words.
fn failures(log: &str) -> String {
    let mut shown: Vec<&str> = Vec::new();
    let mut inside = false;
    for line in log.lines() {
        inside = match line {
            "failures:" => true,
            _ if line.starts_with("error") => true,
            _ if line.starts_with("test result: ")
                || line.starts_with("   Compiling")
                || line.starts_with("     Running") =>
            {
                false
            }
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

    #[test]
    fn the_summaries_of_all_binaries_are_added_up() {
        let log = "running 2 tests\ntest a ... ok\ntest result: ok. 16 passed; 0 failed; 0 ignored; 0 measured\n\
                   noise: 4 passed, 4 failed\ntest result: FAILED. 3 passed; 1 failed; 0 ignored; 0 measured; 12 filtered out\n";
        assert_eq!(counted(log), Count { passed: 19, failed: 1 });
    }

    #[test]
    fn a_log_without_a_summary_counts_nothing() {
        assert_eq!(counted("error: could not compile"), Count::default());
    }

    #[test]
    fn a_failure_is_shown_in_its_own_words() {
        let log = "test a ... FAILED\n\nfailures:\n\n---- a stdout ----\nleft: 1\n\nfailures:\n    a\n\ntest result: FAILED. 0 passed; 1 failed\nnoise";
        let shown = failures(log);
        assert!(shown.contains("left: 1") && !shown.contains("noise"), "{shown}");
    }

    #[test]
    fn what_does_not_compile_is_shown_too() {
        let shown = failures(
            "   Compiling x v0.1.0\nerror[E0432]: unresolved import `y`\n --> src/lib.rs:1:5\n   Compiling z v1",
        );
        assert!(
            shown.contains("unresolved import") && shown.contains("src/lib.rs:1:5") && !shown.contains("Compiling"),
            "{shown}"
        );
    }
}
