//! What is read from AWS and done to it, on the wire: pages, faults, and every way in which an image is used, every
//! step of a decommission.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "helpers of tests are tests")]

mod acting;
mod driving;
mod images;
mod link_keys;
mod looking_again;
mod observing;
mod recycle_bin;
mod references;
mod snapshots;
mod support;
mod tables;
mod uses;
