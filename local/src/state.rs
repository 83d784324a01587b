//! What is written down about a running stack, for `down` and for whoever wants to play with it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::process::{Pid, test_kill_process};
use serde::{Deserialize, Serialize};

use crate::error::{Result, at, plain};
use crate::place::Place;
use crate::process::{end_group, group_lives};

/// A running stack, as its `state.json` tells it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// Everything but EC2, Auto Scaling and Elastic Load Balancing.
    pub aws_url: String,
    /// EC2, Auto Scaling and Elastic Load Balancing.
    pub ec2_url: String,
    /// SSM, when MiniStack does not answer for it.
    pub ssm_url: Option<String>,
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
    /// The process groups of the emulators.
    pub process_groups: Vec<i32>,
    /// The driver whose end ends the stack; none when the stack stays until `down`.
    pub driver: Option<u32>,
}

fn file(place: &Place, name: &str) -> PathBuf {
    place.run(name).join("state.json")
}

impl State {
    pub(crate) fn read(place: &Place, name: &str) -> Result<Option<Self>> {
        let path = file(place, name);
        if !path.exists() {
            return Ok(None);
        }
        let text = fs::read(&path).map_err(at(&path))?;
        serde_json::from_slice(&text).map(Some).map_err(|e| plain(format!("{}: {e}", path.display())))
    }

    pub(crate) fn write(&self, place: &Place, name: &str) -> Result<()> {
        let path = file(place, name);
        let text = serde_json::to_vec_pretty(self).map_err(|e| plain(e.to_string()))?;
        fs::write(&path, text).map_err(at(&path))
    }

    pub(crate) fn forget(place: &Place, name: &str) -> Result<()> {
        let path = file(place, name);
        if path.exists() {
            fs::remove_file(&path).map_err(at(&path))?;
        }
        Ok(())
    }

    /// The process groups that still are this clone's emulators: a number can have gone to another program since.
    pub(crate) fn living(&self, place: &Place) -> Vec<i32> {
        self.process_groups.iter().copied().filter(|id| group_lives(*id) && is_ours(*id, &place.tools())).collect()
    }

    /// Whether a living driver will end it.
    #[must_use]
    pub fn has_a_living_driver(&self) -> bool {
        self.driver
            .and_then(|driver| i32::try_from(driver).ok())
            .and_then(Pid::from_raw)
            .is_some_and(|pid| test_kill_process(pid).is_ok())
    }

    pub(crate) fn end(&self, place: &Place) -> Result<usize> {
        let living = self.living(place);
        living.iter().try_for_each(|id| end_group(*id, || true))?;
        Ok(living.len())
    }
}

fn is_ours(leader: i32, tools: &Path) -> bool {
    let proc = format!("/proc/{leader}/cmdline");
    let line = match fs::read(&proc) {
        Ok(bytes) => bytes,
        Err(_) if Path::new("/proc/self/cmdline").exists() => return false,
        Err(_) => match Command::new("ps").args(["-o", "command=", "-p", &leader.to_string()]).output() {
            Ok(output) => output.stdout,
            Err(_) => return false,
        },
    };
    String::from_utf8_lossy(&line).contains(tools.to_string_lossy().as_ref())
}

/// The stacks of this clone that were left running, or left behind by a driver that was killed.
///
/// # Errors
/// When the folder of runs cannot be read.
pub fn left_running(place: &Place) -> Result<Vec<String>> {
    let runs = place.run("");
    if !runs.exists() {
        return Ok(Vec::new());
    }
    let mut names = Vec::new();
    for entry in fs::read_dir(&runs).map_err(at(&runs))?.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if State::read(place, &name)?
            .is_some_and(|state| !state.has_a_living_driver() && !state.living(place).is_empty())
        {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// Ends a stack that was left running, and answers with how many emulators that were.
///
/// # Errors
/// When an emulator would not end.
pub fn down(place: &Place, name: &str) -> Result<usize> {
    let ended = State::read(place, name)?.map_or(Ok(0), |state| state.end(place))?;
    State::forget(place, name)?;
    Ok(ended)
}
