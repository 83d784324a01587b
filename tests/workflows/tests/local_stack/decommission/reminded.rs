//! People who do not answer: they are reminded, others are asked, and in the end nobody is.

use serde_json::json;
use sunset_workflows::decommission::{Process, desk};

/// How long people have to answer. At a quarter of it others are asked, at 50 and 80 % of it people are reminded.
const SECONDS: u32 = 30;

fn asked(name: &str) -> Process {
    let desk = desk();
    let process = desk.process_with("EBSVolume", &desk.volume(name), &json!({"approval_seconds": SECONDS}));
    process.until_token("awaiting_approval", "approval");
    process
}

/// How often something is in the audit trail.
fn times(process: &Process, event: &str) -> usize {
    process.events().iter().filter(|it| *it == event).count()
}

#[test]
fn who_does_not_answer_is_reminded_twice_another_one_is_asked_and_then_it_expires() {
    let process = asked("reminded");
    assert!(process.told("joan").is_empty(), "it is not joan's turn");

    let ended = process.ended().succeeded_as("expired");

    let process = &ended.process;
    let entered = ["EscalateApproval", "RemindApprovers", "ProcessExpired"].map(|state| process.entered(state));
    assert_eq!(entered, [1, 2, 1], "{:?}", process.events());
    assert_eq!(["APPROVAL_ESCALATED", "APPROVERS_REMINDED"].map(|event| times(process, event)), [1, 2]);
    let told = process.told("ada");
    let reminders = told.iter().filter(|it| it.contains("You were asked whether it may go, and have not answered."));
    assert_eq!((told.len(), reminders.count()), (3, 2), "{told:?}");
    let told = process.told("joan");
    assert_eq!(told.len(), 3, "asked, and reminded with the others: {told:?}");
    assert!(told[0].contains("You are asked now because those who were asked"), "{}", told[0]);
    let resource = ended.record["resource"]["resource_id"].as_str().unwrap();
    assert_eq!(process.stack.volume(resource).unwrap().unwrap().state, "available");
    assert!(process.stack.steps(&process.id).unwrap().is_empty());
}

#[test]
fn who_is_asked_later_answers_by_a_link_of_their_own() {
    let process = asked("asked-later");
    process.until("more people", |record| record["round"]["escalated"] == json!(1));

    for person in ["joan", "lin", "ada"] {
        process.answered_by_link(person, "approve", "");
    }

    let ended = process.ended().succeeded_as("completed");
    assert!(ended.process.votes().contains(&"joan approve link/joan".to_owned()), "{:?}", ended.process.votes());
}
