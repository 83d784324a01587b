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
/// Too many items of a run failed.
pub const RUN_FAILED: &str = "Sunset.RunFailed";
/// A defect, or a record that nobody can read.
pub const INTERNAL: &str = "Sunset.Internal";
