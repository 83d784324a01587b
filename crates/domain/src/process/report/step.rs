//! The steps of a process: what was planned, and how far each came.

use serde::Serialize;
use serde_json::Value;

use crate::policy::Mode;
use crate::process::audit::AuditEvent;
use crate::process::record::{StepRecord, StepState};
use crate::process::report::timeline::{details, settled_at};
use crate::runbook::action::{Action, Effect};
use crate::runbook::document::Runbook;
use crate::runbook::step::{Input, Step, StepId};
use crate::time::Timestamp;

/// One step.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StepReport<'a> {
    /// Which.
    pub id: &'a StepId,
    /// As planned; nothing for a record that the plan does not know.
    pub planned: Option<&'a Step>,
    /// As carried out; nothing for a step that was not reached.
    pub record: Option<&'a StepRecord>,
    /// How far it came, for people.
    pub stands: &'static str,
    /// When it came to rest.
    pub settled_at: Option<Timestamp>,
}

impl<'a> StepReport<'a> {
    /// Every step, in the plan's order, and after them whatever else the ledger holds.
    #[must_use]
    pub fn all(
        runbook: Option<&'a Runbook>,
        records: &'a [StepRecord],
        events: &[AuditEvent],
        mode: Mode,
    ) -> Vec<Self> {
        let planned = runbook.into_iter().flat_map(|runbook| &runbook.steps);
        let mut steps: Vec<Self> = planned
            .map(|step| {
                let record = records.iter().find(|record| record.step == step.id);
                Self::new(&step.id, Some(step), record, events, mode)
            })
            .collect();
        for record in records {
            if !steps.iter().any(|step| *step.id == record.step) {
                steps.push(Self::new(&record.step, None, Some(record), events, mode));
            }
        }
        steps
    }

    fn new(
        id: &'a StepId,
        planned: Option<&'a Step>,
        record: Option<&'a StepRecord>,
        events: &[AuditEvent],
        mode: Mode,
    ) -> Self {
        let stands = match (record, mode) {
            (Some(record), _) => stands(record),
            (None, Mode::DryRun) => "would be taken",
            (None, Mode::Live) => "not reached",
        };
        Self { id, planned, record, stands, settled_at: settled_at(events, id) }
    }

    /// What it does.
    #[must_use]
    pub fn action(&self) -> Option<Action> {
        self.planned.map(|step| step.action)
    }

    /// Whether it is irreversible.
    #[must_use]
    pub fn is_irreversible(&self) -> bool {
        self.planned.is_some_and(|step| step.effect == Effect::Irreversible)
    }

    /// How far it came.
    #[must_use]
    pub fn state(&self) -> Option<StepState> {
        self.record.map(|record| record.state)
    }

    /// Whether what it was to end was kept, for a reason that its record has.
    #[must_use]
    pub fn was_kept(&self) -> bool {
        self.record.is_some_and(|record| record.state == StepState::Skipped && record.error.is_some())
    }

    /// What else there is to say: what went wrong, why it was kept, or what its rehearsal showed.
    #[must_use]
    pub fn note(&self) -> String {
        let Some(record) = self.record else { return String::new() };
        match (&record.error, record.state) {
            (Some(error), _) => error.clone(),
            (None, StepState::Rehearsed) => details(&serde_json::json!(record.outputs)),
            (None, _) => String::new(),
        }
    }

    /// Whether it calls AWS at all: a record, a verification and a soak have nothing to take back.
    #[must_use]
    pub fn calls_aws(&self) -> bool {
        self.action().is_some_and(|action| !action.spec().iam_actions.is_empty())
    }

    /// Whether AWS may have been called for it. Only what was never reached, and what was found done, says no.
    #[must_use]
    pub fn may_have_changed_something(&self) -> bool {
        self.calls_aws()
            && self.state().is_some_and(|state| !matches!(state, StepState::Skipped | StepState::Rehearsed))
    }
}

fn stands(record: &StepRecord) -> &'static str {
    match record.state {
        StepState::Skipped if record.error.is_some() => "not done: it was kept, on purpose",
        StepState::Intended => "intended; whether it was called is not known",
        StepState::Called => "called, not proved",
        StepState::Done => "done",
        StepState::Skipped => "found done before it was called",
        StepState::Failed => "failed",
        StepState::UndoIntended => "its undo intended; whether that was called is not known",
        StepState::UndoCalled => "its undo called, not proved",
        StepState::Undone => "taken back",
        StepState::UndoFailed => "could not be taken back",
        StepState::Rehearsed => "rehearsed: looked at, and nothing was called",
    }
}

/// What an input is: as it was resolved when it was needed, as the plan has it, or as an earlier step gave it.
#[must_use]
pub fn resolved(input: &Input, steps: &[StepReport<'_>]) -> Option<Value> {
    match input {
        Input::Value(value) => Some(value.clone()),
        Input::Output { step, name } => {
            let from = steps.iter().find(|report| report.id == step)?;
            from.record?.outputs.get(name).cloned()
        }
    }
}
