//! An image: disabled, left alone, deregistered, and its snapshots deleted.

use serde_json::json;

use crate::ids::SnapshotId;
use crate::image::distinct_snapshot_ids;
use crate::launch_permission::LaunchPermission;
use crate::process::observation::Image;
use crate::runbook::action::Action;
use crate::runbook::plan::writing::{Draft, step};
use crate::runbook::step::StepId;

pub(super) fn steps(draft: &mut Draft, image: &Image) {
    let id = draft.id();
    let tagged = draft.tagged();
    let mut permissions = image.launch_permissions.clone();
    permissions.sort();
    permissions.dedup();
    let mut snapshots = distinct_snapshot_ids(&image.block_devices);
    snapshots.sort();
    let disabled = draft.add(
        step(
            &StepId::new("disable-image"),
            Action::DisableImage,
            format!("Disables image {id}: nothing can be launched from it. Instances that run from it go on."),
        )
        .with("image_id", id.as_str())
        .requires(
            "its state is available or disabled; a disabled one is left as it is, and never enabled by a rollback",
        )
        .proved_by("its state is disabled")
        .loses(lost_by_disabling(&permissions))
        .undone_by(Action::EnableImage, [("launch_permissions", json!(permissions))], None),
        &[&tagged],
    );
    let soaked = draft.soak("the image is disabled, and can be enabled again.", &[&disabled]);
    let deregister = step(
        &StepId::new("deregister-image"),
        Action::DeregisterImage,
        format!("Deregisters image {id}. {}", what_follows(&snapshots)),
    )
    .with("image_id", id.as_str())
    .requires("its state is disabled")
    .requires("its deregistration protection is off")
    .proved_by("its state is deregistered, or EC2 does not know it any more");
    let deregister = if snapshots.is_empty() {
        deregister
    } else {
        deregister.recovered_by(
            "As long as its snapshots exist, an image can be registered from them again, under another id and without its \
             launch permissions. The next steps delete them.",
            None,
        )
    };
    let deregistered = draft.add(deregister, &[&soaked]);
    for snapshot in &snapshots {
        draft.add(
            step(
                &StepId::new(&format!("delete-{snapshot}")),
                Action::DeleteSnapshot,
                format!(
                    "Deletes snapshot {snapshot} of image {id}. If something else holds it (another image, a share, a \
                     lock, a tag to keep it), the step is skipped and the snapshot stays: that is no failure. It is not \
                     copied before."
                ),
            )
            .with("snapshot_id", snapshot.as_str())
            .requires("this account owns it, and no tag keeps it")
            .requires("no image stands on it, registered or disabled")
            .requires("it is shared with nobody, and not locked")
            .proved_by("EC2 does not know it any more"),
            &[&deregistered],
        );
    }
}

fn lost_by_disabling(permissions: &[LaunchPermission]) -> String {
    if permissions.is_empty() {
        return "nothing can be launched from it meanwhile; it has no launch permissions to lose".into();
    }
    let with: Vec<String> = permissions.iter().map(LaunchPermission::to_string).collect();
    format!(
        "nothing can be launched from it meanwhile; its launch permissions ({}) are taken away, and given back by the \
         rollback",
        with.join(", ")
    )
}

fn what_follows(snapshots: &[SnapshotId]) -> String {
    match snapshots {
        [] => "It stands on no snapshot.".into(),
        [one] => format!("Its snapshot {one} follows."),
        many => format!("Its {} snapshots follow.", many.len()),
    }
}
