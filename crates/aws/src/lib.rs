//! What speaks to AWS: reading the account, acting on it, the ledger, the bucket, notices.
//!
//! It decides nothing: what is read here goes to `sunset_domain`, and what that decides is carried out in [`act`], the
//! only module that changes EC2.

pub mod account;
pub mod act;
pub mod bucket;
pub mod clients;
pub mod error;
pub mod executions;
pub mod ledger;
pub mod notices;
pub mod recycle_bin;
pub mod snapshots;
