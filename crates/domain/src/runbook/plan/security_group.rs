//! A security group: taken off its network interfaces, left alone, deleted.

use serde_json::json;

use crate::process::observation::{Member, SecurityGroup};
use crate::runbook::action::Action;
use crate::runbook::plan::writing::{Draft, Writing, step};
use crate::runbook::step::StepId;

pub(super) fn steps(draft: &mut Draft, group: &SecurityGroup) -> Result<(), String> {
    let id = draft.id();
    let tagged = draft.tagged();
    if group.group_name == "default" {
        return Err("it is the default group of its VPC, which goes only with the VPC".into());
    }
    let mut members: Vec<&Member> = group.members.iter().collect();
    members.sort_by_key(|member| &member.network_interface_id);
    let mut detached = Vec::new();
    for member in members {
        detached.push(draft.add(detach(&id, member)?, &[&tagged]));
    }
    let before_the_soak: Vec<&StepId> = if detached.is_empty() { vec![&tagged] } else { detached.iter().collect() };
    let soaked =
        draft.soak("no network interface stands in the group, and each can be given it back.", &before_the_soak);
    draft.add(
        step(
            &StepId::new("delete-security-group"),
            Action::DeleteSecurityGroup,
            format!("Deletes security group {id} with its {} rules.", group.rules.len()),
        )
        .with("security_group_id", id.as_str())
        .requires("no network interface stands in it")
        .requires("no rule of another group names it")
        .proved_by("EC2 does not know it any more")
        .recovered_by(
            "Make it again from the recorded name, description, VPC and rules. It has another id: whatever names the old \
             one must be told.",
            None,
        ),
        &[&soaked],
    );
    Ok(())
}

fn detach(id: &str, member: &Member) -> Result<Writing, String> {
    let interface = &member.network_interface_id;
    if let Some(requester) = &member.requester_id {
        return Err(format!(
            "network interface {interface} stands in it and was made by {requester}, which alone may change it: change \
             the groups there first"
        ));
    }
    if member.group_ids.iter().all(|group| group.as_str() == id) {
        return Err(format!(
            "network interface {interface} stands in no other group, and an interface needs one: give it another first"
        ));
    }
    let who = member.instance_id.as_ref().map(|id| format!(" of instance {id}")).unwrap_or_default();
    let groups: Vec<&str> = member.group_ids.iter().map(|group| group.as_str()).collect();
    Ok(step(
        &StepId::new(&format!("detach-security-group-{interface}")),
        Action::DetachSecurityGroup,
        format!("Takes the group off network interface {interface}{who}, which keeps its other groups."),
    )
    .with("security_group_id", id)
    .with("network_interface_id", interface.as_str())
    .with("group_ids_before", json!(groups))
    .requires(format!("{interface} exists; if {id} is not among its groups any more, the step is skipped"))
    .proved_by(format!("{id} is not among the groups of {interface}"))
    .loses(format!("what only this group's rules let through to and from {interface} is refused meanwhile"))
    .undone_by(Action::AttachSecurityGroup, [], None))
}
