//! Images and snapshots, as they are described, disabled, deregistered, deleted and brought back.

mod support;

use sunset_wire::{Account, Ec2, Image, Instance, LaunchPermission, Snapshot};
use support::{ec2, pages};

const OWN: (&str, &str) = ("Owner.1", "self");
const ACCOUNT: &str = "123456789012";

async fn serve(account: Account) -> Ec2 {
    Ec2::start(account).await
}

fn account() -> Account {
    Account::new(ACCOUNT)
}

#[tokio::test]
async fn an_image_is_described_with_every_field_it_has() {
    let image = Image::new("ami-1")
        .named("web & <1>")
        .described("first")
        .aged_hours(5000)
        .snapshots(["snap-1"])
        .ephemeral()
        .no_device()
        .tag("team", "a&b")
        .launched_hours_ago(3)
        .protected()
        .copied_from("ami-0")
        .made_from("i-0")
        .product_code("code-1")
        .deprecated_hours_ago(1)
        .public();
    let server = serve(account().image(image)).await;
    let answer = ec2(&server, "DescribeImages", &[OWN]).await;
    assert_eq!(answer.status, 200);
    for (element, text) in [
        ("imageId", "ami-1"),
        ("name", "web &amp; &lt;1&gt;"),
        ("imageOwnerId", ACCOUNT),
        ("imageState", "available"),
        ("isPublic", "true"),
        ("snapshotId", "snap-1"),
        ("virtualName", "ephemeral0"),
        ("noDevice", ""),
        ("value", "a&amp;b"),
        ("deregistrationProtection", "enabled-without-cooldown"),
        ("sourceImageId", "ami-0"),
        ("sourceInstanceId", "i-0"),
        ("productCode", "code-1"),
        ("rootDeviceType", "ebs"),
    ] {
        assert_eq!(answer.one(element), Some(text), "{element}");
    }
    assert!(answer.one("lastLaunchedTime").is_some_and(|time| time.ends_with('Z')));
    assert!(answer.one("deprecationTime").is_some());
    assert_eq!(answer.all("ebs").len(), 1);
    assert_eq!(answer.all("deviceName").len(), 3);
}

#[tokio::test]
async fn disabled_images_show_only_when_asked_for() {
    let server = serve(account().image(Image::new("ami-1").disabled()).image(Image::new("ami-2"))).await;
    assert_eq!(ec2(&server, "DescribeImages", &[OWN]).await.all("imageId"), ["ami-2"]);
    let both = ec2(&server, "DescribeImages", &[OWN, ("IncludeDisabled", "true")]).await;
    assert_eq!(both.all("imageId"), ["ami-1", "ami-2"]);
}

#[tokio::test]
async fn owners_and_sharing_decide_which_images_show() {
    let foreign = |id: &str| Image::new(id).owned_by("999999999999");
    let server = serve(
        account()
            .image(Image::new("ami-own"))
            .image(foreign("ami-private"))
            .image(foreign("ami-public").public())
            .image(foreign("ami-shared").shared_with(ACCOUNT)),
    )
    .await;
    let ids = async |params: &[(&str, &str)]| -> String {
        ec2(&server, "DescribeImages", params).await.all("imageId").join(" ")
    };
    assert_eq!(ids(&[OWN]).await, "ami-own");
    assert_eq!(ids(&[]).await, "ami-own ami-public ami-shared");
    assert_eq!(ids(&[("Owner.1", "999999999999")]).await, "ami-public ami-shared");
    assert_eq!(ids(&[("ExecutableBy.1", "self")]).await, "ami-shared");
}

#[tokio::test]
async fn filters_match_names_with_wildcards_and_tags_and_snapshots() {
    let server = serve(
        account()
            .image(Image::new("ami-1").named("web-1").tag("team", "a").snapshots(["snap-1"]))
            .image(Image::new("ami-2").named("web-22").snapshots(["snap-1", "snap-2"]))
            .image(Image::new("ami-3").named("db-1").tag("team", "b").disabled()),
    )
    .await;
    let ids = async |name: &str, value: &str| -> String {
        let params = [OWN, ("IncludeDisabled", "true"), ("Filter.1.Name", name), ("Filter.1.Value.1", value)];
        ec2(&server, "DescribeImages", &params).await.all("imageId").join(" ")
    };
    assert_eq!(ids("name", "web-*").await, "ami-1 ami-2");
    assert_eq!(ids("name", "web-?").await, "ami-1");
    assert_eq!(ids("tag:team", "b").await, "ami-3");
    assert_eq!(ids("tag-key", "team").await, "ami-1 ami-3");
    assert_eq!(ids("state", "disabled").await, "ami-3");
    assert_eq!(ids("block-device-mapping.snapshot-id", "snap-1").await, "ami-1 ami-2");
    assert_eq!(ids("is-public", "true").await, "");
    let misspelt = ec2(&server, "DescribeImages", &[("Filter.1.Name", "nmae"), ("Filter.1.Value.1", "x")]).await;
    assert_eq!((misspelt.status, misspelt.code()), (400, "InvalidParameterValue"));
}

