//! What is played: an account, what happened before, and how it has to end.

use serde_json::{Value, json};
use sunset_functions_tests::{ACCOUNT, Policy, Run, World, ministack};
use sunset_wire::{Account, Image, Instance};

use crate::Then;

/// An account that images are shared with.
pub const PARTNER: &str = "999999999999";

pub trait Story {
    fn policy(&self) -> Policy {
        Policy::quick()
    }

    async fn account(&self) -> Account;

    /// What happened before, and is not cut.
    async fn before(&self, _: &World) {}

    async fn ends_well(&self, world: &World, then: Then, told: &str);
}

/// Images of several reasons to stay, one each.
fn kept() -> Account {
    Account::new(ACCOUNT)
        .image(Image::new("ami-0young").named("young").aged_hours(50).snapshots(["snap-0young"]))
        .image(Image::new("ami-0used").named("used").snapshots(["snap-0used"]))
        .instance(Instance::new("i-0used", "ami-0used").stopped())
        .image(Image::new("ami-0wanted").named("wanted").tag("sunset:keep", "please").snapshots(["snap-0wanted"]))
}

fn the_kept_are_untouched(world: &World, told: &str) {
    for name in ["young", "used", "wanted"] {
        assert_eq!(world.image_state(&format!("ami-0{name}")).as_deref(), Some("available"), "{name}: {told}");
        assert!(world.has_snapshot(&format!("snap-0{name}")), "{name}: {told}");
    }
}

fn are_gone(world: &World, images: &[&str], snapshots: &[&str], told: &str) {
    for image in images {
        assert!(!world.has_image(image), "{image} is still there: {told}");
    }
    for snapshot in snapshots {
        assert!(!world.has_snapshot(snapshot), "{snapshot} is orphaned: {told}");
    }
}

async fn record(world: &World, image: &str) -> Value {
    world.ledger.item(&format!("IMAGE#{image}"), "META").await.unwrap_or_else(|| panic!("{image} has no record"))
}

/// Two images are due, one of them with two snapshots and two devices that have none.
pub struct WithoutGrace;

impl Story for WithoutGrace {
    async fn account(&self) -> Account {
        kept()
            .image(Image::new("ami-0one").named("one").snapshots(["snap-0one1", "snap-0one2"]).ephemeral().no_device())
            .image(Image::new("ami-0two").named("two").aged_hours(900).snapshots(["snap-0two"]))
    }

    async fn ends_well(&self, world: &World, _: Then, told: &str) {
        are_gone(world, &["ami-0one", "ami-0two"], &["snap-0one1", "snap-0one2", "snap-0two"], told);
        the_kept_are_untouched(world, told);
    }
}

/// Two images are due; one is shared, the other has an owner with a topic.
pub struct WithGrace;

impl Story for WithGrace {
    fn policy(&self) -> Policy {
        Policy::quick().with("GRACE_DAYS", 7).with("ALLOW_SHARED", true)
    }

    async fn account(&self) -> Account {
        let owners_topic = ministack().await.create_topic("web-team").await;
        kept()
            .image(Image::new("ami-0shared").named("shared").shared_with(PARTNER).snapshots(["snap-0shared"]))
            .image(Image::new("ami-0owned").named("owned").tag("sunset:owner", owners_topic).snapshots(["snap-0owned"]))
    }

    async fn ends_well(&self, world: &World, _: Then, told: &str) {
        for name in ["shared", "owned"] {
            let id = format!("ami-0{name}");
            assert_eq!(world.image_state(&id).as_deref(), Some("disabled"), "{id}: {told}");
            assert!(world.has_snapshot(&format!("snap-0{name}")), "{id}: {told}");
            let record = record(world, &id).await;
            assert_eq!(record["status"], "disabled", "{told}");
            assert!(record["disabled_at"].is_string() && record["owner_told_at"].is_string(), "{record}: {told}");
            let about = |(_, subject, _): &(String, String, String)| subject.starts_with(&id);
            let notices: Vec<_> = world.calls.notices().into_iter().filter(about).collect();
            assert!(!notices.is_empty(), "nobody was told of {id}: {told}");
            let owners = notices.iter().all(|(topic, ..)| topic.ends_with(":web-team"));
            assert_eq!(owners, name == "owned", "{notices:?}: {told}");
        }
        assert!(world.ec2.account().images["ami-0shared"].launch_permissions.is_empty(), "disabling wipes them");
        let recorded = &record(world, "ami-0shared").await["launch_permissions"];
        assert_eq!(*recorded, json!([{"kind": "account", "value": PARTNER}]), "{told}");
        the_kept_are_untouched(world, told);
    }
}

/// An earlier run disabled an image, and its grace is over.
pub struct AfterTheGrace;

impl Story for AfterTheGrace {
    fn policy(&self) -> Policy {
        WithGrace.policy()
    }

    async fn account(&self) -> Account {
        kept()
            .image(Image::new("ami-0shared").named("shared").shared_with(PARTNER).snapshots(["snap-0sh1", "snap-0sh2"]))
    }

    async fn before(&self, world: &World) {
        let functions = world.functions();
        let report = Run::live(world, &functions).await.to_end().await.report();
        assert_eq!(report["counts"]["disabled"], 1, "{report}");
        world.ledger.set("IMAGE#ami-0shared", "META", "disabled_at", json!("2026-01-01T00:00:00Z")).await;
    }

    async fn ends_well(&self, world: &World, _: Then, told: &str) {
        are_gone(world, &["ami-0shared"], &["snap-0sh1", "snap-0sh2"], told);
        let record = record(world, "ami-0shared").await;
        // What undo needs is still that of before the first step.
        assert_eq!(record["launch_permissions"], json!([{"kind": "account", "value": PARTNER}]), "{record}: {told}");
        assert_eq!(record["status"], "deregistered", "{told}");
        the_kept_are_untouched(world, told);
    }
}

/// Two images that are due share a snapshot, and one shares another with an image that stays.
pub struct SharedSnapshots;

impl Story for SharedSnapshots {
    async fn account(&self) -> Account {
        kept()
            .image(Image::new("ami-0one").named("one").snapshots(["snap-0own", "snap-0both", "snap-0used"]))
            .image(Image::new("ami-0two").named("two").aged_hours(900).snapshots(["snap-0both"]))
    }

    async fn ends_well(&self, world: &World, _: Then, told: &str) {
        are_gone(world, &["ami-0one", "ami-0two"], &["snap-0own", "snap-0both"], told);
        the_kept_are_untouched(world, told);
    }
}
