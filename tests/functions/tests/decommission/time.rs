//! How time passes for those who are asked: reminders, more people, people who stand in, and the deadline.

use serde_json::{Value, json};
use sunset_functions_tests::{APPROVERS, Function, Person, Policy, Process, State, World};

use crate::asked::{answers_by_link, approve, asked, links, passes, told_all, told_alone};
use crate::sound::sound;
use crate::stories::{INSTANCE, SPARE_VOLUME};
use crate::whole::completed;
use crate::{events, is_free, told, untouched};

/// How many notices each of those who are asked about a spare volume has had.
fn told_so_often(world: &World) -> [usize; 2] {
    [Person::Grace, Person::Lin].map(|person| told_alone(world, person).len())
}

fn count(events: &[String], name: &str) -> usize {
    events.iter().filter(|event| *event == name).count()
}

/// Plays so many rounds of waiting and counting.
async fn waits_on(process: &mut Process<'_>, rounds: usize) {
    for _ in 0..rounds {
        process.step().await;
        process.until(State::TallyVotes).await;
    }
}

#[tokio::test]
async fn reminders_go_out_at_half_and_at_nine_tenths_of_the_time_once_each_though_all_is_delivered_twice() {
    let world = SPARE_VOLUME.world().await;
    let functions = world.functions();
    let process = Process::live(&world, &functions, SPARE_VOLUME.resource).await;
    let mut process = process.that_nobody_answers().that_is_delivered_twice();
    process.until(State::TallyVotes).await;
    waits_on(&mut process, 2).await;
    assert_eq!(told_so_often(&world), [1, 1], "they are asked, and it is too early to remind them");
    for (passed, expected) in [(310, 2), (240, 3)] {
        passes(&world, &process, passed).await;
        process.step().await;
        assert_eq!(process.state(), State::RemindApprovers, "{}", process.story());
        process.until(State::TallyVotes).await;
        assert_eq!(told_so_often(&world), [expected, expected], "{}", process.story());
        waits_on(&mut process, 3).await;
        assert_eq!(told_so_often(&world), [expected, expected], "once is enough");
    }
    assert_eq!(told_all(&world).len(), 1, "all the others are left in peace");
    assert_eq!(count(&events(&world, &process).await, "APPROVERS_REMINDED"), 2);
    let (subject, body) = told_alone(&world, Person::Lin).pop().unwrap();
    assert!(subject.starts_with("Reminder: answer by") && body.contains("Still missing:"), "{subject}\n{body}");
    for person in [Person::Grace, Person::Lin] {
        assert_eq!(answers_by_link(&world, &functions, person, &SPARE_VOLUME, "approve", "").await, 303);
    }
    assert_eq!(process.to_end().await, State::ProcessCompleted, "{}", process.story());
    sound(&world).await;
}

#[tokio::test]
async fn two_reminders_that_were_missed_are_one() {
    let world = SPARE_VOLUME.world().await;
    let functions = world.functions();
    let mut process = asked(&world, &functions, &SPARE_VOLUME).await;
    passes(&world, &process, 560).await;
    process.until(State::RemindApprovers).await;
    process.until(State::TallyVotes).await;
    waits_on(&mut process, 2).await;
    assert_eq!(told_so_often(&world), [2, 2]);
    assert_eq!(process.record().await["round"]["reminded"], 2);
    sound(&world).await;
}

#[tokio::test]
async fn who_has_answered_is_not_reminded() {
    let world = SPARE_VOLUME.world().await;
    let functions = world.functions();
    let mut process = asked(&world, &functions, &SPARE_VOLUME).await;
    assert_eq!(process.votes(Person::Lin, "approve").await.0, 200);
    passes(&world, &process, 310).await;
    process.until(State::RemindApprovers).await;
    process.until(State::TallyVotes).await;
    assert_eq!(told_so_often(&world), [2, 1]);
    let (_, body) = told_alone(&world, Person::Grace).pop().unwrap();
    assert!(body.contains("1 of at least 2 people have approved"), "{body}");
    sound(&world).await;
}