#[tokio::test]
async fn pages_hold_every_image_once_even_while_images_come_and_go() {
    let many = (0..25).fold(account(), |account, n| account.image(Image::new(format!("ami-{n:02}"))));
    let server = serve(many).await;
    server.faults().on("DescribeImages", 2, |account| {
        account.images.remove("ami-09");
        account.add_image(Image::new("ami-00b"));
    });
    let pages = pages(&server, "DescribeImages", &[OWN, ("MaxResults", "10")]).await;
    let ids: Vec<&str> = pages.iter().flat_map(|page| page.all("imageId")).collect();
    assert_eq!(pages.len(), 3);
    assert_eq!(ids.len(), 25);
    assert_eq!(server.count("DescribeImages"), 3);
}

#[tokio::test]
async fn a_page_may_be_smaller_than_asked_and_the_first_one_empty() {
    let server = serve(account().image(Image::new("ami-1")).image(Image::new("ami-2"))).await;
    server.pages_at_most("DescribeImages", 1);
    server.first_page_empty("DescribeImages");
    let pages = pages(&server, "DescribeImages", &[OWN, ("MaxResults", "100")]).await;
    let sizes: Vec<usize> = pages.iter().map(|page| page.all("imageId").len()).collect();
    assert_eq!(sizes, [0, 1, 1]);
}

#[tokio::test]
async fn an_unknown_token_is_refused() {
    let server = serve(account()).await;
    assert_eq!(ec2(&server, "DescribeImages", &[("NextToken", "nonsense")]).await.code(), "InvalidNextToken");
}

#[tokio::test]
async fn disabling_wipes_launch_permissions_and_enabling_does_not_bring_them_back() {
    let organization = LaunchPermission::Organization("arn:aws:organizations::1:organization/o-1".to_owned());
    let server = serve(account().image(Image::new("ami-1").shared_with("111111111111").shared(organization))).await;
    let permissions = async || {
        ec2(&server, "DescribeImageAttribute", &[("ImageId", "ami-1"), ("Attribute", "launchPermission")]).await
    };
    let before = permissions().await;
    assert_eq!((before.one("userId"), before.all("organizationArn").len()), (Some("111111111111"), 1));

    assert_eq!(ec2(&server, "DisableImage", &[("ImageId", "ami-1")]).await.one("return"), Some("true"));
    assert_eq!(server.account().image_state("ami-1"), Some("disabled"));
    assert_eq!(ec2(&server, "DisableImage", &[("ImageId", "ami-1")]).await.code(), "IncorrectState");
    assert_eq!(ec2(&server, "EnableImage", &[("ImageId", "ami-1")]).await.status, 200);
    assert_eq!(permissions().await.all("userId").len(), 0);

    let share = [
        ("ImageId", "ami-1"),
        ("LaunchPermission.Add.1.UserId", "111111111111"),
        ("LaunchPermission.Add.2.Group", "all"),
    ];
    assert_eq!(ec2(&server, "ModifyImageAttribute", &share).await.status, 200);
    assert!(server.account().images["ami-1"].is_public());
    let unshare = [("ImageId", "ami-1"), ("LaunchPermission.Remove.1.Group", "all")];
    ec2(&server, "ModifyImageAttribute", &unshare).await;
    assert_eq!(
        server.account().images["ami-1"].launch_permissions,
        [LaunchPermission::User("111111111111".to_owned())]
    );
}

#[tokio::test]
async fn deregistering_twice_says_that_it_is_gone_and_an_unknown_id_is_not_found() {
    let server = serve(account().image(Image::new("ami-1"))).await;
    let deregister =
        async |id: &str| -> String { ec2(&server, "DeregisterImage", &[("ImageId", id)]).await.code().to_owned() };
    assert_eq!(deregister("ami-1").await, "no error");
    assert_eq!(deregister("ami-1").await, "InvalidAMIID.Unavailable");
    assert_eq!(deregister("ami-9").await, "InvalidAMIID.NotFound");
    assert_eq!(deregister("image").await, "InvalidAMIID.Malformed");
    let gone = ec2(&server, "DescribeImages", &[("ImageId.1", "ami-1")]).await;
    assert_eq!((gone.status, gone.all("imageId").len()), (200, 0));
    assert_eq!(ec2(&server, "DescribeImages", &[("ImageId.1", "ami-9")]).await.code(), "InvalidAMIID.NotFound");
}

