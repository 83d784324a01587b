//! `execute` is killed before and after each of its calls that change anything, and each of them is delivered twice: on
//! every type of resource, forward and back.

use std::time::Instant;

use sunset_functions_tests::{Function, Process, State, World};
use sunset_wire::{Cut, Cutter};

use crate::picture::picture;
use crate::sound::sound_but_for;
use crate::stories::{self, Story, depends};
use crate::whole::{backups, completed};
use crate::{is_free, side_by_side, steps};

/// Where a process comes to after a cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    Completed,
    RolledBack,
}

impl End {
    /// Checks that it came to this end.
    pub async fn holds(self, world: &World, process: &Process<'_>, story: &Story, told: &str) {
        match self {
            Self::Completed => completed(world, process, story).await,
            Self::RolledBack => rolled_back(world, process, story, told).await,
        }
    }

    /// The machine's state at this end.
    pub fn state(self) -> State {
        match self {
            Self::Completed => State::ProcessCompleted,
            Self::RolledBack => State::ProcessRolledBack,
        }
    }
}

/// The resource is as it was, and free.
pub async fn rolled_back(world: &World, process: &Process<'_>, story: &Story, told: &str) {
    assert_eq!(picture(&world.ec2.account()), picture(&story.account()), "{told}");
    let record = process.record().await;
    assert_eq!(record["status"], "rolled_back", "{told}\n{record}");
    assert!(is_free(world, story.resource).await, "the lock is still held: {told}");
    for step in steps(world, process).await {
        let open = ["intended", "called", "undo_intended", "undo_called"].iter().any(|state| step["state"] == *state);
        assert!(!open, "{step}: {told}");
    }
}

/// How many calls that change anything `execute` makes from here to a state, or to the end.
async fn calls_from(here: &Process<'_>, world: &World, until: State) -> usize {
    let copy = world.copy().await;
    let counter = Cutter::never();
    let functions = copy.functions_with_some_cut_by(&counter, &[Function::Execute]);
    here.copied_to(&copy, &functions).until(until).await;
    counter.journal().len()
}

/// Cuts at every call of `execute` from here to a state, each in a copy of the world, and plays each to its end.
async fn cut_at_every_call(story: &Story, here: &Process<'_>, world: &World, until: State, end: End) -> usize {
    let calls = calls_from(here, world, until).await;
    let cuts = [Cut::Before, Cut::After, Cut::Twice].into_iter().flat_map(|cut| (0..calls).map(move |n| (cut, n)));
    side_by_side(cuts.map(async |(cut, n)| {
        let copy = world.copy().await;
        let cutter = Cutter::at(n, cut);
        let functions = copy.functions_with_some_cut_by(&cutter, &[Function::Execute]);
        let mut process = here.copied_to(&copy, &functions);
        let ended = process.to_end().await;
        let journal = cutter.journal();
        let told = format!("{cut:?} call {n} of {journal:#?} of {:?}: {}", story.resource, process.story());
        assert!(cutter.reached(), "{told}");
        assert_eq!(ended, end.state(), "{told}");
        end.holds(&copy, &process, story, &told).await;
        let doubled = (cut == Cut::Twice).then(|| journal[n].as_str());
        // Delivered twice by the network, a snapshot is made twice; nothing else is.
        let most = story.backups + usize::from(doubled == Some("ec2:CreateSnapshot"));
        let made = backups(&copy, &process);
        assert!((story.backups..=most).contains(&made.len()), "{made:?}: {told}");
        sound_but_for(&copy, doubled).await;
    }))
    .await;
    3 * calls
}

async fn survives_every_cut(story: Story) {
    let begun = Instant::now();
    let world = story.world().await;
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, story.resource).await;
    process.until(State::ExecuteReversible).await;
    let before_the_soak = cut_at_every_call(&story, &process, &world, State::SoakPeriod, End::Completed).await;
    process.until(State::ExecuteIrreversible).await;
    let after_it = cut_at_every_call(&story, &process, &world, State::ProcessCompleted, End::Completed).await;

    let world = story.world().await;
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, story.resource).await;
    process.until(State::Reassess).await;
    depends(&world, story.resource, "billing", "critical").await;
    process.until(State::HandleDecommissioningFailure).await;
    let back = cut_at_every_call(&story, &process, &world, State::ProcessRolledBack, End::RolledBack).await;

    let told = format!("{before_the_soak} + {after_it} forward, {back} back");
    eprintln!("{}: {told} cuts in {:.1?}", story.resource.0, begun.elapsed());
    assert!(before_the_soak >= 12 && after_it >= 9 && back >= 15, "too little was cut: {told}");
}

#[tokio::test]
async fn an_instance_survives_every_cut() {
    survives_every_cut(stories::INSTANCE).await;
}

#[tokio::test]
async fn a_volume_survives_every_cut() {
    survives_every_cut(stories::VOLUME).await;
}

#[tokio::test]
async fn a_snapshot_survives_every_cut() {
    survives_every_cut(stories::SNAPSHOT).await;
}

#[tokio::test]
async fn an_image_survives_every_cut() {
    survives_every_cut(stories::IMAGE).await;
}

#[tokio::test]
async fn an_address_survives_every_cut() {
    survives_every_cut(stories::ADDRESS).await;
}

#[tokio::test]
async fn a_security_group_survives_every_cut() {
    survives_every_cut(stories::SECURITY_GROUP).await;
}

/// What the other functions do is cut off too: nobody is asked for nothing, and nothing is forgotten.
#[tokio::test]
async fn every_other_function_survives_every_cut() {
    let begun = Instant::now();
    let others = [Function::Assess, Function::Plan, Function::Approve, Function::Validate];
    let mut cuts = 0;
    for story in [stories::SPARE_VOLUME, stories::UNUSED_GROUP] {
        let world = story.world().await;
        let counter = Cutter::never();
        let functions = world.functions_with_some_cut_by(&counter, &others);
        Process::live(&world, &functions, story.resource).await.until(State::ProcessCompleted).await;
        let calls = counter.journal().len();
        let all = [Cut::Before, Cut::After, Cut::Twice].into_iter().flat_map(|cut| (0..calls).map(move |n| (cut, n)));
        side_by_side(all.map(async |(cut, n)| {
            let world = story.world().await;
            let cutter = Cutter::at(n, cut);
            let functions = world.functions_with_some_cut_by(&cutter, &others);
            let mut process = Process::live(&world, &functions, story.resource).await;
            let ended = process.to_end().await;
            let told =
                format!("{cut:?} call {n} of {:#?} of {:?}: {}", cutter.journal(), story.resource, process.story());
            assert!(cutter.reached(), "{told}");
            assert_eq!(ended, State::ProcessCompleted, "{told}");
            completed(&world, &process, &story).await;
            let notices = world.calls.notices();
            assert!(
                notices.iter().filter(|(_, _, body)| body.contains(process.id())).count() >= 2,
                "{notices:#?}: {told}"
            );
            sound_but_for(&world, None).await;
        }))
        .await;
        cuts += 3 * calls;
    }
    eprintln!("other functions: {cuts} cuts in {:.1?}", begun.elapsed());
    assert!(cuts > 60, "too little was cut: {cuts}");
}
