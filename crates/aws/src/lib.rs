//! What speaks to AWS: reading the account, acting on it, the ledger, the bucket, notices.
//!
//! It decides nothing: what is read here goes to `sunset_domain`, and what that decides is carried out in [`act`], the
//! only module that changes EC2. A decommission looks at its resource through [`observe`] and takes its steps through
//! [`driver`].

pub mod account;
pub mod act;
pub mod bucket;
pub mod calendar;
pub mod clients;
mod documents;
pub mod driver;
pub mod error;
pub mod executions;
pub mod ledger;
pub mod link_keys;
pub mod notices;
pub mod observe;
pub mod recycle_bin;
pub mod snapshots;
