//! What one call works on: the process as last written, its plan, and how far its steps are.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sunset_aws::ledger::Change;
use sunset_domain::ids::ProcessId;
use sunset_domain::process::audit::EventType;
use sunset_domain::process::cursor::{Steps, wait_seconds};
use sunset_domain::process::record::{ProcessRecord, StepRecord};
use sunset_domain::process::status::Status;
use sunset_domain::runbook::plan_document::Plan;
use sunset_domain::runbook::step::Step;
use sunset_function::{FunctionError, ProcessContext};

/// A call begins no further step after this, so that it ends well within the function's timeout.
const BUDGET: Duration = Duration::from_secs(45);

/// One call's work.
pub struct Work<'a> {
    /// Where it runs.
    pub context: &'a ProcessContext,
    /// The process as last written.
    pub record: ProcessRecord,
    /// Its newest plan.
    pub plan: Plan,
    /// How far its steps are.
    pub steps: Steps,
    began: Instant,
}

impl<'a> Work<'a> {
    /// Reads everything; nothing where the process has no plan yet.
    pub async fn read(context: &'a ProcessContext, record: ProcessRecord) -> Result<Option<Work<'a>>, FunctionError> {
        if record.plan == 0 {
            return Ok(None);
        }
        let plan = context.plan(&record).await?;
        let steps = context.processes.steps(&record.process_id).await?;
        Ok(Some(Self { context, record, plan, steps, began: Instant::now() }))
    }

    /// The process.
    pub fn process_id(&self) -> &ProcessId {
        &self.record.process_id
    }

    /// Whether the time is up.
    pub fn is_late(&self) -> bool {
        self.began.elapsed() > BUDGET
    }

    /// The process as it is while steps are taken.
    pub fn at_work(&self) -> Result<ProcessRecord, FunctionError> {
        let next = self.record.clone();
        if next.status == Status::InProgress || next.status.is_end() {
            return Ok(next);
        }
        let process_id = next.process_id.clone();
        next.at(Status::InProgress).map_err(|no_way| FunctionError::Stale(format!("process {process_id}: {no_way}")))
    }

    /// A change of a step.
    pub fn change(
        &self,
        event: EventType,
        step: &Step,
        record: &StepRecord,
        more: Value,
    ) -> Result<Change, FunctionError> {
        let after = self.at_work()?;
        self.change_to(after, event, step, record, more)
    }

    /// A change of a step and of the process.
    pub fn change_to(
        &self,
        after: ProcessRecord,
        event: EventType,
        step: &Step,
        record: &StepRecord,
        more: Value,
    ) -> Result<Change, FunctionError> {
        let data = json!({
            "step": step.id,
            "action": step.action,
            "state": record.state,
            "attempts": record.attempts,
            "undo_attempts": record.undo_attempts,
            "inputs": record.inputs,
            "outputs": record.outputs,
            "error": record.error,
            "more": more,
        });
        Ok(Change::to(after, event, "function:execute", self.context.now(), data).step(record)?)
    }

    /// Writes a change of a step.
    pub async fn commit(&mut self, change: Change, record: StepRecord) -> Result<(), FunctionError> {
        self.record = self.context.processes.commit(&self.record, change).await?;
        self.steps.insert(record.step.clone(), record);
        Ok(())
    }

    /// Says how long to wait for a step, and makes the next wait longer.
    pub async fn wait(&mut self, step: &Step, record: Option<&StepRecord>, what: &str) -> Result<Value, FunctionError> {
        let looks = record.map_or(0, |record| record.looks);
        if let Some(record) = record {
            let looked = StepRecord { looks: looks.saturating_add(1), ..record.clone() };
            self.context.processes.looked(self.process_id(), &looked).await?;
        }
        Ok(self.waiting(&step.id.to_string(), what, wait_seconds(looks)))
    }

    /// The answer that asks to be called again.
    pub fn waiting(&self, step: &str, reason: &str, seconds: u32) -> Value {
        json!({
            "process_id": self.record.process_id,
            "state": "waiting",
            "wait_seconds": seconds,
            "mode": self.record.mode,
            "step": step,
            "reason": cut(reason),
        })
    }

    /// The answer that this direction is over.
    pub fn answer(&self, state: &str, step: &str, reason: &str) -> Value {
        json!({
            "process_id": self.record.process_id,
            "state": state,
            "wait_seconds": 0,
            "mode": self.record.mode,
            "step": step,
            "reason": cut(reason),
            "soak_seconds": self.record.terms.soak_seconds,
        })
    }
}

/// Documents live in the ledger; what travels through the state machine is short.
fn cut(text: &str) -> String {
    text.chars().take(1000).collect()
}
