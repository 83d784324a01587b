use sunset_aws::act::{self, ActError, Done, Permission, SnapshotDeletion, SnapshotRefusal};
use sunset_aws::clients::Clients;
use sunset_aws::error::AwsErrorKind;
use sunset_domain::image::Tags;
use sunset_domain::launch_permission::LaunchPermission;
use sunset_domain::permit::Permit;
use sunset_wire::{Fault, Image, LaunchPermission as Wire, Outcome, Snapshot, When};

use crate::support::{account, image_id, permit, serve, snapshot_id};

fn kind<T>(answer: Result<T, ActError>) -> Option<AwsErrorKind> {
    match answer {
        Err(ActError::Aws(error)) => Some(error.kind),
        _ => None,
    }
}

async fn deregister(clients: &Clients, id: &str) -> Result<Done, ActError> {
    act::deregister_image(&permit(id), clients, &image_id(id)).await
}

async fn delete(clients: &Clients, id: &str) -> Result<SnapshotDeletion, ActError> {
    act::delete_snapshot(&permit(id), clients, &snapshot_id(id)).await
}

#[tokio::test]
async fn an_image_is_disabled_enabled_shared_tagged_and_deregistered() {
    let (ec2, clients) = serve(account().image(Image::new("ami-1").shared_with("1"))).await;
    let (id, permit) = (image_id("ami-1"), permit("ami-1"));
    assert_eq!(act::disable_image(&permit, &clients, &id).await, Ok(Done::Now));
    assert_eq!(ec2.account().image_state("ami-1"), Some("disabled"));
    assert!(ec2.account().images["ami-1"].launch_permissions.is_empty());

    let tags = Tags::from([("sunset:disabled-at".to_owned(), "2026-11-20T09:00:00Z".to_owned())]);
    assert_eq!(act::create_tags(&permit, &clients, id.as_str(), &tags).await, Ok(Done::Now));
    let held: Tags = ec2.account().images["ami-1"].tags.clone().into_iter().collect();
    assert_eq!(held, tags);

    assert_eq!(act::enable_image(&permit, &clients, &id).await, Ok(Done::Now));
    let permissions = [
        LaunchPermission::Account("111111111111".into()),
        LaunchPermission::Everybody,
        LaunchPermission::Organization("arn:o".into()),
        LaunchPermission::OrganizationalUnit("arn:ou".into()),
    ];
    assert_eq!(act::add_launch_permissions(&permit, &clients, &id, &permissions).await, Ok(Done::Now));
    assert_eq!(
        ec2.account().images["ami-1"].launch_permissions,
        [
            Wire::User("111111111111".into()),
            Wire::Group("all".into()),
            Wire::Organization("arn:o".into()),
            Wire::OrganizationalUnit("arn:ou".into()),
        ]
    );
    assert_eq!(act::delete_tags(&permit, &clients, id.as_str(), &["sunset:disabled-at"]).await, Ok(Done::Now));
    assert!(ec2.account().images["ami-1"].tags.is_empty());

    assert_eq!(act::deregister_image(&permit, &clients, &id).await, Ok(Done::Now));
    assert!(!ec2.account().has_image("ami-1"));
}

#[tokio::test]
async fn nothing_to_set_is_nothing_to_send() {
    let (ec2, clients) = serve(account().image(Image::new("ami-1"))).await;
    let (id, permit) = (image_id("ami-1"), permit("ami-1"));
    assert_eq!(act::add_launch_permissions(&permit, &clients, &id, &[]).await, Ok(Done::Before));
    assert_eq!(act::create_tags(&permit, &clients, id.as_str(), &Tags::new()).await, Ok(Done::Before));
    assert_eq!(act::delete_tags(&permit, &clients, id.as_str(), &[]).await, Ok(Done::Before));
    assert!(ec2.calls().is_empty());
}

#[tokio::test]
async fn a_permit_for_something_else_sends_nothing() {
    let account = account().image(Image::new("ami-1")).snapshot(Snapshot::new("snap-1"));
    let (ec2, clients) = serve(account).await;
    let (image, snapshot) = (image_id("ami-1"), snapshot_id("snap-1"));
    let other: Permit = permit("ami-2");
    let tags = Tags::from([("sunset:keep".to_owned(), String::new())]);
    let everybody = [LaunchPermission::Everybody];
    for answer in [
        act::disable_image(&other, &clients, &image).await,
        act::enable_image(&other, &clients, &image).await,
        act::deregister_image(&other, &clients, &image).await,
        act::add_launch_permissions(&other, &clients, &image, &everybody).await,
        act::create_tags(&other, &clients, image.as_str(), &tags).await,
        act::delete_tags(&other, &clients, image.as_str(), &["sunset:keep"]).await,
        act::restore_image_from_recycle_bin(&other, &clients, &image).await,
        act::restore_snapshot_from_recycle_bin(&other, &clients, &snapshot).await,
        act::delete_snapshot(&other, &clients, &snapshot).await.map(|_| Done::Now),
    ] {
        assert!(matches!(answer, Err(ActError::NotPermitted(_))), "{answer:?}");
    }
    assert!(ec2.calls().is_empty());
}

