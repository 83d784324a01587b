//! decommission on the local stack: what its scenarios share.

mod desk;
mod ended;
mod process;

pub use desk::{APPROVERS, Desk, TERMS, desk};
pub use ended::Ended;
pub use process::{INITIATOR, Process};