#[tokio::test]
async fn protected_and_foreign_images_are_not_deregistered() {
    let server =
        serve(account().image(Image::new("ami-1").protected()).image(Image::new("ami-2").owned_by("999999999999")))
            .await;
    assert_eq!(ec2(&server, "DeregisterImage", &[("ImageId", "ami-1")]).await.code(), "OperationNotPermitted");
    assert_eq!(ec2(&server, "DeregisterImage", &[("ImageId", "ami-2")]).await.code(), "AuthFailure");
    assert!(server.account().has_image("ami-1"));
}

#[tokio::test]
async fn a_deregistered_image_may_linger_for_some_calls() {
    let server =
        serve(account().image(Image::new("ami-1")).image(Image::new("ami-2")).deregistered_images_linger(2)).await;
    ec2(&server, "DeregisterImage", &[("ImageId", "ami-1")]).await;
    for expected in [2, 2, 1] {
        assert_eq!(ec2(&server, "DescribeImages", &[OWN]).await.all("imageId").len(), expected);
    }
}

#[tokio::test]
async fn a_dry_run_says_whether_it_would_be_allowed_and_changes_nothing() {
    let server = serve(account().image(Image::new("ami-1").snapshots(["snap-1"])).denies("DeleteSnapshot")).await;
    let allowed = ec2(&server, "DeregisterImage", &[("ImageId", "ami-1"), ("DryRun", "true")]).await;
    assert_eq!((allowed.status, allowed.code()), (412, "DryRunOperation"));
    let denied = ec2(&server, "DeleteSnapshot", &[("SnapshotId", "snap-1"), ("DryRun", "true")]).await;
    assert_eq!((denied.status, denied.code()), (403, "UnauthorizedOperation"));
    assert!(server.account().has_image("ami-1"));
    assert!(!server.calls().iter().any(sunset_wire::Call::is_mutation));
}

#[tokio::test]
async fn a_snapshot_is_in_use_until_its_last_image_goes_a_disabled_one_too() {
    let server = serve(
        account()
            .image(Image::new("ami-1").snapshots(["snap-1"]))
            .image(Image::new("ami-2").snapshots(["snap-1"]).disabled()),
    )
    .await;
    let delete = async || ec2(&server, "DeleteSnapshot", &[("SnapshotId", "snap-1")]).await.code().to_owned();
    assert_eq!(delete().await, "InvalidSnapshot.InUse");
    ec2(&server, "DeregisterImage", &[("ImageId", "ami-1")]).await;
    assert_eq!(delete().await, "InvalidSnapshot.InUse");
    ec2(&server, "DeregisterImage", &[("ImageId", "ami-2")]).await;
    assert_eq!(delete().await, "no error");
    assert_eq!(delete().await, "InvalidSnapshot.NotFound");
}

#[tokio::test]
async fn locked_and_managed_snapshots_are_kept() {
    let server = serve(
        account().snapshot(Snapshot::new("snap-1").managed_by_backup()).snapshot(Snapshot::new("snap-2").locked()),
    )
    .await;
    let managed = ec2(&server, "DeleteSnapshot", &[("SnapshotId", "snap-1")]).await;
    assert_eq!(managed.code(), "InvalidParameterValue");
    assert!(managed.body.contains("managed by the AWS Backup service"));
    assert_eq!(ec2(&server, "DeleteSnapshot", &[("SnapshotId", "snap-2")]).await.code(), "SnapshotLocked");
    let locks = ec2(&server, "DescribeLockedSnapshots", &[]).await;
    assert_eq!((locks.one("snapshotId"), locks.one("lockState")), (Some("snap-2"), Some("governance")));
}

#[tokio::test]
async fn a_snapshot_is_described_with_size_tier_and_sharing() {
    let snapshot = Snapshot::new("snap-1").size_gib(3).archived().encrypted().shared_with("111111111111").tag("k", "v");
    let server = serve(account().snapshot(snapshot).snapshot(Snapshot::new("snap-2").owned_by("999999999999"))).await;
    let answer = ec2(&server, "DescribeSnapshots", &[OWN]).await;
    assert_eq!(answer.all("snapshotId"), ["snap-1"]);
    assert_eq!(answer.one("volumeSize"), Some("3"));
    assert_eq!(answer.one("fullSnapshotSizeInBytes"), Some("3221225472"));
    assert_eq!((answer.one("storageTier"), answer.one("encrypted")), (Some("archive"), Some("true")));
    let sharing = [("SnapshotId", "snap-1"), ("Attribute", "createVolumePermission")];
    assert_eq!(ec2(&server, "DescribeSnapshotAttribute", &sharing).await.one("userId"), Some("111111111111"));
    assert_eq!(
        ec2(&server, "DescribeSnapshots", &[("SnapshotId.1", "snap-9")]).await.code(),
        "InvalidSnapshot.NotFound"
    );
}

