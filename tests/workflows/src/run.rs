//! A run of the state machine that has ended.

use serde_json::Value;
use sunset_local::{Execution, Finished};

/// A run that has ended.
#[derive(Clone, Debug)]
pub struct Run {
    /// Its execution.
    pub execution: Execution,
    /// Its id.
    pub id: String,
    /// How the execution ended.
    pub finished: Finished,
}

impl Run {
    /// Fails unless it succeeded.
    #[track_caller]
    pub fn succeeded(self) -> Self {
        let Finished { status, error, cause, .. } = &self.finished;
        assert_eq!(status, "SUCCEEDED", "{error}: {cause}");
        self
    }

    /// Fails unless it failed under this name.
    #[track_caller]
    pub fn failed_with(self, name: &str) -> Self {
        let Finished { status, error, cause, output } = &self.finished;
        assert_eq!((status.as_str(), error.as_str()), ("FAILED", name), "{cause} {output}");
        self
    }

    /// Fails unless it ended with this verdict.
    #[track_caller]
    pub fn with_verdict(self, verdict: &str) -> Self {
        assert_eq!(self.finished.output["verdict"], verdict, "{}", self.finished.output);
        self
    }

    /// Why it came to its verdict.
    #[must_use]
    pub fn reason(&self) -> &str {
        self.finished.output["reason"].as_str().expect("a reason")
    }

    /// How many of something it counted.
    #[must_use]
    #[track_caller]
    pub fn count(&self, what: &str) -> u64 {
        count(&self.finished.output, what)
    }

    /// The message of the function that failed it.
    #[must_use]
    pub fn message(&self) -> String {
        let cause = &self.finished.cause;
        // A function's error arrives as a document, a state's own as a text.
        serde_json::from_str::<Value>(cause)
            .ok()
            .and_then(|document| document["errorMessage"].as_str().map(str::to_owned))
            .unwrap_or_else(|| cause.clone())
    }
}

/// A count of an output or a summary.
#[must_use]
#[track_caller]
pub(crate) fn count(document: &Value, what: &str) -> u64 {
    document["counts"][what].as_u64().unwrap_or_else(|| panic!("no count of {what}: {document}"))
}
