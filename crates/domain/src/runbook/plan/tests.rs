use super::*;
use crate::process::observation::Blocker;
use crate::runbook::fixtures::{assessment, attachment, member, runbook};
use crate::runbook::step::{Input, OnFailure, Step};

fn shown(inputs: &std::collections::BTreeMap<String, Input>) -> String {
    let one = |(name, input): (&String, &Input)| match input {
        Input::Value(value) => format!("{name}={value}"),
        Input::Output { step, name: output } => format!("{name}={step}.{output}"),
    };
    inputs.iter().map(one).collect::<Vec<_>>().join(" ")
}

/// Each step in a line: name, what it comes after, inputs, way back.
fn outline(runbook: &Runbook) -> String {
    let line = |step: &Step| {
        let after: Vec<&str> = step.after.iter().map(|id| id.as_str()).collect();
        let back = step
            .rollback
            .as_ref()
            .map_or_else(String::new, |rollback| format!(" <- {} {}", rollback.action, shown(&rollback.inputs)));
        let id = runbook.resource.id();
        format!("{} [{}] {}{back}\n", step.id, after.join(" "), shown(&step.inputs))
            .replace(id, "ID")
            .replace(" \n", "\n")
    };
    runbook.steps.iter().map(line).collect()
}

fn changed(resource_type: ResourceType, change: impl Fn(&mut Configuration)) -> Result<Runbook, NoPlan> {
    let mut assessment = assessment(resource_type);
    change(&mut assessment.observation.found.as_mut().unwrap().configuration);
    plan(&assessment, &Terms::default())
}

macro_rules! with {
    ($kind:ident, |$it:ident| $change:expr) => {
        changed(ResourceType::$kind, |configuration| {
            let Configuration::$kind($it) = configuration else { panic!() };
            $change;
        })
    };
}

fn step<'a>(runbook: &'a Runbook, id: &str) -> &'a Step {
    runbook.steps.iter().find(|step| step.id.as_str() == id).unwrap()
}

