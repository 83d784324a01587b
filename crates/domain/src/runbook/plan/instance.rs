//! An instance: stopped, imaged, left alone, terminated.

use crate::process::observation::Instance;
use crate::runbook::action::Action;
use crate::runbook::plan::writing::{Draft, step};
use crate::runbook::step::StepId;

/// What stopping loses. It is said of every instance alike, because a stopped one no longer shows what it had.
const LOST_BY_STOPPING: &str = "its auto-assigned public IPv4 address if it has one (an Elastic IP stays), the data on \
                                its instance store volumes, and what is only in its memory";

pub(super) fn steps(draft: &mut Draft, instance: &Instance) -> Result<(), String> {
    if instance.root_device_type.as_deref() != Some("ebs") {
        let root = instance.root_device_type.as_deref().unwrap_or("unknown");
        return Err(format!("its root device is {root}: only one on EBS can be stopped, imaged and started again"));
    }
    if let Some(lifecycle) = &instance.lifecycle {
        return Err(format!(
            "its lifecycle is {lifecycle}: the request or reservation that launched it decides whether it can be stopped, \
             and may launch another in its place; cancel that instead"
        ));
    }
    if instance.volumes.is_empty() {
        return Err("it has no EBS volume, so no image could hold anything of it".into());
    }
    let id = draft.id();
    let tagged = draft.tagged();
    let stopped = draft.add(
        step(&StepId::new("stop-instance"), Action::StopInstance, format!("Stops instance {id}."))
            .with("instance_id", id.as_str())
            .requires(
                "its state is running or stopped; a stopped one is left as it is, and never started by a rollback",
            )
            .proved_by("its state is stopped")
            .loses(LOST_BY_STOPPING)
            .undone_by(
                Action::StartInstance,
                [],
                Some(
                    "the public IPv4 address that was assigned to it (it is assigned another one), the data on its \
                     instance store volumes, and what was only in its memory"
                        .into(),
                ),
            ),
        &[&tagged],
    );
    let imaged = draft.add(
        step(
            &StepId::new("create-image"),
            Action::CreateImage,
            format!(
                "Makes an image of the stopped instance {id}, with a snapshot of {}, and keeps it for {}. The instance is \
                 not restarted.",
                volumes(instance),
                draft.kept_for()
            ),
        )
        .with("instance_id", id.as_str())
        .requires("stop-instance is proved done, so that the image holds its last state")
        .proved_by("the image's state is available"),
        &[&stopped],
    );
    let verified = draft.add(
        step(&StepId::new("verify-backup"), Action::VerifyBackup, format!("Holds the image against instance {id}."))
            .with_output("backup", &imaged, "image_id")
            .with("of", id.as_str())
            .requires("the image's state is available")
            .proved_by(
                "for every EBS volume of the instance the image has, at the same device, a completed snapshot of that \
             volume, of the same size and no less encrypted, under the same key",
            ),
        &[&imaged],
    );
    let soaked = draft.soak("the instance stands stopped, and can be started again.", &[&verified]);
    draft.add(
        step(
            &StepId::new("terminate-instance"),
            Action::TerminateInstance,
            format!("Terminates instance {id}. {}", stays(instance)),
        )
        .with("instance_id", id.as_str())
        .requires("its state is stopped")
        .requires("its backup is still there, and passes verify-backup once more")
        .requires("its termination protection is off")
        .proved_by("its state is terminated, or EC2 does not know it any more")
        .recovered_by(recovery(instance), Some(&verified)),
        &[&soaked],
    );
    Ok(())
}

fn volumes(instance: &Instance) -> String {
    match instance.volumes.len() {
        1 => "its EBS volume".into(),
        count => format!("each of its {count} EBS volumes"),
    }
}

/// What outlives the instance.
fn stays(instance: &Instance) -> String {
    let mut stay = Vec::new();
    let mut volumes: Vec<&str> = instance
        .volumes
        .iter()
        .filter(|volume| !volume.delete_on_termination)
        .map(|volume| volume.volume_id.as_str())
        .collect();
    volumes.sort_unstable();
    if !volumes.is_empty() {
        stay.push(format!("volumes {} (not deleted on termination)", volumes.join(", ")));
    }
    let addresses: Vec<&str> = instance.allocation_ids.iter().map(|id| id.as_str()).collect();
    if !addresses.is_empty() {
        stay.push(format!("Elastic IPs {} (disassociated, and paid for)", addresses.join(", ")));
    }
    let interfaces: Vec<&str> = instance.network_interface_ids.iter().map(|id| id.as_str()).collect();
    if !interfaces.is_empty() {
        stay.push(format!("of the network interfaces {} those not deleted on termination", interfaces.join(", ")));
    }
    if stay.is_empty() {
        "Nothing of it stays behind.".into()
    } else {
        format!("What stays behind: {}.", stay.join("; "))
    }
}

fn recovery(instance: &Instance) -> String {
    let zone = instance.availability_zone.as_deref().map(|zone| format!(" in {zone}")).unwrap_or_default();
    let groups: Vec<&str> = instance.security_group_ids.iter().map(|id| id.as_str()).collect();
    let groups = if groups.is_empty() { String::new() } else { format!(" with security groups {}", groups.join(", ")) };
    format!(
        "Launch a {} from the image that create-image gives{zone}{groups}. It has all data of the EBS volumes, but another \
         id, another private address unless the old one is asked for, and its Elastic IPs only once they are associated \
         with it.",
        instance.instance_type
    )
}