#[tokio::test]
async fn deregistering_with_its_snapshots_keeps_those_that_others_share() {
    let server = serve(
        account()
            .image(Image::new("ami-1").snapshots(["snap-1", "snap-2"]))
            .image(Image::new("ami-2").snapshots(["snap-2"])),
    )
    .await;
    let answer = ec2(&server, "DeregisterImage", &[("ImageId", "ami-1"), ("DeleteAssociatedSnapshots", "true")]).await;
    assert_eq!(answer.all("returnCode"), ["success", "skipped"]);
    assert!(!server.account().has_snapshot("snap-1"));
    assert!(server.account().has_snapshot("snap-2"));
}

#[tokio::test]
async fn what_the_recycle_bin_keeps_comes_back_snapshots_first() {
    let server = serve(
        account().image(Image::new("ami-1").named("web").snapshots(["snap-1"])).bins_images(7).bins_snapshots(14),
    )
    .await;
    ec2(&server, "DeregisterImage", &[("ImageId", "ami-1")]).await;
    ec2(&server, "DeleteSnapshot", &[("SnapshotId", "snap-1")]).await;
    assert_eq!(ec2(&server, "ListImagesInRecycleBin", &[]).await.one("imageId"), Some("ami-1"));
    assert_eq!(ec2(&server, "ListSnapshotsInRecycleBin", &[]).await.one("snapshotId"), Some("snap-1"));

    let too_early = ec2(&server, "RestoreImageFromRecycleBin", &[("ImageId", "ami-1")]).await;
    assert_eq!(too_early.code(), "InvalidSnapshot.NotFound");
    assert_eq!(
        ec2(&server, "RestoreSnapshotFromRecycleBin", &[("SnapshotId", "snap-1")]).await.one("snapshotId"),
        Some("snap-1")
    );
    assert_eq!(ec2(&server, "RestoreImageFromRecycleBin", &[("ImageId", "ami-1")]).await.one("return"), Some("true"));
    assert_eq!(ec2(&server, "DescribeImages", &[OWN]).await.one("name"), Some("web"));
}

#[tokio::test]
async fn tags_come_and_go_and_aws_keys_are_reserved() {
    let server = serve(account().image(Image::new("ami-1").tag("keep", "1"))).await;
    let create = [
        ("ResourceId.1", "ami-1"),
        ("Tag.1.Key", "sunset:disabled-at"),
        ("Tag.1.Value", "now"),
        ("Tag.2.Key", "empty"),
        ("Tag.2.Value", ""),
    ];
    assert_eq!(ec2(&server, "CreateTags", &create).await.status, 200);
    assert_eq!(server.account().images["ami-1"].tags.len(), 3);
    let other_value = [("ResourceId.1", "ami-1"), ("Tag.1.Key", "keep"), ("Tag.1.Value", "2")];
    ec2(&server, "DeleteTags", &other_value).await;
    ec2(&server, "DeleteTags", &[("ResourceId.1", "ami-1"), ("Tag.1.Key", "empty")]).await;
    let keys: Vec<String> = server.account().images["ami-1"].tags.keys().cloned().collect();
    assert_eq!(keys, ["keep", "sunset:disabled-at"]);
    let reserved = [("ResourceId.1", "ami-1"), ("Tag.1.Key", "aws:x"), ("Tag.1.Value", "")];
    assert_eq!(ec2(&server, "CreateTags", &reserved).await.code(), "InvalidParameterValue");
    let unknown = [("ResourceId.1", "ami-9"), ("Tag.1.Key", "k"), ("Tag.1.Value", "")];
    assert_eq!(ec2(&server, "CreateTags", &unknown).await.code(), "InvalidAMIID.NotFound");
}

#[tokio::test]
async fn an_unknown_action_is_an_error_in_ec2s_own_words() {
    let server = serve(account().instance(Instance::new("i-1", "ami-1"))).await;
    let answer = ec2(&server, "RebootInstances", &[]).await;
    assert_eq!((answer.status, answer.code()), (400, "InvalidAction"));
    assert!(answer.body.contains("<Response><Errors><Error><Code>InvalidAction</Code>"));
}
