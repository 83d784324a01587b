//! The rules: what may go, what stays, and every reason why.
//!
//! Data and a time come in, data comes out. This crate knows nothing of AWS's SDK, of I/O or of a clock, so
//! every rule is tested without a cloud. Start at [`verdict::verdict`], the one function that chooses.

pub mod approval;
pub mod breaker;
pub mod canonical;
pub mod coverage;
pub mod error_name;
pub mod evidence;
pub mod family;
pub mod filter;
pub mod ids;
pub mod image;
pub mod input;
pub mod launch_permission;
pub mod ledger;
pub mod line;
pub mod manifest;
pub mod never_touch;
pub mod notice;
pub mod pending;
pub mod permit;
pub mod policy;
pub mod policy_file;
pub mod process;
pub mod reason;
pub mod report;
pub mod restore;
pub mod risk;
pub mod run;
pub mod runbook;
pub mod snapshot;
pub mod tags;
pub mod time;
pub mod verdict;
pub mod windows;
