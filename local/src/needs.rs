//! What a machine must have before anything can be done, what is missing, and how to get it.

use std::path::Path;
use std::process::Command;

use rustix::process::geteuid;

use crate::error::{Result, plain};
use crate::process::{command, run};

/// Something that a machine must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Linux: the functions, built for Lambda, run as processes of this machine.
    Linux,
    /// cargo and rustc.
    Rust,
    /// A linker for cargo.
    CCompiler,
    /// Python, for the emulators and sam.
    Python,
    /// Python's `venv` with its own pip.
    PythonVenv,
    /// Node, for the state machine validator.
    Node,
    /// npm, which comes with Node, or apart from it on Debian.
    Npm,
    /// make.
    Make,
    /// A browser, for the tests of the approval page.
    Chromium,
}

/// How a look for a need went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What was looked for.
    pub need: Need,
    /// What is there, or why that is not enough.
    pub state: std::result::Result<String, String>,
}

/// A program's version, as it prints it.
struct Wanted {
    program: &'static str,
    arguments: &'static [&'static str],
    least: Option<(u32, u32)>,
}

impl Need {
    /// What every target needs.
    pub const ALWAYS: [Self; 8] =
        [Self::Linux, Self::Rust, Self::CCompiler, Self::Python, Self::PythonVenv, Self::Node, Self::Npm, Self::Make];
    /// What only the tests and the picture need.
    pub const FOR_TESTS: [Self; 1] = [Self::Chromium];

    /// What it is called.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Linux => "Linux",
            Self::Rust => "Rust 1.95 or later",
            Self::CCompiler => "a C compiler",
            Self::Python => "Python 3.11 or later",
            Self::PythonVenv => "Python's venv",
            Self::Node => "Node 18 or later",
            Self::Npm => "npm",
            Self::Make => "make",
            Self::Chromium => "chromium, for the tests in a browser",
        }
    }

    /// How to get it.
    #[must_use]
    pub fn how_to_get_it(self) -> &'static str {
        match self {
            Self::Linux => "a virtual machine or a container with Debian 12 or later",
            Self::Rust => "rustup.rs, or `rustup update stable`",
            Self::CCompiler => "apt-get install gcc libc6-dev",
            Self::Python => "apt-get install python3, or python.org",
            Self::PythonVenv => "apt-get install python3-venv",
            Self::Node => "apt-get install nodejs, or nodejs.org",
            Self::Npm => "apt-get install npm, or nodejs.org",
            Self::Make => "apt-get install make",
            Self::Chromium => "`make tools` as root, or apt-get install chromium fonts-dejavu-core",
        }
    }

    fn wanted(self) -> Wanted {
        let (program, arguments, least): (_, &[&str], _) = match self {
            Self::Linux => ("uname", &["-sr"], None),
            Self::Rust => ("cargo", &["--version"], Some((1, 95))),
            Self::CCompiler => ("cc", &["--version"], None),
            Self::Python => ("python3", &["--version"], Some((3, 11))),
            Self::PythonVenv => {
                ("python3", &["-c", "import venv, ensurepip; print('with pip', ensurepip.version())"], None)
            }
            Self::Node => ("node", &["--version"], Some((18, 0))),
            Self::Npm => ("npm", &["--version"], None),
            Self::Make => ("make", &["--version"], None),
            Self::Chromium => ("chromium", &["--version"], None),
        };
        Wanted { program, arguments, least }
    }

    fn fits(self, line: String) -> std::result::Result<String, String> {
        if self == Self::Linux && !line.starts_with("Linux") {
            return Err(format!("{line} runs no binaries for Amazon Linux"));
        }
        Ok(line)
    }

    /// Looks whether it is there.
    #[must_use]
    pub fn look(self) -> Found {
        let wanted = self.wanted();
        let mut program = command(wanted.program);
        program.args(wanted.arguments);
        Found {
            need: self,
            state: first_line(&mut program)
                .and_then(|line| enough(&line, wanted.least))
                .and_then(|line| self.fits(line)),
        }
    }
}

fn first_line(program: &mut Command) -> std::result::Result<String, String> {
    let output = program.output().map_err(|_| "not found".to_owned())?;
    if !output.status.success() {
        return Err("not usable".to_owned());
    }
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

fn enough(line: &str, least: Option<(u32, u32)>) -> std::result::Result<String, String> {
    match (least, version(line)) {
        (Some(least), Some(found)) if found < least => Err(format!("{line} is too old")),
        _ => Ok(line.to_owned()),
    }
}

/// The first `major.minor` of a line.
fn version(line: &str) -> Option<(u32, u32)> {
    line.split(|c: char| !(c.is_ascii_digit() || c == '.')).find_map(|word| {
        let mut parts = word.split('.');
        Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
    })
}

/// Looks for all of these and complains about what is missing.
///
/// # Errors
/// When something is missing; the message says what and how to get it.
pub fn demand(needs: &[Need]) -> Result<()> {
    let missing: Vec<String> = needs
        .iter()
        .filter_map(|need| {
            let why = need.look().state.err()?;
            Some(format!("  {}: {why}. To get it: {}", need.title(), need.how_to_get_it()))
        })
        .collect();
    if missing.is_empty() {
        Ok(())
    } else {
        Err(plain(format!("this machine lacks something:\n{}", missing.join("\n"))))
    }
}

/// Gets the browser from the system's own packages, where that may be done from here.
///
/// # Errors
/// When it is missing and cannot be installed; the message says how to get it.
pub fn install_browser(log: &Path) -> Result<()> {
    let Err(why) = Need::Chromium.look().state else { return Ok(()) };
    if !geteuid().is_root() || command("apt-get").arg("--version").output().is_err() {
        let need = Need::Chromium;
        return Err(plain(format!("{}: {why}. To get it: {}", need.title(), need.how_to_get_it())));
    }
    let mut update = command("apt-get");
    run("apt-get update", update.args(["update", "-qq"]), log)?;
    let mut install = command("apt-get");
    // A browser without a font shows boxes.
    install.args(["install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-dejavu-core"]);
    run("apt-get install chromium", install.env("DEBIAN_FRONTEND", "noninteractive"), log)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_the_tools_print_them() {
        assert_eq!(version("cargo 1.95.0 (f2d3ce0bd 2026-03-21)"), Some((1, 95)));
        assert_eq!(version("Python 3.11.7"), Some((3, 11)));
        assert_eq!(version("v20.20.2"), Some((20, 20)));
        assert_eq!(version("GNU Make"), None);
    }

    #[test]
    fn an_old_version_is_named_and_refused() {
        assert_eq!(enough("Python 3.9.2", Some((3, 11))), Err("Python 3.9.2 is too old".to_owned()));
        assert!(enough("Python 3.12.0", Some((3, 11))).is_ok());
        assert!(enough("v18.0.0", Some((18, 0))).is_ok());
    }
}
