//! Every test of the project, stage by stage, and one line at the end: how many passed, how many failed.

mod cargo;
mod node;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::browser::browser_tests;
use crate::deploy::build;
use crate::error::{Error, Result, at};
use crate::needs::install_browser;
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

/// How the log of a test runner is read.
struct Runner {
    counted: fn(&str) -> Count,
    /// What a person wants to see of its failures, in their own words; empty where it names none.
    failures: fn(&str) -> String,
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
    let browser = all.other("a browser", "chromium", install_browser)?;
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
    if tools && built && browser {
        all.browser()?;
    } else {
        all.skipped("the approval page in a browser: what it needs is not there");
    }
    all.told()
}

/// Runs only the tests of the approval page in a browser. The functions must have been built.
///
/// # Errors
/// When a log cannot be written.
pub fn browser_suite(place: &Place, screen: Screen) -> Result<bool> {
    let mut all = Suite { place, screen, count: Count::default(), times: Vec::new() };
    let tools = all.other("the pinned tools", "tools", |_| install(place, &Tool::ALL).map(|_| ()))?;
    if all.other("a browser", "chromium", install_browser)? && tools {
        all.browser()?;
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
        let mut arguments = vec!["test", "--no-fail-fast"];
        arguments.extend(packages);
        let mut cargo = self.cargo(&arguments);
        self.counted(what, name, |log| run(what, &mut cargo, log), &cargo::RUNNER)
    }

    /// A stage whose tests are counted, by what their runner wrote.
    fn counted(
        &mut self,
        what: &str,
        name: &str,
        work: impl FnOnce(&Path) -> Result<()>,
        runner: &Runner,
    ) -> Result<()> {
        let log = self.log(name);
        if log.exists() {
            fs::remove_file(&log).map_err(at(&log))?;
        }
        let start = Instant::now();
        let result = self.screen.step(what, Some(&log), || work(&log));
        self.times.push((what.to_owned(), start.elapsed()));
        // What failed before it ran anything wrote nothing.
        let text = if log.exists() { fs::read(&log).map_err(at(&log))? } else { Vec::new() };
        let text = String::from_utf8_lossy(&text);
        let mut count = (runner.counted)(&text);
        match result {
            Ok(()) => {}
            Err(error @ (Error::File { .. } | Error::Spawn { .. })) => return Err(error),
            Err(error) => {
                let failures = (runner.failures)(&text);
                self.screen.say(&if failures.is_empty() { error.to_string() } else { failures });
                // It did not compile, or it died before it could count.
                count.failed = count.failed.max(1);
            }
        }
        self.screen.say(&format!("    {} passed, {} failed", count.passed, count.failed));
        self.count.passed += count.passed;
        self.count.failed += count.failed;
        Ok(())
    }

    fn browser(&mut self) -> Result<()> {
        let place = self.place;
        self.counted("the approval page, in a browser", "browser", |log| browser_tests(place, log), &node::RUNNER)
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
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder).map_err(at(folder))?;
        }
        fs::write(&file, format!("{summary}\n")).map_err(at(&file))?;
        self.screen.say(&summary);
        Ok(self.count.failed == 0)
    }
}

/// So many lines of failures that somebody reads them.
fn at_most(mut lines: Vec<&str>) -> String {
    const ENOUGH: usize = 200;
    let left = lines.len().saturating_sub(ENOUGH);
    lines.truncate(ENOUGH);
    let mut text = lines.join("\n");
    if left > 0 {
        text.push_str(&format!("\n… and {left} lines more"));
    }
    text
}
