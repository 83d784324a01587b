//! Throttling, 5xx, closed connections and refusals, at every call that changes EC2, forward and back.

use std::time::{Duration, Instant};

use sunset_functions_tests::{Call, Person, Policy, Process, State, World};
use sunset_wire::{Fault, When};

use crate::cut_off::{End, rolled_back};
use crate::side_by_side;
use crate::sound::sound;
use crate::stories::{ALL, IMAGE, Story, VOLUME, depends};
use crate::whole::{backups, completed};

/// The calls that changed EC2 in a world since it was copied from another.
fn acts(world: &World, of: &World) -> Vec<Call> {
    let mut calls = world.calls.since(of.calls.count());
    calls.retain(Call::changes_ec2);
    calls
}

/// Each act from here on goes wrong once, each in a copy of the world, and each story ends as it would have.
async fn every_act_from_here(story: &Story, here: &Process<'_>, world: &World, end: End, fault: &Fault) -> usize {
    let copy = world.copy().await;
    let functions = copy.functions();
    here.copied_to(&copy, &functions).to_end().await;
    let undisturbed = acts(&copy, world);
    let nth_of_its_name =
        |n: usize| undisturbed[..=n].iter().filter(|call| call.action == undisturbed[n].action).count();
    side_by_side((0..undisturbed.len()).map(async |n| {
        let copy = world.copy().await;
        let (action, nth) = (&undisturbed[n].action, nth_of_its_name(n));
        copy.ec2.faults().add(action, When::Nth(nth), fault.clone());
        let functions = copy.functions();
        let mut process = here.copied_to(&copy, &functions);
        let ended = process.to_end().await;
        let told = format!("{fault:?} of {action} {nth} of {:?}: {}", story.resource, process.story());
        assert_eq!(ended, end.state(), "{told}");
        end.holds(&copy, &process, story, &told).await;
        assert_eq!(backups(&copy, &process).len(), story.backups, "{told}");
        if matches!(fault, Fault::CloseAfter | Fault::Truncated) {
            // What was done is found by looking, and never done again.
            let names = |calls: &[Call]| calls.iter().map(Call::name).collect::<Vec<_>>();
            assert_eq!(names(&acts(&copy, world)), names(&undisturbed), "{told}");
        }
        sound(&copy).await;
    }))
    .await;
    undisturbed.len()
}

async fn every_act_goes_wrong_once(fault: Fault) {
    let mut disturbed = 0;
    for story in ALL {
        let world = story.world().await;
        let functions = world.functions();
        let mut process = Process::live(&world, &functions, story.resource).await;
        process.until(State::ExecuteReversible).await;
        disturbed += every_act_from_here(&story, &process, &world, End::Completed, &fault).await;
        process.until(State::Reassess).await;
        depends(&world, story.resource, "billing", "critical").await;
        process.until(State::HandleDecommissioningFailure).await;
        disturbed += every_act_from_here(&story, &process, &world, End::RolledBack, &fault).await;
    }
    assert!(disturbed > 30, "{disturbed}");
}

#[tokio::test]
async fn a_throttled_act_succeeds_when_it_is_tried_again() {
    every_act_goes_wrong_once(Fault::Throttled).await;
}

#[tokio::test]
async fn an_act_that_aws_fails_at_succeeds_when_it_is_tried_again() {
    every_act_goes_wrong_once(Fault::InternalError).await;
}

#[tokio::test]
async fn an_act_that_never_arrived_succeeds_when_it_is_tried_again() {
    every_act_goes_wrong_once(Fault::CloseBefore).await;
}

#[tokio::test]
async fn an_act_whose_answer_is_lost_is_settled_by_looking() {
    every_act_goes_wrong_once(Fault::CloseAfter).await;
}

#[tokio::test]
async fn an_act_whose_answer_breaks_off_is_settled_by_looking() {
    every_act_goes_wrong_once(Fault::Truncated).await;
}

const LOOKS: [&str; 8] = [
    "DescribeInstances",
    "DescribeInstanceAttribute",
    "DescribeVolumes",
    "DescribeSnapshots",
    "DescribeImages",
    "DescribeAddresses",
    "DescribeSecurityGroups",
    "DescribeNetworkInterfaces",
];

