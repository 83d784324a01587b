use serde_json::json;
use sunset_aws::driver::{Acted, StepCall, StepView};
use sunset_domain::runbook::action::Action;
use sunset_domain::runbook::step::StepId;
use sunset_wire::{Account, Image, Instance, LaunchPermission, Spoilt, Volume};

use super::{PROCESS, code, done, gives, go, impossible, not_done, step, under_way, view};
use crate::support::{account, serve};

const NAME: &str = "sunset-01KAG3V7Q4M2ZD9X5T8R6W0B1C-the-step";

fn create() -> StepCall {
    step(Action::CreateImage, json!({"instance_id": "i-1"}))
}

fn instance() -> Account {
    account()
        .instance(Instance::new("i-1", "ami-0"))
        .volume(Volume::new("vol-1").root_of("i-1"))
        .volume(Volume::new("vol-2").attached_to("i-1", "/dev/sdf"))
}

#[tokio::test]
async fn an_image_is_made_without_a_restart_and_carries_its_tags_with_its_snapshots() {
    let (ec2, clients) = serve(instance().images_complete_after(1)).await;
    assert_eq!(view(&clients, &create()).await, not_done("not made"));
    let acted = go(&clients, &create()).await.unwrap();
    let id = acted.outputs["image_id"].as_str().unwrap().to_owned();
    assert_eq!(view(&clients, &create()).await, under_way(&format!("pending as {id}")));
    assert_eq!(view(&clients, &create()).await, gives("image_id", &id));

    let calls = ec2.calls_of("CreateImage");
    assert_eq!((calls[0].param("NoReboot"), calls[0].param("Name")), (Some("true"), Some(NAME)));
    let account = ec2.account();
    let image = &account.images[&id];
    let snapshots: Vec<_> = account.snapshots_tagged("sunset:process", PROCESS).collect();
    assert_eq!(snapshots.len(), 2);
    for tags in snapshots.iter().map(|snapshot| &snapshot.tags).chain([&image.tags]) {
        assert_eq!(tags["sunset:process"], PROCESS);
        assert_eq!(tags["sunset:step"], "the-step");
        assert_eq!(tags["sunset:keep-until"], "2027-03-01T00:00:00Z");
        assert_eq!(tags["Name"], "backup of i-1");
    }
}

#[tokio::test]
async fn a_second_call_makes_no_second_image() {
    let (ec2, clients) = serve(instance()).await;
    go(&clients, &create()).await.unwrap();
    assert_eq!(go(&clients, &create()).await, Ok(Acted::default()), "InvalidAMIName.Duplicate");
    assert_eq!(ec2.account().images.len(), 1);
}

#[tokio::test]
async fn the_name_of_an_image_fits_however_long_its_step_is_called() {
    let (ec2, clients) = serve(instance()).await;
    let mut long = create();
    long.step = StepId::new(&"x".repeat(200));
    go(&clients, &long).await.unwrap();
    assert_eq!(ec2.calls_of("CreateImage")[0].param("Name").unwrap().len(), 128);
    assert!(matches!(view(&clients, &long).await, StepView::Done { .. }));
}

#[tokio::test]
async fn an_image_that_failed_is_no_image() {
    let (_ec2, clients) = serve(instance().spoils_backups_of("i-1", Spoilt::Error)).await;
    let id = go(&clients, &create()).await.unwrap().outputs["image_id"].as_str().unwrap().to_owned();
    assert_eq!(view(&clients, &create()).await, impossible(&format!("image {id} is failed")));
}

#[tokio::test]
async fn an_image_of_the_name_without_the_tags_is_somebody_elses() {
    let (_ec2, clients) = serve(instance().image(Image::new("ami-1").named(NAME))).await;
    let why = format!("image ami-1 is available, named {NAME}, does not have the tags of this step");
    assert_eq!(view(&clients, &create()).await, impossible(&why));
}

#[tokio::test]
async fn an_image_of_an_instance_that_is_gone_is_refused() {
    let (_ec2, clients) = serve(account()).await;
    assert_eq!(view(&clients, &create()).await, not_done("not made"));
    assert_eq!(code(go(&clients, &create()).await), "InvalidInstanceID.NotFound");
}

#[tokio::test]
async fn an_image_is_disabled_and_enabled_with_the_permissions_that_it_had() {
    let (ec2, clients) = serve(account().image(Image::new("ami-1").shared_with("111111111111"))).await;
    let disable = step(Action::DisableImage, json!({"image_id": "ami-1"}));
    let permissions = json!([{"kind": "account", "value": "111111111111"}, {"kind": "everybody"}]);
    let enable = step(Action::EnableImage, json!({"image_id": "ami-1", "launch_permissions": permissions}));
    assert_eq!(view(&clients, &disable).await, not_done("available"));
    assert_eq!(view(&clients, &enable).await, not_done("available, and not shared with everybody"));
    go(&clients, &disable).await.unwrap();
    assert_eq!(view(&clients, &disable).await, done());
    assert_eq!(view(&clients, &enable).await, not_done("disabled"));
    go(&clients, &enable).await.unwrap();
    assert_eq!(view(&clients, &enable).await, done());
    let given = ec2.account().images["ami-1"].launch_permissions.clone();
    assert_eq!(given, [LaunchPermission::User("111111111111".into()), LaunchPermission::Group("all".into())]);
}

#[tokio::test]
async fn an_image_that_was_enabled_by_a_call_that_was_cut_off_gets_its_permissions_by_the_next() {
    let (ec2, clients) = serve(account().image(Image::new("ami-1"))).await;
    let permissions = json!([{"kind": "account", "value": "111111111111"}]);
    let enable = step(Action::EnableImage, json!({"image_id": "ami-1", "launch_permissions": permissions}));
    go(&clients, &enable).await.unwrap();
    assert_eq!((ec2.count("EnableImage"), ec2.count("ModifyImageAttribute")), (0, 1));
    assert_eq!(view(&clients, &enable).await, done());
}

#[tokio::test]
async fn an_image_that_is_gone_is_deregistered_and_can_be_nothing_else() {
    let account = account()
        .image(Image::new("ami-1"))
        .image(Image::new("ami-2").in_state("failed"))
        .image(Image::new("ami-3").in_state("pending"))
        .image(Image::new("ami-4").protected());
    let (_ec2, clients) = serve(account).await;
    let on = |action, id| step(action, json!({"image_id": id, "launch_permissions": []}));
    let deregister = on(Action::DeregisterImage, "ami-1");
    assert_eq!(view(&clients, &deregister).await, not_done("available"));
    assert_eq!(go(&clients, &deregister).await, Ok(Acted::default()));
    assert_eq!(view(&clients, &deregister).await, done());
    assert_eq!(go(&clients, &deregister).await, Ok(Acted::default()), "gone before is gone");
    for action in [Action::DisableImage, Action::EnableImage] {
        assert_eq!(view(&clients, &on(action, "ami-1")).await, impossible("image ami-1 does not exist"));
        assert_eq!(view(&clients, &on(action, "ami-2")).await, impossible("image ami-2 is failed"));
        assert_eq!(view(&clients, &on(action, "ami-3")).await, under_way("pending"));
    }
    assert!(!code(go(&clients, &on(Action::DeregisterImage, "ami-4")).await).is_empty());
}
