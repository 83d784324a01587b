//! The linters that `make tools` installs into `.sunset/tools`. One that is missing fails its test: a check that did
//! not run proves nothing.

use crate::root;
use std::path::PathBuf;
use std::process::{Command, Output};

/// SAM's command line.
#[must_use]
pub fn sam() -> Command {
    let mut sam = Command::new(installed("sam/bin/sam"));
    // The tests ask nobody: no account, no region of the machine's own, no telemetry.
    sam.env("AWS_DEFAULT_REGION", "us-east-1").env("AWS_EC2_METADATA_DISABLED", "true").env("SAM_CLI_TELEMETRY", "0");
    for own in ["AWS_PROFILE", "AWS_REGION", "AWS_ENDPOINT_URL"] {
        sam.env_remove(own);
    }
    sam.current_dir(root());
    sam
}

/// The validator of the Amazon States Language.
#[must_use]
pub fn asl_validator() -> Command {
    Command::new(installed("node_modules/.bin/asl-validator"))
}

/// The linter of IAM policies.
#[must_use]
pub fn parliament() -> Command {
    Command::new(installed("lint/bin/parliament"))
}

/// Runs it, and gives back what it said on both of its outputs; findings alone are on the first.
#[must_use]
pub fn run(command: &mut Command) -> (Output, String) {
    let output = command.output().unwrap_or_else(|error| panic!("failed to run {command:?}: {error}"));
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output, said)
}

fn installed(tool: &str) -> PathBuf {
    let path = root().join(".sunset/tools").join(tool);
    assert!(path.exists(), ".sunset/tools/{tool} is not installed: run `make tools`");
    path
}
