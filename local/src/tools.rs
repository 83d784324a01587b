//! The pinned tools: three Python environments and some Node packages, in a git-ignored folder.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::thread;

use crate::error::{Result, at, plain};
use crate::place::Place;
use crate::process::{command, run};

/// What can be installed, and what tells that it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// moto and MiniStack.
    Emulators,
    /// sam and cargo-lambda.
    Sam,
    /// parliament, the IAM linter.
    Lint,
    /// asl-validator, and playwright and axe for the tests in a browser.
    Node,
}

impl Tool {
    /// Every tool.
    pub const ALL: [Self; 4] = [Self::Emulators, Self::Sam, Self::Lint, Self::Node];

    /// What it is for, in a few words.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Emulators => "the emulators (MiniStack, moto)",
            Self::Sam => "sam and cargo-lambda",
            Self::Lint => "the IAM linter (parliament)",
            Self::Node => "the state machine validator (asl-validator) and what drives a browser (playwright, axe)",
        }
    }

    fn pins(self, place: &Place) -> PathBuf {
        let folder = place.root().join("local/tools");
        match self {
            Self::Emulators => folder.join("emulators.txt"),
            Self::Sam => folder.join("sam.txt"),
            Self::Lint => folder.join("lint.txt"),
            Self::Node => folder.join("package-lock.json"),
        }
    }

    fn folder(self, place: &Place) -> PathBuf {
        match self {
            Self::Emulators => place.tools().join("emulators"),
            Self::Sam => place.tools().join("sam"),
            Self::Lint => place.tools().join("lint"),
            Self::Node => place.tools().join("node_modules"),
        }
    }

    /// The pins that were installed last lie in the installed folder: other pins, another installation.
    fn mark(self, place: &Place) -> PathBuf {
        self.folder(place).join("installed-pins")
    }

    /// Whether exactly the pinned versions are installed.
    #[must_use]
    pub fn is_installed(self, place: &Place) -> bool {
        match (fs::read(self.pins(place)), fs::read(self.mark(place))) {
            (Ok(wanted), Ok(found)) => wanted == found,
            _ => false,
        }
    }

    fn install(self, place: &Place) -> Result<()> {
        let folder = self.folder(place);
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(at(&folder))?;
        }
        let tools = place.tools();
        fs::create_dir_all(&tools).map_err(at(&tools))?;
        match self {
            Self::Node => install_node(place, &self.log(place))?,
            Self::Emulators | Self::Sam | Self::Lint => install_python(&folder, &self.pins(place), &self.log(place))?,
        }
        let (pins, mark) = (self.pins(place), self.mark(place));
        fs::copy(&pins, &mark).map_err(at(&mark))?;
        Ok(())
    }

    /// What the installation wrote.
    #[must_use]
    pub fn log(self, place: &Place) -> PathBuf {
        let name = match self {
            Self::Emulators => "emulators.log",
            Self::Sam => "sam.log",
            Self::Lint => "lint.log",
            Self::Node => "node.log",
        };
        place.tools().join("logs").join(name)
    }
}

fn install_python(folder: &Path, pins: &Path, log: &Path) -> Result<()> {
    run("python3 -m venv", command("python3").args(["-m", "venv"]).arg(folder), log)?;
    let mut pip = command(folder.join("bin/python3"));
    pip.args(["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar=off", "-r"])
        .arg(pins);
    run("pip install", &mut pip, log)
}

fn install_node(place: &Place, log: &Path) -> Result<()> {
    let tools = place.tools();
    for file in ["package.json", "package-lock.json"] {
        let to = tools.join(file);
        fs::copy(place.root().join("local/tools").join(file), &to).map_err(at(&to))?;
    }
    let mut npm = command("npm");
    npm.args(["ci", "--no-audit", "--no-fund"]).current_dir(&tools);
    run("npm ci", &mut npm, log)
}

fn lock(place: &Place) -> Result<File> {
    let tools = place.tools();
    fs::create_dir_all(&tools).map_err(at(&tools))?;
    let path = tools.join("lock");
    let file = File::create(&path).map_err(at(&path))?;
    file.lock().map_err(at(&path))?;
    Ok(file)
}

/// Installs what is missing of these, side by side. Answers with what had to be installed.
///
/// # Errors
/// When an installation fails; its log's end is in the message.
pub fn install(place: &Place, wanted: &[Tool]) -> Result<Vec<Tool>> {
    if wanted.iter().all(|tool| tool.is_installed(place)) {
        return Ok(Vec::new());
    }
    // Held until the end: another driver in this clone may want the same at the same time.
    let _lock = lock(place)?;
    let missing: Vec<Tool> = wanted.iter().copied().filter(|tool| !tool.is_installed(place)).collect();
    thread::scope(|scope| {
        let running: Vec<_> = missing.iter().map(|tool| scope.spawn(|| tool.install(place))).collect();
        for one in running {
            one.join().map_err(|_| plain("an installation panicked"))??;
        }
        Ok(())
    })?;
    Ok(missing)
}
