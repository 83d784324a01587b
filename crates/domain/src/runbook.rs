//! Runbooks: typed, ordered steps, from which a plan is made and by which it is carried out.

pub mod action;
pub mod change;
pub mod check;
pub mod checklist;
pub mod document;
pub mod duration;
pub mod markdown;
pub mod plan;
pub mod plan_document;
pub mod step;

#[cfg(test)]
pub(crate) mod fixtures;
#[cfg(test)]
pub(crate) mod strategies;
