//! Whoever asks, reminds, waits for objections or for a window is killed before and after each write and each notice, and
//! each of them is delivered twice: nobody is left out, and every process ends as it would have.

use std::time::Instant;

use sunset_functions_tests::{APPROVERS, Function, Person, Policy, Process, State, World};
use sunset_wire::{Calendar, Cut, Cutter};

use crate::asked::{asked, notice_passes, passes, told_alone};
use crate::side_by_side;
use crate::sound::sound_but_for;
use crate::stories::{SPARE_VOLUME, Story, UNUSED_GROUP};
use crate::untouched;
use crate::whole::completed;

/// Who is cut off.
const CUT: [Function; 2] = [Function::Approve, Function::Execute];

/// Cuts at every call from here to a state, each in a copy of the world, and plays each to its end, where `holds` looks at
/// it. `begins` is what happens first in each copy, cut off too.
async fn cut_at_every_call(
    here: &Process<'_>,
    world: &World,
    (until, end): (State, State),
    begins: impl AsyncFn(&World, &Process<'_>),
    holds: impl AsyncFn(&World, &Process<'_>, &str),
) -> usize {
    let begun = Instant::now();
    let copy = world.copy().await;
    let counter = Cutter::never();
    let functions = copy.functions_with_some_cut_by(&counter, &CUT);
    let mut process = here.copied_to(&copy, &functions).that_everybody_answers();
    begins(&copy, &process).await;
    process.until(until).await;
    let calls = counter.journal().len();
    let cuts = [Cut::Before, Cut::After, Cut::Twice].into_iter().flat_map(|cut| (0..calls).map(move |n| (cut, n)));
    side_by_side(cuts.map(async |(cut, n)| {
        let copy = world.copy().await;
        let cutter = Cutter::at(n, cut);
        let functions = copy.functions_with_some_cut_by(&cutter, &CUT);
        let mut process = here.copied_to(&copy, &functions).that_everybody_answers();
        begins(&copy, &process).await;
        let ended = process.to_end().await;
        let journal = cutter.journal();
        let told = format!("{cut:?} call {n} of {journal:#?}: {}", process.story());
        assert!(cutter.reached(), "{told}");
        assert_eq!(ended, end, "{told}");
        holds(&copy, &process, &told).await;
        let doubled = (cut == Cut::Twice).then(|| journal[n].as_str());
        sound_but_for(&copy, doubled).await;
    }))
    .await;
    eprintln!("{:?}: {} cuts in {:.1?}", here.state(), 3 * calls, begun.elapsed());
    3 * calls
}

async fn nothing(_: &World, _: &Process<'_>) {}

/// Nobody heard of it less than once, or more often than a cut explains.
fn heard(world: &World, person: Person, subject: &str, told: &str) {
    let notices = told_alone(world, person);
    let heard = notices.iter().filter(|(found, _)| found.starts_with(subject)).count();
    assert!((1..=2).contains(&heard), "{} heard {heard} times: {notices:#?}\n{told}", person.name());
}

#[tokio::test]
async fn asking_survives_every_cut() {
    let world = SPARE_VOLUME.world().await;
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, SPARE_VOLUME.resource).await;
    process.until(State::RequestApproval).await;
    let way = (State::PlanDecommissioning, State::ProcessCompleted);
    let cuts = cut_at_every_call(&process, &world, way, nothing, async |world, process, told| {
        completed(world, process, &SPARE_VOLUME).await;
        for person in [Person::Grace, Person::Lin] {
            heard(world, person, "Answer by", told);
        }
        assert_eq!(process.record().await["round"]["number"], 1, "{told}");
    })
    .await;
    assert!(cuts >= 21, "{cuts}");
}

#[tokio::test]
async fn reminding_survives_every_cut() {
    let world = SPARE_VOLUME.world().await;
    let functions = world.functions();
    let mut process = asked(&world, &functions, &SPARE_VOLUME).await;
    passes(&world, &process, 310).await;
    process.until(State::RemindApprovers).await;
    let way = (State::WaitForApproval, State::ProcessCompleted);
    let cuts = cut_at_every_call(&process, &world, way, nothing, async |world, process, told| {
        completed(world, process, &SPARE_VOLUME).await;
        for person in [Person::Grace, Person::Lin] {
            heard(world, person, "Reminder", told);
        }
        assert_eq!(process.record().await["round"]["reminded"], 1, "{told}");
    })
    .await;
    assert!(cuts >= 12, "{cuts}");
}

#[tokio::test]
async fn asking_more_people_survives_every_cut() {
    let owners = "team-web: { people: [lin], escalation: [{ at_percent: 75, people: [kay] }] }";
    let yaml = APPROVERS.replace("team-web: { people: [lin] }", owners);
    let world = SPARE_VOLUME.world().await.with_approvers(&yaml);
    let functions = world.functions();
    let mut process = asked(&world, &functions, &SPARE_VOLUME).await;
    passes(&world, &process, 460).await;
    process.until(State::EscalateApproval).await;
    let way = (State::WaitForApproval, State::ProcessCompleted);
    let cuts = cut_at_every_call(&process, &world, way, nothing, async |world, process, told| {
        completed(world, process, &SPARE_VOLUME).await;
        heard(world, Person::Kay, "Escalated", told);
        let round = process.record().await["round"].clone();
        assert_eq!(round["escalated"], 1, "{told}");
        let owners = round["required"].as_array().unwrap().iter().find(|role| role["role"] == "owner:team-web");
        assert_eq!(owners.unwrap()["people"], serde_json::json!(["lin", "kay"]), "{told}");
    })
    .await;
    assert!(cuts >= 9, "{cuts}");
}

/// A world in which people have long to object, and somebody did or not.
async fn noticed(story: &Story) -> World {
    story.world_under(Policy::brisk().with("NOTICE_SECONDS", 600), story.account()).await
}

#[tokio::test]
async fn approving_by_rule_survives_every_cut() {
    let world = UNUSED_GROUP.world().await;
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, UNUSED_GROUP.resource).await;
    process.until(State::AutoApprove).await;
    let way = (State::PlanDecommissioning, State::ProcessCompleted);
    let cuts = cut_at_every_call(&process, &world, way, nothing, async |world, process, told| {
        completed(world, process, &UNUSED_GROUP).await;
        heard(world, Person::Lin, "Will be retired unless you object", told);
        assert_eq!(process.record().await["notice"]["over"], true, "{told}");
    })
    .await;
    assert!(cuts >= 21, "{cuts}");
}

#[tokio::test]
async fn an_objection_survives_every_cut() {
    let world = noticed(&UNUSED_GROUP).await;
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, UNUSED_GROUP.resource).await;
    process.until(State::NoticePeriod).await;
    let objects = async |_: &World, process: &Process<'_>| {
        let (status, body) = process.objects(Person::Lin).await;
        assert_eq!(status, 200, "{body}");
    };
    let way = (State::Report, State::ProcessRejected);
    let cuts = cut_at_every_call(&process, &world, way, objects, async |world, process, told| {
        assert_eq!(process.record().await["status"], "cancelled", "{told}");
        untouched(world);
    })
    .await;
    assert!(cuts >= 9, "{cuts}");
}

