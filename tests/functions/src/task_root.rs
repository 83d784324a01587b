//! A function's folder, with the policy files that lie beside it.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// When something irreversible may begin, unless a world says otherwise: always.
pub const ALWAYS_OPEN: &str = r#"schema: 1
time_zone: UTC
windows:
  - { name: always, days: [mon, tue, wed, thu, fri, sat, sun], from: "00:00", to: "24:00" }
"#;

const APPROVERS: &str = "approvers.yaml";
const WINDOWS: &str = "windows.yaml";

/// The folder, until it is dropped.
#[derive(Debug)]
pub(crate) struct TaskRoot(PathBuf);

impl TaskRoot {
    pub(crate) fn with(approvers: &str) -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let n = COUNT.fetch_add(1, Ordering::Relaxed);
        let root = Self(std::env::temp_dir().join(format!("sunset-functions-{}-{n}", std::process::id())));
        let policy = root.0.join("policy");
        std::fs::create_dir_all(&policy).unwrap_or_else(|error| panic!("{}: {error}", policy.display()));
        root.write_approvers(approvers);
        root.write_windows(ALWAYS_OPEN);
        root
    }

    /// Another folder with the same files.
    pub(crate) fn copy(&self) -> Self {
        let copy = Self::with(&self.read(APPROVERS));
        copy.write_windows(&self.read(WINDOWS));
        copy
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn write_approvers(&self, yaml: &str) {
        self.write(APPROVERS, yaml);
    }

    pub(crate) fn write_windows(&self, yaml: &str) {
        self.write(WINDOWS, yaml);
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.0.join("policy").join(name);
        std::fs::write(&path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }

    fn read(&self, name: &str) -> String {
        let path = self.0.join("policy").join(name);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }
}

impl Drop for TaskRoot {
    fn drop(&mut self) {
        // What is left in the folder of temporary files harms nobody.
        std::fs::remove_dir_all(&self.0).ok();
    }
}
