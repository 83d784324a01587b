//! Risk: what it would mean to lose the resource, in points, each with its reason.
//!
//! Start at [`assess::assess`]. How points are counted is [`v2`] by default; [`seed_v1`] is the arithmetic that this
//! process was first described with. [`blockers`] says what forbids a retirement whatever its risk, and [`reassess`]
//! whether a later look is worse than the one that was approved.

pub mod assess;
pub mod assessment;
pub mod blockers;
pub mod business;
pub mod cost;
pub mod counted;
pub mod dependents;
pub mod environment;
pub mod in_use;
pub mod instance_family;
pub mod level;
pub mod managed;
pub mod reassess;
pub mod recommend;
pub mod recovery;
pub mod roles;
pub mod seed_v1;
pub mod sources;
pub mod v2;

pub use sources::required_sources;

#[cfg(test)]
pub(crate) mod fixtures;
#[cfg(test)]
mod properties;
