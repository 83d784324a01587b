//! A volume: detached, copied to a snapshot, left alone, deleted.

use crate::process::observation::{Attachment, Volume};
use crate::runbook::action::Action;
use crate::runbook::plan::writing::{Draft, Writing, step};
use crate::runbook::step::StepId;

pub(super) fn steps(draft: &mut Draft, volume: &Volume) -> Result<(), String> {
    let id = draft.id();
    let tagged = draft.tagged();
    let mut attachments: Vec<&Attachment> = volume.attachments.iter().collect();
    attachments.sort_by_key(|attachment| (&attachment.instance_id, &attachment.device));
    let mut detached = Vec::new();
    for attachment in attachments {
        detached.push(draft.add(detach(&id, attachment), &[&tagged]));
    }
    let before_the_copy: Vec<&StepId> = if detached.is_empty() { vec![&tagged] } else { detached.iter().collect() };
    let copied = draft.add(
        step(
            &StepId::new("create-snapshot"),
            Action::CreateSnapshot,
            format!("Makes a snapshot of volume {id}, and keeps it for {}.", draft.kept_for()),
        )
        .with("volume_id", id.as_str())
        .requires("every detaching before it is proved done, so that nothing writes to it")
        .proved_by("the snapshot's state is completed"),
        &before_the_copy,
    );
    let verified = draft.add(
        step(&StepId::new("verify-backup"), Action::VerifyBackup, format!("Holds the snapshot against volume {id}."))
            .with_output("backup", &copied, "snapshot_id")
            .with("of", id.as_str())
            .requires("the snapshot's state is completed")
            .proved_by(format!(
                "the snapshot is of this volume, of its {} GiB, and {}",
                volume.size_gib,
                if volume.encrypted { "encrypted under the same key" } else { "no less encrypted" }
            )),
        &[&copied],
    );
    let soaked = draft.soak("the volume is attached to nothing, and can be attached again.", &[&verified]);
    draft.add(
        step(&StepId::new("delete-volume"), Action::DeleteVolume, format!("Deletes volume {id}."))
            .with("volume_id", id.as_str())
            .requires("its state is available")
            .requires("its backup is still there, and passes verify-backup once more")
            .proved_by("EC2 does not know it any more")
            .recovered_by(recovery(volume), Some(&verified)),
        &[&soaked],
    );
    Ok(())
}

fn detach(volume_id: &str, attachment: &Attachment) -> Writing {
    let Attachment { instance_id, device, .. } = attachment;
    let writing = step(
        &StepId::new(&format!("detach-volume-{instance_id}")),
        Action::DetachVolume,
        format!("Detaches volume {volume_id} from instance {instance_id} at {device}."),
    )
    .with("volume_id", volume_id)
    .with("instance_id", instance_id.as_str())
    .with("device", device.as_str())
    .requires(format!("it is attached to {instance_id} at {device}, or to nothing already"));
    let writing = if attachment.is_root {
        writing
            .requires(format!("the state of {instance_id} is stopped: EC2 detaches no root device from a running one"))
    } else {
        writing
    };
    writing
        .proved_by(format!("it has no attachment to {instance_id}"))
        .loses(format!(
            "instance {instance_id} gets errors where it still uses it; what it has not yet written to it is lost"
        ))
        .undone_by(
            Action::AttachVolume,
            [],
            Some(if attachment.delete_on_termination {
                format!(
                    "its mount within {instance_id}, and its DeleteOnTermination, which was true: attached again, it \
                     outlives the instance"
                )
            } else {
                format!("its mount within {instance_id}")
            }),
        )
}

fn recovery(volume: &Volume) -> String {
    let mut of = vec![volume.volume_type.clone(), format!("{} GiB", volume.size_gib)];
    of.extend(volume.iops.map(|iops| format!("{iops} IOPS")));
    of.extend(volume.throughput_mib_a_second.map(|throughput| format!("{throughput} MiB/s")));
    if volume.encrypted {
        let key = volume.kms_key_id.as_deref().unwrap_or("the account's default key");
        of.push(format!("encrypted under {key}"));
    }
    format!(
        "Make a volume ({}) from the snapshot that create-snapshot gives in {}. It has all data, but another id.",
        of.join(", "),
        volume.availability_zone
    )
}
