use serde_json::json;
use sunset_aws::driver::{ActError, Permission, StepCall, StepView, act, look, rehearse, subject};
use sunset_aws::error::AwsErrorKind;
use sunset_domain::runbook::action::{ACTIONS, Action};
use sunset_wire::{
    Account, Address, Call, Fault, Image, Instance, NetworkInterface, SecurityGroup, Snapshot, Volume, When,
};

use super::{done, step, view};
use crate::support::{account, permit, serve};

/// A step of every action, and the id that its permit is for.
fn every_step() -> Vec<(StepCall, &'static str)> {
    let inputs = json!({
        "resource_id": "vol-1",
        "instance_id": "i-1",
        "volume_id": "vol-1",
        "device": "/dev/sdf",
        "snapshot_id": "snap-1",
        "image_id": "ami-1",
        "launch_permissions": [{"kind": "account", "value": "111111111111"}],
        "allocation_id": "eipalloc-1",
        "association_id": "eipassoc-1",
        "network_interface_id": "eni-1",
        "private_ip": "10.0.0.5",
        "security_group_id": "sg-1",
        "group_ids_before": ["sg-1", "sg-2"],
        "backup": "snap-1",
        "of": "vol-1",
    });
    let subject = |action| match action {
        Action::RecordConfiguration | Action::Soak | Action::VerifyBackup => "the-step",
        Action::TagResource | Action::UntagResource => "vol-1",
        Action::StopInstance | Action::StartInstance | Action::CreateImage | Action::TerminateInstance => "i-1",
        Action::DetachVolume | Action::AttachVolume | Action::CreateSnapshot | Action::DeleteVolume => "vol-1",
        Action::DeleteSnapshot => "snap-1",
        Action::DisableImage | Action::EnableImage | Action::DeregisterImage => "ami-1",
        Action::DisassociateAddress | Action::AssociateAddress | Action::ReleaseAddress => "eipalloc-1",
        Action::DetachSecurityGroup | Action::AttachSecurityGroup => "eni-1",
        Action::DeleteSecurityGroup => "sg-1",
    };
    ACTIONS.iter().map(|spec| (step(spec.action, inputs.clone()), subject(spec.action))).collect()
}

fn one_of_each() -> Account {
    account()
        .instance(Instance::new("i-1", "ami-1"))
        .volume(Volume::new("vol-1").attached_to("i-1", "/dev/sdf"))
        .image(Image::new("ami-1").snapshots(["snap-9"]).disabled())
        .snapshot(Snapshot::new("snap-1"))
        .network_interface(
            NetworkInterface::primary_of("i-1").private_ip("10.0.0.5").member_of("sg-1").member_of("sg-2"),
        )
        .address(Address::new("eipalloc-1").associated_with("eni-1"))
        .security_group(SecurityGroup::new("sg-1", "web"))
        .security_group(SecurityGroup::new("sg-2", "db"))
}

fn calls_something(action: Action) -> bool {
    !action.spec().iam_actions.is_empty()
}

#[tokio::test]
async fn a_permit_is_for_what_the_call_changes_and_one_for_something_else_sends_nothing() {
    let (ec2, clients) = serve(one_of_each()).await;
    for (call, expected) in every_step() {
        assert_eq!(subject(&call), expected, "{}", call.action);
        let answer = act(&permit("ami-99"), &clients, &call).await;
        assert!(matches!(answer, Err(ActError::NotPermitted(_))), "{}: {answer:?}", call.action);
    }
    assert!(ec2.calls().is_empty());
}

#[tokio::test]
async fn a_rehearsal_asks_ec2_and_changes_nothing() {
    let (ec2, clients) = serve(one_of_each()).await;
    for (call, _) in every_step() {
        let before = ec2.calls().len();
        assert_eq!(rehearse(&clients, &call).await, Permission::Granted, "{}", call.action);
        let calls = ec2.calls();
        let asked = &calls[before..];
        assert_eq!(!asked.is_empty(), calls_something(call.action), "{}", call.action);
        assert!(asked.iter().all(Call::is_dry_run), "{}", call.action);
    }
    assert!(!ec2.calls().iter().any(Call::is_mutation));
    ec2.faults().add("*", When::Every, Fault::Unavailable);
    for (call, _) in every_step().into_iter().filter(|(call, _)| calls_something(call.action)) {
        assert!(matches!(rehearse(&clients, &call).await, Permission::Unknown(_)), "{}", call.action);
    }
}

