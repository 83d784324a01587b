//! Each function against Python with boto3: the same event, the same scene, the same calls.

mod bootstraps;
mod cases;
mod measure;
mod package;
mod table;

use std::path::PathBuf;

use crate::error::BenchError;
use crate::options::Options;
use crate::sandbox::Program;
use crate::stage::Stage;
use crate::targets::Targets;

pub use bootstraps::{Bootstraps, Function};
pub use cases::list_event;

use self::cases::cases;
use self::measure::compare;

/// Compares every function, prints what comes of it, and notes the targets.
///
/// # Errors
/// Something could not be measured, or the two sides do not do the same.
pub async fn run(options: &Options, targets: &mut Targets) -> Result<(), BenchError> {
    let python = Python::find(options)?;
    let bootstraps = Bootstraps::find(options)?;
    println!("\n# Functions against Python 3 with boto3, over TLS\n");
    println!(
        "Medians of {} interleaved starts, from the spawn of the process to its first answer; {} warm calls each. Both \
         sides trust the same bundle of authorities. Every call meets the same scene: the functions of ami-cleanup an \
         account of {} images, those of decommission an instance with one volume.",
        options.starts,
        options.warm_calls,
        cases::IMAGES
    );
    for case in cases(&bootstraps, &python, options).await? {
        eprintln!("{}: {} starts and {} warm calls of each …", case.name, options.starts, options.warm_calls);
        let stage = Stage::over_tls(&case.scene, &python.authorities()?, &options.directory).await?;
        match compare(&stage, &case, &bootstraps, options).await {
            Ok(comparison) => table::print(&case, &comparison, targets),
            Err(error) => targets.not_measured(case.name, &error),
        }
    }
    Ok(())
}

/// The Python of the emulators, and the baselines that it runs.
#[derive(Debug, Clone)]
pub struct Python {
    path: PathBuf,
    baselines: PathBuf,
    cache: PathBuf,
}

impl Python {
    fn find(options: &Options) -> Result<Self, BenchError> {
        let path = options.root.join(".sunset/tools/emulators/bin/python");
        if !path.exists() {
            return Err(BenchError::Missing { what: path.display().to_string(), hint: "run make tools".into() });
        }
        let baselines = options.root.join("bench/baseline");
        Ok(Self { path, baselines, cache: options.directory.join("pycache") })
    }

    /// A baseline under the runtime's loop. What Python compiles is kept outside the source tree, and is warm before
    /// anything is measured, as it is on Lambda.
    fn program(&self, name: &str, module: &str) -> Program {
        Program::new(name, &self.path)
            .argument(self.baselines.join("runtime.py"))
            .argument(module)
            .environment([("PYTHONPYCACHEPREFIX", self.cache.display().to_string())])
    }

    /// The authorities that botocore ships, about as many as a sandbox of Lambda trusts.
    fn authorities(&self) -> Result<PathBuf, BenchError> {
        let library = self.path.ancestors().nth(2).map(|venv| venv.join("lib")).unwrap_or_default();
        let entries = std::fs::read_dir(&library).map_err(BenchError::file(&library))?;
        let bundles = entries.flatten().map(|entry| entry.path().join("site-packages/botocore/cacert.pem"));
        let found = bundles.filter(|path| path.exists()).last();
        found.ok_or_else(|| BenchError::Missing {
            what: format!("botocore/cacert.pem under {}", library.display()),
            hint: "run make tools".into(),
        })
    }
}
