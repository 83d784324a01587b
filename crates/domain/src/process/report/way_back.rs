//! The exact way back: for what was done, what takes it back; for what is gone, how to have it again.

mod recover;
mod undo;

use serde::Serialize;
use serde_json::Value;

use crate::process::observation::Found;
use crate::process::record::StepState;
use crate::process::report::Material;
use crate::process::report::step::{StepReport, resolved};
use crate::process::validation::{Gone, Leftover, backups_kept_until};
use crate::runbook::action::{Action, Effect};
use crate::runbook::step::Step;
use crate::time::Timestamp;

/// The way back from one step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WayBack {
    /// Which step.
    pub step: String,
    /// How far it came.
    pub stands: &'static str,
    /// What takes it back, or what was done about it.
    pub back: String,
    /// The commands, in order.
    pub commands: Vec<String>,
    /// What is not brought back by them.
    pub lost: Option<String>,
}

/// Whether the resource is gone, as far as anybody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It is there.
    There,
    /// It is gone.
    Gone,
    /// A call that ends it may have been made, and nobody has proved either.
    NotKnown,
}

/// Whether the resource is gone: by the look that proves it, else by the step that ends it.
#[must_use]
pub fn presence(material: &Material<'_>, steps: &[StepReport<'_>]) -> Presence {
    let ends = Action::that_ends(material.record.resource.resource_type());
    let ending = steps.iter().find(|step| step.action() == Some(ends)).filter(|step| !step.was_kept());
    let state = ending.and_then(StepReport::state).filter(|state| *state != StepState::Rehearsed);
    match (material.validation.map(|validation| &validation.gone), state) {
        (Some(Gone::Yes { .. }), _) => Presence::Gone,
        (Some(Gone::NotYet { .. }), None | Some(StepState::Failed)) | (None, None) => Presence::There,
        (None, Some(StepState::Done | StepState::Skipped)) => Presence::Gone,
        _ => Presence::NotKnown,
    }
}

/// What the commands are made from.
struct Known<'a> {
    region: Option<&'a str>,
    resource_id: &'a str,
    before: Option<&'a Found>,
    steps: &'a [StepReport<'a>],
    left: &'a [Leftover],
    backups_kept_until: Timestamp,
}

impl Known<'_> {
    /// An input of what takes a step back, else of the step itself.
    fn value(&self, step: &StepReport<'_>, name: &str) -> Option<Value> {
        let planned = step.planned?;
        let back = planned.rollback.as_ref().and_then(|rollback| rollback.inputs.get(name));
        back.and_then(|input| resolved(input, self.steps))
            .or_else(|| step.record.and_then(|record| record.inputs.get(name).cloned()))
            .or_else(|| planned.inputs.get(name).and_then(|input| resolved(input, self.steps)))
    }

    /// The same as text; a word in capitals stands for what nobody knows yet.
    fn text(&self, step: &StepReport<'_>, name: &str) -> String {
        match self.value(step, name) {
            Some(Value::String(text)) => text,
            _ => name.to_ascii_uppercase(),
        }
    }
}

/// The region of an execution's ARN.
fn region(execution_arn: &str) -> Option<&str> {
    let region = execution_arn.split(':').nth(3)?;
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (!region.is_empty() && region.chars().all(fits)).then_some(region)
}

/// The way back from every step that was taken, or in a dry run would be, in the order in which to go it: the last step
/// first.
#[must_use]
pub fn way_back(material: &Material<'_>, steps: &[StepReport<'_>], left: &[Leftover]) -> Vec<WayBack> {
    let known = Known {
        region: region(&material.record.execution_arn),
        resource_id: material.record.resource.id(),
        before: material.first_assessment().and_then(|assessment| assessment.observation.found.as_ref()),
        steps,
        left,
        backups_kept_until: backups_kept_until(material.record),
    };
    let presence = presence(material, steps);
    steps
        .iter()
        .rev()
        .filter(|step| step.calls_aws())
        .filter_map(|step| step.planned.map(|planned| (step, planned)))
        .filter_map(|(step, planned)| match step.state() {
            Some(StepState::Rehearsed) => Some(would_be(&known, step, planned)),
            Some(state) => Some(taken(&known, step, planned, state, presence)),
            None if material.is_dry_run() => Some(would_be(&known, step, planned)),
            None => None,
        })
        .collect()
}

