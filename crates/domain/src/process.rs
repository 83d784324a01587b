//! A decommission process: one resource on its way out, from the start to its report.

pub mod audit;
pub mod by_hand;
pub mod change_window;
pub mod cursor;
pub mod event;
#[cfg(test)]
pub(crate) mod fixtures;
pub mod gate;
pub mod observation;
pub mod record;
pub mod report;
pub mod resource;
pub mod rollback;
pub mod start;
pub mod status;
pub mod terms;
pub mod validation;