#[tokio::test]
async fn an_image_that_was_deregistered_before_is_success_whatever_ec2_calls_it() {
    let (ec2, clients) = serve(account().image(Image::new("ami-1"))).await;
    assert_eq!(deregister(&clients, "ami-1").await, Ok(Done::Now));
    assert_eq!(deregister(&clients, "ami-1").await, Ok(Done::Before), "InvalidAMIID.Unavailable");
    assert_eq!(deregister(&clients, "ami-2").await, Ok(Done::Before), "InvalidAMIID.NotFound");
    assert_eq!(ec2.count("DeregisterImage"), 3);
}

#[tokio::test]
async fn disabling_an_image_that_is_gone_or_disabled_is_for_the_caller_to_look_at() {
    let (_ec2, clients) = serve(account().image(Image::new("ami-1").disabled())).await;
    let disabled = act::disable_image(&permit("ami-1"), &clients, &image_id("ami-1")).await;
    assert_eq!(kind(disabled), Some(AwsErrorKind::Refused));
    let gone = act::disable_image(&permit("ami-2"), &clients, &image_id("ami-2")).await;
    assert_eq!(kind(gone), Some(AwsErrorKind::NotFound));
}

#[tokio::test]
async fn a_protected_or_foreign_image_and_a_missing_permission_are_refusals() {
    let account = account().image(Image::new("ami-1").protected()).image(Image::new("ami-2").owned_by("999999999999"));
    let (ec2, clients) = serve(account).await;
    assert_eq!(kind(deregister(&clients, "ami-1").await), Some(AwsErrorKind::Refused));
    assert_eq!(kind(deregister(&clients, "ami-2").await), Some(AwsErrorKind::Denied));
    ec2.account().denied.insert("DeregisterImage".into());
    assert_eq!(kind(deregister(&clients, "ami-1").await), Some(AwsErrorKind::Denied));
    assert!(ec2.account().has_image("ami-1"));
}

#[tokio::test]
async fn a_mutation_that_is_throttled_or_lost_is_never_sent_twice() {
    for (fault, expected) in [
        (Fault::Throttled, AwsErrorKind::Throttled),
        (Fault::Throttling, AwsErrorKind::Throttled),
        (Fault::InternalError, AwsErrorKind::Transient),
        (Fault::Unavailable, AwsErrorKind::Transient),
        (Fault::CloseBefore, AwsErrorKind::Transient),
    ] {
        let (ec2, clients) = serve(account().image(Image::new("ami-1"))).await;
        ec2.faults().add("*", When::Nth(1), fault.clone());
        assert_eq!(kind(deregister(&clients, "ami-1").await), Some(expected), "{fault:?}");
        assert_eq!(ec2.calls().len(), 1, "{fault:?}");
        assert!(ec2.account().has_image("ami-1"), "{fault:?}");
    }
}

#[tokio::test]
async fn an_answer_that_was_lost_after_the_act_is_transient_and_the_next_try_finds_it_done() {
    for fault in [Fault::CloseAfter, Fault::Truncated] {
        let account = account().image(Image::new("ami-1")).snapshot(Snapshot::new("snap-1"));
        let (ec2, clients) = serve(account).await;
        ec2.faults().add("DeregisterImage", When::Nth(1), fault.clone());
        ec2.faults().add("DeleteSnapshot", When::Nth(1), fault.clone());
        assert_eq!(kind(deregister(&clients, "ami-1").await), Some(AwsErrorKind::Transient), "{fault:?}");
        assert!(!ec2.account().has_image("ami-1"));
        assert_eq!(deregister(&clients, "ami-1").await, Ok(Done::Before));
        if fault == Fault::CloseAfter {
            assert_eq!(kind(delete(&clients, "snap-1").await), Some(AwsErrorKind::Transient));
            assert_eq!(delete(&clients, "snap-1").await, Ok(SnapshotDeletion::AlreadyGone));
            assert!(ec2.calls().iter().any(|call| call.outcome == Outcome::Lost { applied: true }));
        }
    }
}

