//! What the command line says.

use std::path::{Path, PathBuf};

use crate::error::BenchError;
use crate::functions::Function;

/// How to use it.
pub const USAGE: &str = "\
sunset-bench [--bootstraps DIR] [--starts N] [--warm-calls N] [--only FUNCTION]… [functions] [scale] [dollars]

Measures the release builds in DIR/<function>/bootstrap (target/lambda unless said) against Python with boto3, the
listing at scale, and what an hourly run costs a month and one process of decommission. Names one part or several to
leave out the others. With --only the first part compares that function alone, or those.";

/// The options of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The workspace.
    pub root: PathBuf,
    /// What this run may write.
    pub directory: PathBuf,
    /// Where the release builds are.
    pub bootstraps: PathBuf,
    /// Starts of each side.
    pub starts: u32,
    /// Warm calls of each side.
    pub warm_calls: u32,
    /// The functions to compare; all where none is named.
    pub only: Vec<Function>,
    /// The parts to run.
    pub parts: Vec<Part>,
}

/// A part of the bench.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Functions against Python.
    Functions,
    /// The listing at scale.
    Scale,
    /// Dollars a month, and dollars a process.
    Dollars,
}

impl Options {
    /// Reads a command line, its program's name left out.
    ///
    /// # Errors
    /// An argument that is unknown, or lacks its value.
    pub fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Self, BenchError> {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = manifest.parent().unwrap_or(manifest).to_owned();
        let mut options = Self {
            directory: root.join("target/bench"),
            bootstraps: root.join("target/lambda"),
            root,
            starts: 21,
            warm_calls: 100,
            only: Vec::new(),
            parts: Vec::new(),
        };
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            let mut value = || {
                arguments.next().ok_or_else(|| BenchError::unexpected(format!("{argument} lacks its value\n\n{USAGE}")))
            };
            match argument.as_str() {
                "--bootstraps" => options.bootstraps = value()?.into(),
                "--starts" => options.starts = count(&argument, &value()?)?,
                "--warm-calls" => options.warm_calls = count(&argument, &value()?)?,
                "--only" => options.only.push(function(&value()?)?),
                "functions" => options.parts.push(Part::Functions),
                "scale" => options.parts.push(Part::Scale),
                "dollars" => options.parts.push(Part::Dollars),
                _ => return Err(BenchError::unexpected(format!("{argument} is no argument\n\n{USAGE}"))),
            }
        }
        if options.parts.is_empty() {
            options.parts = vec![Part::Functions, Part::Scale, Part::Dollars];
        }
        Ok(options)
    }

    /// Whether a function is compared.
    #[must_use]
    pub fn compares(&self, function: Function) -> bool {
        self.only.is_empty() || self.only.contains(&function)
    }
}

fn function(name: &str) -> Result<Function, BenchError> {
    Function::named(name).ok_or_else(|| BenchError::unexpected(format!("{name} is no function\n\n{USAGE}")))
}

fn count(argument: &str, text: &str) -> Result<u32, BenchError> {
    text.parse()
        .ok()
        .filter(|count| *count > 0)
        .ok_or_else(|| BenchError::unexpected(format!("{argument} is {text:?}; it must be a number from 1\n\n{USAGE}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Options, BenchError> {
        Options::parse(text.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn everything_runs_unless_parts_are_named() {
        assert_eq!(parse("").unwrap().parts, [Part::Functions, Part::Scale, Part::Dollars]);
        let options = parse("--bootstraps /x --starts 15 scale").unwrap();
        assert_eq!((options.bootstraps, options.starts, options.parts), ("/x".into(), 15, vec![Part::Scale]));
    }

    #[test]
    fn every_function_is_compared_unless_some_are_named() {
        assert!(Function::ALL.into_iter().all(|function| parse("").unwrap().compares(function)));
        let options = parse("--only assess --only plan functions").unwrap();
        let compared = Function::ALL.into_iter().filter(|function| options.compares(*function));
        assert_eq!(compared.collect::<Vec<_>>(), [Function::Assess, Function::Plan]);
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for text in ["--start 3", "--starts", "--starts 0", "--only speed", "speed"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
