//! A function's process, driven by a Runtime API of its own.

use std::convert::Infallible;
use std::io::Read;
use std::process::Child;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::Value;
use sunset_wire::RuntimeApi;

use super::proc_fs::{Cpu, peak_rss};
use super::program::Program;
use crate::error::BenchError;

const TIMEOUT: Duration = Duration::from_secs(120);
/// How much of what a function writes is kept for a message.
const LOG_KEPT: usize = 1 << 16;
/// How much of that a message shows.
const LOG_SHOWN: usize = 4000;

/// A function that runs. Killed when dropped.
#[derive(Debug)]
pub struct Sandbox {
    name: String,
    child: Child,
    api: RuntimeApi,
    output: Arc<Mutex<Output>>,
    readers: Vec<JoinHandle<()>>,
}

/// A start and the first call.
#[derive(Debug, Clone)]
pub struct Started {
    /// From before the process was spawned until it asked for its first event.
    pub ready: Duration,
    /// From before the process was spawned until its first answer.
    pub answered: Duration,
    /// The first answer.
    pub answer: Value,
}

#[derive(Debug, Default)]
struct Output {
    bytes: u64,
    end: Vec<u8>,
}

impl Sandbox {
    /// Starts a function and makes its first call.
    ///
    /// # Errors
    /// It cannot be started, or it does not answer.
    pub async fn start(program: &Program, event: &Value) -> Result<(Self, Started), BenchError> {
        let api = RuntimeApi::start();
        let mut command = program.command(&api.address());
        let begun = Instant::now();
        let mut child = command.spawn().map_err(BenchError::file(program.path()))?;
        let output = Arc::new(Mutex::new(Output::default()));
        let readers = [child.stdout.take().map(boxed), child.stderr.take().map(boxed)];
        let readers = readers.into_iter().flatten().map(|stream| drain(stream, Arc::clone(&output))).collect();
        let mut sandbox = Self { name: program.name.clone(), child, api, output, readers };
        let mut ready = None;
        let answer = {
            let watch = async {
                // Where it fails to start, its call says so.
                if sandbox.api.ready().await.is_ok() {
                    ready = Some(begun.elapsed());
                }
                std::future::pending::<Infallible>().await
            };
            tokio::select! {
                biased;
                answer = answer(&sandbox.api, &mut sandbox.child, event) => answer,
                never = watch => match never {},
            }
        };
        let answered = begun.elapsed();
        let answer = answer.map_err(|what| sandbox.failed(what))?;
        Ok((sandbox, Started { ready: ready.unwrap_or(answered), answered, answer }))
    }

    /// Calls the function.
    ///
    /// # Errors
    /// It does not answer.
    pub async fn invoke(&mut self, event: &Value) -> Result<Value, BenchError> {
        let answer = answer(&self.api, &mut self.child, event).await;
        answer.map_err(|what| self.failed(what))
    }

    /// The CPU that the process has used so far.
    ///
    /// # Errors
    /// `/proc` does not tell.
    pub fn cpu(&self) -> Result<Cpu, BenchError> {
        Cpu::of(self.child.id()).map_err(BenchError::file("/proc".as_ref()))
    }

    /// The largest resident set so far, in bytes.
    ///
    /// # Errors
    /// `/proc` does not tell.
    pub fn peak_rss(&self) -> Result<u64, BenchError> {
        peak_rss(self.child.id()).map_err(BenchError::file("/proc".as_ref()))
    }

    /// How much it has written to its log.
    #[must_use]
    pub fn logged_bytes(&self) -> u64 {
        self.output.lock().unwrap_or_else(PoisonError::into_inner).bytes
    }

    /// The end of its log.
    #[must_use]
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&self.output.lock().unwrap_or_else(PoisonError::into_inner).end).into_owned()
    }

    fn failed(&self, what: String) -> BenchError {
        let log = self.log();
        let shown = log.char_indices().rev().nth(LOG_SHOWN).and_then(|(at, _)| log.get(at..)).unwrap_or(&log);
        BenchError::Function { program: self.name.clone(), what, log: shown.to_owned() }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to kill, and it is only waited for.
        self.child.kill().ok();
        self.child.wait().ok();
        for reader in self.readers.drain(..) {
            reader.join().ok();
        }
    }
}

async fn answer(api: &RuntimeApi, child: &mut Child, event: &Value) -> Result<Value, String> {
    let ended = async {
        loop {
            if let Ok(Some(status)) = child.try_wait() {
                break status;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::select! {
        biased;
        answer = api.invoke(event, TIMEOUT) => answer.map_err(|error| format!("answered {error}")),
        status = ended => Err(format!("ended: {status}")),
    }
}

fn boxed(stream: impl Read + Send + 'static) -> Box<dyn Read + Send> {
    Box::new(stream)
}

/// Reads what a function writes, as Lambda does: a pipe that nobody reads would stop it.
fn drain(mut stream: Box<dyn Read + Send>, output: Arc<Mutex<Output>>) -> JoinHandle<()> {
    std::thread::spawn(move || {
        let mut buffer = [0; 8192];
        while let Ok(length @ 1..) = stream.read(&mut buffer) {
            let mut output = output.lock().unwrap_or_else(PoisonError::into_inner);
            output.bytes += length as u64;
            output.end.extend_from_slice(buffer.get(..length).unwrap_or_default());
            let surplus = output.end.len().saturating_sub(LOG_KEPT);
            output.end.drain(..surplus);
        }
    })
}
