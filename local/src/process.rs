//! Running programs: each in its own process group, with its output in a log, and ended for certain.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitOptions, kill_process_group, test_kill_process_group, waitpid};

use crate::error::{Error, Result, at, plain};
use crate::interrupt::interrupted;

const SOON: Duration = Duration::from_millis(20);
const PATIENCE: Duration = Duration::from_secs(5);

/// The process groups that this driver started and has not yet seen end.
static RUNNING: Mutex<BTreeSet<i32>> = Mutex::new(BTreeSet::new());

fn running() -> MutexGuard<'static, BTreeSet<i32>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A program in its own process group.
#[derive(Debug)]
pub(crate) struct Group {
    child: Child,
    id: i32,
}

impl Group {
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        // Held while spawning: a signal in between finds the group registered, or not started.
        let mut running = running();
        if interrupted() {
            return Err(plain("ended by a signal"));
        }
        let child = command
            .process_group(0)
            .spawn()
            .map_err(|source| Error::Spawn { program: command.get_program().to_string_lossy().into_owned(), source })?;
        let id = i32::try_from(child.id()).unwrap_or(i32::MAX);
        running.insert(id);
        Ok(Self { child, id })
    }

    pub(crate) fn id(&self) -> i32 {
        self.id
    }

    /// How it ended, if it has.
    pub(crate) fn ended(&mut self) -> Option<String> {
        match self.child.try_wait() {
            Ok(None) => None,
            Ok(Some(status)) => Some(status.to_string()),
            Err(error) => Some(error.to_string()),
        }
    }

    /// Ends the whole group and waits until it is gone.
    pub(crate) fn end(&mut self) -> Result<()> {
        // The leader is our child: until it is reaped it keeps its group in existence.
        let reaping = |child: &mut Child| child.try_wait().is_ok();
        let done = end_group(self.id, || reaping(&mut self.child));
        forget(self.id);
        done
    }

    /// Leaves it running when the driver ends.
    pub(crate) fn leave(self) {
        forget(self.id);
    }
}

fn forget(id: i32) {
    running().remove(&id);
}

/// Whether any process of the group lives.
pub(crate) fn group_lives(id: i32) -> bool {
    Pid::from_raw(id).is_some_and(|pid| test_kill_process_group(pid).is_ok())
}

/// Asks a process group to end, then makes it.
pub(crate) fn end_group(id: i32, mut meanwhile: impl FnMut() -> bool) -> Result<()> {
    let Some(pid) = Pid::from_raw(id) else { return Ok(()) };
    for (signal, patience) in [(Signal::TERM, PATIENCE), (Signal::KILL, PATIENCE)] {
        // A group that is gone already is what is wanted; whether it is gone is asked below.
        kill_process_group(pid, signal).ok();
        let start = Instant::now();
        while start.elapsed() < patience {
            meanwhile();
            if !group_lives(id) {
                return Ok(());
            }
            sleep(SOON);
        }
    }
    Err(Error::TooLate {
        what: format!("ending process group {id}"),
        seconds: (PATIENCE * 2).as_secs(),
        detail: String::new(),
    })
}

/// Ends everything that was started; for signal handlers. Answers with the groups that would not end.
pub(crate) fn end_everything() -> Vec<i32> {
    let groups = running().clone();
    groups
        .into_iter()
        .filter(|id| {
            // Its `Child` belongs to another thread; an unreaped leader would keep the group in existence.
            let reap = || Pid::from_raw(*id).is_some_and(|pid| waitpid(Some(pid), WaitOptions::NOHANG).is_ok());
            end_group(*id, reap).is_err()
        })
        .collect()
}

/// A command that does not see the driver's cargo variables.
///
/// `cargo run` and `cargo test` export variables about the package that they run. A build script that watches one of them, as
/// ring's does, would run again in every nested build, and everything above it be compiled again.
pub(crate) fn command(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        if let Some(name) = name.to_str()
            && is_about_the_running_package(name)
        {
            command.env_remove(name);
        }
    }
    command.stdin(Stdio::null());
    command
}

/// For commands that speak to the emulators: no proxy, no credentials and no configuration of the user's.
pub(crate) fn local_only(command: &mut Command, region: &str) {
    for (name, _) in std::env::vars_os() {
        let Some(name) = name.to_str() else { continue };
        if name.starts_with("AWS_") || name.to_ascii_lowercase().ends_with("_proxy") {
            command.env_remove(name);
        }
    }
    command
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_REGION", region)
        .env("AWS_DEFAULT_REGION", region)
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .env("AWS_EC2_METADATA_DISABLED", "true");
}

fn is_about_the_running_package(name: &str) -> bool {
    name.starts_with("CARGO_PKG_")
        || name.starts_with("CARGO_BIN_")
        || [
            "CARGO",
            "CARGO_MANIFEST_DIR",
            "CARGO_MANIFEST_PATH",
            "CARGO_CRATE_NAME",
            "CARGO_PRIMARY_PACKAGE",
            "OUT_DIR",
        ]
        .contains(&name)
}

/// Sends what a command writes to a file, from its start.
pub(crate) fn log_to(command: &mut Command, log: &Path) -> Result<()> {
    if let Some(folder) = log.parent() {
        fs::create_dir_all(folder).map_err(at(folder))?;
    }
    let file = File::create(log).map_err(at(log))?;
    command.stderr(file.try_clone().map_err(at(log))?).stdout(file);
    Ok(())
}

/// Runs a command to its end, its output in a log.
pub(crate) fn run(what: &str, command: &mut Command, log: &Path) -> Result<()> {
    log_to(command, log)?;
    let mut group = Group::start(command)?;
    let status = group.child.wait().map_err(|source| Error::Spawn { program: what.to_owned(), source })?;
    forget(group.id);
    if status.success() {
        return Ok(());
    }
    Err(Error::Tool { what: what.to_owned(), status: status.to_string(), log: log.to_path_buf(), tail: tail(log, 40) })
}

/// The last lines of a log.
pub(crate) fn tail(log: &Path, lines: usize) -> String {
    let text = fs::read(log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    let all: Vec<&str> = text.lines().collect();
    let from = all.len().saturating_sub(lines);
    all.get(from..).unwrap_or_default().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_ends_with_the_children_of_its_leader() {
        let mut group = Group::start(command("sh").args(["-c", "sleep 600 & sleep 600"])).unwrap();
        assert!(group_lives(group.id()));
        group.end().unwrap();
        assert!(!group_lives(group.id()));
    }

    #[test]
    fn a_group_that_ignores_the_request_is_made_to_end() {
        let mut group = Group::start(command("sh").args(["-c", "trap '' TERM; while :; do sleep 0.1; done"])).unwrap();
        sleep(Duration::from_millis(200));
        group.end().unwrap();
        assert!(!group_lives(group.id()));
    }

    #[test]
    fn a_nested_cargo_sees_no_variable_of_the_running_package() {
        let command = command("true");
        let removed: Vec<_> = command.get_envs().filter(|(_, value)| value.is_none()).map(|(name, _)| name).collect();
        assert!(removed.iter().any(|name| *name == "CARGO_MANIFEST_DIR"), "{removed:?}");
        assert!(removed.iter().any(|name| *name == "CARGO_PKG_NAME"), "{removed:?}");
    }
}
