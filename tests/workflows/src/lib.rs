//! The workflows, end to end, on the local stack: what its tests share.
//!
//! A stack is the real template, deployed by sam, with the functions as they were built for release. EC2 is moto where that
//! suffices, else the loopback EC2, which has what moto lacks: faults, pages, shared snapshots, and changes in mid-call.
//! A stack is started once for each test binary; the scenarios take turns on it, each with images of its own.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "test support: what does not hold ends the test, with its reason"
)]

pub mod decommission;
pub mod events;
mod gate;
mod images;
mod loopback;
mod moto;
mod notices;
mod rie;
mod run;
mod stage;

pub use gate::Gate;
pub use images::{snapshot_of, unused};
pub use loopback::{Scene, live_stack};
pub use moto::{Seen, moto_stack};
pub use rie::Sandbox;
pub use run::Run;
pub use stage::{Answer, Stage};