#[test]
fn an_instance_is_stopped_before_its_last_state_is_imaged() {
    insta::assert_snapshot!(outline(&runbook(ResourceType::Instance)), @r#"
    record-configuration []
    tag-resource [record-configuration] resource_id="ID" <- untag_resource resource_id="ID"
    stop-instance [tag-resource] instance_id="ID" <- start_instance instance_id="ID"
    create-image [stop-instance] instance_id="ID"
    verify-backup [create-image] backup=create-image.image_id of="ID"
    soak [verify-backup]
    terminate-instance [soak] instance_id="ID"
    "#);
}

#[test]
fn a_volume_is_detached_from_every_instance_before_it_is_copied() {
    insta::assert_snapshot!(outline(&runbook(ResourceType::Volume)), @r#"
    record-configuration []
    tag-resource [record-configuration] resource_id="ID" <- untag_resource resource_id="ID"
    detach-volume-i-0a [tag-resource] device="/dev/sdf" instance_id="i-0a" volume_id="ID" <- attach_volume device="/dev/sdf" instance_id="i-0a" volume_id="ID"
    detach-volume-i-0b [tag-resource] device="/dev/sdf" instance_id="i-0b" volume_id="ID" <- attach_volume device="/dev/sdf" instance_id="i-0b" volume_id="ID"
    create-snapshot [detach-volume-i-0a detach-volume-i-0b] volume_id="ID"
    verify-backup [create-snapshot] backup=create-snapshot.snapshot_id of="ID"
    soak [verify-backup]
    delete-volume [soak] volume_id="ID"
    "#);
}

#[test]
fn a_snapshot_has_no_reversible_step_and_its_plan_says_so() {
    let runbook = runbook(ResourceType::Snapshot);
    insta::assert_snapshot!(outline(&runbook), @r#"
    record-configuration []
    tag-resource [record-configuration] resource_id="ID" <- untag_resource resource_id="ID"
    soak [tag-resource]
    delete-snapshot [soak] snapshot_id="ID"
    "#);
    assert!(step(&runbook, "soak").description.contains("EC2 has no reversible step for a snapshot"));
    assert_eq!(step(&runbook, "delete-snapshot").recovery, None);
    assert!(!runbook.is_recoverable());
}

#[test]
fn an_image_is_disabled_and_each_of_its_snapshots_goes_once_after_it() {
    insta::assert_snapshot!(outline(&runbook(ResourceType::Image)), @r#"
    record-configuration []
    tag-resource [record-configuration] resource_id="ID" <- untag_resource resource_id="ID"
    disable-image [tag-resource] image_id="ID" <- enable_image image_id="ID" launch_permissions=[{"kind":"account","value":"999999999999"},{"kind":"everybody"}]
    soak [disable-image]
    deregister-image [soak] image_id="ID"
    delete-snap-0a [deregister-image] snapshot_id="snap-0a"
    delete-snap-0b [deregister-image] snapshot_id="snap-0b"
    "#);
}

#[test]
fn an_address_is_taken_off_with_a_way_back_to_the_same_private_address() {
    insta::assert_snapshot!(outline(&runbook(ResourceType::Address)), @r#"
    record-configuration []
    tag-resource [record-configuration] resource_id="ID" <- untag_resource resource_id="ID"
    disassociate-address [tag-resource] allocation_id="ID" association_id="eipassoc-0a" <- associate_address allocation_id="ID" network_interface_id="eni-0a" private_ip="10.0.0.5"
    soak [disassociate-address]
    release-address [soak] allocation_id="ID"
    "#);
}

#[test]
fn a_security_group_is_taken_off_each_of_its_interfaces() {
    insta::assert_snapshot!(outline(&runbook(ResourceType::SecurityGroup)), @r#"
    record-configuration []
    tag-resource [record-configuration] resource_id="ID" <- untag_resource resource_id="ID"
    detach-security-group-eni-0a [tag-resource] group_ids_before=["sg-0a","ID"] network_interface_id="eni-0a" security_group_id="ID" <- attach_security_group group_ids_before=["sg-0a","ID"] network_interface_id="eni-0a" security_group_id="ID"
    detach-security-group-eni-0b [tag-resource] group_ids_before=["ID","sg-0b"] network_interface_id="eni-0b" security_group_id="ID" <- attach_security_group group_ids_before=["ID","sg-0b"] network_interface_id="eni-0b" security_group_id="ID"
    soak [detach-security-group-eni-0a detach-security-group-eni-0b]
    delete-security-group [soak] security_group_id="ID"
    "#);
}

#[test]
fn a_stopped_instance_gets_the_plan_of_a_running_one() {
    let stopped = with!(Instance, |it| {
        it.state = "stopped".into();
        it.auto_assigned_public_ip = None;
    });
    assert_eq!(stopped.unwrap(), runbook(ResourceType::Instance));
}

#[test]
fn the_end_of_an_instance_says_what_stays_and_how_to_have_it_again() {
    let runbook = runbook(ResourceType::Instance);
    let terminate = step(&runbook, "terminate-instance");
    assert!(
        terminate.description.contains("volumes vol-0data (not deleted on termination)"),
        "{}",
        terminate.description
    );
    assert!(!terminate.description.contains("vol-0root"));
    assert!(terminate.description.contains("eni-0a"));
    let recovery = terminate.recovery.as_ref().unwrap();
    assert!(recovery.how.starts_with("Launch a m7g.large from the image that create-image gives in eu-central-1a"));
    assert_eq!(recovery.verified_by.as_ref().unwrap().as_str(), "verify-backup");
    let loses = step(&runbook, "stop-instance").loses.as_deref().unwrap();
    for lost in ["auto-assigned public IPv4 address", "instance store", "memory"] {
        assert!(loses.contains(lost), "{loses}");
    }
}

#[test]
fn what_cannot_be_stopped_imaged_and_started_again_has_no_plan() {
    let refused = |runbook: Result<Runbook, NoPlan>| runbook.unwrap_err().to_string();
    let instance_store = with!(Instance, |it| it.root_device_type = Some("instance-store".into()));
    assert!(refused(instance_store).contains("its root device is instance-store"));
    assert!(refused(with!(Instance, |it| it.root_device_type = None)).contains("its root device is unknown"));
    assert!(refused(with!(Instance, |it| it.lifecycle = Some("spot".into()))).contains("its lifecycle is spot"));
    assert!(refused(with!(Instance, |it| it.volumes.clear())).contains("it has no EBS volume"));
}

#[test]
fn a_root_volume_is_detached_from_a_stopped_instance_only() {
    let runbook = with!(Volume, |it| it.attachments[0].is_root = true).unwrap();
    let stopped = "the state of i-0b is stopped: EC2 detaches no root device from a running one";
    assert!(step(&runbook, "detach-volume-i-0b").preconditions.contains(&stopped.to_owned()));
    assert!(!step(&runbook, "detach-volume-i-0a").preconditions.iter().any(|it| it.contains("root device")));
}

#[test]
fn attaching_again_does_not_bring_back_delete_on_termination() {
    let runbook = with!(Volume, |it| it.attachments[0].delete_on_termination = true).unwrap();
    let lost = |id| step(&runbook, id).rollback.as_ref().unwrap().does_not_bring_back.clone().unwrap();
    assert!(lost("detach-volume-i-0b").contains("DeleteOnTermination, which was true"));
    assert!(!lost("detach-volume-i-0a").contains("DeleteOnTermination"));
}

#[test]
fn a_volume_that_is_attached_to_nothing_is_copied_at_once() {
    let runbook = with!(Volume, |it| it.attachments.clear()).unwrap();
    assert_eq!(step(&runbook, "create-snapshot").after[0].as_str(), "tag-resource");
}

#[test]
fn two_attachments_to_one_instance_are_one_too_many() {
    let runbook =
        with!(Volume, |it| it.attachments = vec![attachment("i-0a", "/dev/sdf"), attachment("i-0a", "/dev/sdg")]);
    let findings = crate::runbook::check::check(&runbook.unwrap(), &crate::runbook::fixtures::everything_granted());
    assert!(!crate::runbook::check::is_fit(&findings));
}

#[test]
fn an_image_without_launch_permissions_or_snapshots_still_has_a_plan() {
    let runbook = with!(Image, |it| {
        it.block_devices.clear();
        it.launch_permissions.clear();
    })
    .unwrap();
    assert_eq!(
        step(&runbook, "disable-image").rollback.as_ref().unwrap().inputs["launch_permissions"],
        Input::Value(serde_json::json!([]))
    );
    let deregister = runbook.steps.last().unwrap();
    assert_eq!((deregister.id.as_str(), &deregister.recovery), ("deregister-image", &None));
}

#[test]
fn disabling_an_image_says_whose_launch_permissions_it_takes_away() {
    let runbook = runbook(ResourceType::Image);
    let loses = step(&runbook, "disable-image").loses.as_deref().unwrap();
    assert!(
        loses.contains("(account 999999999999, everybody) are taken away, and given back by the rollback"),
        "{loses}"
    );
    assert!(step(&runbook, "delete-snap-0a").description.contains("If something else holds it (another image"));
    assert_eq!(step(&runbook, "delete-snap-0a").on_failure, OnFailure::Hold);
}

#[test]
fn an_address_that_stands_on_nothing_is_released_after_the_soak() {
    let runbook = with!(Address, |it| it.association = None).unwrap();
    let ids: Vec<&str> = runbook.steps.iter().map(|step| step.id.as_str()).collect();
    assert_eq!(ids, ["record-configuration", "tag-resource", "soak", "release-address"]);
    let release = step(&runbook, "release-address");
    assert!(release.description.contains("AllocateAddress with Address=198.51.100.4"));
    assert_eq!(release.recovery, None);
}

#[test]
fn an_association_that_could_not_be_made_again_has_no_plan() {
    let unknown = with!(Address, |it| it.association.as_mut().unwrap().network_interface_id = None);
    assert!(unknown.unwrap_err().to_string().contains("eipassoc-0a names no network interface"));
}

#[test]
fn an_interface_that_would_stand_in_no_group_is_in_the_way() {
    let alone = with!(SecurityGroup, |it| it.members.push(member("eni-0c", &["sg-0123456789abcdef0"])));
    assert!(alone.unwrap_err().to_string().contains("network interface eni-0c stands in no other group"));
}

#[test]
fn an_interface_that_a_service_made_is_in_the_way() {
    let managed = with!(SecurityGroup, |it| it.members[0].requester_id = Some("amazon-elb".into()));
    assert!(managed.unwrap_err().to_string().contains("eni-0b stands in it and was made by amazon-elb"));
}

#[test]
fn the_default_group_has_no_plan() {
    let default = with!(SecurityGroup, |it| it.group_name = "default".into());
    assert!(default.unwrap_err().to_string().contains("it is the default group of its VPC"));
}

#[test]
fn what_was_not_read_does_not_exist_or_is_blocked_has_no_plan() {
    let refused = |change: &dyn Fn(&mut Assessment)| {
        let mut assessment = assessment(ResourceType::Volume);
        change(&mut assessment);
        plan(&assessment, &Terms::default()).unwrap_err().to_string()
    };
    let denied = Coverage::Denied { detail: "UnauthorizedOperation".into() };
    let volume = "EBSVolume vol-0123456789abcdef0";
    assert_eq!(
        refused(&|it| drop(it.observation.coverages.insert(Source::Resource, denied.clone()))),
        format!("{volume} was not read: denied: UnauthorizedOperation")
    );
    assert_eq!(refused(&|it| it.observation.coverages.clear()), format!("{volume} was not read: nobody looked"));
    assert_eq!(refused(&|it| it.observation.found = None), format!("{volume} does not exist"));
    assert_eq!(
        refused(&|it| it.blocked.push(Blocker { code: "kept".into(), detail: "its tag sunset:keep".into() })),
        format!("{volume} is blocked: its tag sunset:keep")
    );
    let other = crate::runbook::fixtures::configuration(ResourceType::Address);
    assert_eq!(
        refused(&|it| it.observation.found.as_mut().unwrap().configuration = other.clone()),
        format!("{volume} was read as ElasticIP")
    );
}

#[test]
fn the_terms_say_how_long_the_soak_is_and_backups_are_kept() {
    let terms = Terms { soak_seconds: 7_200, backup_retention_days: 30, ..Terms::default() };
    let runbook = plan(&assessment(ResourceType::Volume), &terms).unwrap();
    assert_eq!((runbook.soak_seconds, runbook.backup_retention_days), (7_200, 30));
    assert_eq!(step(&runbook, "soak").timeout_seconds, 7_200);
    assert!(step(&runbook, "soak").description.starts_with("Leaves it alone for 2 hours"));
    assert!(step(&runbook, "create-snapshot").description.contains("keeps it for 30 days"));
}
