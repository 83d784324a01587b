//! After the point of no return a person decides: another try, as it is, or what can be had back.

use serde_json::{Value, json};
use sunset_functions_tests::{Functions, Person, Process, State, World};
use sunset_wire::Fault;
use sunset_wire::When;

use crate::cut_off::rolled_back;
use crate::picture::picture;
use crate::sound::sound;
use crate::stories::{ADDRESS, ALL, IMAGE, Story, VOLUME, depends};
use crate::whole::completed;
use crate::{events, is_free, side_by_side, told};

/// A process whose destruction EC2 refused.
async fn held<'w>(world: &'w World, functions: &'w Functions, story: &Story) -> Process<'w> {
    world.ec2.account().denied.insert(story.irreversible.into());
    let mut process = Process::live(world, functions, story.resource).await;
    process.until(State::Resolution).await;
    assert_eq!(process.record().await["status"], "held", "{}", process.story());
    assert!(!is_free(world, story.resource).await);
    process
}

#[tokio::test]
async fn what_ec2_refuses_is_held_and_told_and_never_tried_again_by_itself() {
    side_by_side(ALL.into_iter().map(async |story| {
        let world = story.world().await;
        let functions = world.functions();
        let mut process = held(&world, &functions, &story).await;
        for _ in 0..3 {
            process.step().await;
            process.until(State::Resolution).await;
        }
        assert_eq!(process.answer()["hold"], 1, "it is one hold, however often it is asked: {}", process.answer());
        assert_eq!(world.calls.of(&format!("ec2:{}", story.irreversible)).len(), 1);
        let told: Vec<_> = world
            .calls
            .notices()
            .into_iter()
            .filter(|(_, _, body)| body.contains("held") && body.contains(process.id()))
            .collect();
        assert!(!told.is_empty(), "nobody was told");
        sound(&world).await;
    }))
    .await;
}

#[tokio::test]
async fn another_try_looks_again_and_ends_what_was_begun() {
    side_by_side(ALL.into_iter().map(async |story| {
        let world = story.world().await;
        let functions = world.functions();
        let mut process = held(&world, &functions, &story).await;
        world.ec2.account().denied.clear();
        let (status, body) = process.resolves(Person::Ada, "retry").await;
        assert_eq!(status, 200, "{body}");
        assert_eq!(process.to_end().await, State::ProcessCompleted, "{}", process.story());
        completed(&world, &process, &story).await;
        let events = events(&world, &process).await;
        assert!(events.contains(&"HELD".to_owned()) && events.contains(&"RESOLVED".to_owned()), "{events:?}");
        sound(&world).await;
    }))
    .await;
}

#[tokio::test]
async fn another_try_that_fails_is_held_again() {
    let world = VOLUME.world().await;
    let functions = world.functions();
    let mut process = held(&world, &functions, &VOLUME).await;
    assert_eq!(process.resolves(Person::Ada, "retry").await.0, 200);
    process.step().await;
    process.until(State::Resolution).await;
    let record = process.record().await;
    assert_eq!((&record["status"], &record["hold"]["number"]), (&json!("held"), &json!(2)), "{record}");
    assert_eq!(world.calls.of("ec2:DeleteVolume").len(), 2, "one try for each decision");
    assert_eq!(record["hold"]["resolution"], Value::Null, "a new hold wants a new decision");
    world.ec2.account().denied.clear();
    assert_eq!(process.resolves(Person::Ada, "retry").await.0, 200);
    assert_eq!(process.to_end().await, State::ProcessCompleted, "{}", process.story());
    completed(&world, &process, &VOLUME).await;
    sound(&world).await;
}

#[tokio::test]
async fn another_try_destroys_nothing_that_is_needed_by_now() {
    side_by_side(ALL.into_iter().map(async |story| {
        let world = story.world().await;
        let functions = world.functions();
        let mut process = held(&world, &functions, &story).await;
        world.ec2.account().denied.clear();
        depends(&world, story.resource, "billing", "critical").await;
        assert_eq!(process.resolves(Person::Ada, "retry").await.0, 200);
        process.step().await;
        process.until(State::Resolution).await;
        assert_eq!(world.calls.of(&format!("ec2:{}", story.irreversible)).len(), 1, "{}", process.story());
        assert_eq!(process.resolves(Person::Ada, "recover").await.0, 200);
        assert_eq!(process.to_end().await, State::ProcessRolledBack, "{}", process.story());
        rolled_back(&world, &process, &story, "recovered").await;
        sound(&world).await;
    }))
    .await;
}

#[tokio::test]
async fn what_can_be_had_back_is_brought_back() {
    side_by_side(ALL.into_iter().map(async |story| {
        let world = story.world().await;
        let functions = world.functions();
        let mut process = held(&world, &functions, &story).await;
        assert_eq!(process.resolves(Person::Kay, "recover").await.0, 200);
        assert_eq!(process.to_end().await, State::ProcessRolledBack, "{}", process.story());
        rolled_back(&world, &process, &story, "recovered").await;
        sound(&world).await;
    }))
    .await;
}

