//! Every test of the project, stage by stage, and one line at the end: how many passed, how many failed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::deploy::build;
use crate::error::{Error, Result, at};
use crate::place::Place;
use crate::process::{command, run};
use crate::screen::{Look, Screen, elapsed};
use crate::tools::{Tool, install};

/// What the test runners counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Tests that passed.
    pub passed: u64,
    /// Tests that failed, and stages that could not be run to their end.
    pub failed: u64,
}

/// Runs everything. Answers whether all passed.
///
/// # Errors
/// When a log cannot be written.
pub fn suite(place: &Place, screen: Screen) -> Result<bool> {
    let mut all = Suite { place, screen, count: Count::default(), times: Vec::new() };
    all.check("formatting", &["fmt", "--all", "--check", "--", "--color=never"])?;
    all.check("clippy, warnings denied", &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])?;
    let tools = all.other("the pinned tools", "tools", |_| install(place, &Tool::ALL).map(|_| ()))?;
    let apart = ["sunset-workflows", "sunset-functions-tests", "sunset-deployment"];
    let mut unit = vec!["--workspace"];
    unit.extend(apart.iter().flat_map(|package| ["--exclude", *package]));
    all.tests("unit and wire tests", "unit", &unit)?;
    let built = all.other("release build of the functions", "build", |log| build(place, log))?;
    if tools && built {
        all.tests("the deployment", "deployment", &["-p", "sunset-deployment"])?;
        all.tests("the functions, killed and raced", "functions", &["-p", "sunset-functions-tests"])?;
        // Scenarios wait for a process to ask, rest or end far more than they compute: more of them at once than cores.
        let workflows = ["-p", "sunset-workflows", "--", "--test-threads=8"];
        all.tests("the workflows, end to end", "workflows", &workflows)?;
    } else {
        all.skipped("the deployment, the functions and the workflows: what they need is not there");
    }
    all.told()
}

struct Suite<'a> {
    place: &'a Place,
    screen: Screen,
    count: Count,
    times: Vec<(String, Duration)>,
}

impl Suite<'_> {
    fn log(&self, name: &str) -> PathBuf {
        self.place.root().join(".sunset/test").join(format!("{name}.log"))
    }

    fn cargo(&self, arguments: &[&str]) -> Command {
        let mut cargo = command("cargo");
        cargo.args(arguments).current_dir(self.place.root()).env("CARGO_TERM_COLOR", "never");
        if std::env::var_os("CARGO_BUILD_JOBS").is_none() {
            // One compiler of the EC2 client takes several GB: more jobs than this and a small machine runs out of memory.
            cargo.env("CARGO_BUILD_JOBS", "2");
        }
        cargo
    }

    /// A stage that passes or fails as a whole.
    fn check(&mut self, what: &str, arguments: &[&str]) -> Result<bool> {
        let name = arguments.first().copied().unwrap_or("check");
        let mut cargo = self.cargo(arguments);
        self.other(what, name, |log| run(what, &mut cargo, log))
    }

    fn other(&mut self, what: &str, name: &str, work: impl FnOnce(&Path) -> Result<()>) -> Result<bool> {
        let log = self.log(name);
        let start = Instant::now();
        let result = self.screen.step(what, Some(&log), || work(&log));
        self.times.push((what.to_owned(), start.elapsed()));
        match result {
            Ok(()) => Ok(true),
            Err(error @ (Error::File { .. } | Error::Spawn { .. })) => Err(error),
            Err(error) => {
                self.screen.say(&error.to_string());
                self.count.failed += 1;
                Ok(false)
            }
        }
    }

    fn tests(&mut self, what: &str, name: &str, packages: &[&str]) -> Result<()> {
        let log = self.log(name);
        let mut arguments = vec!["test", "--no-fail-fast"];
        arguments.extend(packages);
        let mut cargo = self.cargo(&arguments);
        let start = Instant::now();
        let result = self.screen.step(what, Some(&log), || run(what, &mut cargo, &log));
        self.times.push((what.to_owned(), start.elapsed()));
        let text = fs::read(&log).map_err(at(&log))?;
        let text = String::from_utf8_lossy(&text);
        let mut count = counted(&text);
        match result {
            Ok(()) => {}
            Err(Error::Tool { .. }) => {
                self.screen.say(&failures(&text));
                // It did not compile, or a test binary died before it could count.
                count.failed = count.failed.max(1);
            }
            Err(error) => return Err(error),
        }
        self.screen.say(&format!("    {} passed, {} failed", count.passed, count.failed));
        self.count.passed += count.passed;
        self.count.failed += count.failed;
        Ok(())
    }

    fn skipped(&mut self, what: &str) {
        self.screen.say(&format!("  {} {what}", self.screen.paint(Look::Red, "✗")));
        self.count.failed += 1;
    }

    fn told(&self) -> Result<bool> {
        self.screen.say("");
        for (what, time) in &self.times {
            self.screen.say(&format!("  {:>12}  {what}", elapsed(*time)));
        }
        let total = self.times.iter().map(|(_, time)| *time).sum();
        self.screen.say(&format!("  {:>12}  in all\n", elapsed(total)));
        let summary = format!("{} passed, {} failed", self.count.passed, self.count.failed);
        // For who calls make: it says something of its own after a failure.
        let file = self.log("summary");
        fs::write(&file, format!("{summary}\n")).map_err(at(&file))?;
        self.screen.say(&summary);
        Ok(self.count.failed == 0)
    }
}

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
    const ENOUGH: usize = 200;
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
    let left = shown.len().saturating_sub(ENOUGH);
    shown.truncate(ENOUGH);
    let mut text = shown.join("\n");
    if left > 0 {
        text.push_str(&format!("\n… and {left} lines more"));
    }
    text
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
