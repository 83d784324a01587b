use serde_json::json;

use super::*;
use crate::process::resource::{Resource, ResourceType};
use crate::runbook::action::Action;
use crate::runbook::fixtures::{everything_granted, runbook};
use crate::runbook::step::{Input, OnFailure};

fn all(runbook: &Runbook) -> Vec<String> {
    check(runbook, &everything_granted())
        .iter()
        .filter(|finding| finding.severity != Severity::Info)
        .map(ToString::to_string)
        .collect()
}

fn step<'a>(runbook: &'a mut Runbook, id: &str) -> &'a mut Step {
    runbook.steps.iter_mut().find(|step| step.id.as_str() == id).unwrap()
}

fn at(runbook: &Runbook, id: &str) -> usize {
    runbook.steps.iter().position(|step| step.id.as_str() == id).unwrap()
}

fn remove(runbook: &mut Runbook, id: &str) -> Step {
    let at = at(runbook, id);
    let id = StepId::new(id);
    for step in &mut runbook.steps {
        step.after.retain(|after| *after != id);
    }
    runbook.steps.remove(at)
}

fn set(runbook: &mut Runbook, id: &str, name: &str, value: serde_json::Value) {
    step(runbook, id).inputs.insert(name.into(), Input::Value(value));
}

fn output(step: &str, name: &str) -> Input {
    Input::Output { step: StepId::new(step), name: name.into() }
}

/// Breaks the plan of a type in one way, and says everything that the checker has against it beyond what it had before.
macro_rules! broken {
    ($($name:ident: $kind:ident, |$it:ident| $change:expr => $expected:expr;)*) => {$(
        #[test]
        fn $name() {
            fn change($it: &mut Runbook) {
                $change;
            }
            let mut broken = runbook(ResourceType::$kind);
            let before = all(&broken);
            change(&mut broken);
            let new: Vec<String> = all(&broken).into_iter().filter(|finding| !before.contains(finding)).collect();
            assert_eq!(new, $expected);
        }
    )*};
}

