//! Change windows: nothing irreversible begins outside one, and what waits for one can still be taken back.

use std::time::Duration;

use serde_json::json;
use sunset_functions_tests::{ALWAYS_OPEN, Function, Functions, Person, Policy, Process, State, World};
use sunset_wire::{Account, Calendar, Fault, When};
use time::OffsetDateTime;

use crate::asked::waits;
use crate::cut_off::rolled_back;
use crate::sound::sound;
use crate::stories::{ALL, IMAGE, SPARE_VOLUME, Story, UNUSED_GROUP, VOLUME, depends};
use crate::whole::{backups, completed};
use crate::{events, is_free, side_by_side, told, untouched};

/// The rules are always open, and a calendar has the last word.
fn with_a_calendar() -> String {
    format!("{ALWAYS_OPEN}calendars: [releases]\n")
}

/// A world with a calendar.
async fn world(story: &Story, calendar: Calendar) -> World {
    story.world_with(story.account().calendar(calendar)).await.with_windows(&with_a_calendar())
}

fn opens(account: &mut Account) {
    account.calendars.insert("releases".into(), Calendar::open("releases"));
}

fn closes(account: &mut Account) {
    account.calendars.insert("releases".into(), Calendar::closed("releases"));
}

/// Nothing was destroyed.
fn nothing_is_gone(world: &World, story: &Story, told: &str) {
    assert!(world.calls.of(&format!("ec2:{}", story.irreversible)).is_empty(), "{told}");
}

/// A process that waits for a window.
async fn scheduled<'w>(world: &'w World, functions: &'w Functions, story: &Story) -> Process<'w> {
    let mut process = Process::live(world, functions, story.resource).await;
    process.until(State::WaitForWindow).await;
    let status = told(&process, "status").await;
    assert_eq!(status, "scheduled", "{}", process.story());
    process
}

#[tokio::test]
async fn outside_a_window_it_waits_and_inside_one_it_looks_again_and_goes_on() {
    side_by_side(ALL.into_iter().map(async |story| {
        let world = world(&story, Calendar::closed("releases")).await;
        let functions = world.functions();
        let process = Process::live(&world, &functions, story.resource).await;
        let mut process = process.that_is_delivered_twice();
        process.until(State::WaitForWindow).await;
        let answer = process.answer().clone();
        assert_eq!((&answer["state"], &answer["wait_seconds"]), (&json!("closed"), &json!(3_600)), "{answer}");
        assert!(answer["reason"].as_str().unwrap().contains("the calendar releases is closed"), "{answer}");
        for _ in 0..4 {
            process.step().await;
        }
        nothing_is_gone(&world, &story, &process.story());
        assert_eq!(told(&process, "status").await, "scheduled");
        opens(&mut world.ec2.account());
        process.until(State::Reassess).await;
        assert_eq!(process.to_end().await, State::ProcessCompleted, "{}", process.story());
        completed(&world, &process, &story).await;
        assert_eq!(backups(&world, &process).len(), story.backups);
        let events = events(&world, &process).await;
        let at = |name: &str| events.iter().rposition(|event| event == name).unwrap_or_else(|| panic!("{events:?}"));
        assert!(at("SCHEDULED") < at("REASSESSED"), "it looks again inside the window: {events:?}");
        assert_eq!(events.iter().filter(|event| *event == "SCHEDULED").count(), 1, "{events:?}");
        sound(&world).await;
    }))
    .await;
}

#[tokio::test]
async fn it_goes_on_at_the_moment_that_the_calendar_names() {
    let soon = OffsetDateTime::now_utc() + Duration::from_secs(60);
    let world = world(&SPARE_VOLUME, Calendar::closed("releases").until(soon)).await;
    let functions = world.functions();
    let mut process = scheduled(&world, &functions, &SPARE_VOLUME).await;
    let seconds = process.answer()["wait_seconds"].as_i64().unwrap();
    assert!((30..=60).contains(&seconds), "{}", process.answer());
    let soon = OffsetDateTime::now_utc() + Duration::from_secs(2);
    world.ec2.account().calendars.get_mut("releases").unwrap().changes_at = soon.replace_nanosecond(0).ok();
    assert_eq!(process.to_end().await, State::ProcessCompleted, "{}", process.story());
    let visits = process.visited().iter().filter(|state| **state == State::WaitForWindow).count();
    assert!(visits <= 3, "it does not ask again and again: {:?}", process.visited());
    sound(&world).await;
}