#[tokio::test]
async fn nobody_is_reminded_before_their_time_or_after_the_deadline_whoever_calls() {
    let world = SPARE_VOLUME.world().await;
    let functions = world.functions();
    let mut process = asked(&world, &functions, &SPARE_VOLUME).await;
    for action in ["remind", "escalate"] {
        let answer = approve(&process, &functions, action).await;
        let seconds = answer["wait_seconds"].as_u64().unwrap();
        assert!((200..=300).contains(&seconds), "{answer}");
    }
    passes(&world, &process, 601).await;
    for action in ["remind", "escalate"] {
        approve(&process, &functions, action).await;
    }
    assert_eq!(told_so_often(&world), [1, 1]);
    assert_eq!(process.to_end().await, State::ProcessExpired, "{}", process.story());
    untouched(&world);
    sound(&world).await;
}

/// `kay` is asked for the owner's people once three quarters of their time are over.
fn escalating() -> String {
    let owners = "team-web: { people: [lin], escalation: [{ at_percent: 75, people: [kay] }] }";
    APPROVERS.replace("team-web: { people: [lin] }", owners)
}

#[tokio::test]
async fn more_people_are_asked_when_the_first_do_not_answer_and_their_votes_count() {
    let world = SPARE_VOLUME.world().await.with_approvers(&escalating());
    let functions = world.functions();
    let process = Process::live(&world, &functions, SPARE_VOLUME.resource).await;
    let mut process = process.that_nobody_answers().that_is_delivered_twice();
    process.until(State::TallyVotes).await;
    let (_, shared) = told_all(&world).remove(0);
    assert!(shared.contains("on also kay"), "{shared}");
    let (status, body) = process.votes(Person::Kay, "approve").await;
    assert_eq!(status, 403, "nobody has asked kay yet: {body}");

    let before = process.record().await;
    passes(&world, &process, 460).await;
    process.step().await;
    assert_eq!(process.state(), State::EscalateApproval, "more people come before a reminder: {}", process.story());
    process.until(State::RemindApprovers).await;
    process.until(State::TallyVotes).await;
    waits_on(&mut process, 2).await;
    let after = process.record().await;
    for (before, after) in
        before["round"]["required"].as_array().unwrap().iter().zip(after["round"]["required"].as_array().unwrap())
    {
        assert_eq!(before["quorum"], after["quorum"], "no role needs fewer");
    }
    assert_eq!(before["round"]["minimum_approvers"], after["round"]["minimum_approvers"]);
    assert_eq!(count(&events(&world, &process).await, "APPROVAL_ESCALATED"), 1);
    // Asked once, and then reminded with the others.
    let notices = told_alone(&world, Person::Kay);
    assert_eq!(notices.len(), 2, "{notices:#?}");
    assert!(notices[0].1.contains("You are asked now because those who were asked"), "{}", notices[0].1);

    assert_eq!(links(&world, Person::Kay)[0].person, "kay");
    assert_eq!(answers_by_link(&world, &functions, Person::Kay, &SPARE_VOLUME, "approve", "").await, 303);
    process.step().await;
    assert_eq!(process.answer()["decision"], "waiting", "kay alone is not enough: {}", process.answer());
    assert_eq!(process.votes(Person::Grace, "approve").await.0, 200);
    assert_eq!(process.to_end().await, State::ProcessCompleted, "{}", process.story());
    completed(&world, &process, &SPARE_VOLUME).await;
    sound(&world).await;
}

#[tokio::test]
async fn one_who_is_asked_later_may_say_no() {
    let world = SPARE_VOLUME.world().await.with_approvers(&escalating());
    let functions = world.functions();
    let mut process = asked(&world, &functions, &SPARE_VOLUME).await;
    passes(&world, &process, 460).await;
    process.until(State::EscalateApproval).await;
    process.until(State::TallyVotes).await;
    assert_eq!(process.votes(Person::Kay, "reject").await.0, 200);
    assert_eq!(process.to_end().await, State::ProcessRejected, "{}", process.story());
    untouched(&world);
    sound(&world).await;
}

