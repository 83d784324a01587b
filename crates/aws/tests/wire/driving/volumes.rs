use serde_json::json;
use sunset_aws::driver::{Acted, StepCall};
use sunset_domain::runbook::action::Action;
use sunset_wire::{Account, Instance, Volume};

use super::{code, done, go, impossible, not_done, step, under_way, view};
use crate::support::{account, serve};

fn place(action: Action) -> StepCall {
    step(action, json!({"volume_id": "vol-1", "instance_id": "i-1", "device": "/dev/sdf"}))
}

fn delete() -> StepCall {
    step(Action::DeleteVolume, json!({"volume_id": "vol-1"}))
}

fn attached() -> Account {
    account()
        .instance(Instance::new("i-1", "ami-1"))
        .instance(Instance::new("i-2", "ami-1"))
        .volume(Volume::new("vol-1").attached_to("i-1", "/dev/sdf"))
}

#[tokio::test]
async fn a_volume_is_detached_and_attached_where_it_was() {
    let (ec2, clients) = serve(attached().volumes_detach_after(1).volumes_attach_after(1)).await;
    let (detach, attach) = (place(Action::DetachVolume), place(Action::AttachVolume));
    assert_eq!(view(&clients, &detach).await, not_done("attached to i-1 at /dev/sdf"));
    assert_eq!(view(&clients, &attach).await, done());
    assert_eq!(go(&clients, &detach).await, Ok(Acted::default()));
    assert_eq!(view(&clients, &attach).await, under_way("detaching from i-1 at /dev/sdf"));
    assert_eq!(view(&clients, &detach).await, done());
    assert_eq!(view(&clients, &attach).await, not_done("available"));
    assert_eq!(go(&clients, &attach).await, Ok(Acted::default()));
    assert_eq!(view(&clients, &detach).await, under_way("attaching to i-1 at /dev/sdf"));
    assert_eq!(view(&clients, &attach).await, done());
    assert_eq!(ec2.account().volumes_of("i-1")[0].1.device, "/dev/sdf");
    assert!(ec2.calls_of("DetachVolume")[0].param("Force").is_none());
}

#[tokio::test]
async fn a_volume_that_its_instance_holds_stays_busy_and_is_never_forced() {
    let (_ec2, clients) = serve(
        account()
            .instance(Instance::new("i-1", "ami-1"))
            .volume(Volume::new("vol-1").busy().attached_to("i-1", "/dev/sdf")),
    )
    .await;
    let detach = place(Action::DetachVolume);
    go(&clients, &detach).await.unwrap();
    let busy = "busy with i-1 at /dev/sdf: the instance still holds it, until it unmounts it or stops";
    assert_eq!(view(&clients, &detach).await, under_way(busy));
}

#[tokio::test]
async fn a_root_volume_of_a_running_instance_is_refused() {
    let account = account().instance(Instance::new("i-1", "ami-1")).volume(Volume::new("vol-1").root_of("i-1"));
    let (_ec2, clients) = serve(account).await;
    let call = step(Action::DetachVolume, json!({"volume_id": "vol-1", "instance_id": "i-1", "device": "/dev/xvda"}));
    assert_eq!(code(go(&clients, &call).await), "OperationNotPermitted");
}

#[tokio::test]
async fn a_volume_that_is_attached_elsewhere_cannot_come_back() {
    let (ec2, clients) = serve(attached()).await;
    let (detach, attach) = (place(Action::DetachVolume), place(Action::AttachVolume));
    ec2.account().add_volume(Volume::new("vol-1").attached_to("i-2", "/dev/sdf"));
    assert_eq!(view(&clients, &detach).await, done());
    assert_eq!(view(&clients, &attach).await, impossible("volume vol-1 is attached to i-2 at /dev/sdf"));
    assert_eq!(code(go(&clients, &attach).await), "VolumeInUse");
    ec2.account().add_volume(Volume::new("vol-1").attached_to("i-1", "/dev/sdg"));
    let moved = "volume vol-1 is attached to i-1 at /dev/sdg, and was to be at /dev/sdf";
    assert_eq!(view(&clients, &attach).await, impossible(moved));
    ec2.account().add_volume(Volume::new("vol-1").multi_attach().attached_to("i-2", "/dev/sdf"));
    assert_eq!(view(&clients, &attach).await, not_done("in-use"), "it can have several");
}

#[tokio::test]
async fn what_is_gone_can_be_neither_detached_nor_attached() {
    let (ec2, clients) = serve(attached()).await;
    ec2.account().add_volume(Volume::new("vol-1"));
    ec2.account().instances.get_mut("i-1").unwrap().state = "terminated".into();
    let (detach, attach) = (place(Action::DetachVolume), place(Action::AttachVolume));
    assert_eq!(view(&clients, &attach).await, impossible("instance i-1 is terminated"));
    ec2.account().volumes.clear();
    for call in [detach, attach] {
        assert_eq!(view(&clients, &call).await, impossible("volume vol-1 does not exist"));
    }
}

#[tokio::test]
async fn a_volume_is_deleted_only_when_nothing_has_it() {
    let (ec2, clients) = serve(attached().volumes_detach_after(1)).await;
    assert_eq!(view(&clients, &delete()).await, impossible("volume vol-1 is attached to i-1 at /dev/sdf"));
    assert_eq!(code(go(&clients, &delete()).await), "VolumeInUse");
    go(&clients, &place(Action::DetachVolume)).await.unwrap();
    assert_eq!(view(&clients, &delete()).await, under_way("detaching from i-1 at /dev/sdf"));
    assert_eq!(view(&clients, &delete()).await, not_done("available"));
    assert_eq!(go(&clients, &delete()).await, Ok(Acted::default()));
    assert_eq!(view(&clients, &delete()).await, done());
    assert_eq!(go(&clients, &delete()).await, Ok(Acted::default()), "gone before is gone");
    for (state, expected) in [
        ("deleting", under_way("deleting")),
        ("creating", under_way("creating")),
        ("error", not_done("error")),
        ("deleted", done()),
    ] {
        ec2.account().add_volume(Volume::new("vol-1").in_state(state));
        assert_eq!(view(&clients, &delete()).await, expected);
    }
}
