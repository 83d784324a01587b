//! Runbooks: typed, ordered steps, from which a plan is made and by which it is carried out.

pub mod action;
pub mod document;
pub mod step;
