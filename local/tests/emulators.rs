//! The emulators as they are started, seeded and ended. Needs the installed tools.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sunset_local::{Options, Place, Seed, SeedImage, Stack, Use, image_id};

fn every_use() -> Seed {
    Seed::new(vec![
        SeedImage::new("newest", 1),
        SeedImage::new("running", 400).used_by(Use::RunningInstance),
        SeedImage::new("stopped", 400).used_by(Use::StoppedInstance),
        SeedImage::new("template", 400).used_by(Use::Template),
        SeedImage::new("pinned", 400).used_by(Use::PinnedByOverride { newest: "newest".into() }),
        SeedImage::new("configuration", 400).used_by(Use::LaunchConfiguration),
        SeedImage::new("parameter", 400).used_by(Use::Parameter("/golden/image".into())),
        SeedImage::new("spot", 400).used_by(Use::SpotRequest),
        SeedImage::new("shared", 400).shared_with("999999999999").tag("team", "web"),
        SeedImage::new("public", 400).public(),
        SeedImage::new("foreign", 400).owner("999999999999"),
    ])
}

#[test]
fn a_seeded_account_answers_as_it_was_seeded() {
    let mut stack = Stack::up(Options::new("test-seed").seed(every_use())).unwrap();

    let images = stack.images().unwrap();
    assert_eq!(images.len(), 10, "another account's image is not ours: {images:#?}");
    assert!(images.iter().all(|image| image.state == "available" && image.snapshot_ids.len() == 1), "{images:#?}");
    let shared = stack.image("shared").unwrap().unwrap();
    assert_eq!(shared.id, image_id("shared"));
    assert_eq!(shared.tags.get("team").map(String::as_str), Some("web"));
    assert_eq!(stack.launch_permissions(&shared.id).unwrap(), ["999999999999"]);
    assert!(stack.image("public").unwrap().unwrap().public);
    assert_eq!(stack.snapshots().unwrap().len(), 10);

    let instances = stack.ec2("DescribeInstances", &[]).unwrap();
    assert!(instances.contains(&image_id("running")) && instances.contains(&image_id("stopped")), "{instances}");
    let heads = stack.ec2(
        "DescribeLaunchTemplateVersions",
        &[("LaunchTemplateVersion.1", "$Latest"), ("LaunchTemplateVersion.2", "$Default")],
    );
    let heads = heads.unwrap();
    assert!(heads.contains(&image_id("template")) && !heads.contains(&image_id("pinned")), "{heads}");
    let spot = stack.ec2("DescribeSpotInstanceRequests", &[]).unwrap();
    assert!(spot.contains(&image_id("spot")), "{spot}");

    stack.reseed(&Seed::new(vec![SeedImage::new("other", 3)])).unwrap();
    let images = stack.images().unwrap();
    assert_eq!(images.iter().map(|image| image.name.as_str()).collect::<Vec<_>>(), ["other"]);
    stack.down().unwrap();
}

#[test]
fn two_stacks_run_side_by_side() {
    let one = Stack::up(Options::new("test-one").seed(Seed::new(vec![SeedImage::new("one", 1)]))).unwrap();
    let two = Stack::up(Options::new("test-two").seed(Seed::new(vec![SeedImage::new("two", 1)]))).unwrap();
    assert!(one.image("one").unwrap().is_some() && one.image("two").unwrap().is_none());
    assert!(two.image("two").unwrap().is_some() && two.image("one").unwrap().is_none());
    assert!(Stack::up(Options::new("test-one")).is_err(), "a name in use is refused");
}

#[test]
fn a_stack_can_be_given_another_ec2() {
    let stack = Stack::up(Options::new("test-elsewhere").ec2_url("http://127.0.0.1:9")).unwrap();
    assert_eq!(stack.ec2_url(), "http://127.0.0.1:9");
    assert!(stack.images().is_err(), "nobody answers there");
    stack.put_parameter("/a", "ami-1").unwrap();
}

fn driver(name: &str) -> Child {
    Command::new(env!("CARGO_BIN_EXE_sunset-local"))
        .args(["up", "--foreground", "--empty", "--name", name])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// The process groups of the driver's stack, once it has one.
fn groups(name: &str, driver: &mut Child) -> Vec<i32> {
    let file = Place::here().unwrap().run(name).join("state.json");
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(60) {
        assert!(driver.try_wait().unwrap().is_none(), "the driver ended early");
        if let Ok(text) = std::fs::read(&file)
            && let Ok(state) = serde_json::from_slice::<Value>(&text)
            && state["driver"] == json!(driver.id())
        {
            return serde_json::from_value(state["process_groups"].clone()).unwrap();
        }
        sleep(Duration::from_millis(50));
    }
    panic!("no stack within a minute");
}

fn lives(group: i32) -> bool {
    Path::new(&format!("/proc/{group}")).exists()
        || Command::new("kill")
            .args(["-0", "--", &format!("-{group}")])
            .stderr(Stdio::null())
            .status()
            .unwrap()
            .success()
}

fn signal(driver: &Child, signal: &str) {
    assert!(Command::new("kill").args([signal, &driver.id().to_string()]).status().unwrap().success());
}

fn all_end(groups: &[i32]) -> bool {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(20) {
        if !groups.iter().any(|group| lives(*group)) {
            return true;
        }
        sleep(Duration::from_millis(50));
    }
    false
}

#[test]
fn nothing_outlives_a_driver_that_is_killed() {
    let mut driver = driver("test-killed");
    let groups = groups("test-killed", &mut driver);
    assert!(groups.len() == 2 && groups.iter().all(|group| lives(*group)), "{groups:?}");
    signal(&driver, "-KILL");
    driver.wait().unwrap();
    assert!(all_end(&groups), "{groups:?}");
}

#[test]
fn nothing_outlives_a_driver_that_is_interrupted() {
    let mut driver = driver("test-interrupted");
    let groups = groups("test-interrupted", &mut driver);
    signal(&driver, "-INT");
    let status = driver.wait().unwrap();
    assert!(all_end(&groups), "{groups:?}");
    assert_eq!(status.code(), Some(130));
}
