//! Approvals: who is asked, who answered, and what that decides.

pub mod vote;
