//! Risk: what it would mean to lose the resource, in points, each with its reason.

pub mod assessment;
pub mod level;
