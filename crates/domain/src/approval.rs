//! Approvals: who is asked, who answered, and what that decides.

pub mod answer;
pub mod approvers;
#[cfg(test)]
pub(crate) mod fixtures;
pub mod identity;
pub mod intervene;
pub mod link;
pub mod notice;
pub mod opt_out;
pub mod page;
pub mod request;
pub mod rule;
pub mod schedule;
pub mod tally;
pub mod text;
pub mod vote;
