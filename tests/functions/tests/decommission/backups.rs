//! Backups that come out wrong: what stands behind nothing is never destroyed.

use sunset_functions_tests::{Process, State};
use sunset_wire::Spoilt;

use crate::cut_off::rolled_back;
use crate::side_by_side;
use crate::sound::sound;
use crate::stories::{INSTANCE, SPARE_VOLUME, Story, VOLUME};
use crate::whole::{backups, completed};

const SPOILT: [Spoilt; 3] = [Spoilt::Error, Spoilt::Unencrypted, Spoilt::Size(7)];

#[tokio::test]
async fn a_backup_that_comes_out_wrong_is_no_backup_and_the_resource_is_brought_back() {
    // Of an instance one of its volumes, and all.
    let of_volumes = [(INSTANCE, "vol-0root"), (INSTANCE, "*"), (VOLUME, "vol-0data"), (SPARE_VOLUME, "vol-0spare")];
    side_by_side(of_volumes.into_iter().map(async |(story, spoilt)| {
        for how in SPOILT {
            let told = format!("{how:?} of {spoilt}");
            let world = story.world_with(story.account().spoils_backups_of(spoilt, how)).await;
            let functions = world.functions();
            let mut process = Process::live(&world, &functions, story.resource).await;
            assert_eq!(process.to_end().await, State::ProcessRolledBack, "{told}: {}", process.story());
            rolled_back(&world, &process, &story, &told).await;
            assert!(!process.visited().contains(&State::SoakPeriod), "{told}: {:?}", process.visited());
            assert!(world.calls.of(&format!("ec2:{}", story.irreversible)).is_empty(), "{told}");
            sound(&world).await;
        }
    }))
    .await;
}

#[tokio::test]
async fn a_backup_that_goes_during_the_soak_is_no_backup() {
    side_by_side([INSTANCE, VOLUME].into_iter().map(async |story| {
        for image_too in [false, true] {
            let world = story.world().await;
            let functions = world.functions();
            let mut process = Process::live(&world, &functions, story.resource).await;
            process.until(State::ExecuteIrreversible).await;
            for id in backups(&world, &process) {
                let mut account = world.ec2.account();
                let held: Vec<String> = account
                    .images
                    .get(&id)
                    .map(|image| image.snapshot_ids().map(str::to_owned).collect())
                    .unwrap_or_else(|| vec![id.clone()]);
                account.snapshots.retain(|id, _| !held.contains(id));
                if image_too {
                    account.images.remove(&id);
                }
            }
            assert_eq!(process.to_end().await, State::ProcessRolledBack, "{}", process.story());
            rolled_back(&world, &process, &story, "the backup is gone").await;
            sound(&world).await;
        }
    }))
    .await;
}

#[tokio::test]
async fn a_volume_that_grew_after_its_backup_is_not_held_by_it() {
    let world = SPARE_VOLUME.world().await;
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, SPARE_VOLUME.resource).await;
    process.until(State::ExecuteIrreversible).await;
    world.ec2.account().volumes.get_mut("vol-0spare").unwrap().size_gib = 21;
    assert_eq!(process.to_end().await, State::ProcessRolledBack, "{}", process.story());
    assert!(world.ec2.account().has_volume("vol-0spare"));
    sound(&world).await;
}

#[tokio::test]
async fn a_backup_outlives_the_process_that_made_it_and_says_whose_it_is_and_until_when() {
    side_by_side([INSTANCE, VOLUME].into_iter().map(async |story| {
        let world = story.world().await;
        let functions = world.functions();
        let mut process = Process::live(&world, &functions, story.resource).await;
        assert_eq!(process.to_end().await, State::ProcessCompleted, "{}", process.story());
        completed(&world, &process, &story).await;
        let account = world.ec2.account();
        let images = account.images_tagged("sunset:process", process.id()).map(|image| &image.tags);
        let snapshots = account.snapshots_tagged("sunset:process", process.id()).map(|snapshot| &snapshot.tags);
        let all: Vec<_> = images.chain(snapshots).collect();
        // An instance leaves an image and a snapshot of each of its volumes.
        assert_eq!(all.len(), if story.resource.0 == "EC2Instance" { 3 } else { 1 });
        for tags in all {
            let until = tags.get("sunset:keep-until").unwrap_or_else(|| panic!("{tags:?}"));
            assert!(until.as_str() > "2026-01-01", "{tags:?}");
        }
    }))
    .await;
}

/// What is brought back keeps the backup that was made meanwhile: it costs little, and nobody asked to destroy it.
#[tokio::test]
async fn a_process_that_goes_back_destroys_nothing_not_even_its_backup() {
    let story: Story = VOLUME;
    let world = story.world().await;
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, story.resource).await;
    process.until(State::Reassess).await;
    crate::stories::depends(&world, story.resource, "billing", "required").await;
    assert_eq!(process.to_end().await, State::ProcessRolledBack, "{}", process.story());
    assert_eq!(backups(&world, &process).len(), 1);
    assert!(world.calls.of("ec2:DeleteSnapshot").is_empty());
    sound(&world).await;
}