#[tokio::test]
async fn who_ends_the_soak_while_it_waits_for_a_window_brings_it_back() {
    side_by_side(ALL.into_iter().map(async |story| {
        let world = world(&story, Calendar::closed("releases")).await;
        let functions = world.functions();
        let mut process = scheduled(&world, &functions, &story).await;
        let token = waits(&world, &process, &functions, "await_window").await;
        assert!(!world.tokens.is_woken(&token));
        let (status, body) = process.ends_the_soak(Person::Kay).await;
        assert_eq!(status, 200, "{body}");
        assert!(world.tokens.is_woken(&token), "the wait for the window is over");
        // Whoever begins to wait afterwards is woken at once.
        let late = waits(&world, &process, &functions, "await_window").await;
        assert!(world.tokens.is_woken(&late));
        assert_eq!(process.to_end().await, State::ProcessRolledBack, "{}", process.story());
        rolled_back(&world, &process, &story, "the soak was ended").await;
        nothing_is_gone(&world, &story, &process.story());
        let outcome = told(&process, "outcome").await;
        assert!(outcome.contains("kay") && outcome.contains("it is missed"), "{outcome}");
        sound(&world).await;
    }))
    .await;
}

#[tokio::test]
async fn what_gets_worse_while_it_waits_is_found_when_the_window_opens() {
    side_by_side(ALL.into_iter().map(async |story| {
        let world = world(&story, Calendar::closed("releases")).await;
        let functions = world.functions();
        let mut process = scheduled(&world, &functions, &story).await;
        depends(&world, story.resource, "billing", "critical").await;
        opens(&mut world.ec2.account());
        assert_eq!(process.to_end().await, State::ProcessRolledBack, "{}", process.story());
        rolled_back(&world, &process, &story, "billing needs it").await;
        nothing_is_gone(&world, &story, &process.story());
        sound(&world).await;
    }))
    .await;
}

#[tokio::test]
async fn a_calendar_that_cannot_be_read_is_closed() {
    type Spoil = fn(&World);
    let ways: [(&str, Spoil); 3] = [
        ("nobody made it", |world| world.ec2.account().calendars.clear()),
        ("it is denied", |world| world.ec2.account().denied.extend(["GetCalendarState".to_owned()])),
        ("it fails", |world| world.ec2.faults().add("GetCalendarState", When::Every, Fault::InternalError)),
    ];
    side_by_side(ways.into_iter().map(async |(what, spoil)| {
        let world = world(&SPARE_VOLUME, Calendar::open("releases")).await;
        spoil(&world);
        let functions = world.functions();
        let mut process = scheduled(&world, &functions, &SPARE_VOLUME).await;
        let answer = process.answer();
        assert_eq!(answer["wait_seconds"], 900, "{what}: {answer}");
        assert!(answer["reason"].as_str().unwrap().contains("the calendar releases could not be read"), "{answer}");
        nothing_is_gone(&world, &SPARE_VOLUME, what);
        world.ec2.account().denied.clear();
        world.ec2.faults().clear();
        opens(&mut world.ec2.account());
        assert_eq!(process.to_end().await, State::ProcessCompleted, "{what}: {}", process.story());
        completed(&world, &process, &SPARE_VOLUME).await;
        sound(&world).await;
    }))
    .await;
}

/// The window is open when the machine asks, and closed when the first irreversible call would be made.
#[tokio::test]
async fn a_window_that_closes_right_before_the_first_irreversible_call_is_waited_for() {
    side_by_side(ALL.into_iter().map(async |story| {
        let world = world(&story, Calendar::open("releases")).await;
        world.ec2.faults().on("GetCalendarState", 2, closes);
        let functions = world.functions();
        let mut process = Process::live(&world, &functions, story.resource).await;
        process.until(State::WaitForWindow).await;
        assert!(process.visited().contains(&State::ExecuteIrreversible), "{}", process.story());
        nothing_is_gone(&world, &story, &process.story());
        let record = process.record().await;
        assert_eq!(record["past_the_point_of_no_return"], false, "{record}");
        assert_eq!(record["status"], "scheduled", "{record}");
        opens(&mut world.ec2.account());
        process.until(State::Reassess).await;
        assert_eq!(process.to_end().await, State::ProcessCompleted, "{}", process.story());
        completed(&world, &process, &story).await;
        assert_eq!(backups(&world, &process).len(), story.backups);
        sound(&world).await;
    }))
    .await;
}

