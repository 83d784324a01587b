//! Whole processes, on every type of resource.

use serde_json::{Value, json};
use sunset_functions_tests::{Function, Process, State, World};

use crate::picture::picture;
use crate::sound::sound;
use crate::stories::{ALL, INSTANCE, Story, UNUSED_GROUP, VOLUME};
use crate::{events, is_free, side_by_side, told, untouched};

/// What holds once a process has come to its good end.
pub async fn completed(world: &World, process: &Process<'_>, story: &Story) {
    let mut expected = picture(&story.account());
    (story.ends)(&mut expected);
    assert_eq!(picture(&world.ec2.account()), expected, "{}", process.story());
    let record = process.record().await;
    assert_eq!(record["status"], "completed", "{record}");
    assert!(is_free(world, story.resource).await, "the lock is still held");
}

/// The images and snapshots that a process made, the snapshots of its images left out.
pub fn backups(world: &World, process: &Process<'_>) -> Vec<String> {
    let account = world.ec2.account();
    let images: Vec<_> = account.images_tagged("sunset:process", process.id()).collect();
    let of_images: Vec<&str> = images.iter().flat_map(|image| image.snapshot_ids()).collect();
    let snapshots = account.snapshots_tagged("sunset:process", process.id());
    let made = snapshots.filter(|snapshot| snapshot.tags.contains_key("sunset:keep-until"));
    let alone = made.map(|snapshot| snapshot.id.clone()).filter(|id| !of_images.contains(&id.as_str()));
    images
        .iter()
        .filter(|image| image.tags.contains_key("sunset:keep-until"))
        .map(|image| image.id.clone())
        .chain(alone)
        .collect()
}

#[tokio::test]
async fn every_type_of_resource_goes_the_whole_way() {
    side_by_side(ALL.into_iter().map(async |story| {
        let world = story.world().await;
        let functions = world.functions();
        let mut process = Process::live(&world, &functions, story.resource).await;
        assert_eq!(process.to_end().await, State::ProcessCompleted, "{}", process.story());
        completed(&world, &process, &story).await;
        assert_eq!(backups(&world, &process).len(), story.backups, "{}", process.story());
        let calls = world.calls.of(&format!("ec2:{}", story.irreversible));
        assert_eq!(calls.len(), 1, "{:?}", story.resource);
        sound(&world).await;

        let answer = process.answer();
        assert_eq!((&answer["status"], &answer["mode"]), (&json!("completed"), &json!("live")), "{answer}");
        let report = world.aws().object(answer["report"]["key"].as_str().unwrap()).await;
        assert!(report.contains(story.resource.1), "{report}");
        let report: Value =
            serde_json::from_str(&world.aws().object(&format!("processes/{}/report.json", process.id())).await)
                .unwrap();
        assert!(report.is_object(), "{report}");
    }))
    .await;
}

#[tokio::test]
async fn every_type_of_resource_goes_the_whole_way_when_every_call_is_delivered_twice() {
    side_by_side(ALL.into_iter().map(async |story| {
        let world = story.world().await;
        let functions = world.functions();
        let mut process = Process::live(&world, &functions, story.resource).await.that_is_delivered_twice();
        assert_eq!(process.to_end().await, State::ProcessCompleted, "{}", process.story());
        completed(&world, &process, &story).await;
        assert_eq!(backups(&world, &process).len(), story.backups, "{}", process.story());
        sound(&world).await;
    }))
    .await;
}

#[tokio::test]
async fn a_dry_run_takes_no_lock_asks_nobody_and_changes_nothing() {
    side_by_side(ALL.into_iter().map(async |story| {
        let world = story.world().await;
        let functions = world.functions();
        let mut process = Process::dry(&world, &functions, story.resource).await;
        assert_eq!(process.to_end().await, State::ProcessCompleted, "{}", process.story());
        untouched(&world);
        assert_eq!(picture(&world.ec2.account()), picture(&story.account()));
        let locks: Vec<_> = world
            .ledger
            .items()
            .await
            .into_iter()
            .filter(|item| item["pk"].as_str().unwrap().starts_with("LOCK#"))
            .collect();
        assert_eq!(locks, [Value::Null; 0]);
        assert!(!process.visited().contains(&State::SoakPeriod) && !process.visited().contains(&State::TallyVotes));
        assert!(told(&process, "outcome").await.starts_with("dry run:"));
        sound(&world).await;
    }))
    .await;
}

