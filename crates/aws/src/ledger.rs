//! Sunset's memory: one DynamoDB table, in which every write names what it replaces.
//!
//! | pk | sk | holds |
//! |---|---|---|
//! | `RUN#<run>` | `META` | [`RunRecord`](sunset_domain::run::RunRecord) |
//! | `RUN#<run>` | `IMAGE#<image>` | what became of an image in the run |
//! | `RUN#<run>` | `SNAPSHOT#<image>#<snapshot>` | what became of a snapshot in the run |
//! | `IMAGE#<image>` | `META` | what was done to an image, and what undoing it needs |
//! | `PENDING#snapshots` | `<image>#<snapshot>` | snapshots that wait for their image to go |
//! | `LOCK#ami-cleanup` | `META` | the one run that may change anything |
//! | `PAUSE` | `META` | the kill switch: while it exists nothing is changed |
//! | `BASELINE#ami-cleanup` | `META` | what the last complete reading of each source held |
//! | `TICK#<time>` | `META` | which run served a tick of the schedule |
//! | `PROC#<process>` | `META` | [`ProcessRecord`](sunset_domain::process::record::ProcessRecord) |
//! | `PROC#<process>` | `ASSESSMENT#<n>`, `PLAN#<n>`, `STEP#<step>` | what was seen, what was planned, how far each step is |
//! | `PROC#<process>` | `VOTE#<round>#<person>`, `TOKEN#<state>` | who answered what, and what wakes a state that waits |
//! | `PERSON#<name>` | `PROC#<process>` | what may wait for a person; the process's own record decides |
//! | `LOCK#<resource>` | `META` | the one process that may change a resource, and the fence of its writes |

mod acts;
mod images;
mod lock;
mod page;
mod pending;
mod process_lock;
mod processes;
mod runs;
mod table;
mod transaction;
mod votes;

pub use acts::Guard;
pub use lock::{Acquired, LockHolder};
pub use process_lock::ProcessLock;
pub use processes::{Admission, Change, Processes, Wait};
pub use table::{Ledger, LedgerError};
