//! One hourly run, played by the functions themselves as the state machine would call them.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use super::actor::Actor;
use super::machine::{EVENT_BYTES, children, walk};
use super::template::Deployed;
use super::usage::{Usage, float};
use crate::error::BenchError;
use crate::functions::{Bootstraps, Function, list_event};
use crate::stage::{Scene, Stage};

/// The template's MaxConcurrency: so many images are worked on at once, each in a sandbox of its own.
const CONCURRENCY: usize = 2;
/// Files that a Distributed Map writes for its results: its manifest, what succeeded, what failed, what is pending.
const RESULT_FILES: f64 = 4.0;

/// What a run used.
#[derive(Debug, Clone, Default)]
pub struct Hour {
    /// Beside its images.
    pub run: Usage,
    /// For all its images.
    pub images: Usage,
    /// How many images it worked on.
    pub items: usize,
    /// The custom metrics that it wrote.
    pub metrics: BTreeSet<String>,
}

/// What plays.
#[derive(Debug)]
pub struct Player<'a> {
    /// The functions.
    pub bootstraps: &'a Bootstraps,
    /// The state machine.
    pub machine: &'a Value,
    /// What the template deploys.
    pub deployed: Deployed,
    /// The loopback AWS.
    pub stage: Stage,
}

impl Player<'_> {
    fn actor(&self, function: Function, policy: &[(&str, &str)]) -> Actor {
        let program = self.bootstraps.program(function, policy).environment(self.stage.environment());
        Actor::new(program, self.deployed.memory_mib(function))
    }

    /// Plays a whole run where the stage stands now.
    ///
    /// # Errors
    /// A function fails.
    pub async fn run(&self, name: &str, policy: &[(&str, &str)]) -> Result<Hour, BenchError> {
        let mut hour = Hour::default();
        let before = self.stage.ledger_bytes();
        let mut list = self.actor(Function::List, policy);
        let (answer, used) = list.call(&self.stage, &list_event(name)?).await?;
        hour.run = hour.run + used;
        let verdict = answer.get("verdict").and_then(Value::as_str).unwrap_or_default();
        let path = walk(self.machine, &[verdict])?;
        hour.run = hour.run
            + Usage {
                transitions: float(path.transitions),
                log_bytes: float(path.events * EVENT_BYTES),
                traces: 1.0,
                starts: 1.0,
                ..Usage::default()
            };
        match verdict {
            "nothing" => {}
            "proceed" => {
                self.images(policy, &mut hour).await?;
                let report = json!({"schema": 1, "action": "report", "run_id": answer.get("run_id")});
                let (_, used) = list.call(&self.stage, &report).await?;
                hour.run = hour.run + used + Usage { puts: RESULT_FILES, gets: 1.0, ..Usage::default() };
            }
            other => return Err(BenchError::unexpected(format!("the run came to {other}: {answer}"))),
        }
        hour.metrics.extend(list.metrics());
        // Where ledger items are replaced and deleted it may even shrink.
        hour.run.ledger_bytes = float(self.stage.ledger_bytes().saturating_sub(before) as u64);
        Ok(hour)
    }

    async fn images(&self, policy: &[(&str, &str)], hour: &mut Hour) -> Result<(), BenchError> {
        let child = children(self.machine, "DeleteImages")?;
        let lines = self.stage.scene().manifest()?;
        let actors = |function| (0..CONCURRENCY).map(|_| self.actor(function, policy)).collect::<Vec<_>>();
        let mut lanes: Vec<_> =
            actors(Function::Deregister).into_iter().zip(actors(Function::DeleteSnapshot)).collect();
        for (at, line) in lines.iter().enumerate() {
            let Some((deregister, delete_snapshot)) = lanes.get_mut(at % CONCURRENCY) else { continue };
            let (answer, used) = deregister.call(&self.stage, line).await?;
            let outcome = answer.get("outcome").and_then(Value::as_str).unwrap_or_default();
            let path = walk(child, &[outcome])?;
            hour.images = hour.images
                + used
                + Usage {
                    transitions: float(path.transitions),
                    log_bytes: float(path.events * EVENT_BYTES),
                    traces: 1.0,
                    ..Usage::default()
                };
            match outcome {
                "disabled" => {}
                "deregistered" => {
                    let (_, used) = delete_snapshot.call(&self.stage, line).await?;
                    hour.images = hour.images + used;
                }
                other => return Err(BenchError::unexpected(format!("an image came to {other:?}: {answer}"))),
            }
        }
        hour.items = lines.len();
        Ok(())
    }
}

/// The scene as it would be so many days later, for whatever was disabled.
///
/// # Errors
/// The clock is out of any calendar.
pub fn days_later(scene: Scene, days: i64) -> Result<Scene, BenchError> {
    let then = (OffsetDateTime::now_utc() - Duration::days(days))
        .format(&time::format_description::well_known::Rfc3339)
        .map_err(|error| BenchError::unexpected(error.to_string()))?;
    Ok(scene.with_ledger(|items| {
        for item in items.values_mut() {
            if let Some(at) = item.get_mut("disabled_at").filter(|at| at.get("S").is_some()) {
                *at = json!({"S": then});
            }
        }
    }))
}