broken! {
    an_unknown_schema: Instance, |it| {
        it.schema = 2
    } => [
        "error: is of schema 2, and only 1 is known",
    ];

    no_time: Instance, |it| {
        step(it, "stop-instance").timeout_seconds = 0
    } => [
        "error: stop-instance: has no time to be done in: its timeout is 0",
    ];

    an_effect_that_is_not_the_actions: Instance, |it| {
        step(it, "stop-instance").effect = Effect::Additive
    } => [
        "error: stop-instance: says that stop_instance is additive, and it is reversible",
    ];

    an_effect_that_hides_what_is_irreversible: Volume, |it| {
        step(it, "delete-volume").effect = Effect::Reversible
    } => [
        "error: delete-volume: says that delete_volume is reversible, and it is irreversible",
    ];

    a_missing_input: Volume, |it| {
        drop(step(it, "detach-volume-i-0a").inputs.remove("device"))
    } => [
        "error: detach-volume-i-0a: lacks the input device of detach_volume",
    ];

    a_superfluous_input: Volume, |it| {
        set(it, "delete-volume", "force", json!("true"))
    } => [
        "error: delete-volume: has the input force, which delete_volume does not take",
    ];

    an_input_of_the_wrong_form: SecurityGroup, |it| {
        set(it, "detach-security-group-eni-0a", "network_interface_id", json!(["eni-0a"]));
        step(it, "detach-security-group-eni-0a").rollback.as_mut().unwrap().inputs.insert("network_interface_id".into(), Input::Value(json!(["eni-0a"])));
    } => [
        "error: detach-security-group-eni-0a: has [\"eni-0a\"] as network_interface_id, which cannot be right",
        "error: detach-security-group-eni-0a: its rollback has [\"eni-0a\"] as network_interface_id, which cannot be right",
    ];

    a_launch_permission_that_nobody_can_read: Image, |it| {
        drop(step(it, "disable-image").rollback.as_mut().unwrap().inputs.insert("launch_permissions".into(), Input::Value(json!(["all"]))))
    } => [
        "error: disable-image: its rollback has [\"all\"] as launch_permissions, which cannot be right",
    ];

    an_input_from_no_step: Volume, |it| {
        drop(step(it, "verify-backup").inputs.insert("backup".into(), output("copy", "snapshot_id")))
    } => [
        "error: verify-backup: takes backup from copy, which is no step",
        "error: delete-volume: stands on verify-backup, which verifies no backup that a step before it makes of the same resource",
    ];

    an_input_from_a_step_that_is_not_earlier: Volume, |it| {
        drop(step(it, "verify-backup").inputs.insert("backup".into(), output("verify-backup", "snapshot_id")))
    } => [
        "error: verify-backup: takes backup from verify-backup, which is not done before it",
        "error: delete-volume: stands on verify-backup, which verifies no backup that a step before it makes of the same resource",
    ];

    an_input_from_an_output_that_is_not_given: Volume, |it| {
        drop(step(it, "verify-backup").inputs.insert("backup".into(), output("create-snapshot", "image_id")))
    } => [
        "error: verify-backup: takes backup from create-snapshot, which gives no image_id",
    ];

    two_steps_of_one_name: Volume, |it| {
        step(it, "detach-volume-i-0b").id = StepId::new("detach-volume-i-0a")
    } => [
        "error: detach-volume-i-0a: is the name of more than one step",
        "error: create-snapshot: comes after detach-volume-i-0b, which is no step of this runbook",
    ];

    after_what_is_no_step: Snapshot, |it| {
        step(it, "soak").after.push(StepId::new("wait"))
    } => [
        "error: soak: comes after wait, which is no step of this runbook",
    ];

    a_cycle: Instance, |it| {
        step(it, "create-image").after.push(StepId::new("verify-backup"))
    } => [
        "error: create-image: comes after verify-backup, which comes after it: a cycle",
    ];

    a_cycle_of_one: Instance, |it| {
        step(it, "create-image").after.push(StepId::new("create-image"))
    } => [
        "error: create-image: comes after create-image, which comes after it: a cycle",
    ];

    a_step_before_what_it_must_follow: Volume, |it| {
        step(it, "detach-volume-i-0a").after.push(StepId::new("detach-volume-i-0b"))
    } => [
        "error: detach-volume-i-0a: comes after detach-volume-i-0b, but stands before it",
    ];

    two_soaks: Snapshot, |it| {
        let soak = it.steps[2].clone();
        it.steps.insert(3, Step { id: StepId::new("again"), ..soak });
    } => [
        "error: again: is a second soak: there is one between what can be taken back and what cannot",
    ];

    something_irreversible_without_a_soak: SecurityGroup, |it| {
        drop(remove(it, "soak"))
    } => [
        "error: delete-security-group: is irreversible, and no soak comes before it",
        "error: delete-security-group: waits for a person when it fails, and everything can still be taken back",
    ];

    nothing_that_ends_the_resource: Volume, |it| {
        drop(remove(it, "delete-volume"))
    } => [
        "error: holds no delete_volume: nothing in it ends EBSVolume vol-0123456789abcdef0",
    ];

    two_ends: Volume, |it| {
        let end = it.steps.last().unwrap().clone();
        it.steps.push(Step { id: StepId::new("again"), ..end });
    } => [
        "error: again: is a second delete_volume",
    ];

    an_end_for_another_type: Volume, |it| {
        let mut other = step(it, "delete-volume").clone();
        other.id = StepId::new("more");
        other.action = Action::DeleteSnapshot;
        other.recovery = None;
        other.inputs = [("snapshot_id".to_owned(), Input::Value(json!("vol-0123456789abcdef0")))].into();
        it.steps.push(other);
    } => [
        "error: more: delete_snapshot ends no EBSVolume",
        "warning: more: has no recovery: what it ends is gone for good",
    ];

    an_irreversible_step_for_another_resource: Snapshot, |it| {
        set(it, "delete-snapshot", "snapshot_id", json!("snap-0other"))
    } => [
        "error: delete-snapshot: acts on \"snap-0other\", and this runbook is for EBSSnapshot snap-0123456789abcdef0",
    ];

    a_reversible_step_for_another_resource: Image, |it| {
        it.resource = Resource::new(ResourceType::Image, "ami-0other").unwrap();
        set(it, "tag-resource", "resource_id", json!("ami-0other"));
        step(it, "tag-resource").rollback.as_mut().unwrap().inputs.insert("resource_id".into(), Input::Value(json!("ami-0other")));
        set(it, "deregister-image", "image_id", json!("ami-0other"));
    } => [
        "error: disable-image: acts on \"ami-0123456789abcdef0\", and this runbook is for AMI ami-0other",
    ];

    a_target_that_nobody_approved_by_name: Volume, |it| {
        drop(step(it, "delete-volume").inputs.insert("volume_id".into(), output("create-snapshot", "snapshot_id")))
    } => [
        "error: delete-volume: acts on the snapshot_id of create-snapshot, and this runbook is for EBSVolume vol-0123456789abcdef0",
        "error: delete-volume: stands on verify-backup, which verifies the backup of something else",
        "error: delete-volume: stands on verify-backup, which verifies no backup that a step before it makes of the same resource",
    ];

    what_is_no_snapshot_after_an_image: Image, |it| {
        set(it, "delete-snap-0a", "snapshot_id", json!("vol-0a"))
    } => [
        "error: delete-snap-0a: acts on \"vol-0a\", and must name a snapshot",
    ];

    a_snapshot_before_its_image: Image, |it| {
        let last = it.steps.len() - 1;
        it.steps[last].after = vec![];
        it.steps.swap(last, last - 2);
        it.steps[last - 1].after = vec![];
        it.steps.swap(last - 1, last);
    } => [
        "error: delete-snap-0b: deletes a snapshot before its image is deregistered",
    ];

    a_reversible_step_without_rollback: Address, |it| {
        step(it, "disassociate-address").rollback = None
    } => [
        "error: disassociate-address: has no rollback, and disassociate_address can be taken back",
    ];

    a_tag_that_is_never_taken_off: Address, |it| {
        step(it, "tag-resource").rollback = None
    } => [
        "error: tag-resource: has no rollback, and tag_resource can be taken back",
    ];

    a_rollback_by_another_action: Instance, |it| {
        step(it, "stop-instance").rollback.as_mut().unwrap().action = Action::AttachVolume
    } => [
        "error: stop-instance: is to be taken back by attach_volume, and what takes back stop_instance is start_instance",
    ];

    a_rollback_of_what_has_none: Instance, |it| {
        let rollback = step(it, "stop-instance").rollback.clone();
        step(it, "terminate-instance").rollback = rollback;
    } => [
        "error: terminate-instance: is to be taken back by start_instance, and what takes back terminate_instance is nothing",
    ];

    a_rollback_without_an_input: Address, |it| {
        drop(step(it, "disassociate-address").rollback.as_mut().unwrap().inputs.remove("private_ip"))
    } => [
        "error: disassociate-address: its rollback lacks the input private_ip of associate_address",
    ];

    a_rollback_of_something_else: Instance, |it| {
        drop(step(it, "stop-instance").rollback.as_mut().unwrap().inputs.insert("instance_id".into(), Input::Value(json!("i-0other"))))
    } => [
        "error: stop-instance: its rollback has another instance_id than the step itself",
    ];

    a_backup_that_is_not_verified: Instance, |it| {
        step(it, "terminate-instance").recovery.as_mut().unwrap().verified_by = None
    } => [
        "error: terminate-instance: stands on no verified backup; create_image makes one",
    ];

    data_that_goes_without_any_recovery: Volume, |it| {
        step(it, "delete-volume").recovery = None
    } => [
        "error: delete-volume: stands on no verified backup; create_snapshot makes one",
    ];

    a_verification_that_is_no_step: Volume, |it| {
        step(it, "delete-volume").recovery.as_mut().unwrap().verified_by = Some(StepId::new("look"))
    } => [
        "error: delete-volume: names look as what verifies its backup, which is no step",
    ];

    a_verification_that_verifies_nothing: Volume, |it| {
        step(it, "delete-volume").recovery.as_mut().unwrap().verified_by = Some(StepId::new("create-snapshot"))
    } => [
        "error: delete-volume: names create-snapshot as what verifies its backup, which is create_snapshot",
    ];

    a_backup_that_is_verified_too_late: Volume, |it| {
        let mut verify = remove(it, "verify-backup");
        verify.on_failure = OnFailure::Hold;
        it.steps.push(verify);
    } => [
        "error: delete-volume: comes before verify-backup, which verifies its backup",
    ];

    a_backup_that_is_verified_before_it_is_made: Volume, |it| {
        let copy = at(it, "create-snapshot");
        it.steps.swap(copy, copy + 1);
        it.steps[copy].after = vec![];
    } => [
        "error: verify-backup: takes backup from create-snapshot, which is not done before it",
        "error: delete-volume: stands on verify-backup, which verifies no backup that a step before it makes of the same resource",
    ];

    a_verified_backup_of_something_else: Volume, |it| {
        set(it, "verify-backup", "of", json!("vol-0other"))
    } => [
        "error: verify-backup: acts on \"vol-0other\", and this runbook is for EBSVolume vol-0123456789abcdef0",
        "error: delete-volume: stands on verify-backup, which verifies the backup of something else",
    ];

    a_verified_backup_that_no_step_made: Volume, |it| {
        set(it, "verify-backup", "backup", json!("snap-0found"))
    } => [
        "error: delete-volume: stands on verify-backup, which verifies no backup that a step before it makes of the same resource",
    ];

    a_step_before_the_soak_that_waits_for_a_person: Instance, |it| {
        step(it, "stop-instance").on_failure = OnFailure::Hold
    } => [
        "error: stop-instance: waits for a person when it fails, and everything can still be taken back",
    ];

    a_backup_that_may_fail: Instance, |it| {
        step(it, "verify-backup").on_failure = OnFailure::Continue
    } => [
        "error: verify-backup: goes on when it fails, and what follows stands on it",
    ];

    an_end_that_is_to_be_rolled_back: Instance, |it| {
        step(it, "terminate-instance").on_failure = OnFailure::Rollback
    } => [
        "error: terminate-instance: is to be rolled back when it fails, and cannot be taken back",
    ];

    a_short_soak: Address, |it| {
        it.soak_seconds = 899
    } => [
        "warning: soaks for 899 seconds; what a change breaks often shows only after 900",
    ];

    silence_about_losses: Instance, |it| {
        step(it, "stop-instance").loses = None
    } => [
        "warning: stop-instance: does not say what stop_instance loses although it can be taken back",
    ];

    an_empty_sentence_about_losses: Image, |it| {
        step(it, "disable-image").loses = Some("  ".into())
    } => [
        "warning: disable-image: does not say what disable_image loses although it can be taken back",
    ];

    what_is_gone_for_good: SecurityGroup, |it| {
        step(it, "delete-security-group").recovery = None
    } => [
        "warning: delete-security-group: has no recovery: what it ends is gone for good",
    ];
}

