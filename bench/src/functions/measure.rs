//! Starts in turns, warm calls, and whether both sides do the same.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;

use super::bootstraps::Bootstraps;
use super::cases::Case;
use super::package::{policy_bytes, zip_bytes};
use crate::error::BenchError;
use crate::options::Options;
use crate::sandbox::{Cpu, Program, Sandbox};
use crate::stage::{Calls, Scene, Stage};
use crate::statistics::median_duration;

/// What one side of a comparison costs.
#[derive(Debug)]
pub struct Measured {
    /// From the spawn of the process until it asked for its first event: the median.
    pub ready: Duration,
    /// From the spawn of the process to its first answer: the median.
    pub answered: Duration,
    /// CPU of the process until its first answer: the median.
    pub start_cpu: Duration,
    /// CPU of a warm call: the mean.
    pub warm_cpu: Duration,
    /// The largest resident set after all warm calls.
    pub peak_rss: u64,
    /// The calls of the first call to the function.
    pub first_calls: Calls,
    /// The calls of a warm one.
    pub warm_calls: Calls,
}

/// All sides of a comparison.
#[derive(Debug)]
pub struct Comparison {
    /// The function.
    pub ours: Measured,
    /// Python with the same calls.
    pub baseline: Measured,
    /// The tutorial's function.
    pub tutorial: Option<Measured>,
    /// The size of the function's zip.
    pub zip_bytes: u64,
}

struct Side {
    program: Program,
    event: Value,
    ready: Vec<Duration>,
    answered: Vec<Duration>,
    start_cpu: Vec<Duration>,
    first_calls: Calls,
    warm_calls: Calls,
    first_answer: Value,
    /// What is in the tables and the bucket after the first call.
    left_behind: BTreeSet<String>,
}

/// Measures all sides of a case in turns.
pub async fn compare(
    stage: &Stage,
    case: &Case,
    bootstraps: &Bootstraps,
    options: &Options,
) -> Result<Comparison, BenchError> {
    let on_stage = |program: Program| program.environment(stage.environment());
    let ours = on_stage(bootstraps.program(case.function, &[]).environment(case.policy.iter().cloned()));
    let mut sides = vec![
        first_look(stage, &case.scene, ours, case.event.clone()).await?,
        first_look(stage, &case.scene, on_stage(case.baseline.clone()), case.event.clone()).await?,
    ];
    if let [ours, baseline] = sides.as_slice() {
        same(case, ours, baseline)?;
    }
    if let Some((program, event)) = &case.tutorial {
        sides.push(first_look(stage, &case.scene, on_stage(program.clone()), event.clone()).await?);
    }
    for _ in 0..options.starts {
        for side in &mut sides {
            stage.set(&case.scene);
            let (sandbox, started) = Sandbox::start(&side.program, &side.event).await?;
            side.ready.push(started.ready);
            side.answered.push(started.answered);
            side.start_cpu.push(sandbox.cpu()?.since(&Cpu::default()));
        }
    }
    let mut measured = Vec::new();
    for side in sides {
        measured.push(warm(stage, &case.scene, side, options).await?);
    }
    let mut measured = measured.into_iter();
    let (Some(ours), Some(baseline)) = (measured.next(), measured.next()) else {
        return Err(BenchError::unexpected("a comparison has two sides"));
    };
    let mut zip_bytes = zip_bytes(&bootstraps.path(case.function))?;
    if case.function.reads_policy() {
        zip_bytes += policy_bytes(&options.root)?;
    }
    Ok(Comparison { ours, baseline, tutorial: measured.next(), zip_bytes })
}

/// A start that is not measured: it warms the file cache and Python's, and shows what is called.
async fn first_look(stage: &Stage, scene: &Scene, program: Program, event: Value) -> Result<Side, BenchError> {
    stage.set(scene);
    let (mut sandbox, started) = Sandbox::start(&program, &event).await?;
    let first_calls = stage.take_calls();
    let left_behind = stage.scene().names();
    stage.set(scene);
    sandbox.invoke(&event).await?;
    let warm_calls = stage.take_calls();
    Ok(Side {
        program,
        event,
        ready: Vec::new(),
        answered: Vec::new(),
        start_cpu: Vec::new(),
        first_calls,
        warm_calls,
        first_answer: started.answer,
        left_behind,
    })
}

/// Whether both sides made the same calls, wrote the same items and objects, and came to the same.
fn same(case: &Case, ours: &Side, theirs: &Side) -> Result<(), BenchError> {
    for (when, ours, theirs) in
        [("first", &ours.first_calls, &theirs.first_calls), ("warm", &ours.warm_calls, &theirs.warm_calls)]
    {
        if ours.counts() != theirs.counts() {
            return Err(BenchError::NotTheSame(format!(
                "{}: the baseline does not make the {when} call's calls.\n  ours:   {ours}\n  theirs: {theirs}",
                case.name
            )));
        }
    }
    let differing: Vec<&String> = ours.left_behind.symmetric_difference(&theirs.left_behind).collect();
    if !differing.is_empty() {
        return Err(BenchError::NotTheSame(format!("{}: only one side leaves {differing:?}", case.name)));
    }
    for pointer in case.same {
        let (ours, theirs) = (ours.first_answer.pointer(pointer), theirs.first_answer.pointer(pointer));
        if ours.is_none() || ours != theirs {
            let shown = |value: Option<&Value>| value.map_or_else(|| "nothing".into(), Value::to_string);
            return Err(BenchError::NotTheSame(format!(
                "{}: the baseline answers {pointer} {} where ours is {}",
                case.name,
                shown(theirs),
                shown(ours)
            )));
        }
    }
    Ok(())
}

async fn warm(stage: &Stage, scene: &Scene, side: Side, options: &Options) -> Result<Measured, BenchError> {
    stage.set(scene);
    let (mut sandbox, _) = Sandbox::start(&side.program, &side.event).await?;
    let before = sandbox.cpu()?;
    for _ in 0..options.warm_calls {
        stage.set(scene);
        sandbox.invoke(&side.event).await?;
    }
    let used = sandbox.cpu()?.since(&before);
    let missing = || BenchError::unexpected("nothing was started");
    Ok(Measured {
        ready: median_duration(&side.ready).ok_or_else(missing)?,
        answered: median_duration(&side.answered).ok_or_else(missing)?,
        start_cpu: median_duration(&side.start_cpu).ok_or_else(missing)?,
        warm_cpu: used / options.warm_calls,
        peak_rss: sandbox.peak_rss()?,
        first_calls: side.first_calls,
        warm_calls: side.warm_calls,
    })
}
