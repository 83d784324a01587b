//! Where things lie in a clone.

use std::path::{Path, PathBuf};

use crate::error::{Result, plain};

/// A clone of the project.
#[derive(Clone, Debug)]
pub struct Place {
    root: PathBuf,
}

impl Place {
    /// The clone that holds the current folder.
    ///
    /// # Errors
    /// When the current folder is in no clone.
    pub fn here() -> Result<Self> {
        let start = std::env::current_dir().map_err(|e| plain(format!("there is no current folder: {e}")))?;
        start
            .ancestors()
            .find(|folder| folder.join("local/tools/emulators.txt").is_file())
            .map(Self::at)
            .ok_or_else(|| plain(format!("{} is not inside a clone of Sunset", start.display())))
    }

    /// The clone in this folder.
    #[must_use]
    pub fn at(root: &Path) -> Self {
        Self { root: root.to_path_buf() }
    }

    /// The clone's top folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where the pinned tools are installed.
    #[must_use]
    pub fn tools(&self) -> PathBuf {
        self.root.join(".sunset/tools")
    }

    /// A program of one of the Python environments: `emulators`, `sam` or `lint`.
    #[must_use]
    pub fn python_tool(&self, environment: &str, program: &str) -> PathBuf {
        self.tools().join(environment).join("bin").join(program)
    }

    /// A program of the Node packages.
    #[must_use]
    pub fn node_tool(&self, program: &str) -> PathBuf {
        self.tools().join("node_modules/.bin").join(program)
    }

    /// Logs and state of one stack.
    #[must_use]
    pub fn run(&self, name: &str) -> PathBuf {
        self.root.join(".sunset/run").join(name)
    }

    /// Where `sam build` leaves the functions and the template.
    #[must_use]
    pub fn built(&self) -> PathBuf {
        self.root.join(".aws-sam/build")
    }
}