#[test]
fn an_action_whose_permission_the_role_lacks_is_named_with_the_permission() {
    for resource_type in ResourceType::ALL {
        let runbook = runbook(resource_type);
        for step in &runbook.steps {
            let back = step.rollback.as_ref().map(|rollback| rollback.action.spec().iam_actions).unwrap_or_default();
            for lacking in step.action.spec().iam_actions.iter().chain(back) {
                let granted: Vec<&str> =
                    everything_granted().into_iter().filter(|granted| granted != lacking).collect();
                let findings = check(&runbook, &granted);
                let found = findings.iter().any(|finding| {
                    finding.severity == Severity::Error
                        && finding.step.as_ref() == Some(&step.id)
                        && finding.message.contains(lacking)
                });
                assert!(found, "{} without {lacking}: {findings:?}", step.id);
            }
        }
    }
    assert!(is_fit(&check(
        &runbook(ResourceType::Address),
        &["EC2:createtags", "ec2:DeleteTags", "ec2:DisassociateAddress", "ec2:AssociateAddress", "ec2:ReleaseAddress"]
    )));
}

#[test]
fn what_cannot_be_taken_back_is_said_last_with_the_way_to_have_it_again() {
    let findings = check(&runbook(ResourceType::Volume), &everything_granted());
    let shown: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert_eq!(shown.len(), 1);
    assert!(
        shown[0].starts_with("info: delete-volume: cannot be taken back. The way to have it again: Make a volume"),
        "{shown:?}"
    );
    let findings = check(&runbook(ResourceType::Snapshot), &everything_granted());
    let shown: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        [
            "warning: delete-snapshot: has no recovery: what it ends is gone for good",
            "info: delete-snapshot: cannot be taken back, and nothing brings back what it ends",
        ]
    );
}