/// What taking a step back does not bring back.
pub fn lost(planned: &Step) -> Option<String> {
    planned.rollback.as_ref().and_then(|rollback| rollback.does_not_bring_back.clone())
}

fn recovery(planned: &Step) -> String {
    let how = match &planned.recovery {
        Some(recovery) => recovery.how.clone(),
        None => "Nothing that this process made brings it back.".to_owned(),
    };
    match recover::chance(planned.action) {
        Some(chance) => format!("{how} {chance}"),
        None => how,
    }
}

fn taken(known: &Known<'_>, step: &StepReport<'_>, planned: &Step, state: StepState, presence: Presence) -> WayBack {
    let mut entry =
        WayBack { step: step.id.to_string(), stands: step.stands, back: String::new(), commands: vec![], lost: None };
    match (state, planned.effect) {
        (StepState::Skipped, _) if step.was_kept() => entry.back = "it was not done; nothing to take back".into(),
        (StepState::Skipped, _) => entry.back = "it was so before this process came, which does not change it".into(),
        (StepState::Undone, _) => {
            entry.back = "already taken back; nothing to do".into();
            entry.lost = lost(planned);
        }
        (state, Effect::Irreversible) => {
            let how = recovery(planned);
            entry.back = match state {
                StepState::Done => how,
                StepState::Failed => format!("it failed; if it took effect all the same: {how}"),
                _ => format!("look first whether it took effect; if it did: {how}"),
            };
            entry.commands = recover::commands(known, step, planned.action);
        }
        (_, Effect::Additive | Effect::Reversible) => match undo::commands(known, step, planned) {
            None => entry.back = kept(known, step),
            Some(_) if presence == Presence::Gone => {
                entry.back = "goes with the resource; the way back from the step that ended it holds it".into();
            }
            Some(commands) => {
                entry.back = match (state, presence) {
                    (StepState::Failed, _) => "it failed; if it took effect all the same, this takes it back",
                    (_, Presence::NotKnown) => "if the resource is still there, this takes it back",
                    (StepState::Done, _) => "this takes it back",
                    _ => "look first how far it came; this takes it back",
                }
                .into();
                entry.commands = commands;
                entry.lost = lost(planned);
            }
        },
    }
    entry
}

fn would_be(known: &Known<'_>, step: &StepReport<'_>, planned: &Step) -> WayBack {
    let (back, commands) = match planned.effect {
        Effect::Irreversible => (recovery(planned), recover::commands(known, step, planned.action)),
        Effect::Additive | Effect::Reversible => match undo::commands(known, step, planned) {
            Some(commands) => ("this would take it back".to_owned(), commands),
            None => ("a backup: nothing to take back".to_owned(), vec![]),
        },
    };
    WayBack { step: step.id.to_string(), stands: step.stands, back, commands, lost: lost(planned) }
}

fn kept(known: &Known<'_>, step: &StepReport<'_>) -> String {
    let outputs = step.record.into_iter().flat_map(|record| record.outputs.values());
    let ids: Vec<&str> = outputs.filter_map(Value::as_str).collect();
    let backups = known.left.iter().filter(|it| it.is_backup && ids.contains(&it.id.as_str()));
    let kept: Vec<String> = backups.map(|it| format!("{} {}", it.kind, it.id)).collect();
    if kept.is_empty() {
        "it may have made a backup that no record names; look for the tag sunset:process".into()
    } else {
        format!("nothing to take back: it made the backup {}, kept until {}", kept.join(", "), known.backups_kept_until)
    }
}