#[tokio::test]
async fn the_initiator_is_not_asked_later_either() {
    let world = SPARE_VOLUME.world().await.with_approvers(&escalating());
    let functions = world.functions();
    let process = Process::live(&world, &functions, SPARE_VOLUME.resource).await;
    let mut process = process.with("initiator", "kay").that_nobody_answers();
    process.until(State::TallyVotes).await;
    passes(&world, &process, 460).await;
    process.until(State::RemindApprovers).await;
    process.until(State::TallyVotes).await;
    assert!(!process.visited().contains(&State::EscalateApproval), "{:?}", process.visited());
    assert_eq!(process.votes(Person::Kay, "approve").await.0, 403);
    assert_eq!(told_alone(&world, Person::Kay).len(), 0);
    sound(&world).await;
}

#[tokio::test]
async fn the_deadline_is_a_moment_however_often_the_state_is_woken() {
    let world = SPARE_VOLUME.world().await;
    let functions = world.functions();
    let mut process = asked(&world, &functions, &SPARE_VOLUME).await;
    let deadline = process.record().await["round"]["deadline"].clone();
    for _ in 0..10 {
        waits_on(&mut process, 1).await;
        // Neither asking again nor waiting again gives anybody more time.
        approve(&process, &functions, "request").await;
        assert_eq!(process.record().await["round"]["deadline"], deadline);
    }
    assert_eq!(told_so_often(&world), [1, 1]);
    passes(&world, &process, 601).await;
    let (status, body) = process.votes(Person::Lin, "approve").await;
    assert_eq!(status, 410, "{body}");
    assert_eq!(process.to_end().await, State::ProcessExpired, "{}", process.story());
    assert!(is_free(&world, SPARE_VOLUME.resource).await);
    untouched(&world);
    sound(&world).await;
}

fn seconds_of(record: &Value) -> i64 {
    let at = |name: &str| {
        let text = record["round"][name].as_str().unwrap();
        sunset_domain::time::Timestamp::parse(text).unwrap()
    };
    at("deadline").seconds_since(at("requested_at"))
}

#[tokio::test]
async fn each_level_has_its_own_deadline_and_a_start_can_only_shorten_it() {
    let hours = format!("{APPROVERS}deadline_hours: {{ medium: 1, high: 48 }}\n");
    let policy = Policy::brisk().with("APPROVAL_SECONDS", 7_200);
    for (story, level, own, expected) in [
        (SPARE_VOLUME, "medium", None, 3_600),
        (SPARE_VOLUME, "medium", Some(90), 90),
        // No level has more than the stack gives.
        (INSTANCE, "high", None, 7_200),
    ] {
        let world = story.world_under(policy.clone(), story.account()).await.with_approvers(&hours);
        let functions = world.functions();
        let mut process = Process::live(&world, &functions, story.resource).await.that_nobody_answers();
        if let Some(seconds) = own {
            process = process.with("approval_seconds", seconds);
        }
        process.until(State::TallyVotes).await;
        let record = process.record().await;
        assert_eq!((&record["risk_level"], seconds_of(&record)), (&json!(level), expected), "{record}");
    }
}

fn delegating(from: &str, to: &str, first: i64, last: i64) -> String {
    let day = |days: i64| (time::OffsetDateTime::now_utc() + time::Duration::days(days)).date().to_string();
    let (first, last) = (day(first), day(last));
    format!("{APPROVERS}delegations:\n  - {{ from: {from}, to: {to}, first_day: {first}, last_day: {last} }}\n")
}

#[tokio::test]
async fn who_stands_in_is_asked_instead_and_answers_for_the_role() {
    let world = SPARE_VOLUME.world().await.with_approvers(&delegating("lin", "kay", -1, 1));
    let functions = world.functions();
    let mut process = asked(&world, &functions, &SPARE_VOLUME).await;
    assert_eq!(told_alone(&world, Person::Lin).len(), 0);
    let (_, body) = told_alone(&world, Person::Kay).pop().unwrap();
    assert!(body.contains("standing in for lin"), "{body}");
    assert_eq!(process.votes(Person::Lin, "approve").await.0, 403);
    for person in [Person::Kay, Person::Grace] {
        assert_eq!(answers_by_link(&world, &functions, person, &SPARE_VOLUME, "approve", "").await, 303);
    }
    assert_eq!(process.to_end().await, State::ProcessCompleted, "{}", process.story());
    completed(&world, &process, &SPARE_VOLUME).await;
    sound(&world).await;
}

