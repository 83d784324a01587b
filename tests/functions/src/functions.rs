//! The functions as processes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;
use sunset_wire::{Bootstrap, Cutter, CuttingProxy, FunctionError, Killer};

use crate::calls::{Call, Calls};

/// One of the functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Function {
    /// Lists what is due, and reports.
    ListExpiredAmis,
    /// Takes an image one step out.
    Deregister,
    /// Deletes the snapshots of an image that is gone.
    DeleteSnapshot,
    /// Brings an image back.
    Restore,
    /// Begins a process, and counts its risk.
    Assess,
    /// Makes a process's plan.
    Plan,
    /// Asks people, and counts their votes.
    Approve,
    /// Shows people what they are asked, and takes their answers by link.
    ApprovePage,
    /// Carries a plan out, forward or back.
    Execute,
    /// Proves that a resource is gone, and reports.
    Validate,
}

impl Function {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::ListExpiredAmis,
        Self::Deregister,
        Self::DeleteSnapshot,
        Self::Restore,
        Self::Assess,
        Self::Plan,
        Self::Approve,
        Self::ApprovePage,
        Self::Execute,
        Self::Validate,
    ];
    /// Those of ami-cleanup.
    pub const AMI_CLEANUP: [Self; 4] = [Self::ListExpiredAmis, Self::Deregister, Self::DeleteSnapshot, Self::Restore];
    /// Those that decommission's state machine calls.
    pub const DECOMMISSION: [Self; 5] = [Self::Assess, Self::Plan, Self::Approve, Self::Execute, Self::Validate];

    /// The name of its crate, its binary and its build folder.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ListExpiredAmis => "list-expired-amis",
            Self::Deregister => "deregister",
            Self::DeleteSnapshot => "delete-snapshot",
            Self::Restore => "restore",
            Self::Assess => "assess",
            Self::Plan => "plan",
            Self::Approve => "approve",
            Self::ApprovePage => "approve-page",
            Self::Execute => "execute",
            Self::Validate => "validate",
        }
    }

    /// The IAM actions that its role holds: `always`, `live` or `optional`, and the action.
    #[must_use]
    pub fn iam_actions(self) -> Vec<(String, String)> {
        let path = root().join("crates").join(self.name()).join("iam-actions.txt");
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        text.lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .map(|line| line.split_once(' ').unwrap_or(("always", line)))
            .map(|(when, action)| (when.to_owned(), action.to_owned()))
            .collect()
    }

    fn bootstrap(self) -> PathBuf {
        let built = std::env::var_os("SUNSET_BOOTSTRAPS").map_or_else(|| root().join("target/lambda"), PathBuf::from);
        let path = built.join(self.name()).join("bootstrap");
        assert!(path.is_file(), "{} is not built: run `make build`", path.display());
        path
    }
}

/// The workspace.
pub(crate) fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// How long a call may take, as the template has it for `deregister`.
const TIMEOUT: Duration = Duration::from_secs(120);

/// The functions of one world, each kept warm until it is killed.
#[derive(Debug)]
pub struct Functions {
    environment: Vec<(String, String)>,
    endpoints: Endpoints,
    cut: Option<Cut>,
    warm: Mutex<BTreeMap<Function, Arc<Bootstrap>>>,
    at_work: Arc<Mutex<Option<Killer>>>,
    calls: Calls,
    made: Mutex<Vec<(Function, Call)>>,
}

/// Where the functions find AWS.
#[derive(Debug)]
pub(crate) struct Endpoints {
    pub(crate) ec2: String,
    pub(crate) everything_else: String,
}

/// The functions that find AWS behind a proxy that cuts.
#[derive(Debug)]
struct Cut {
    functions: Vec<Function>,
    endpoints: Endpoints,
    _proxies: [CuttingProxy; 2],
}

