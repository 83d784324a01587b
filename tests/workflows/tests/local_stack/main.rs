//! The workflows on the local stack: the template as sam deploys it, the functions as they are built for release, the state
//! machine as it is. Each test is a scenario, and its name what it proves.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod breaker;
mod by_hand;
mod decommission;
mod dry_run;
mod events;
mod failures;
mod moto_account;
mod notices;
mod restore;
mod snapshots;
mod turns;
mod two_steps;
mod unsure;
