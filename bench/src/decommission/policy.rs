//! The policy files: who may approve, and when what cannot be taken back may begin.

use std::path::{Path, PathBuf};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::error::BenchError;

/// Those who are asked, one after the other.
pub const PEOPLE: [&str; 4] = ["ada", "grace", "lin", "kay"];

/// Links decide at every level here, so that the page shows all that it can.
const APPROVERS: &str = r#"schema: 1
people:
  ada: { identities: ["user/ada", "sso/ada@example.com"], channels: ["sns:sunset-approver-ada"] }
  grace: { identities: ["user/grace", "sso/grace@example.com"], channels: ["sns:sunset-approver-grace"] }
  lin: { identities: ["user/lin", "sso/lin@example.com"], channels: ["sns:sunset-approver-lin"] }
  kay: { identities: ["user/kay", "sso/kay@example.com"], channels: ["sns:sunset-approver-kay"] }
roles:
  infrastructure-manager:
    people: [ada, grace]
    quorum: 1
    escalation: [{ at_percent: 75, people: [lin] }]
  security-team: { people: [grace, kay], quorum: 1 }
  cto: { people: [kay, ada], quorum: 1 }
  compliance-officer: { people: [ada, lin], quorum: 1 }
  production-manager: { people: [kay, lin], quorum: 1 }
  data-protection-officer: { people: [lin, grace], quorum: 1 }
owners:
  team-web: { people: [ada, kay] }
deadline_hours: { high: 48, critical: 24 }
reminders_percent: [50, 90]
links_may_decide: [low, medium, high, critical]
"#;

const WINDOWS: &str = r#"schema: 1
time_zone: UTC
windows:
  - { name: always, days: [mon, tue, wed, thu, fri, sat, sun], from: "00:00", to: "24:00" }
"#;

/// A function's folder with the policy files in it.
#[derive(Debug)]
pub struct TaskRoot(PathBuf);

impl TaskRoot {
    /// Writes it. Its change window is open.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(directory: &Path) -> Result<Self, BenchError> {
        let root = Self(directory.join("task-root"));
        let policy = root.0.join("policy");
        std::fs::create_dir_all(&policy).map_err(BenchError::file(&policy))?;
        root.policy("approvers.yaml", APPROVERS)?;
        root.open_window()?;
        Ok(root)
    }

    /// Opens the change window, for whatever starts from now on.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn open_window(&self) -> Result<(), BenchError> {
        self.policy("windows.yaml", WINDOWS)
    }

    /// Closes the change window for a day, for whatever starts from now on.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn close_window(&self) -> Result<(), BenchError> {
        let day = |days| {
            let at = (OffsetDateTime::now_utc() + time::Duration::days(days)).format(&Rfc3339);
            let at = at.map_err(|error| BenchError::unexpected(error.to_string()))?;
            // Local times in the policy are to the minute.
            Ok::<_, BenchError>(at.chars().take(16).collect::<String>())
        };
        let (from, to) = (day(-1)?, day(1)?);
        let freeze = format!("freezes:\n  - {{ from: {from}, to: {to}, because: \"year end\" }}\n");
        self.policy("windows.yaml", &format!("{WINDOWS}{freeze}"))
    }

    fn policy(&self, name: &str, text: &str) -> Result<(), BenchError> {
        let path = self.0.join("policy").join(name);
        std::fs::write(&path, text).map_err(BenchError::file(&path))
    }

    /// The variable by which a function finds it.
    #[must_use]
    pub fn variable(&self) -> (String, String) {
        ("LAMBDA_TASK_ROOT".into(), self.0.display().to_string())
    }
}
