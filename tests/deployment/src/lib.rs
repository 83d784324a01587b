//! Reads what is deployed, so that the tests beside it can say what must be true of it.
//!
//! The template is read as CloudFormation would see it once the parameters are known ([`template`]), the roles as the
//! statements that are left then ([`roles`]), the state machines as every state at any depth ([`state_machine`]). The
//! linters are real ones ([`tools`]). Nothing here speaks to AWS, and nothing compiles its SDK.

// The whole package is tests: what cannot be read fails them, and the message is the panic's.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

pub mod actions;
pub mod roles;
pub mod samconfig;
pub mod state_machine;
pub mod template;
pub mod tools;

use serde_json::Value;
use std::path::{Path, PathBuf};

/// The functions, by the name of their crate, their logical id in the template, and the logical id of their role.
pub const FUNCTIONS: [(&str, &str, &str); 10] = [
    ("list-expired-amis", "ListExpiredAmisFunction", "ListExpiredAmisRole"),
    ("deregister", "DeregisterFunction", "DeregisterRole"),
    ("delete-snapshot", "DeleteSnapshotFunction", "DeleteSnapshotRole"),
    ("restore", "RestoreFunction", "RestoreRole"),
    ("assess", "AssessFunction", "AssessRole"),
    ("approve", "ApproveFunction", "ApproveRole"),
    ("approve-page", "ApprovePageFunction", "ApprovePageRole"),
    ("plan", "PlanFunction", "PlanRole"),
    ("execute", "ExecuteFunction", "ExecuteRole"),
    ("validate", "ValidateFunction", "ValidateRole"),
];

/// The functions that the state machine of decommission calls. Those of ami-cleanup are the others, without
/// `approve-page`, which only people call.
pub const OF_DECOMMISSION: [&str; 5] = ["assess", "approve", "plan", "execute", "validate"];

/// The functions that read the folder `policy` beside their binary.
pub const READ_POLICY: [&str; 4] = ["assess", "approve", "approve-page", "execute"];

/// The folder of the project.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The text of a file of the project.
#[must_use]
pub fn text(path: &str) -> String {
    let path = root().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("failed to read {}: {error}", path.display()))
}

/// A JSON file of the project.
#[must_use]
pub fn json(path: &str) -> Value {
    serde_json::from_str(&text(path)).unwrap_or_else(|error| panic!("{path} is not JSON: {error}"))
}

/// One string or a list of them, as IAM and CloudFormation write both.
#[must_use]
pub fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(strings).collect(),
        Value::String(one) => vec![one.clone()],
        Value::Null => vec![],
        other => panic!("expected a string or a list of strings, found {other}"),
    }
}