#[tokio::test]
async fn a_delegation_counts_on_its_days_alone() {
    for (first, last) in [(-9, -1), (2, 9)] {
        let world = SPARE_VOLUME.world().await.with_approvers(&delegating("lin", "kay", first, last));
        let functions = world.functions();
        let process = asked(&world, &functions, &SPARE_VOLUME).await;
        assert_eq!(process.votes(Person::Kay, "approve").await.0, 403);
        assert_eq!(process.votes(Person::Lin, "approve").await.0, 200);
    }
}

#[tokio::test]
async fn nobody_stands_in_for_the_initiator_and_the_initiator_for_nobody() {
    // Of the owner's people nobody is left: whoever stands in for lin would be lin's voice.
    let world = SPARE_VOLUME.world().await.with_approvers(&delegating("lin", "kay", -1, 1));
    let functions = world.functions();
    let mut process = Process::live(&world, &functions, SPARE_VOLUME.resource).await.with("initiator", "lin");
    assert_eq!(process.to_end().await, State::ProcessBlocked, "{}", process.story());
    assert!(told(&process, "outcome").await.contains("owners.team-web"));
    sound(&world).await;

    let world = SPARE_VOLUME.world().await.with_approvers(&delegating("lin", "kay", -1, 1));
    let functions = world.functions();
    let process = Process::live(&world, &functions, SPARE_VOLUME.resource).await;
    let mut process = process.with("initiator", "kay").that_nobody_answers();
    process.until(State::TallyVotes).await;
    assert_eq!(process.votes(Person::Kay, "approve").await.0, 403);
    for person in [Person::Lin, Person::Grace] {
        assert_eq!(process.votes(person, "approve").await.0, 200);
    }
    assert_eq!(process.to_end().await, State::ProcessCompleted, "{}", process.story());
    sound(&world).await;
}

#[tokio::test]
async fn a_reminder_that_fails_is_tried_again_and_the_deadline_stands() {
    let world = SPARE_VOLUME.world().await;
    let functions = world.functions();
    let mut process = asked(&world, &functions, &SPARE_VOLUME).await;
    passes(&world, &process, 310).await;
    let deadline = process.record().await["round"]["deadline"].clone();
    world.topics.fails(&Person::Grace.topic());
    let event = json!({"schema": 1, "action": "remind", "process_id": process.id()});
    let error = functions.invoke(Function::Approve, event).await.unwrap_err();
    assert_eq!(error.error_type, "Sunset.Transient", "{error}");
    assert_eq!(told_so_often(&world), [1, 2], "the others are reminded at once");
    assert_eq!(process.record().await["round"]["reminded"], 0, "it is not done yet");
    world.topics.clear();
    process.until(State::RemindApprovers).await;
    process.until(State::TallyVotes).await;
    assert_eq!(told_so_often(&world), [2, 2]);
    assert_eq!(process.record().await["round"]["deadline"], deadline);
    sound(&world).await;
}

#[tokio::test]
async fn who_is_asked_later_and_could_not_be_told_is_told_before_anything_else() {
    let world = SPARE_VOLUME.world().await.with_approvers(&escalating());
    let functions = world.functions();
    let mut process = asked(&world, &functions, &SPARE_VOLUME).await;
    passes(&world, &process, 460).await;
    process.until(State::EscalateApproval).await;
    world.topics.fails(&Person::Kay.topic());
    let event = json!({"schema": 1, "action": "escalate", "process_id": process.id()});
    let error = functions.invoke(Function::Approve, event).await.unwrap_err();
    assert_eq!(error.error_type, "Sunset.Transient", "{error}");
    assert_eq!(process.record().await["round"]["escalated"], 1, "kay is asked, and may answer already");
    let answer = approve(&process, &functions, "tally").await;
    assert_eq!((&answer["decision"], &answer["due"]), (&json!("waiting"), &json!("escalate")), "{answer}");
    world.topics.clear();
    process.until(State::RemindApprovers).await;
    let subjects: Vec<String> = told_alone(&world, Person::Kay).into_iter().map(|(subject, _)| subject).collect();
    assert_eq!(subjects.len(), 1, "{subjects:?}");
    assert!(subjects[0].starts_with("Escalated"), "{subjects:?}");
    assert_eq!(count(&events(&world, &process).await, "APPROVAL_ESCALATED"), 1);
    sound(&world).await;
}