impl Cut {
    fn by(cutter: &Cutter, functions: &[Function], direct: &Endpoints) -> Self {
        let ec2 = CuttingProxy::start(cutter, direct.ec2.as_str());
        let everything_else = CuttingProxy::start(cutter, direct.everything_else.as_str());
        let endpoints = Endpoints { ec2: ec2.url(), everything_else: everything_else.url() };
        Self { functions: functions.to_vec(), endpoints, _proxies: [ec2, everything_else] }
    }
}

impl Functions {
    pub(crate) fn new(
        environment: Vec<(String, String)>,
        endpoints: Endpoints,
        calls: &Calls,
        cut: Option<(&Cutter, &[Function])>,
    ) -> Self {
        let at_work: Arc<Mutex<Option<Killer>>> = Arc::default();
        let cut = cut.map(|(cutter, functions)| {
            let at_work = Arc::clone(&at_work);
            cutter.when_cut(move || {
                if let Some(killer) = lock(&at_work).as_ref() {
                    killer.kill();
                }
            });
            Cut::by(cutter, functions, &endpoints)
        });
        let (calls, made) = (calls.clone(), Mutex::default());
        Self { environment, endpoints, cut, warm: Mutex::default(), at_work, calls, made }
    }

    fn environment_of(&self, function: Function) -> Vec<(&str, &str)> {
        let cut = self.cut.as_ref().filter(|cut| cut.functions.contains(&function));
        let endpoints = cut.map_or(&self.endpoints, |cut| &cut.endpoints);
        let given = self.environment.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let urls = [
            ("AWS_ENDPOINT_URL", endpoints.everything_else.as_str()),
            ("AWS_ENDPOINT_URL_EC2", endpoints.ec2.as_str()),
            ("AWS_ENDPOINT_URL_AUTO_SCALING", endpoints.ec2.as_str()),
            ("AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2", endpoints.ec2.as_str()),
            ("AWS_ENDPOINT_URL_SSM", endpoints.ec2.as_str()),
        ];
        given.chain(urls).collect()
    }

    /// Starts a process of a function, beside the warm one.
    #[must_use]
    pub fn cold(&self, function: Function) -> Bootstrap {
        Bootstrap::spawn(function.bootstrap(), self.environment_of(function)).with_timeout(TIMEOUT)
    }

    /// The warm process of a function, started if there is none.
    #[must_use]
    pub fn warm(&self, function: Function) -> Arc<Bootstrap> {
        let mut warm = lock(&self.warm);
        if let Some(running) = warm.get(&function).filter(|it| it.is_running()) {
            return Arc::clone(running);
        }
        let started = Arc::new(self.cold(function));
        warm.insert(function, Arc::clone(&started));
        started
    }

    /// Ends the warm processes, as Lambda does after a while.
    pub fn cool_down(&self) {
        lock(&self.warm).clear();
    }

    /// Invokes a function once.
    ///
    /// # Errors
    /// What it answered, or how it ended.
    pub async fn invoke(&self, function: Function, event: Value) -> Result<Value, FunctionError> {
        let bootstrap = self.warm(function);
        *lock(&self.at_work) = Some(bootstrap.killer());
        let before = self.calls.count();
        let answer = bootstrap.invoke(event).await;
        lock(&self.made).extend(self.calls.since(before).into_iter().map(|call| (function, call)));
        answer
    }

    /// The calls that a function has made, where only one was invoked at a time.
    #[must_use]
    pub fn calls_of(&self, function: Function) -> Vec<Call> {
        lock(&self.made).iter().filter(|(by, _)| *by == function).map(|(_, call)| call.clone()).collect()
    }

    /// What the warm processes have logged.
    #[must_use]
    pub fn logs(&self) -> String {
        let warm = lock(&self.warm);
        let log = |it: &Bootstrap| format!("{}{}", it.stdout(), it.stderr());
        warm.iter().map(|(function, it)| format!("--- {}\n{}", function.name(), log(it))).collect()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
