//! A function in a sandbox, and what each of its calls uses.

use std::collections::BTreeSet;

use serde_json::Value;

use super::usage::Usage;
use crate::error::BenchError;
use crate::sandbox::{Cpu, Program, Sandbox};
use crate::stage::Stage;

/// A function in a sandbox, with what it has used so far.
#[derive(Debug)]
pub struct Actor {
    program: Program,
    memory_mib: u32,
    sandbox: Option<(Sandbox, Cpu, u64)>,
}

impl Actor {
    /// A function that has not started yet, with so much memory.
    #[must_use]
    pub fn new(program: Program, memory_mib: u32) -> Self {
        Self { program, memory_mib, sandbox: None }
    }

    /// Calls the function, in its sandbox if it has one.
    ///
    /// # Errors
    /// It does not answer.
    pub async fn call(&mut self, stage: &Stage, event: &Value) -> Result<(Value, Usage), BenchError> {
        drop(stage.take_calls());
        let cold = self.sandbox.is_none();
        let (sandbox, before, logged, answer) = match self.sandbox.take() {
            None => {
                let (sandbox, started) = Sandbox::start(&self.program, event).await?;
                (sandbox, Cpu::default(), 0, started.answer)
            }
            Some((mut sandbox, before, logged)) => {
                let answer = sandbox.invoke(event).await?;
                (sandbox, before, logged, answer)
            }
        };
        let (now, logged_now) = (sandbox.cpu()?, sandbox.logged_bytes());
        let calls = stage.take_calls();
        let used = Usage::of_call(&calls, now.since(&before), logged_now - logged, self.memory_mib, cold);
        self.sandbox = Some((sandbox, now, logged_now));
        Ok((answer, used))
    }

    /// The custom metrics in its log, in CloudWatch's embedded format.
    #[must_use]
    pub fn metrics(&self) -> BTreeSet<String> {
        let log = self.sandbox.as_ref().map(|(sandbox, ..)| sandbox.log()).unwrap_or_default();
        let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let metrics = lines.filter_map(|line| line.pointer("/_aws/CloudWatchMetrics/0/Metrics")?.as_array().cloned());
        metrics.flatten().filter_map(|metric| Some(metric.get("Name")?.as_str()?.to_owned())).collect()
    }
}
