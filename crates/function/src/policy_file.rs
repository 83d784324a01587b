//! Policy files beside a function, read once at its start.

use std::fmt::Display;
use std::io::ErrorKind;
use std::path::Path;

use crate::FunctionError;

/// What a policy file says, or why nobody knows. Not every function has every file: one that is missing is an error of
/// whoever asks for it, one that is wrong is an error that is logged before anybody does.
#[derive(Debug, Clone)]
pub struct PolicyFile<T> {
    read: Result<T, String>,
}

impl<T> PolicyFile<T> {
    /// Reads the file at `path` below `root`.
    pub fn read<E: Display>(root: &Path, path: &str, parse: impl FnOnce(&str) -> Result<T, E>) -> Self {
        let said = |cause: &dyn Display| format!("{path}: {cause}");
        let read = match std::fs::read_to_string(root.join(path)) {
            Ok(text) => parse(&text).map_err(|error| said(&error)),
            Err(error) if error.kind() == ErrorKind::NotFound => return Self { read: Err(said(&error)) },
            Err(error) => Err(said(&error)),
        };
        if let Err(broken) = &read {
            tracing::error!(broken, "a policy file cannot be used");
        }
        Self { read }
    }

    /// What it says.
    ///
    /// # Errors
    /// [`FunctionError::Unknown`] names the file, and in it the line and the field.
    pub fn get(&self) -> Result<&T, FunctionError> {
        self.read.as_ref().map_err(|broken| FunctionError::Unknown(broken.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sunset_domain::approval::approvers::{self, Approvers};

    fn read(root: &Path) -> PolicyFile<Approvers> {
        PolicyFile::read(root, approvers::PATH, Approvers::parse)
    }

    #[test]
    fn a_file_that_is_missing_or_wrong_fails_every_use_and_names_itself() {
        let root = std::env::temp_dir().join(format!("sunset-policy-{}", std::process::id()));
        let folder = root.join("policy");
        std::fs::create_dir_all(&folder).unwrap();
        let said = || read(&root).get().unwrap_err().to_string();
        assert!(said().starts_with("policy/approvers.yaml: "), "{}", said());
        std::fs::write(folder.join("approvers.yaml"), "schema: 1\npeople: {}\nroles:\n  king: { people: [] }\n")
            .unwrap();
        assert!(said().starts_with("policy/approvers.yaml: ") && said().contains("roles.king"), "{}", said());
        std::fs::write(folder.join("approvers.yaml"), "schema: 1\npeople: {}\nroles: {}\n").unwrap();
        assert!(read(&root).get().is_ok());
        std::fs::remove_dir_all(&root).unwrap();
    }
}
