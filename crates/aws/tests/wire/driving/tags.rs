use serde_json::json;
use sunset_aws::driver::{Acted, StepView};
use sunset_domain::runbook::action::Action;
use sunset_wire::{Account, Address, Image, Instance, SecurityGroup, Snapshot, Volume};

use super::{OTHER_PROCESS, PROCESS, done, go, not_done, step, view};
use crate::support::{account, serve};

const SIX: [&str; 6] = ["i-1", "vol-1", "snap-1", "ami-1", "eipalloc-1", "sg-1"];

fn one_of_each() -> Account {
    account()
        .instance(Instance::new("i-1", "ami-1"))
        .volume(Volume::new("vol-1"))
        .snapshot(Snapshot::new("snap-1"))
        .image(Image::new("ami-1"))
        .address(Address::new("eipalloc-1"))
        .security_group(SecurityGroup::new("sg-1", "web"))
}

#[tokio::test]
async fn a_resource_of_every_type_is_tagged_as_the_processs_own_and_freed_again() {
    let (ec2, clients) = serve(one_of_each()).await;
    for id in SIX {
        let tag = step(Action::TagResource, json!({"resource_id": id}));
        let untag = step(Action::UntagResource, json!({"resource_id": id}));
        assert_eq!(view(&clients, &tag).await, not_done("not tagged"), "{id}");
        assert_eq!(view(&clients, &untag).await, done());
        assert_eq!(go(&clients, &tag).await, Ok(Acted::default()));
        assert_eq!(view(&clients, &tag).await, done(), "{id}");
        assert_eq!(view(&clients, &untag).await, not_done("tagged as this process's"));
        assert_eq!(go(&clients, &untag).await, Ok(Acted::default()));
        assert_eq!(view(&clients, &untag).await, done(), "{id}");
    }
    let calls = ec2.calls();
    let keys = calls.iter().filter_map(|call| call.param("Tag.1.Key"));
    assert!(keys.clone().count() == 12 && keys.clone().all(|key| key == "sunset:process"));
    assert!(calls.iter().all(|call| call.param("Tag.2.Key").is_none()));
}

#[tokio::test]
async fn another_processs_tag_is_neither_overwritten_nor_taken_off() {
    let (ec2, clients) = serve(account().volume(Volume::new("vol-1").tag("sunset:process", OTHER_PROCESS))).await;
    let tag = step(Action::TagResource, json!({"resource_id": "vol-1"}));
    let untag = step(Action::UntagResource, json!({"resource_id": "vol-1"}));
    match view(&clients, &tag).await {
        StepView::Impossible { why } => assert!(why.contains(OTHER_PROCESS), "{why}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(view(&clients, &untag).await, done());
    go(&clients, &untag).await.unwrap();
    assert_eq!(ec2.account().volumes["vol-1"].tags["sunset:process"], OTHER_PROCESS);
    assert_ne!(OTHER_PROCESS, PROCESS);
}

#[tokio::test]
async fn what_is_gone_cannot_be_tagged_and_need_not_be_freed() {
    let (_ec2, clients) = serve(account()).await;
    for id in SIX {
        let tag = step(Action::TagResource, json!({"resource_id": id}));
        assert!(matches!(view(&clients, &tag).await, StepView::Impossible { .. }), "{id}");
        assert_eq!(view(&clients, &step(Action::UntagResource, json!({"resource_id": id}))).await, done());
    }
}
