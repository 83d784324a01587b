use sunset_aws::account::{family_of, launch_permissions, look_at, read_unfilterable, read_uses, uses_of};
use sunset_aws::error::AwsErrorKind;
use sunset_domain::coverage::{Coverage, Source};
use sunset_domain::image::ImageState;
use sunset_domain::launch_permission::LaunchPermission;
use sunset_wire::{Fault, Image, Instance, LaunchPermission as Wire, LaunchTemplate, SpotRequest, When};

use crate::support::{account, image_id, incomplete, serve, used, users};
use crate::uses::one_image_used_by_all;

#[tokio::test]
async fn one_image_is_looked_at_in_whatever_state_it_is() {
    let account = account().image(Image::new("ami-1").disabled()).image(Image::new("ami-2").deprecated_hours_ago(1));
    let (_ec2, clients) = serve(account).await;
    assert_eq!(look_at(&clients, &image_id("ami-1")).await.unwrap().unwrap().state, ImageState::Disabled);
    assert_eq!(look_at(&clients, &image_id("ami-2")).await.unwrap().unwrap().state, ImageState::Available);
}

#[tokio::test]
async fn an_image_that_is_gone_or_never_was_or_is_anothers_is_not_there() {
    let account = account().image(Image::new("ami-1")).image(Image::new("ami-2").owned_by("999999999999").public());
    let (ec2, clients) = serve(account).await;
    let image = ec2.account().images.remove("ami-1").unwrap();
    ec2.account().deregistered.insert("ami-1".into(), image);
    for id in ["ami-1", "ami-2", "ami-3"] {
        assert_eq!(look_at(&clients, &image_id(id)).await, Ok(None), "{id}");
    }
    for code in ["InvalidAMIID.Unavailable", "InvalidAMIID.NotFound"] {
        ec2.faults().clear();
        ec2.faults().add("DescribeImages", When::Every, Fault::error(400, code, "gone"));
        assert_eq!(look_at(&clients, &image_id("ami-1")).await, Ok(None), "{code}");
    }
}

#[tokio::test]
async fn an_image_that_could_not_be_looked_at_is_an_error_and_not_gone() {
    let (_ec2, clients) = serve(account().denies("DescribeImages")).await;
    let error = look_at(&clients, &image_id("ami-1")).await.unwrap_err();
    assert_eq!(error.kind, AwsErrorKind::Denied);
}

#[tokio::test]
async fn the_uses_of_one_image_are_asked_for_by_that_image() {
    let account = one_image_used_by_all()
        .instance(Instance::new("i-2", "ami-2"))
        .launch_template(LaunchTemplate::new("lt-2", "t-2").version("ami-2"))
        .spot_request(SpotRequest::new("sir-2", "ami-2"));
    let (ec2, clients) = serve(account).await;
    let reading = uses_of(&clients, &image_id("ami-1")).await;
    assert_eq!(used(&reading), ["ami-1"]);
    assert_eq!(
        users(&reading, "ami-1"),
        ["instance i-1 (running)", "launch template web (lt-1) version 1", "Spot Instance request sir-1",]
    );
    assert_eq!(ec2.calls().len(), 3);
    assert!(ec2.calls().iter().all(|call| call.names("ami-1")));
}

#[tokio::test]
async fn what_is_asked_by_image_and_what_cannot_be_are_together_what_a_whole_reading_finds() {
    let (_ec2, clients) = serve(one_image_used_by_all()).await;
    let mut both = read_unfilterable(&clients, false).await;
    both.merge(uses_of(&clients, &image_id("ami-1")).await);
    let whole = read_uses(&clients, false).await;
    assert_eq!(both.uses, whole.uses);
    assert!(incomplete(&both).is_empty());
    assert_eq!(both.coverages.keys().collect::<Vec<_>>(), whole.coverages.keys().collect::<Vec<_>>());
}

#[tokio::test]
async fn a_fresh_look_that_is_denied_is_not_healed_by_an_older_one() {
    let (ec2, clients) = serve(one_image_used_by_all()).await;
    let mut both = read_unfilterable(&clients, false).await;
    ec2.account().denied.insert("DescribeLaunchTemplateVersions".into());
    both.merge(uses_of(&clients, &image_id("ami-1")).await);
    assert!(matches!(both.coverages[&Source::LaunchTemplates], Coverage::Denied { .. }));
}

#[tokio::test]
async fn a_reference_that_appeared_since_is_seen() {
    let (ec2, clients) = serve(account()).await;
    assert!(uses_of(&clients, &image_id("ami-1")).await.uses.is_empty());
    ec2.account().instances.insert("i-1".into(), Instance::new("i-1", "ami-1"));
    assert_eq!(users(&uses_of(&clients, &image_id("ami-1")).await, "ami-1"), ["instance i-1 (running)"]);
}

#[tokio::test]
async fn the_family_of_an_image_holds_at_least_its_members() {
    let account = account()
        .image(Image::new("ami-1").named("web-1"))
        .image(Image::new("ami-2").named("web-2").disabled())
        .image(Image::new("ami-3").named("other").tag("sunset:family", " web "))
        .image(Image::new("ami-4").named("db-1"));
    let (ec2, clients) = serve(account).await;
    ec2.pages_at_most("DescribeImages", 1);
    let image = look_at(&clients, &image_id("ami-1")).await.unwrap().unwrap();
    let family = family_of(&clients, &image).await.unwrap();
    assert_eq!(family.iter().map(|image| image.id.as_str()).collect::<Vec<_>>(), ["ami-1", "ami-2", "ami-3"]);
}

#[tokio::test]
async fn a_family_that_could_not_be_read_whole_is_an_error() {
    let account = account().image(Image::new("ami-1").named("web-1")).image(Image::new("ami-2").named("web-2"));
    let (ec2, clients) = serve(account).await;
    let image = look_at(&clients, &image_id("ami-1")).await.unwrap().unwrap();
    ec2.forget_calls();
    ec2.pages_at_most("DescribeImages", 1);
    ec2.faults().add("DescribeImages", When::After(2), Fault::Unavailable);
    assert!(family_of(&clients, &image).await.is_err());
}

#[tokio::test]
async fn launch_permissions_of_every_kind_are_read() {
    let organization = "arn:aws:organizations::1:organization/o-1";
    let unit = "arn:aws:organizations::1:ou/o-1/ou-1";
    let image = Image::new("ami-1")
        .shared_with("111111111111")
        .shared(Wire::Organization(organization.into()))
        .shared(Wire::OrganizationalUnit(unit.into()))
        .public();
    let (_ec2, clients) = serve(account().image(image).image(Image::new("ami-2"))).await;
    assert_eq!(
        launch_permissions(&clients, &image_id("ami-1")).await.unwrap(),
        [
            LaunchPermission::Account("111111111111".into()),
            LaunchPermission::Organization(organization.into()),
            LaunchPermission::OrganizationalUnit(unit.into()),
            LaunchPermission::Everybody,
        ]
    );
    assert_eq!(launch_permissions(&clients, &image_id("ami-2")).await, Ok(vec![]));
    assert!(launch_permissions(&clients, &image_id("ami-3")).await.unwrap_err().is_not_found());
}
