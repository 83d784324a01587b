//! Why something could not be measured.

/// Why something could not be measured. A target that is missed is none of these.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// What is to be measured is not there.
    #[error("{what} is missing: {hint}")]
    Missing {
        /// What.
        what: String,
        /// How to get it.
        hint: String,
    },
    /// A loopback server could not be started.
    #[error("failed to start a loopback server: {0}")]
    Server(String),
    /// A file could not be read or written.
    #[error("failed to use {path}: {cause}")]
    File {
        /// Which.
        path: String,
        /// Why.
        cause: std::io::Error,
    },
    /// A function did not answer as it should.
    #[error("{program} {what}\n{log}")]
    Function {
        /// Which.
        program: String,
        /// What it did instead.
        what: String,
        /// The end of what it wrote.
        log: String,
    },
    /// Two functions that are compared do not do the same.
    #[error("{0}")]
    NotTheSame(String),
    /// The bench does not know what it finds.
    #[error("{0}")]
    Unexpected(String),
}

impl BenchError {
    pub(crate) fn server(cause: &dyn std::fmt::Display) -> Self {
        Self::Server(cause.to_string())
    }

    pub(crate) fn file(path: &std::path::Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.display().to_string();
        |cause| Self::File { path, cause }
    }

    pub(crate) fn unexpected(what: impl Into<String>) -> Self {
        Self::Unexpected(what.into())
    }
}