#[tokio::test]
async fn a_snapshot_is_deleted_or_kept_for_the_reason_that_ec2_gives() {
    let account = account()
        .snapshot(Snapshot::new("snap-1"))
        .image(Image::new("ami-1").disabled().snapshots(["snap-2"]))
        .snapshot(Snapshot::new("snap-3").managed_by_backup())
        .snapshot(Snapshot::new("snap-4").locked())
        .snapshot(Snapshot::new("snap-5"));
    let (ec2, clients) = serve(account).await;
    assert_eq!(delete(&clients, "snap-1").await, Ok(SnapshotDeletion::Deleted));
    assert_eq!(delete(&clients, "snap-1").await, Ok(SnapshotDeletion::AlreadyGone));
    let protected = Fault::error(400, "OperationNotPermitted", "the snapshot is protected");
    ec2.faults().add("DeleteSnapshot", When::Naming("snap-5".into()), protected);
    for (id, because, says) in [
        ("snap-2", SnapshotRefusal::InUse, "ami-1"),
        ("snap-3", SnapshotRefusal::ManagedByBackup, "AWS Backup"),
        ("snap-4", SnapshotRefusal::Locked, "locked"),
        ("snap-5", SnapshotRefusal::Protected, "protected"),
    ] {
        match delete(&clients, id).await {
            Ok(SnapshotDeletion::Refused { because: found, message }) => {
                assert_eq!(found, because);
                assert!(message.contains(says), "{message}");
            }
            other => panic!("{id}: {other:?}"),
        }
        assert!(ec2.account().has_snapshot(id));
    }
}

#[tokio::test]
async fn a_snapshot_that_ec2_refuses_for_another_reason_is_an_error() {
    let (ec2, clients) = serve(account().snapshot(Snapshot::new("snap-1"))).await;
    ec2.faults().add("DeleteSnapshot", When::Nth(1), Fault::error(400, "InvalidParameterValue", "something else"));
    assert_eq!(kind(delete(&clients, "snap-1").await), Some(AwsErrorKind::Refused));
    ec2.account().denied.insert("DeleteSnapshot".into());
    assert_eq!(kind(delete(&clients, "snap-1").await), Some(AwsErrorKind::Denied));
}

#[tokio::test]
async fn an_image_comes_back_from_the_bin_after_its_snapshots() {
    let account = account().image(Image::new("ami-1").snapshots(["snap-1"])).bins_images(7).bins_snapshots(7);
    let (ec2, clients) = serve(account).await;
    deregister(&clients, "ami-1").await.unwrap();
    delete(&clients, "snap-1").await.unwrap();
    let restore = async || act::restore_image_from_recycle_bin(&permit("ami-1"), &clients, &image_id("ami-1")).await;
    assert_eq!(kind(restore().await), Some(AwsErrorKind::NotFound), "its snapshot comes first");
    let snapshot = act::restore_snapshot_from_recycle_bin(&permit("snap-1"), &clients, &snapshot_id("snap-1")).await;
    assert_eq!(snapshot, Ok(Done::Now));
    assert_eq!(restore().await, Ok(Done::Now));
    assert_eq!(ec2.account().image_state("ami-1"), Some("available"));
}

#[tokio::test]
async fn ec2_says_without_doing_it_whether_an_act_would_be_allowed() {
    let (ec2, clients) = serve(account().image(Image::new("ami-1")).snapshot(Snapshot::new("snap-1"))).await;
    let (image, snapshot) = (image_id("ami-1"), snapshot_id("snap-1"));
    let ask = async || {
        [
            act::would_disable(&clients, &image).await,
            act::would_deregister(&clients, &image).await,
            act::would_delete_snapshot(&clients, &snapshot).await,
        ]
    };
    assert_eq!(ask().await, [Permission::Granted, Permission::Granted, Permission::Granted]);
    assert!(ec2.calls().iter().all(|call| call.param("DryRun") == Some("true")));
    ec2.account().denied.extend(["DisableImage", "DeregisterImage", "DeleteSnapshot"].map(str::to_owned));
    assert_eq!(ask().await, [Permission::Denied, Permission::Denied, Permission::Denied]);
    ec2.faults().add("*", When::Every, Fault::Unavailable);
    assert!(ask().await.iter().all(|permission| matches!(permission, Permission::Unknown(why) if !why.is_empty())));
    assert_eq!(ec2.account().image_state("ami-1"), Some("available"));
    assert!(ec2.account().has_snapshot("snap-1"));
}
