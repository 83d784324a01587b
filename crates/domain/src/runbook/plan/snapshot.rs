//! A snapshot: left alone, deleted. EC2 has no step for it that could be taken back.

use crate::runbook::action::Action;
use crate::runbook::plan::writing::{Draft, step};
use crate::runbook::step::StepId;

pub(super) fn steps(draft: &mut Draft) {
    let id = draft.id();
    let tagged = draft.tagged();
    let soaked = draft.soak(
        "EC2 has no reversible step for a snapshot. Until the soak ends it can be used as before, and only its tag tells \
         that it goes.",
        &[&tagged],
    );
    draft.add(
        step(
            &StepId::new("delete-snapshot"),
            Action::DeleteSnapshot,
            format!(
                "Deletes snapshot {id}. It is not copied before: what only it holds is gone, unless a Recycle Bin rule of \
                 the account keeps it for a while."
            ),
        )
        .with("snapshot_id", id.as_str())
        .requires("no image stands on it, registered or disabled")
        .requires("it is shared with nobody, and not locked")
        .proved_by("EC2 does not know it any more"),
        &[&soaked],
    );
}
