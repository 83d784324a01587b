//! The functions as they are deployed: real bootstraps, driven by a Lambda Runtime API on loopback, against a loopback EC2
//! that can fail in every way and MiniStack for the ledger, the bucket, the topic and the executions.
//!
//! A [`World`] is one account with a ledger of its own. Its [`Functions`] are processes that may be killed; a [`Run`] plays
//! the state machine over them, with the retry rules that the state machine's own definition has.
//! Everything that reached AWS, from whichever process, is in one ordered list of [`Call`]s.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test support: what cannot be set up or read should end the test, with its reason"
)]

mod background;
mod calls;
mod denied;
mod functions;
mod http;
mod ledger;
mod links;
mod ministack;
mod order;
mod outages;
pub mod page;
mod people;
mod process;
mod process_order;
mod recorder;
mod replay;
mod retry;
mod run;
mod table;
mod task_root;
mod tokens;
mod topics;
mod world;

pub use calls::{Call, Calls, iam_actions};
pub use denied::Denied;
pub use functions::{Function, Functions};
pub use ledger::Ledger;
pub use links::{LINK_KEYS, LINK_KEYS_PARAMETER, PAGE_URL};
pub use ministack::{Execution, MiniStack, Workflow, ministack};
pub use order::intents_precede_acts;
pub use outages::{Outage, Outages};
pub use people::{APPROVERS, Person};
pub use process::{Process, State};
pub use process_order::{Destruction, destructions, steps_precede_acts};
pub use run::{End, Run};
pub use table::Table;
pub use task_root::ALWAYS_OPEN;
pub use tokens::Tokens;
pub use topics::Topics;
pub use world::{ACCOUNT, Policy, World};
