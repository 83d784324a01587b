//! What AWS answered, sorted by what can be done about it.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

/// A call that did not succeed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{operation}: {message}")]
pub struct AwsError {
    /// The operation, such as `DescribeImages`.
    pub operation: &'static str,
    /// What can be done about it.
    pub kind: AwsErrorKind,
    /// AWS's error code, if it answered with one.
    pub code: Option<String>,
    /// AWS's message, or what went wrong on the way.
    pub message: String,
}

/// What can be done about an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AwsErrorKind {
    /// Ask again later, with jitter.
    Throttled,
    /// The request may or may not have been carried out: look before asking again.
    Transient,
    /// The permission is missing.
    Denied,
    /// The thing does not exist, or no longer.
    NotFound,
    /// A condition on the ledger's item did not hold.
    ConditionFailed,
    /// Any other refusal of this very request.
    Refused,
}

impl AwsErrorKind {
    fn of(code: &str, status: Option<u16>) -> Self {
        match code {
            "RequestLimitExceeded"
            | "Throttling"
            | "ThrottlingException"
            | "ThrottledException"
            | "TooManyRequestsException"
            | "RequestThrottled"
            | "RequestThrottledException"
            | "ProvisionedThroughputExceededException"
            | "EC2ThrottledException"
            | "SnapshotCreationPerVolumeRateExceeded"
            | "ConcurrentSnapshotLimitExceeded"
            | "SlowDown" => Self::Throttled,
            "UnauthorizedOperation"
            | "AuthFailure"
            | "AccessDenied"
            | "AccessDeniedException"
            | "UnauthorizedAccess"
            | "OptInRequired"
            | "ExpiredToken"
            | "ExpiredTokenException"
            | "InvalidClientTokenId"
            | "UnrecognizedClientException" => Self::Denied,
            "ConditionalCheckFailedException" => Self::ConditionFailed,
            // `InvalidAMIID.Unavailable` is EC2's word for an image that is deregistered.
            "InvalidAMIID.Unavailable"
            | "ResourceNotFoundException"
            | "ExecutionDoesNotExist"
            | "NoSuchKey"
            | "TargetGroupNotFound" => Self::NotFound,
            code if code.ends_with(".NotFound") || code.ends_with(".NotFoundException") => Self::NotFound,
            "InternalError" | "InternalFailure" | "Unavailable" | "ServiceUnavailable" | "InternalServerError" => {
                Self::Transient
            }
            _ if status.is_some_and(|status| status == 429) => Self::Throttled,
            _ if status.is_some_and(|status| status >= 500) => Self::Transient,
            _ => Self::Refused,
        }
    }
}

impl AwsError {
    /// Sorts what the SDK returned for `operation`.
    pub fn of<E>(operation: &'static str, error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let status = error.raw_response().map(|response| response.status().as_u16());
        match error {
            SdkError::ServiceError(answer) => {
                let code = answer.err().code().unwrap_or_default();
                let message = answer.err().message().unwrap_or_default();
                Self {
                    operation,
                    kind: AwsErrorKind::of(code, status),
                    code: (!code.is_empty()).then(|| code.to_owned()),
                    message: match (code, status) {
                        ("", Some(status)) => format!("answered with status {status} and no error that can be read"),
                        ("", None) => chain(error),
                        _ => format!("{code}: {message}"),
                    },
                }
            }
            SdkError::ConstructionFailure(_) => Self::refused(operation, chain(error)),
            _ => Self { operation, kind: AwsErrorKind::Transient, code: None, message: chain(error) },
        }
    }

    /// An answer that makes no sense, or a request that cannot be built.
    #[must_use]
    pub fn refused(operation: &'static str, message: impl Into<String>) -> Self {
        Self { operation, kind: AwsErrorKind::Refused, code: None, message: message.into() }
    }

    /// Whether the code is this one.
    #[must_use]
    pub fn has_code(&self, code: &str) -> bool {
        self.code.as_deref() == Some(code)
    }

    /// Whether this says that the call was not carried out, and would not be if it were made again.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(self.kind, AwsErrorKind::Denied | AwsErrorKind::NotFound | AwsErrorKind::Refused)
    }

    /// Whether the thing is not there.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.kind == AwsErrorKind::NotFound
    }
}

/// An error and what caused it, in their own words.
fn chain(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words.push_str(": ");
        words.push_str(&error.to_string());
        cause = error.source();
    }
    words
}
