//! What is gone, and what was kept.

use serde::Serialize;

use crate::process::observation::Configuration;
use crate::process::record::StepState;
use crate::process::report::Material;
use crate::process::report::step::StepReport;
use crate::process::report::way_back::Presence;
use crate::process::validation::{Leftover, backups_kept_until};
use crate::runbook::action::Action;

/// Something that is gone, or that was kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Removed {
    /// What it is: its kind and id.
    pub what: String,
    /// How it went, or why it was kept.
    pub how: String,
}

/// What is gone: what an irreversible step ended, and what went with it. Nothing that is not proved.
#[must_use]
pub fn removed(material: &Material<'_>, steps: &[StepReport<'_>], presence: Presence) -> Vec<Removed> {
    if material.is_dry_run() {
        return Vec::new();
    }
    let resource = &material.record.resource;
    let ends = Action::that_ends(resource.resource_type());
    let mut gone = Vec::new();
    if presence == Presence::Gone {
        let called = steps.iter().any(|step| step.action() == Some(ends) && step.may_have_changed_something());
        let how = match (material.validation, called) {
            (_, false) => "gone, and not by a call of this process".to_owned(),
            (Some(validation), true) => validation.gone.to_string(),
            (None, true) => format!("{ends} is proved done"),
        };
        gone.push(Removed { what: resource.to_string(), how });
        let before = material.first_assessment().and_then(|assessment| assessment.observation.found.as_ref());
        if let Some(Configuration::Instance(instance)) = before.map(|found| &found.configuration) {
            for volume in instance.volumes.iter().filter(|volume| volume.delete_on_termination) {
                gone.push(Removed {
                    what: format!("volume {}", volume.volume_id),
                    how: format!("was at {}, and set to go with the instance", volume.device),
                });
            }
        }
    }
    for step in
        steps.iter().filter(|step| step.action() == Some(Action::DeleteSnapshot) && ends != Action::DeleteSnapshot)
    {
        let (Some(planned), Some(StepState::Done)) = (step.planned, step.state()) else { continue };
        if let Some(id) = planned.literal("snapshot_id") {
            gone.push(Removed {
                what: format!("snapshot {id}"),
                how: "a snapshot of the image, deleted after it".into(),
            });
        }
    }
    gone
}

/// What was kept: the resource itself where it stays, and the backups.
#[must_use]
pub fn kept(material: &Material<'_>, presence: Presence, left: &[Leftover]) -> Vec<Removed> {
    let mut kept = Vec::new();
    let what = material.record.resource.to_string();
    match presence {
        Presence::There => kept.push(Removed { what, how: "this process did not end it".into() }),
        Presence::NotKnown => {
            let found = material.validation.map(|validation| validation.gone.to_string());
            let how = found.unwrap_or_else(|| "a call that ends it may have been made, and nothing proves it".into());
            kept.push(Removed { what, how });
        }
        Presence::Gone => {}
    }
    let until = backups_kept_until(material.record);
    kept.extend(
        left.iter().filter(|it| it.is_backup).map(|it| Removed {
            what: format!("{} {}", it.kind, it.id),
            how: format!("{}, kept until {until}", it.why),
        }),
    );
    kept
}
