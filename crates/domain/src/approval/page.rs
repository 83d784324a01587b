//! What people send to the approval page, and what may come of it.

pub mod attempt;
mod body;
pub mod decide;
pub mod form;
pub mod rate;
pub mod refused;
pub mod request;
pub mod waiting;