#[tokio::test]
async fn a_dry_run_beside_a_live_process_is_not_in_its_way() {
    let world = VOLUME.world().await;
    let functions = world.functions();
    let mut live = Process::live(&world, &functions, VOLUME.resource).await;
    live.until(State::ExecuteReversible).await;
    let mut dry = Process::dry(&world, &functions, VOLUME.resource).await;
    assert_eq!(dry.to_end().await, State::ProcessCompleted, "{}", dry.story());
    untouched(&world);
    assert_eq!(live.to_end().await, State::ProcessCompleted, "{}", live.story());
    completed(&world, &live, &VOLUME).await;
    sound(&world).await;
}

#[tokio::test]
async fn what_asks_so_little_is_approved_by_rule_and_people_are_told() {
    let world = UNUSED_GROUP.world().await;
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, UNUSED_GROUP.resource).await;
    assert_eq!(process.to_end().await, State::ProcessCompleted, "{}", process.story());
    assert!(!process.visited().contains(&State::TallyVotes), "{:?}", process.visited());
    completed(&world, &process, &UNUSED_GROUP).await;
    let events = events(&world, &process).await;
    assert!(events.contains(&"AUTO_APPROVED".to_owned()), "{events:?}");
    let told: Vec<_> = world.calls.notices().into_iter().filter(|(_, _, body)| body.contains(process.id())).collect();
    assert!(told.len() >= 2, "of the approval and of the end: {told:#?}");
    sound(&world).await;
}

#[tokio::test]
async fn no_notice_holds_a_token() {
    let world = INSTANCE.world().await;
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, INSTANCE.resource).await;
    assert_eq!(process.to_end().await, State::ProcessCompleted, "{}", process.story());
    let notices = world.calls.notices();
    assert!(!notices.is_empty());
    for (_, subject, body) in notices {
        assert!(!subject.contains("token-") && !body.contains("token-"), "{subject}\n{body}");
        assert!(subject.len() <= 100 && subject.is_ascii() && !subject.contains('\n'), "{subject}");
    }
    sound(&world).await;
}

#[tokio::test]
async fn the_audit_trail_is_verified_on_request_and_what_was_edited_is_found() {
    let world = UNUSED_GROUP.world().await;
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, UNUSED_GROUP.resource).await;
    process.to_end().await;
    let event = json!({"schema": 1, "action": "verify_audit", "process_id": process.id()});
    let answer = functions.invoke(Function::Validate, event.clone()).await.unwrap();
    assert_eq!(answer["sound"], true, "{answer}");

    let whole = world.audit.items().await;
    let mut edited = whole.iter().find(|event| event["seq"] == 3).unwrap().clone();
    edited["actor"] = "person:ada".into();
    world.audit.put(edited).await;
    let answer = functions.invoke(Function::Validate, event.clone()).await.unwrap();
    assert_eq!(
        (&answer["sound"], &answer["defects"][0]["what"]["defect"]),
        (&json!(false), &json!("edited")),
        "{answer}"
    );

    for event in &whole {
        world.audit.put(event.clone()).await;
    }
    let last = whole.iter().max_by_key(|event| event["seq"].as_u64()).unwrap();
    world.audit.delete(last).await;
    let answer = functions.invoke(Function::Validate, event).await.unwrap();
    assert_eq!(
        (&answer["sound"], &answer["defects"][0]["what"]["defect"]),
        (&json!(false), &json!("cut_off")),
        "{answer}"
    );
}

#[tokio::test]
async fn what_ec2_goes_on_showing_is_looked_at_until_it_is_gone() {
    side_by_side(ALL.into_iter().map(async |story| {
        let world = story.world().await;
        let functions = world.functions();
        let mut process = Process::live(&world, &functions, story.resource).await;
        process.until(State::ValidateDecommissioning).await;
        let gone = std::mem::replace(&mut *world.ec2.account(), story.account());
        for _ in 0..2 {
            process.step().await;
            assert_eq!(process.answer()["state"], "waiting", "{}", process.story());
            assert_eq!(process.state(), State::ValidateDecommissioning);
        }
        assert_eq!(told(&process, "status").await, "in_progress");
        // What cannot be seen is not gone either.
        let looks =
            ["DescribeInstances", "DescribeVolumes", "DescribeSnapshots", "DescribeImages", "DescribeAddresses"];
        world.ec2.account().denied.extend(looks.into_iter().chain(["DescribeSecurityGroups"]).map(str::to_owned));
        process.step().await;
        assert_eq!(process.answer()["state"], "waiting", "{}", process.story());
        *world.ec2.account() = gone;
        assert_eq!(process.to_end().await, State::ProcessCompleted, "{}", process.story());
        completed(&world, &process, &story).await;
        sound(&world).await;
    }))
    .await;
}
