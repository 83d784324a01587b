//! The fresh look before something irreversible.

use serde_json::Value;
use sunset_aws::driver;
use sunset_aws::ledger::Change;
use sunset_aws::observe::observe;
use sunset_domain::process::audit::EventType;
use sunset_domain::process::gate::{FreshLook, Refusal, may_destroy};
use sunset_domain::process::resource::{Resource, ResourceType};
use sunset_domain::risk::assess::assess;
use sunset_domain::risk::reassess::{Reassessment, compare};
use sunset_domain::runbook::action::{Action, Effect};
use sunset_domain::runbook::step::Step;
use sunset_function::FunctionError;

use crate::work::Work;
use crate::{step_call, window};

/// What the fresh look says.
pub enum Gate {
    /// Go on.
    Open,
    /// This one thing stays, for a reason that concerns it alone.
    Kept(String),
    /// Not now: the change window is closed.
    Closed(String),
    /// Nothing irreversible may happen.
    Shut(String),
}

/// Looks at everything that an irreversible step stands on, right before its intent. Other steps pass.
pub async fn gate(work: &Work<'_>, step: &Step, begun: bool) -> Result<Gate, FunctionError> {
    if step.effect != Effect::Irreversible {
        return Ok(Gate::Open);
    }
    let context = work.context;
    let window = window::state(context).await?;
    let hash =
        work.plan.runbook.hash().map_err(|error| FunctionError::Document { what: "plan", cause: error.to_string() })?;
    let ends = step.action == Action::that_ends(work.record.resource.resource_type());
    let own_snapshot = step.action == Action::DeleteSnapshot && !is_the_resource(work, step);
    let worse = if ends && !own_snapshot {
        let approved = work.record.approved_assessment.unwrap_or_default();
        let approved = context.assessment(&work.record, approved).await?;
        match compare(&approved, &context.look(&work.record).await, true) {
            Reassessment::Proceed => Vec::new(),
            Reassessment::Worse { reasons } => reasons,
        }
    } else {
        Vec::new()
    };
    let verified_by = step.recovery.as_ref().and_then(|recovery| recovery.verified_by.as_ref());
    let backup = match verified_by.and_then(|id| work.plan.runbook.step(id)) {
        Some(verify) => Some(driver::look(&context.clients, &step_call::forward(work, verify)?).await?),
        None => None,
    };
    let look = FreshLook { worse: &worse, backup: backup.as_ref(), window: &window, begun };
    match may_destroy(&work.record, &work.plan.runbook, &hash, step, look, context.now()) {
        Ok(()) if own_snapshot => snapshot_may_go(work, step).await,
        Ok(()) => Ok(Gate::Open),
        Err(closed @ Refusal::WindowClosed { .. }) => Ok(Gate::Closed(closed.to_string())),
        Err(refusal) => Ok(Gate::Shut(refusal.to_string())),
    }
}

fn is_the_resource(work: &Work<'_>, step: &Step) -> bool {
    step.literal("snapshot_id") == Some(work.record.resource.id())
}

/// A snapshot that goes after its image stays by itself where something holds it: another image, a lock, a tag.
async fn snapshot_may_go(work: &Work<'_>, step: &Step) -> Result<Gate, FunctionError> {
    let id = step.literal("snapshot_id").unwrap_or_default();
    let snapshot = Resource::new(ResourceType::Snapshot, id)
        .map_err(|error| FunctionError::Stale(format!("step {}: {error}", step.id)))?;
    let (context, record) = (work.context, &work.record);
    let now = context.now();
    let observation = observe(&context.clients, &snapshot, &context.teams, now).await;
    let seen = assess(observation, &record.terms, &context.account_id, Some(&record.process_id), 0, now);
    if seen.blocked.is_empty() {
        return Ok(Gate::Open);
    }
    Ok(Gate::Kept(seen.blocked.iter().map(|blocker| blocker.detail.as_str()).collect::<Vec<_>>().join("; ")))
}

/// What a shut gate means: the way back while nothing irreversible was intended, else a person.
pub async fn shut(work: &mut Work<'_>, step: &Step, why: String) -> Result<Value, FunctionError> {
    tracing::warn!(process_id = %work.process_id(), step = %step.id, why, "the fresh look forbids it");
    let state = if work.record.past_the_point_of_no_return { "failed" } else { "roll_back" };
    let mut after = work.record.clone();
    after.outcome = Some(why.clone());
    let data = serde_json::json!({"verdict": state, "step": step.id, "reasons": [&why]});
    let change = Change::to(after, EventType::Reassessed, "function:execute", work.context.now(), data);
    work.record = work.context.processes.commit(&work.record, change).await?;
    Ok(work.answer(state, step.id.as_str(), &why))
}