#[tokio::test]
async fn looks_that_are_throttled_now_and_then_do_not_lead_astray() {
    side_by_side(ALL.into_iter().map(async |story| {
        for end in [End::Completed, End::RolledBack] {
            let world = story.world().await;
            for look in LOOKS {
                world.ec2.faults().add(look, When::EachKth(3), Fault::Throttled);
            }
            let functions = world.functions();
            let mut process = Process::live(&world, &functions, story.resource).await;
            if end == End::RolledBack {
                process.until(State::Reassess).await;
                depends(&world, story.resource, "billing", "critical").await;
            }
            assert_eq!(process.to_end().await, end.state(), "{}", process.story());
            end.holds(&world, &process, &story, &process.story()).await;
            sound(&world).await;
        }
    }))
    .await;
}

#[tokio::test]
async fn an_act_before_the_soak_that_stays_throttled_leads_back() {
    side_by_side(ALL.into_iter().map(async |story| {
        let Some((reversible, _)) = story.reversible else { return };
        let world = story.world().await;
        world.ec2.faults().add(reversible, When::Every, Fault::Throttled);
        let functions = world.functions();
        let mut process = Process::live(&world, &functions, story.resource).await;
        process.until(State::HandleDecommissioningFailure).await;
        // What takes a security group off an interface also brings it back.
        world.ec2.faults().clear();
        assert_eq!(process.to_end().await, State::ProcessRolledBack, "{}", process.story());
        rolled_back(&world, &process, &story, &process.story()).await;
        sound(&world).await;
    }))
    .await;
}

#[tokio::test]
async fn an_act_after_the_soak_that_stays_throttled_is_held_for_a_person() {
    side_by_side(ALL.into_iter().map(async |story| {
        let world = story.world().await;
        world.ec2.faults().add(story.irreversible, When::Every, Fault::Throttled);
        let functions = world.functions();
        let mut process = Process::live(&world, &functions, story.resource).await;
        process.until(State::Resolution).await;
        let record = process.record().await;
        assert_eq!(record["status"], "held", "{record}");
        let asked = world.calls.of(&format!("ec2:{}", story.irreversible));
        assert!(!asked.is_empty() && asked.iter().all(|call| !call.succeeded()), "{asked:#?}");
        world.ec2.faults().clear();
        assert_eq!(process.resolves(Person::Ada, "retry").await.0, 200);
        assert_eq!(process.to_end().await, State::ProcessCompleted, "{}", process.story());
        completed(&world, &process, &story).await;
        sound(&world).await;
    }))
    .await;
}

/// EC2 goes on showing what was destroyed, and the answer to the call was lost.
#[tokio::test]
async fn a_destruction_whose_answer_is_lost_has_time_to_show() {
    let policy = Policy::brisk().with("SETTLE_SECONDS", 90);
    let world = IMAGE.world_under(policy, IMAGE.account().deregistered_images_linger(6)).await;
    world.ec2.faults().add("DeregisterImage", When::Nth(1), Fault::CloseAfter);
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, IMAGE.resource).await;
    assert_eq!(process.to_end().await, State::ProcessCompleted, "{}", process.story());
    let waits = process.visited().iter().filter(|state| **state == State::ExecuteIrreversible).count();
    assert!(waits > 2, "{:?}", process.visited());
    assert_eq!(world.calls.of("ec2:DeregisterImage").len(), 1);
    completed(&world, &process, &IMAGE).await;
    sound(&world).await;
}

/// What never arrived is called again, and not before it had time to show.
#[tokio::test]
async fn an_act_that_never_arrived_is_called_again_once_it_had_time_to_show() {
    let world = VOLUME.world_under(Policy::brisk().with("SETTLE_SECONDS", 2), VOLUME.account()).await;
    world.ec2.faults().add("DeleteVolume", When::Nth(1), Fault::CloseBefore);
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, VOLUME.resource).await;
    process.until(State::ExecuteIrreversible).await;
    let begun = Instant::now();
    assert_eq!(process.to_end().await, State::ProcessCompleted, "{}", process.story());
    assert!(begun.elapsed() > Duration::from_secs(1), "{:?}", begun.elapsed());
    assert_eq!(world.calls.of("ec2:DeleteVolume").len(), 2);
    completed(&world, &process, &VOLUME).await;
    sound(&world).await;
}
