//! The names of errors that state machines match, and that people see in an execution's history.

/// AWS asked for fewer calls. Retried.
pub const THROTTLED: &str = "Sunset.Throttled";
/// AWS or the network failed for a moment. Retried.
pub const TRANSIENT: &str = "Sunset.Transient";
/// Somebody else wrote the same record at the same time. Retried once.
pub const CONFLICT: &str = "Sunset.Conflict";
/// AWS, the kill switch or a lost lock forbids it. Never retried.
pub const DENIED: &str = "Sunset.Denied";
/// The event is wrong. Never retried.
pub const INVALID: &str = "Sunset.Invalid";
/// Evidence is missing, old or incomplete. Never retried: the next run looks again.
pub const EVIDENCE_GAP: &str = "Sunset.EvidenceGap";
/// What was decided no longer agrees with a fresh look. Never retried.
pub const STALE: &str = "Sunset.Stale";
/// A defect, or a record that nobody can read.
pub const INTERNAL: &str = "Sunset.Internal";
/// The breaker stopped a run before it touched anything.
pub const HALTED: &str = "Sunset.Halted";
/// Too many items of a run failed.
pub const RUN_FAILED: &str = "Sunset.RunFailed";
/// A process must not go this way: its cause says what to change instead.
pub const BLOCKED: &str = "Sunset.Blocked";
/// A process ended with its resource as it was.
pub const ROLLED_BACK: &str = "Sunset.RolledBack";
/// A step of a process's way back failed.
pub const ROLLBACK_FAILED: &str = "Sunset.RollbackFailed";
/// A process failed, and no function's error names why.
pub const PROCESS_FAILED: &str = "Sunset.ProcessFailed";

/// What a function answers with: asking again helps with the first three only.
pub const OF_FUNCTIONS: [&str; 9] =
    [THROTTLED, TRANSIENT, CONFLICT, DENIED, INVALID, EVIDENCE_GAP, STALE, INTERNAL, RUN_FAILED];
/// How an execution ends that does not succeed, where no function's error names it.
pub const OF_EXECUTIONS: [&str; 5] = [HALTED, BLOCKED, ROLLED_BACK, ROLLBACK_FAILED, PROCESS_FAILED];
