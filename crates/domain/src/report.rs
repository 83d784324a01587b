//! What a run tells people: every image with its verdict and reasons, and afterwards what became of the due ones.

mod decided;
mod outcome;

pub use decided::{BLIND_SPOTS, Decided, ListReport, SourceReport};
pub use outcome::{FailedItem, OutcomeCounts, RunSummary, Savings, summarize};
