use sunset_aws::account::read_images;
use sunset_domain::coverage::Coverage;
use sunset_domain::image::ImageState;
use sunset_wire::{BlockDevice, Fault, Image, When};

use crate::support::{account, complete, image_id, serve, snapshot_id};

fn five_images() -> sunset_wire::Account {
    (1..=5).fold(account(), |account, n| account.image(Image::new(format!("ami-{n}"))))
}

#[tokio::test]
async fn every_page_of_images_is_read_in_as_many_calls() {
    let (ec2, clients) = serve(five_images()).await;
    ec2.pages_at_most("DescribeImages", 2);
    let (images, coverage) = read_images(&clients).await;
    assert_eq!(
        images.iter().map(|image| image.id.as_str()).collect::<Vec<_>>(),
        ["ami-1", "ami-2", "ami-3", "ami-4", "ami-5"]
    );
    assert_eq!(coverage, complete(5));
    assert_eq!(ec2.count("DescribeImages"), 3);
    assert!(ec2.calls().iter().all(|call| call.param("MaxResults") == Some("1000")));
}

#[tokio::test]
async fn an_empty_first_page_with_a_token_is_no_empty_account() {
    let (ec2, clients) = serve(five_images()).await;
    ec2.first_page_empty("DescribeImages");
    assert_eq!(read_images(&clients).await.1, complete(5));
}

#[tokio::test]
async fn a_token_that_comes_again_ends_the_reading_incomplete() {
    let (ec2, clients) = serve(five_images()).await;
    ec2.pages_at_most("DescribeImages", 0);
    let (images, coverage) = read_images(&clients).await;
    assert!(images.is_empty());
    assert!(matches!(&coverage, Coverage::Failed { detail } if detail.contains("token came twice")), "{coverage}");
    assert_eq!(ec2.count("DescribeImages"), 2);
}

#[tokio::test]
async fn images_of_every_state_are_read_and_those_of_others_are_not() {
    let (_ec2, clients) = serve(
        account()
            .image(Image::new("ami-1").disabled())
            .image(Image::new("ami-2").deprecated_hours_ago(10))
            .image(Image::new("ami-3").in_state("pending"))
            .image(Image::new("ami-4").owned_by("999999999999").public()),
    )
    .await;
    let (images, coverage) = read_images(&clients).await;
    let states: Vec<_> = images.iter().map(|image| (image.id.as_str(), image.state.clone())).collect();
    assert_eq!(
        states,
        [
            ("ami-1", ImageState::Disabled),
            ("ami-2", ImageState::Available),
            ("ami-3", ImageState::Other("pending".into()))
        ]
    );
    assert_eq!(coverage, complete(3));
}

#[tokio::test]
async fn an_image_keeps_what_the_rules_stand_on() {
    let (_ec2, clients) = serve(
        account()
            .image(
                Image::new("ami-1")
                    .named("web-1")
                    .snapshots(["snap-1", "snap-2"])
                    .ephemeral()
                    .no_device()
                    .block_device(BlockDevice::empty_volume("/dev/xvdz"))
                    .tag("team", "web")
                    .launched_hours_ago(5)
                    .protected()
                    .product_code("code")
                    .public(),
            )
            .image(Image::new("ami-2").instance_store()),
    )
    .await;
    let (images, _) = read_images(&clients).await;
    let [image, plain] = images.try_into().unwrap();
    assert_eq!(image.name, "web-1");
    assert_eq!(image.owner_id.as_ref().unwrap().as_str(), crate::support::ACCOUNT);
    assert_eq!(image.snapshot_ids(), [snapshot_id("snap-1"), snapshot_id("snap-2")]);
    assert_eq!(image.size_gib(), 16, "mappings without a snapshot take no part");
    assert!(image.block_devices.len() >= 4);
    assert_eq!(image.tags.get("team"), Some("web"));
    assert!(image.created_at.is_some() && image.last_launched_at > image.created_at);
    assert!(image.public && image.product_codes && image.deregistration_protection.is_some());
    assert!(!image.instance_store && plain.instance_store);
    assert_eq!((plain.last_launched_at, plain.deregistration_protection), (None, None));
    assert_eq!(plain.id, image_id("ami-2"));
}

#[tokio::test]
async fn a_throttled_reading_goes_on_until_it_is_served() {
    let (ec2, clients) = serve(five_images()).await;
    ec2.pages_at_most("DescribeImages", 1);
    ec2.faults().add("DescribeImages", When::EachKth(2), Fault::Throttled);
    assert_eq!(read_images(&clients).await.1, complete(5));
    assert!(ec2.count("DescribeImages") > 5);
}

#[tokio::test]
async fn an_internal_error_and_a_broken_connection_are_asked_again() {
    let (ec2, clients) = serve(five_images()).await;
    ec2.faults().add("DescribeImages", When::Nth(1), Fault::InternalError);
    ec2.faults().add("DescribeImages", When::Nth(2), Fault::CloseBefore);
    ec2.faults().add("DescribeImages", When::Nth(3), Fault::Truncated);
    assert_eq!(read_images(&clients).await.1, complete(5));
}

#[tokio::test]
async fn a_refused_reading_says_so_and_is_not_none() {
    let (ec2, clients) = serve(five_images().denies("DescribeImages")).await;
    let (images, coverage) = read_images(&clients).await;
    assert!(images.is_empty());
    assert!(matches!(&coverage, Coverage::Denied { detail } if detail.contains("UnauthorizedOperation")), "{coverage}");
    assert_eq!(ec2.count("DescribeImages"), 1);
}

#[tokio::test]
async fn a_reading_that_fails_at_once_failed_and_one_that_fails_later_is_truncated() {
    let (ec2, clients) = serve(five_images()).await;
    ec2.pages_at_most("DescribeImages", 2);
    ec2.faults().add("DescribeImages", When::After(1), Fault::Unavailable);
    let (images, coverage) = read_images(&clients).await;
    assert_eq!(images.len(), 2);
    assert!(matches!(coverage, Coverage::Truncated { items: 2, .. }), "{coverage}");

    let (ec2, clients) = serve(five_images()).await;
    ec2.faults().add("DescribeImages", When::Every, Fault::Throttled);
    let (images, coverage) = read_images(&clients).await;
    assert!(images.is_empty());
    assert!(matches!(coverage, Coverage::Failed { .. }), "{coverage}");
}