#[tokio::test]
async fn what_is_accepted_stays_as_it_is_and_the_report_says_who_accepted_it() {
    side_by_side(ALL.into_iter().map(async |story| {
        let world = story.world().await;
        let functions = world.functions();
        let mut process = held(&world, &functions, &story).await;
        let before = picture(&world.ec2.account());
        assert_eq!(process.resolves(Person::Grace, "accept").await.0, 200);
        process.to_end().await;
        assert_eq!(picture(&world.ec2.account()), before);
        assert!(is_free(&world, story.resource).await);
        let outcome = told(&process, "outcome").await;
        assert!(outcome.contains("grace accepted it"), "{outcome}");
        sound(&world).await;
    }))
    .await;
}

#[tokio::test]
async fn a_persons_decision_stands_whatever_wakes_the_state_and_strangers_decide_nothing() {
    let world = VOLUME.world().await;
    let functions = world.functions();
    let mut process = held(&world, &functions, &VOLUME).await;
    let (status, body) = process.resolves(Person::Mallory, "accept").await;
    assert_eq!(status, 403, "{body}");
    process.step().await;
    assert_eq!(process.answer()["choice"], "none", "woken without a decision: {}", process.answer());
    process.until(State::Resolution).await;
    assert_eq!(process.resolves(Person::Ada, "recover").await.0, 200);
    let (status, body) = process.resolves(Person::Ada, "recover").await;
    assert!(status == 200 || status == 409, "{status}: {body}");
    let (status, body) = process.resolves(Person::Kay, "accept").await;
    assert_eq!(status, 409, "{body}");
    assert_eq!(process.to_end().await, State::ProcessRolledBack, "{}", process.story());
    sound(&world).await;
}

#[tokio::test]
async fn nobody_decides_about_what_is_not_held() {
    let world = VOLUME.world().await;
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, VOLUME.resource).await;
    process.until(State::ExecuteIrreversible).await;
    for choice in ["retry", "accept", "recover"] {
        let (status, body) = process.resolves(Person::Ada, choice).await;
        assert_eq!(status, 409, "{choice}: {body}");
    }
    assert_eq!(process.to_end().await, State::ProcessCompleted, "{}", process.story());
    sound(&world).await;
}

/// The image is gone, one of its snapshots is not.
#[tokio::test]
async fn what_is_half_gone_is_said_to_be_gone_for_good() {
    let world = IMAGE.world().await;
    let functions = world.functions();
    let refusal = Fault::error(400, "SomethingOdd", "nobody has seen this before");
    world.ec2.faults().add("DeleteSnapshot", When::Every, refusal);
    let mut process = Process::live(&world, &functions, IMAGE.resource).await;
    process.until(State::Resolution).await;
    assert!(!world.has_image("ami-0old"));
    assert_eq!(process.resolves(Person::Ada, "recover").await.0, 200);
    let end = process.to_end().await;
    let record = process.record().await;
    assert_ne!(record["status"], "rolled_back", "an image that is gone is not as it was: {record}");
    assert_ne!(record["status"], "completed", "{record}");
    assert!([State::ProcessFailed, State::RollbackFailed].contains(&end), "{}", process.story());
    sound(&world).await;
}

/// A snapshot that something else holds by now stays, and that is no failure.
#[tokio::test]
async fn a_snapshot_that_another_image_needs_stays_when_its_image_goes() {
    let world = IMAGE.world().await;
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, IMAGE.resource).await;
    process.until(State::ExecuteIrreversible).await;
    let other = sunset_wire::Image::new("ami-0new").named("new").snapshots(["snap-0b"]);
    world.ec2.account().add_image(other);
    assert_eq!(process.to_end().await, State::ProcessCompleted, "{}", process.story());
    assert!(!world.has_image("ami-0old") && !world.has_snapshot("snap-0a"));
    assert!(world.has_snapshot("snap-0b") && world.has_image("ami-0new"));
    sound(&world).await;
}

/// EC2 refuses to release an address that has a name in reverse DNS, and only then says so.
#[tokio::test]
async fn an_address_with_a_name_in_reverse_dns_is_held_until_somebody_takes_the_name_away() {
    let world = ADDRESS.world().await;
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, ADDRESS.resource).await;
    process.until(State::ExecuteIrreversible).await;
    let name = |name: Option<&str>| {
        world.ec2.account().addresses.get_mut("eipalloc-0web").unwrap().ptr_record = name.map(str::to_owned);
    };
    name(Some("mail.example.com."));
    process.until(State::Resolution).await;
    assert!(process.error()["Cause"].as_str().unwrap().contains("PTR"), "{}", process.error());
    assert!(world.ec2.account().has_address("eipalloc-0web"));
    name(None);
    assert_eq!(process.resolves(Person::Ada, "retry").await.0, 200);
    assert_eq!(process.to_end().await, State::ProcessCompleted, "{}", process.story());
    completed(&world, &process, &ADDRESS).await;
    sound(&world).await;
}