#[tokio::test]
async fn the_end_of_a_notice_survives_every_cut() {
    let world = noticed(&UNUSED_GROUP).await;
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, UNUSED_GROUP.resource).await;
    process.until(State::NoticePeriod).await;
    notice_passes(&world, &process, 601).await;
    let way = (State::PlanDecommissioning, State::ProcessCompleted);
    let cuts = cut_at_every_call(&process, &world, way, nothing, async |world, process, told| {
        completed(world, process, &UNUSED_GROUP).await;
        assert_eq!(process.record().await["notice"]["over"], true, "{told}");
    })
    .await;
    assert!(cuts >= 6, "{cuts}");
}

#[tokio::test]
async fn waiting_for_a_window_survives_every_cut() {
    let account = SPARE_VOLUME.account().calendar(Calendar::closed("releases"));
    let windows = format!("{}calendars: [releases]\n", sunset_functions_tests::ALWAYS_OPEN);
    let world = SPARE_VOLUME.world_with(account).await.with_windows(&windows);
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, SPARE_VOLUME.resource).await;
    process.until(State::ChangeWindow).await;
    let opens_at_the_third_look = async |world: &World, _: &Process<'_>| {
        world.ec2.faults().on("GetCalendarState", 3, |account| {
            account.calendars.insert("releases".into(), Calendar::open("releases"));
        });
    };
    let way = (State::ExecuteIrreversible, State::ProcessCompleted);
    let cuts = cut_at_every_call(&process, &world, way, opens_at_the_third_look, async |world, process, told| {
        completed(world, process, &SPARE_VOLUME).await;
        assert!(process.visited().contains(&State::WaitForWindow), "{told}");
    })
    .await;
    assert!(cuts >= 9, "{cuts}");
}

/// Somebody ended the soak, and the window is closed: every write of the way back is cut off.
#[tokio::test]
async fn the_way_back_from_a_closed_window_survives_every_cut() {
    let account = SPARE_VOLUME.account().calendar(Calendar::closed("releases"));
    let windows = format!("{}calendars: [releases]\n", sunset_functions_tests::ALWAYS_OPEN);
    let world = SPARE_VOLUME.world_with(account).await.with_windows(&windows);
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, SPARE_VOLUME.resource).await;
    process.until(State::WaitForWindow).await;
    let ends_the_soak = async |_: &World, process: &Process<'_>| {
        let (status, body) = process.ends_the_soak(Person::Kay).await;
        assert_eq!(status, 200, "{body}");
    };
    let way = (State::Report, State::ProcessRolledBack);
    let cuts = cut_at_every_call(&process, &world, way, ends_the_soak, async |world, process, told| {
        crate::cut_off::rolled_back(world, process, &SPARE_VOLUME, told).await;
    })
    .await;
    assert!(cuts >= 9, "{cuts}");
}
