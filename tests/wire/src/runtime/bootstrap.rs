use std::ffi::OsStr;
use std::io::{ErrorKind, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tokio::sync::watch;

use super::api::{FunctionError, RuntimeApi};

/// A bootstrap executable, running against a Runtime API of its own. Killed when dropped.
#[derive(Debug)]
pub struct Bootstrap {
    api: RuntimeApi,
    process: Arc<Process>,
    stdout: Arc<Mutex<String>>,
    stderr: Arc<Mutex<String>>,
    timeout: Duration,
    waiter: Option<JoinHandle<()>>,
}

/// Kills a bootstrap, from wherever it is held.
#[derive(Debug, Clone)]
pub struct Killer(Arc<Process>);

#[derive(Debug)]
struct Process {
    pid: Pid,
    /// How it ended. Once that is known its id may be another's, and is not killed.
    ended: watch::Sender<Option<ExitStatus>>,
}

impl Bootstrap {
    /// Starts an executable with this environment and nothing else but `PATH` and what Lambda itself sets.
    ///
    /// # Panics
    /// When the executable cannot be started.
    pub fn spawn<K: AsRef<OsStr>, V: AsRef<OsStr>>(
        path: impl AsRef<Path>,
        env: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let path = path.as_ref();
        let api = RuntimeApi::start();
        let mut command = Command::new(path);
        command
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .env("AWS_LAMBDA_RUNTIME_API", api.address())
            .env("AWS_LAMBDA_FUNCTION_NAME", "function-under-test")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
            .env("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/function-under-test")
            .env("AWS_LAMBDA_LOG_STREAM_NAME", "stream")
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .envs(env)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = start(&mut command)
            .map_err(|error| format!("failed to start {}: {error}", path.display()))
            .expect("a bootstrap that starts");
        let pid = Pid::from_child(&child);
        let process = Arc::new(Process { pid, ended: watch::Sender::new(None) });
        let (stdout, stdout_reader) = capture(child.stdout.take());
        let (stderr, stderr_reader) = capture(child.stderr.take());
        let waiter = std::thread::spawn({
            let process = Arc::clone(&process);
            move || process.wait(child, [stdout_reader, stderr_reader])
        });
        Self { api, process, stdout, stderr, timeout: Duration::from_secs(30), waiter: Some(waiter) }
    }

    /// Ends an invocation after so long, 30 seconds unless said.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Waits until the function has asked for its first event.
    ///
    /// # Errors
    /// What it reported while it started, or `Runtime.ExitError` when it ended instead.
    pub async fn ready(&self) -> Result<(), FunctionError> {
        tokio::select! {
            biased;
            ready = self.api.ready() => ready,
            error = self.ended() => Err(error),
        }
    }

    /// Invokes the function. A crash is `Runtime.ExitError`; a timeout is `Sandbox.Timedout`, and kills it as Lambda does.
    ///
    /// # Errors
    /// What the function answered, or how it ended instead of answering.
    pub async fn invoke(&self, event: Value) -> Result<Value, FunctionError> {
        let result = tokio::select! {
            biased;
            result = self.api.invoke(&event, self.timeout) => result,
            error = self.ended() => Err(error),
        };
        if result.as_ref().is_err_and(|error| error.error_type == "Sandbox.Timedout") {
            self.kill();
        }
        result
    }

    /// Kills the process at once.
    pub fn kill(&self) {
        self.process.kill();
    }

    /// What kills the process from elsewhere.
    #[must_use]
    pub fn killer(&self) -> Killer {
        Killer(Arc::clone(&self.process))
    }

    /// The process id.
    #[must_use]
    pub fn pid(&self) -> i32 {
        self.process.pid.as_raw_nonzero().get()
    }

    /// Whether the process has not ended yet.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.process.ended.borrow().is_none()
    }

    /// What it has written to its standard output.
    #[must_use]
    pub fn stdout(&self) -> String {
        lock(&self.stdout).clone()
    }

    /// What it has written to its standard error.
    #[must_use]
    pub fn stderr(&self) -> String {
        lock(&self.stderr).clone()
    }

    /// Waits until the process has ended.
    pub async fn exited(&self) -> ExitStatus {
        let mut ended = self.process.ended.subscribe();
        let status = ended.wait_for(Option::is_some).await.map(|status| *status);
        status.ok().flatten().expect("the process, held here, says how it ended")
    }

    async fn ended(&self) -> FunctionError {
        let status = self.exited().await;
        FunctionError::new("Runtime.ExitError", format!("RequestId: - Error: Runtime exited: {status}"))
    }
}

impl Drop for Bootstrap {
    fn drop(&mut self) {
        self.kill();
        if let Some(waiter) = self.waiter.take() {
            // A waiter that panicked has said so on standard error.
            waiter.join().ok();
        }
    }
}

impl Killer {
    /// Kills the process at once; does nothing when it has ended.
    pub fn kill(&self) {
        self.0.kill();
    }
}

impl Process {
    fn kill(&self) {
        if self.ended.borrow().is_none() {
            // It may have ended just now, which is what was wanted.
            kill_process(self.pid, Signal::KILL).ok();
        }
    }

    /// Waits for the end of the process, and says so once what it wrote is read.
    fn wait(&self, mut child: Child, readers: [JoinHandle<()>; 2]) {
        let status = child.wait().expect("a child of this process");
        // A process that it started itself may hold its output open for longer than it lived.
        let patience = Instant::now() + Duration::from_millis(500);
        while Instant::now() < patience && !readers.iter().all(JoinHandle::is_finished) {
            std::thread::sleep(Duration::from_millis(1));
        }
        self.ended.send_replace(Some(status));
    }
}

/// Starts a process, waiting for a moment where its file was only just written:
/// another thread's fork may hold it open until its own exec.
fn start(command: &mut Command) -> std::io::Result<Child> {
    let patience = Instant::now() + Duration::from_secs(1);
    loop {
        match command.spawn() {
            Err(error) if error.kind() == ErrorKind::ExecutableFileBusy && Instant::now() < patience => {
                std::thread::sleep(Duration::from_millis(5));
            }
            result => return result,
        }
    }
}

fn capture(stream: Option<impl Read + Send + 'static>) -> (Arc<Mutex<String>>, JoinHandle<()>) {
    let text = Arc::new(Mutex::new(String::new()));
    let reader = std::thread::spawn({
        let text = Arc::clone(&text);
        move || {
            let Some(mut stream) = stream else { return };
            let mut buffer = [0; 8192];
            while let Ok(length @ 1..) = stream.read(&mut buffer) {
                let read = buffer.get(..length).unwrap_or_default();
                lock(&text).push_str(&String::from_utf8_lossy(read));
            }
        }
    });
    (text, reader)
}

fn lock(text: &Mutex<String>) -> MutexGuard<'_, String> {
    text.lock().expect("no panic while the output is held")
}
