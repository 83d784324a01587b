//! decommission on the local stack: what its scenarios share.

mod desk;
mod ended;
mod personal;
mod process;

pub use desk::{APPROVERS, Desk, TERMS, desk, desk_with_windows};
pub use ended::Ended;
pub use personal::Form;
pub use process::{INITIATOR, Process};
