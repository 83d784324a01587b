use sunset_aws::act::{delete_snapshot, deregister_image};
use sunset_aws::recycle_bin::look;
use sunset_domain::restore::RecycleBin;
use sunset_wire::Image;

use crate::support::{account, image_id, permit, serve, snapshot_id};

#[tokio::test]
async fn what_the_bin_holds_of_an_image_is_told_apart_from_what_it_does_not() {
    let image = || Image::new("ami-1").snapshots(["snap-1", "snap-2"]);
    let (_ec2, clients) = serve(account().image(image()).bins_images(7).bins_snapshots(7)).await;
    let ids = [snapshot_id("snap-1"), snapshot_id("snap-2")];
    let nothing = RecycleBin::Read { image: false, snapshots: [].into() };
    assert_eq!(look(&clients, &image_id("ami-1"), &ids).await, nothing);
    deregister_image(&permit("ami-1"), &clients, &image_id("ami-1")).await.unwrap();
    delete_snapshot(&permit("snap-2"), &clients, &ids[1]).await.unwrap();
    let one_of_two = RecycleBin::Read { image: true, snapshots: [ids[1].clone()].into() };
    assert_eq!(look(&clients, &image_id("ami-1"), &ids).await, one_of_two);
}

#[tokio::test]
async fn a_bin_that_could_not_be_read_says_why() {
    for action in ["ListImagesInRecycleBin", "ListSnapshotsInRecycleBin"] {
        let (_ec2, clients) = serve(account().denies(action)).await;
        let bin = look(&clients, &image_id("ami-1"), &[snapshot_id("snap-1")]).await;
        assert!(matches!(&bin, RecycleBin::Unread { reason } if reason.contains(action)), "{bin:?}");
    }
}
