//! The errors that functions answer with, under the names that state machines match.

use lambda_runtime::Diagnostic;
use sunset_aws::act::ActError;
use sunset_aws::error::{AwsError, AwsErrorKind};
use sunset_aws::ledger::LedgerError;
use sunset_domain::error_name;
use sunset_domain::input::InvalidInput;
use sunset_domain::permit::NotPermitted;

/// Why a function did not do what it was asked for.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FunctionError {
    /// The event is wrong.
    #[error(transparent)]
    Invalid(#[from] InvalidInput),
    /// The event names what does not exist.
    #[error("{0}")]
    Unknown(String),
    /// AWS did not do it.
    #[error(transparent)]
    Aws(#[from] AwsError),
    /// The ledger did not do it.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// Evidence is missing, old or incomplete.
    #[error("evidence gap: {0}")]
    EvidenceGap(String),
    /// A fresh look no longer agrees.
    #[error("stale: {0}")]
    Stale(String),
    /// Too many items failed.
    #[error("{0}")]
    RunFailed(String),
    /// A defect: a mutating call without a permit.
    #[error(transparent)]
    NotPermitted(#[from] NotPermitted),
    /// A document that cannot be written or read.
    #[error("{what}: {cause}")]
    Document {
        /// Which.
        what: &'static str,
        /// Why.
        cause: String,
    },
}

impl FunctionError {
    /// The name that state machines match.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Invalid(_) | Self::Unknown(_) => error_name::INVALID,
            Self::Aws(error) | Self::Ledger(LedgerError::Aws(error)) => match error.kind {
                AwsErrorKind::Throttled => error_name::THROTTLED,
                AwsErrorKind::Transient => error_name::TRANSIENT,
                AwsErrorKind::ConditionFailed => error_name::CONFLICT,
                // A refusal of this very request would be refused again.
                AwsErrorKind::Denied | AwsErrorKind::NotFound | AwsErrorKind::Refused => error_name::DENIED,
            },
            Self::Ledger(LedgerError::Conflict { .. }) => error_name::CONFLICT,
            Self::Ledger(LedgerError::Paused) => error_name::DENIED,
            Self::Ledger(
                LedgerError::LockLost { .. }
                | LedgerError::RunClosed { .. }
                | LedgerError::HeldByProcess { .. }
                | LedgerError::HeldByAmiCleanup { .. }
                | LedgerError::ProcessLockLost { .. },
            )
            | Self::Stale(_) => error_name::STALE,
            Self::EvidenceGap(_) => error_name::EVIDENCE_GAP,
            Self::RunFailed(_) => error_name::RUN_FAILED,
            Self::Ledger(LedgerError::Unreadable { .. } | LedgerError::Transition(_) | LedgerError::Audit(_))
            | Self::NotPermitted(_)
            | Self::Document { .. } => error_name::INTERNAL,
        }
    }

    /// Whether the state machine will call again.
    #[must_use]
    pub fn is_retried(&self) -> bool {
        matches!(self.name(), error_name::THROTTLED | error_name::TRANSIENT | error_name::CONFLICT)
    }
}

impl From<ActError> for FunctionError {
    fn from(error: ActError) -> Self {
        match error {
            ActError::NotPermitted(defect) => Self::NotPermitted(defect),
            ActError::Aws(error) => Self::Aws(error),
        }
    }
}

impl From<FunctionError> for Diagnostic {
    fn from(error: FunctionError) -> Self {
        Self { error_type: error.name().to_owned(), error_message: error.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_pass_by_itself_is_retried_and_what_would_be_refused_again_is_not() {
        let aws = |kind| FunctionError::Aws(AwsError { operation: "X", kind, code: None, message: String::new() });
        let names = [
            (aws(AwsErrorKind::Throttled), "Sunset.Throttled", true),
            (aws(AwsErrorKind::Transient), "Sunset.Transient", true),
            (aws(AwsErrorKind::Denied), "Sunset.Denied", false),
            (FunctionError::Ledger(LedgerError::Conflict { key: "k".into() }), "Sunset.Conflict", true),
            (FunctionError::Ledger(LedgerError::Paused), "Sunset.Denied", false),
            (FunctionError::Ledger(LedgerError::LockLost { run_id: "r".into() }), "Sunset.Stale", false),
            (FunctionError::EvidenceGap("x".into()), "Sunset.EvidenceGap", false),
        ];
        for (error, name, retried) in names {
            assert_eq!((error.name(), error.is_retried()), (name, retried));
        }
    }
}
