//! A decommission process: one resource on its way out, from the start to its report.

pub mod audit;
pub mod event;
pub mod observation;
pub mod record;
pub mod resource;
pub mod start;
pub mod status;
pub mod terms;
