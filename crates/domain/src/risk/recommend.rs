//! What to do about what an assessment found: the function that the first description called and never had (C21, C50).

use crate::process::observation::{Activity, Configuration, Instance, Manager, Observation};
use crate::process::terms::Terms;
use crate::risk::business::Business;
use crate::risk::dependents::{Dependents, named};
use crate::risk::instance_family::is_ebs_only;
use crate::risk::recovery::recovery;
use crate::time::Timestamp;

/// A sign of life within this time is one to ask about.
const RECENT_SECONDS: i64 = 30 * 86_400;

/// Advice, the most urgent first; never none.
#[must_use]
pub fn recommendations(
    observation: &Observation,
    business: &Business,
    managed_by: &[Manager],
    terms: &Terms,
    now: Timestamp,
) -> Vec<String> {
    let mut advice = Vec::new();
    let dependents = Dependents::of(observation);
    for manager in managed_by {
        advice.push(format!("It is managed by {}: {}.", manager.service, manager.change_instead));
    }
    let unread: Vec<_> = dependents.unread.iter().chain(&dependents.unread_of_others).map(String::as_str).collect();
    if !unread.is_empty() {
        advice.push(format!("Assess again once this can be read: {}.", unread.join(", ")));
    }
    if !dependents.critical.is_empty() {
        advice.push(format!(
            "Move what needs it first, or agree with its owners that it ends too: {}.",
            named(&dependents.critical)
        ));
    } else if !dependents.seen.is_empty() {
        advice.push(format!("Tell those who use it: {}.", named(&dependents.seen)));
    }
    if let Some(Activity { at, what }) = &observation.last_activity
        && now.seconds_since(*at) < RECENT_SECONDS
    {
        advice.push(format!("It {what} as late as {at}: ask who did that."));
    }
    if business.environment.written.is_none() {
        advice.push("Find out its environment and write it down, in ResourceTracking or in a tag Environment.".into());
    }
    if let Some(disagreement) = &business.environment.disagreement {
        advice.push(format!("Settle which environment it belongs to: {disagreement}."));
    }
    if business.impact.owner == "unknown" {
        advice.push("Find its owner and write the name down, in ResourceTracking or in a tag owner.".into());
    }
    if let Some(found) = &observation.found {
        match recovery(&found.configuration) {
            Some(_) if !matches!(found.configuration, Configuration::SecurityGroup(_)) => advice.push(format!(
                "If its data must be kept longer than {} days, copy the backup before they are over.",
                terms.backup_retention_days
            )),
            Some(_) => {}
            None => advice.push("Make sure that nobody needs it again: nothing brings it back.".into()),
        }
        of_type(&found.configuration, &mut advice);
    }
    if advice.is_empty() {
        advice.push("Nothing that was read speaks against it.".into());
    }
    advice
}

fn of_type(configuration: &Configuration, advice: &mut Vec<String>) {
    match configuration {
        Configuration::Instance(instance) => of_instance(instance, advice),
        Configuration::Volume(volume) => {
            for attachment in &volume.attachments {
                if attachment.instance_state.as_deref() != Some("stopped") {
                    advice.push(format!(
                        "Unmount it on {} before it is detached: what is not written yet would be lost.",
                        attachment.instance_id
                    ));
                }
            }
        }
        Configuration::Snapshot(snapshot) => {
            if snapshot.storage_tier.as_deref() == Some("archive") {
                advice.push("It is archived: AWS charges at least 90 days of that tier whenever it goes.".into());
            }
            advice.push("Look for its id where nobody looked: launch templates' devices, Terraform, scripts.".into());
        }
        Configuration::Image(image) => {
            if !image.launch_permissions.is_empty() {
                advice.push("Tell those it is shared with: what they launch from it cannot be seen from here.".into());
            }
            advice.push("Look for its id where no AWS API looks: Terraform, scripts, other accounts.".into());
        }
        Configuration::Address(address) => {
            advice.push(format!(
                "Look for {} in DNS records and in others' allow lists: whoever gets it next would answer for you.",
                address.public_ip
            ));
        }
        Configuration::SecurityGroup(_) => {
            advice.push("Look for its id where no AWS API looks: Terraform and scripts.".into());
        }
    }
}

fn of_instance(instance: &Instance, advice: &mut Vec<String>) {
    if let Some(address) = &instance.auto_assigned_public_ip {
        advice.push(format!("Look for {address} in DNS records: the address is lost as soon as the instance stops."));
    }
    if !is_ebs_only(&instance.instance_type) {
        advice.push("Save what lies on instance-store volumes: it is lost as soon as the instance stops.".into());
    }
    let staying: Vec<_> = instance
        .volumes
        .iter()
        .filter(|volume| !volume.delete_on_termination)
        .map(|volume| volume.volume_id.as_str())
        .collect();
    if !staying.is_empty() {
        advice.push(format!("Retire the volumes that stay behind it after it: {}.", staying.join(", ")));
    }
    if !instance.allocation_ids.is_empty() {
        let ids: Vec<_> = instance.allocation_ids.iter().map(|id| id.as_str()).collect();
        advice.push(format!("Retire the addresses that stay behind it after it: {}.", ids.join(", ")));
    }
}

#[cfg(test)]
mod tests;
