//! Both workflows in one account: neither touches what the other holds or made.

use serde_json::{Value, json};
use sunset_functions_tests::{End, Function, Policy, Process, Run, State, World};

use crate::sound::audit_trails_are_sound;
use crate::stories::{IMAGE, INSTANCE, Story};
use crate::{is_free, told};

/// A stack whose ami-cleanup removes at once what is older than 100 hours.
fn eager() -> Policy {
    Policy::brisk()
        .with("VALID_HOURS", 100)
        .with("GRACE_DAYS", 0)
        .with("KEEP_NEWEST", 0)
        .with("MAX_SHARE", 1)
        .with("ALLOW_SHARED", true)
}

async fn world(story: &Story) -> World {
    story.world_under(eager(), story.account()).await
}

/// Runs ami-cleanup once; the answer of its list.
async fn cleans(world: &World) -> Value {
    let functions = world.functions();
    match Run::live(world, &functions).await.to_end().await {
        End::Done { list, failed, .. } => {
            // What the process holds by its lock alone is listed, and left alone.
            let left_alone = |error: &sunset_wire::FunctionError| error.error_type == "Sunset.Stale";
            assert!(failed.iter().all(|(image, error)| image == "ami-0old" && left_alone(error)), "{failed:#?}");
            list
        }
        other => panic!("{other:#?}"),
    }
}

#[tokio::test]
async fn ami_cleanup_never_touches_an_image_that_a_process_holds() {
    let world = world(&IMAGE).await;
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, IMAGE.resource).await;
    for at in [State::ExecuteReversible, State::SoakPeriod, State::ExecuteIrreversible] {
        process.until(at).await;
        let state = world.image_state("ami-0old");
        cleans(&world).await;
        assert_eq!(world.image_state("ami-0old"), state, "{at:?}");
        assert!(world.has_snapshot("snap-0a") && world.has_snapshot("snap-0b"), "{at:?}");
    }
    assert!(!world.has_image("ami-0other"), "what nobody holds goes");
    assert_eq!(process.to_end().await, State::ProcessCompleted, "{}", process.story());
    assert!(!world.has_image("ami-0old") && !world.has_snapshot("snap-0a") && !world.has_snapshot("snap-0b"));
    audit_trails_are_sound(&world).await;
}

#[tokio::test]
async fn ami_cleanup_that_listed_an_image_before_the_process_began_lets_it_be() {
    for story in [IMAGE] {
        let world = world(&story).await;
        let functions = world.functions();
        let run = Run::live(&world, &functions).await;
        let (_, lines) = run.listed().await;
        let line = lines.iter().find(|line| line["ImageId"] == "ami-0old").unwrap();
        let mut process = Process::live(&world, &functions, story.resource).await;
        process.until(State::ExecuteReversible).await;
        // It has no tag yet: the lock alone holds it.
        let error = run.delete_image(line).await.unwrap_err();
        assert_eq!(error.error_type, "Sunset.Stale", "{error}");
        assert!(world.has_image("ami-0old"));
        process.until(State::SoakPeriod).await;
        let error = run.delete_image(line).await.unwrap_err();
        assert_eq!(error.error_type, "Sunset.Stale", "{error}");
        assert_eq!(process.to_end().await, State::ProcessCompleted, "{}", process.story());
        assert_eq!(world.calls.of("ec2:DeregisterImage").len(), 1, "the process's own");
    }
}

#[tokio::test]
async fn ami_cleanup_never_touches_what_a_process_made() {
    let world = world(&INSTANCE).await;
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, INSTANCE.resource).await;
    assert_eq!(process.to_end().await, State::ProcessCompleted, "{}", process.story());
    let made: Vec<String> = {
        let mut account = world.ec2.account();
        let mine: Vec<String> =
            account.images_tagged("sunset:process", process.id()).map(|image| image.id.clone()).collect();
        for id in &mine {
            account.images.get_mut(id).unwrap().created -= time::Duration::hours(10_000);
        }
        mine
    };
    assert_eq!(made.len(), 1);
    cleans(&world).await;
    assert!(world.has_image(&made[0]), "its backup was taken for an old image");
    let snapshots: Vec<String> = world.ec2.account().images[&made[0]].snapshot_ids().map(str::to_owned).collect();
    assert!(snapshots.iter().all(|snapshot| world.has_snapshot(snapshot)), "{snapshots:?}");
    // Not even by name.
    let line = json!({"schema": 1, "ImageId": made[0], "action": "deregister"});
    functions.invoke(Function::Deregister, line.clone()).await.ok();
    functions.invoke(Function::DeleteSnapshot, line).await.ok();
    assert!(world.has_image(&made[0]));
    audit_trails_are_sound(&world).await;
}

#[tokio::test]
async fn a_process_never_begins_on_an_image_that_ami_cleanup_is_at_work_on() {
    let world = IMAGE.world_under(eager().with("GRACE_DAYS", 7), IMAGE.account()).await;
    let functions = world.functions();
    let report = Run::live(&world, &functions).await.to_end().await.report();
    assert_eq!(report["counts"]["disabled"], 2, "{report}");
    let mut process = Process::live(&world, &functions, IMAGE.resource).await;
    assert_eq!(process.to_end().await, State::ProcessFailed);
    assert_eq!(process.error()["Error"], "Sunset.Stale", "{}", process.error());
    assert!(is_free(&world, IMAGE.resource).await);

    // Once a person has brought it back it is nobody's.
    let event = json!({"schema": 1, "image_id": "ami-0old", "mode": "live", "keep": false});
    let answer = functions.invoke(Function::Restore, event).await.unwrap();
    assert_eq!(answer["outcome"], "enabled", "{answer}");
    let mut process = Process::live(&world, &functions, IMAGE.resource).await;
    assert_eq!(process.to_end().await, State::ProcessCompleted, "{}", process.story());
    audit_trails_are_sound(&world).await;
}

#[tokio::test]
async fn nobody_restores_an_image_from_under_a_process() {
    let world = world(&IMAGE).await;
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, IMAGE.resource).await;
    process.until(State::Reassess).await;
    assert_eq!(world.image_state("ami-0old").as_deref(), Some("disabled"));
    let event = json!({"schema": 1, "image_id": "ami-0old", "mode": "live"});
    let answer = functions.invoke(Function::Restore, event).await;
    // Refused by name, or brought back, which the look after the soak then finds.
    let restored = answer.is_ok_and(|answer| answer["outcome"] == "enabled");
    let expected = if restored { State::ProcessRolledBack } else { State::ProcessCompleted };
    assert_eq!(process.to_end().await, expected, "{}", process.story());
    assert_eq!(world.has_image("ami-0old"), restored, "{}", told(&process, "outcome").await);
    audit_trails_are_sound(&world).await;
}