#[test]
fn the_worst_comes_first() {
    let mut broken = runbook(ResourceType::Snapshot);
    broken.soak_seconds = 1;
    step(&mut broken, "delete-snapshot").timeout_seconds = 0;
    let severities: Vec<Severity> =
        check(&broken, &everything_granted()).iter().map(|finding| finding.severity).collect();
    assert!(severities.is_sorted());
    assert_eq!((severities.first(), severities.last()), (Some(&Severity::Error), Some(&Severity::Info)));
}

#[test]
fn one_snapshot_of_an_image_may_stay_behind() {
    let mut runbook = runbook(ResourceType::Image);
    step(&mut runbook, "delete-snap-0a").on_failure = OnFailure::Continue;
    assert!(is_fit(&check(&runbook, &everything_granted())));
}

#[test]
fn an_empty_runbook_is_not_fit() {
    let mut empty = runbook(ResourceType::Volume);
    empty.steps.clear();
    assert!(!is_fit(&check(&empty, &everything_granted())));
}

mod properties {
    use proptest::prelude::*;

    use super::*;
    use crate::runbook::strategies::planned;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn without_its_soak_its_backup_or_the_check_of_it_nothing_irreversible_is_fit(
            (_, _, runbook) in planned(), which in any::<prop::sample::Index>(),
        ) {
            let indispensable = |step: &&Step| matches!(
                step.action,
                Action::Soak | Action::CreateImage | Action::CreateSnapshot | Action::VerifyBackup
            );
            let ids: Vec<StepId> = runbook.steps.iter().filter(indispensable).map(|step| step.id.clone()).collect();
            let mut broken = runbook;
            remove(&mut broken, ids[which.index(ids.len())].as_str());
            prop_assert!(!is_fit(&check(&broken, &everything_granted())));
        }

        #[test]
        fn no_other_order_around_the_soak_is_fit((_, _, runbook) in planned(), which in any::<prop::sample::Index>()) {
            let soak = runbook.steps.iter().position(|step| step.action == Action::Soak).unwrap();
            let after = soak + 1 + which.index(runbook.steps.len() - soak - 1);
            let mut broken = runbook;
            let step = broken.steps.remove(after);
            broken.steps.insert(soak, step);
            prop_assert!(!is_fit(&check(&broken, &everything_granted())));
        }

        #[test]
        fn no_step_may_be_aimed_at_anything_else((_, _, runbook) in planned(), which in any::<prop::sample::Index>()) {
            let mut broken = runbook;
            let aimed: Vec<usize> = broken
                .steps
                .iter()
                .enumerate()
                .filter(|(_, step)| step.action.target().is_some_and(|name| step.literal(name) == Some(broken.resource.id())))
                .map(|(at, _)| at)
                .collect();
            let step = &mut broken.steps[aimed[which.index(aimed.len())]];
            let name = step.action.target().unwrap();
            step.inputs.insert(name.into(), Input::Value(json!("i-0other")));
            prop_assert!(!is_fit(&check(&broken, &everything_granted())));
        }
    }
}
