//! A function's bootstrap in the Runtime Interface Emulator that comes with sam.

use std::collections::BTreeMap;
use std::env::consts::ARCH;
use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use sunset_local::{EC2_SERVICES, Place, REGION, Stack};
use ureq::Agent;

use crate::stage::Answer;

const SOON: Duration = Duration::from_millis(20);
const PATIENCE: Duration = Duration::from_secs(20);
/// Another program can take a free port between our look and the emulator's bind.
const TRIES: usize = 3;

/// A running emulator with one function in it.
#[derive(Debug)]
pub struct Sandbox {
    process: Child,
    address: SocketAddr,
}

impl Sandbox {
    /// Starts the bootstrap that sam built, with the environment that the function is deployed with.
    #[must_use]
    pub fn start(stack: &Stack, function: &str) -> Self {
        let environment = environment(stack, function);
        let log = stack.folder().join(format!("emulator-{function}.log"));
        for _ in 0..TRIES {
            let (address, runtime) = (free_address(), free_address());
            let file = File::create(&log).expect("a log");
            let process = Command::new(emulator(stack.place()))
                .args(["--runtime-interface-emulator-address", &address.to_string()])
                .args(["--runtime-api-address", &runtime.to_string()])
                .arg(built(stack, function).join("bootstrap"))
                .env_clear()
                .envs(&environment)
                .stdin(Stdio::null())
                .stderr(file.try_clone().expect("a log"))
                .stdout(file)
                .spawn()
                .expect("the emulator starts");
            let mut sandbox = Self { process, address };
            if sandbox.answers() {
                return sandbox;
            }
        }
        panic!("the emulator does not start: {}", fs::read_to_string(log).unwrap_or_default())
    }

    fn answers(&mut self) -> bool {
        let start = Instant::now();
        while start.elapsed() < PATIENCE && self.lives() {
            if TcpStream::connect(self.address).is_ok() {
                return true;
            }
            sleep(SOON);
        }
        false
    }

    fn lives(&mut self) -> bool {
        matches!(self.process.try_wait(), Ok(None))
    }

    /// Sends an event.
    pub fn invoke(&self, event: &Value) -> Answer {
        let url = format!("http://{}/2015-03-31/functions/function/invocations", self.address);
        let mut response = agent().post(url).send(event.to_string()).expect("an answer of the emulator");
        let text = response.body_mut().read_to_string().expect("an answer of the emulator");
        let answer: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        match answer["errorType"].as_str() {
            None => Ok(answer),
            Some(name) => Err((name.to_owned(), answer["errorMessage"].as_str().unwrap_or_default().to_owned())),
        }
    }
}

impl Drop for Sandbox {
    /// Asked to end, the emulator ends its function first; killed, it would leave it behind.
    fn drop(&mut self) {
        let pid = i32::try_from(self.process.id()).ok().and_then(Pid::from_raw);
        if let Some(pid) = pid.filter(|_| self.lives()) {
            kill_process(pid, Signal::TERM).ok();
        }
        let start = Instant::now();
        while self.lives() && start.elapsed() < PATIENCE {
            sleep(SOON);
        }
        // Ended already, it cannot be killed; it is reaped either way.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

fn agent() -> Agent {
    Agent::config_builder().http_status_as_error(false).timeout_global(Some(PATIENCE)).proxy(None).build().new_agent()
}

fn free_address() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port on loopback");
    listener.local_addr().expect("its address")
}

/// The emulator for this machine, wherever the Python version puts it.
fn emulator(place: &Place) -> PathBuf {
    let architecture = if ARCH == "aarch64" { "arm64" } else { ARCH };
    let lib = place.tools().join("sam/lib");
    fs::read_dir(&lib)
        .expect("the installed sam")
        .flatten()
        .map(|python| {
            python.path().join("site-packages/samcli/local/rapid").join(format!("aws-lambda-rie-{architecture}"))
        })
        .find(|path| path.is_file())
        .unwrap_or_else(|| panic!("sam in {} brings no emulator for {ARCH}", lib.display()))
}

fn built(stack: &Stack, function: &str) -> PathBuf {
    stack.built().join(logical_id(function))
}

/// `delete-snapshot` is `DeleteSnapshotFunction` in the template.
fn logical_id(function: &str) -> String {
    let words = function.split('-').map(|word| {
        word.chars().next().into_iter().flat_map(char::to_uppercase).chain(word.chars().skip(1)).collect::<String>()
    });
    words.chain(["Function".to_owned()]).collect()
}

/// What the deployed function has, and where the stack answers.
fn environment(stack: &Stack, function: &str) -> BTreeMap<String, String> {
    let name = stack.deployment().and_then(|deployment| deployment.function(function)).expect("a deployed function");
    let mut variables = stack.environment(function).expect("the function's environment");
    let task_root = built(stack, function).to_string_lossy().into_owned();
    let here = [
        ("AWS_ENDPOINT_URL", stack.aws_url()),
        ("AWS_ENDPOINT_URL_SSM", stack.ec2_url()),
        ("AWS_REGION", REGION),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_LAMBDA_FUNCTION_NAME", name),
        ("AWS_LAMBDA_FUNCTION_TIMEOUT", "30"),
        ("LAMBDA_TASK_ROOT", &task_root),
    ];
    let ec2 = EC2_SERVICES.map(|name| (name, stack.ec2_url()));
    variables.extend(here.into_iter().chain(ec2).map(|(name, value)| (name.to_owned(), value.to_owned())));
    variables
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_found_under_its_name_in_the_template() {
        assert_eq!(logical_id("list-expired-amis"), "ListExpiredAmisFunction");
        assert_eq!(logical_id("restore"), "RestoreFunction");
    }
}