#[tokio::test]
async fn a_rehearsal_without_the_permission_is_denied_under_the_names_that_the_role_must_hold() {
    let (ec2, clients) = serve(one_of_each()).await;
    for (call, _) in every_step().into_iter().filter(|(call, _)| calls_something(call.action)) {
        // Tags at creation are part of the call that creates.
        let of_tags = |name: &str| name == "CreateTags" && call.action != Action::TagResource;
        let names = call.action.spec().iam_actions.iter().map(|action| action.strip_prefix("ec2:").unwrap());
        for name in names.filter(|name| !of_tags(name)) {
            ec2.account().denied = [name.to_owned()].into();
            assert_eq!(rehearse(&clients, &call).await, Permission::Denied, "{} without {name}", call.action);
        }
    }
}

#[tokio::test]
async fn what_a_step_calls_is_in_the_table_of_actions_and_nothing_else() {
    for (call, id) in every_step() {
        let (ec2, clients) = serve(one_of_each()).await;
        let _answer = act(&permit(id), &clients, &call).await;
        let allowed: Vec<&str> = call.action.spec().iam_actions.to_vec();
        for made in ec2.calls().iter().filter(|made| made.is_mutation()) {
            assert!(
                allowed.contains(&format!("ec2:{}", made.action).as_str()),
                "{} makes {}",
                call.action,
                made.action
            );
        }
        assert_eq!(ec2.calls().iter().any(Call::is_mutation), calls_something(call.action), "{}", call.action);
    }
}

#[tokio::test]
async fn a_call_that_is_throttled_or_lost_is_never_repeated_here() {
    for (call, id) in every_step().into_iter().filter(|(call, _)| calls_something(call.action)) {
        for (fault, expected) in
            [(Fault::Throttled, AwsErrorKind::Throttled), (Fault::CloseAfter, AwsErrorKind::Transient)]
        {
            let (ec2, clients) = serve(one_of_each()).await;
            for name in call.action.spec().iam_actions {
                ec2.faults().add(name.strip_prefix("ec2:").unwrap(), When::Every, fault.clone());
            }
            match act(&permit(id), &clients, &call).await {
                Err(ActError::Aws(error)) => assert_eq!(error.kind, expected, "{}", call.action),
                other => panic!("{}: {other:?}", call.action),
            }
            assert_eq!(ec2.calls().iter().filter(|made| made.is_mutation()).count(), 1, "{}", call.action);
        }
    }
}

#[tokio::test]
async fn what_could_not_be_looked_at_is_an_error_and_no_view() {
    for (call, _) in every_step() {
        let (ec2, clients) = serve(one_of_each()).await;
        ec2.faults().add("*", When::Every, Fault::InternalError);
        if matches!(call.action, Action::RecordConfiguration | Action::Soak) {
            assert_eq!(view(&clients, &call).await, done());
        } else {
            assert!(look(&clients, &call).await.is_err(), "{}", call.action);
        }
    }
}

#[tokio::test]
async fn a_look_changes_nothing() {
    let (ec2, clients) = serve(one_of_each()).await;
    for (call, _) in every_step() {
        view(&clients, &call).await;
    }
    assert!(!ec2.calls().iter().any(Call::is_mutation));
}

#[tokio::test]
async fn an_input_that_is_missing_or_wrong_is_named_before_anything_is_sent() {
    let (ec2, clients) = serve(one_of_each()).await;
    for spec in ACTIONS.iter().filter(|spec| !spec.inputs.is_empty()) {
        for (bare, wrong) in [(true, ""), (false, "wrong")] {
            let mut call = every_step().into_iter().find(|(call, _)| call.action == spec.action).unwrap().0;
            let name = spec.inputs[0];
            if bare {
                call.inputs.remove(name);
            } else {
                call.inputs.insert(name.to_owned(), json!(wrong));
            }
            match view(&clients, &call).await {
                StepView::Impossible { why } => assert!(bare || why.contains(wrong), "{why}"),
                other => panic!("{}: {other:?}", call.action),
            }
            assert!(matches!(rehearse(&clients, &call).await, Permission::Unknown(_)), "{}", call.action);
            let answer = act(&permit(&subject(&call)), &clients, &call).await;
            assert!(matches!(answer, Err(ActError::Aws(error)) if error.is_final()), "{}", call.action);
        }
    }
    assert!(ec2.calls().is_empty());
}