#[tokio::test]
async fn a_window_that_closes_between_two_irreversible_steps_is_waited_for_and_then_it_goes_on() {
    for delivered_twice in [false, true] {
        let world = world(&IMAGE, Calendar::open("releases")).await;
        world.ec2.faults().on("DeregisterImage", 1, closes);
        let functions = world.functions();
        let mut process = Process::live(&world, &functions, IMAGE.resource).await;
        if delivered_twice {
            process = process.that_is_delivered_twice();
        }
        process.until(State::WaitForWindow).await;
        assert!(!world.has_image("ami-0old") && world.has_snapshot("snap-0a") && world.has_snapshot("snap-0b"));
        let record = process.record().await;
        assert_eq!((&record["status"], &record["past_the_point_of_no_return"]), (&json!("in_progress"), &json!(true)));
        for _ in 0..4 {
            process.step().await;
        }
        assert_eq!(world.calls.of("ec2:DeleteSnapshot"), [], "{}", process.story());
        // It is too late to bring it back.
        assert_eq!(process.ends_the_soak(Person::Kay).await.0, 409);
        opens(&mut world.ec2.account());
        let looks = process.visited().iter().filter(|state| **state == State::Reassess).count();
        assert_eq!(process.to_end().await, State::ProcessCompleted, "{}", process.story());
        let after = process.visited().iter().filter(|state| **state == State::Reassess).count();
        assert_eq!(after, looks, "no look could send back what is half gone");
        completed(&world, &process, &IMAGE).await;
        sound(&world).await;
    }
}

#[tokio::test]
async fn a_step_that_has_begun_goes_on_although_the_window_closed() {
    side_by_side([VOLUME, SPARE_VOLUME, IMAGE, UNUSED_GROUP].into_iter().map(async |story| {
        let world = world(&story, Calendar::open("releases")).await;
        world.ec2.faults().on(story.irreversible, 1, closes);
        world.ec2.faults().add(story.irreversible, When::Nth(1), Fault::CloseBefore);
        let functions = world.functions();
        let mut process = Process::live(&world, &functions, story.resource).await;
        process.until(State::ExecuteIrreversible).await;
        process.step().await;
        assert_eq!(world.calls.of(&format!("ec2:{}", story.irreversible)).len(), 2, "{}", process.story());
        opens(&mut world.ec2.account());
        assert_eq!(process.to_end().await, State::ProcessCompleted, "{}", process.story());
        completed(&world, &process, &story).await;
        sound(&world).await;
    }))
    .await;
}

fn frozen(from: i64, to: i64) -> String {
    let at = |days: i64| (OffsetDateTime::now_utc() + time::Duration::days(days)).date().to_string();
    let (from, to) = (at(from), at(to));
    format!("{ALWAYS_OPEN}freezes:\n  - {{ from: {from}T00:00, to: {to}T00:00, because: \"year end\" }}\n")
}

#[tokio::test]
async fn a_freeze_is_waited_out_and_a_day_at_a_time() {
    let world = SPARE_VOLUME.world().await.with_windows(&frozen(-1, 10));
    let functions = world.functions();
    let mut process = scheduled(&world, &functions, &SPARE_VOLUME).await;
    let answer = process.answer().clone();
    assert_eq!(answer["wait_seconds"], 86_400, "the file may change meanwhile: {answer}");
    assert!(answer["reason"].as_str().unwrap().contains("year end"), "{answer}");
    assert_eq!(world.calls.of("ssm:GetCalendarState"), [], "without calendars none is asked");
    nothing_is_gone(&world, &SPARE_VOLUME, "a freeze");
    // Deployed anew, with the freeze gone.
    world.set_windows(&frozen(-9, -1));
    functions.cool_down();
    assert_eq!(process.to_end().await, State::ProcessCompleted, "{}", process.story());
    completed(&world, &process, &SPARE_VOLUME).await;
    sound(&world).await;
}

#[tokio::test]
async fn reversible_steps_and_a_dry_run_wait_for_no_window() {
    let world = VOLUME.world().await.with_windows(&frozen(-1, 10));
    let functions = world.functions();
    let mut dry = Process::dry(&world, &functions, VOLUME.resource).await;
    assert_eq!(dry.to_end().await, State::ProcessCompleted, "{}", dry.story());
    untouched(&world);
    let process = scheduled(&world, &functions, &VOLUME).await;
    assert_eq!(world.calls.of("ec2:DetachVolume").len(), 1, "{}", process.story());
    sound(&world).await;
}

#[tokio::test]
async fn a_live_process_that_could_never_end_stops_at_its_start() {
    let never = "schema: 1\ntime_zone: UTC\nwindows: []\n";
    let broken = "schema: 1\ntime_zone: Mars/Olympus\nwindows: []\n";
    for (yaml, said) in [(never, "no window in policy/windows.yaml is open"), (broken, "time_zone")] {
        let world = SPARE_VOLUME.world().await.with_windows(yaml);
        let functions = world.functions();
        let mut process = Process::live(&world, &functions, SPARE_VOLUME.resource).await;
        assert_eq!(process.to_end().await, State::ProcessFailed);
        let cause = process.error()["Cause"].as_str().unwrap();
        assert!(cause.contains(said) && cause.contains("policy/windows.yaml"), "{cause}");
        assert!(world.ledger.items().await.is_empty());
        let mut dry = Process::dry(&world, &functions, SPARE_VOLUME.resource).await;
        assert_eq!(dry.to_end().await, State::ProcessCompleted, "{}", dry.story());
    }
}

