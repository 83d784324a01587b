//! What can go wrong between the driver, its tools and the emulators.

use std::io;
use std::path::{Path, PathBuf};

/// The crate's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Messages finish the sentence "failed to …" or stand alone as what was found.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file system refused.
    #[error("{}: {source}", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A tool could not be started at all.
    #[error("could not start {program}: {source}")]
    Spawn {
        /// The program.
        program: String,
        /// Why.
        source: io::Error,
    },
    /// A tool ran and failed.
    #[error("{what} failed ({status}); the end of {}:\n{tail}", log.display())]
    Tool {
        /// What was being done.
        what: String,
        /// The exit status.
        status: String,
        /// Everything that it wrote.
        log: PathBuf,
        /// The last lines of it.
        tail: String,
    },
    /// An emulator could not be reached.
    #[error("{operation}: no answer: {detail}")]
    NoAnswer {
        /// The call.
        operation: String,
        /// Why.
        detail: String,
    },
    /// An emulator answered with an error.
    #[error("{operation}: {code}: {message}")]
    Answered {
        /// The call.
        operation: String,
        /// The error's code, as AWS names it.
        code: String,
        /// The error's message.
        message: String,
    },
    /// An answer lacks what every such answer holds.
    #[error("{operation}: the answer has no {missing}")]
    Incomplete {
        /// The call.
        operation: String,
        /// What is missing.
        missing: String,
    },
    /// Nothing happened in time.
    #[error("{what} took longer than {seconds} s{detail}")]
    TooLate {
        /// What was waited for.
        what: String,
        /// For how long.
        seconds: u64,
        /// Where to look.
        detail: String,
    },
    /// Something else that a person should read.
    #[error("{0}")]
    Plain(String),
}

impl Error {
    /// The AWS error code, when an emulator answered with one.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Answered { code, .. } => Some(code),
            _ => None,
        }
    }
}

pub(crate) fn plain(message: impl Into<String>) -> Error {
    Error::Plain(message.into())
}

pub(crate) fn at(path: &Path) -> impl FnOnce(io::Error) -> Error + '_ {
    move |source| Error::File { path: path.to_path_buf(), source }
}

pub(crate) fn missing(operation: &str, what: &str) -> Error {
    Error::Incomplete { operation: operation.to_owned(), missing: what.to_owned() }
}