#[tokio::test]
async fn where_no_window_is_in_sight_any_more_it_is_taken_back() {
    let never = "schema: 1\ntime_zone: UTC\nwindows: []\n";
    let broken = "schema: 2\n";
    for yaml in [never, broken] {
        let world = world(&VOLUME, Calendar::closed("releases")).await;
        let functions = world.functions();
        let mut process = scheduled(&world, &functions, &VOLUME).await;
        world.set_windows(yaml);
        functions.cool_down();
        assert_eq!(process.to_end().await, State::ProcessRolledBack, "{}", process.story());
        rolled_back(&world, &process, &VOLUME, yaml).await;
        nothing_is_gone(&world, &VOLUME, yaml);
        sound(&world).await;
    }
}

#[tokio::test]
async fn the_soak_goes_before_the_window() {
    let world = world(&SPARE_VOLUME, Calendar::open("releases")).await;
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, SPARE_VOLUME.resource).await.with("soak_seconds", 600);
    process.until(State::WaitForWindow).await;
    assert_eq!(process.answer()["state"], "waiting", "{}", process.answer());
    assert_eq!(told(&process, "status").await, "soaking");
    nothing_is_gone(&world, &SPARE_VOLUME, "it soaks");
    sound(&world).await;
}

/// Whoever calls the function out of turn finds the window closed too.
#[tokio::test]
async fn nothing_irreversible_begins_in_a_closed_window_whoever_calls() {
    side_by_side(ALL.into_iter().map(async |story| {
        let world = world(&story, Calendar::closed("releases")).await;
        let functions = world.functions();
        let mut process = scheduled(&world, &functions, &story).await;
        let changes = world.calls.changing_ec2();
        for _ in 0..3 {
            let event = json!({"schema": 1, "action": "irreversible", "process_id": process.id()});
            let answer = functions.invoke(Function::Execute, event).await.unwrap();
            assert_eq!(answer["state"], "closed", "{answer}");
        }
        assert_eq!(world.calls.changing_ec2(), changes);
        process.execution.stop().await;
        let (status, body) = process.releases(Person::Ada, story.resource.1).await;
        assert_eq!(status, 200, "{body}");
        assert!(is_free(&world, story.resource).await);
        let end = process.to_end().await;
        assert!(end.is_end() && end != State::ProcessCompleted, "{}", process.story());
        nothing_is_gone(&world, &story, "the lock was released");
        sound(&world).await;
    }))
    .await;
}

#[tokio::test]
async fn a_hold_that_a_person_ends_goes_on_in_a_window_alone() {
    // The image is gone, and its first snapshot cannot be deleted.
    let world = world(&IMAGE, Calendar::open("releases")).await;
    world.ec2.account().denied.insert("DeleteSnapshot".into());
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, IMAGE.resource).await;
    process.until(State::Resolution).await;
    closes(&mut world.ec2.account());
    world.ec2.account().denied.clear();
    let before = world.calls.of("ec2:DeleteSnapshot").len();
    assert_eq!(process.resolves(Person::Ada, "retry").await.0, 200);
    process.until(State::WaitForWindow).await;
    // What had begun is done; what had not waits.
    assert!(world.calls.of("ec2:DeleteSnapshot").len() <= before + 1, "{}", process.story());
    opens(&mut world.ec2.account());
    assert_eq!(process.to_end().await, State::ProcessCompleted, "{}", process.story());
    completed(&world, &process, &IMAGE).await;
    sound(&world).await;
}

#[tokio::test]
async fn what_the_rule_approved_waits_for_a_window_too() {
    let policy = Policy::brisk().with("NOTICE_SECONDS", 1);
    let account = UNUSED_GROUP.account().calendar(Calendar::closed("releases"));
    let world = UNUSED_GROUP.world_under(policy, account).await.with_windows(&with_a_calendar());
    let functions = world.functions();
    let mut process = scheduled(&world, &functions, &UNUSED_GROUP).await;
    nothing_is_gone(&world, &UNUSED_GROUP, "approved by rule");
    opens(&mut world.ec2.account());
    assert_eq!(process.to_end().await, State::ProcessCompleted, "{}", process.story());
    completed(&world, &process, &UNUSED_GROUP).await;
    sound(&world).await;
}
