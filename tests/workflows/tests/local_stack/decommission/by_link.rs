//! People who answer by the links in their own notices. Nobody wakes the state machine but what the ledger tells.

use std::sync::Barrier;
use std::thread::scope;

use serde_json::json;
use sunset_local::Shown;
use sunset_workflows::decommission::{Form, Process, desk};

#[test]
fn what_three_people_approve_by_their_own_links_goes_its_whole_way() {
    let desk = desk();
    let id = desk.stopped_instance("by-link");
    let process = desk.process("EC2Instance", &id);
    process.until_token("awaiting_approval", "approval");
    assert_ne!(process.links("ada"), process.links("lin"), "everybody has links of their own");

    process.answered_by_link("ada", "approve", "replaced");
    process.answered_by_link("grace", "approve", "");
    assert_eq!(process.status(), "awaiting_approval", "two are not enough");
    process.answered_by_link("lin", "approve", "");

    process.until_status("soaking");
    let ended = process.ended().succeeded_as("completed");
    assert_eq!(desk.stack.instance(&id).unwrap().unwrap().state, "terminated");
    let votes = ["ada approve link/ada", "grace approve link/grace", "lin approve link/lin"];
    assert_eq!(ended.process.votes(), votes);
    let shown = ended.markdown();
    assert!(shown.contains("replaced") && shown.contains("link/lin"), "{shown}");
    assert_eq!(ended.process.entered("TallyVotes"), 1, "only what decides wakes");
}

#[test]
fn one_no_by_link_ends_it_and_the_link_answers_no_more() {
    let desk = desk();
    let id = desk.volume("no-by-link");
    let before = desk.stack.volume(&id).unwrap();
    let process = desk.process("EBSVolume", &id);
    process.until_token("awaiting_approval", "approval");
    let form = process.form("grace");
    let unsaid = form.send("reject", "");
    assert_eq!(unsaid.status, 422, "a no says why: {unsaid:?}");

    process.answered_by_link("grace", "reject", "month-end");

    let ended = process.ended().succeeded_as("rejected");
    assert!(ended.outcome().contains("grace") && ended.outcome().contains("month-end"), "{}", ended.outcome());
    assert_eq!(desk.stack.volume(&id).unwrap(), before);
    assert!(desk.stack.steps(&ended.process.id).unwrap().is_empty());

    let again = form.send("approve", "");
    assert_eq!(again.status, 404, "{again:?}");
    assert_eq!(ended.process.votes(), ["grace reject link/grace"], "the first answer stands");
    let attempts = desk.stack.page_attempts().unwrap();
    let own = attempts.iter().filter(|it| it.get("link_process_id") == Some(&json!(ended.process.id)));
    let kinds: Vec<_> = own.map(|it| (&it["kind"], &it["person"])).collect();
    let grace = json!("grace");
    assert_eq!(kinds, [(&json!("reason"), &grace), (&json!("used"), &grace)], "what was refused is on record");
}

/// Sends forms at the same moment.
fn at_once(forms: [(&Form, &str, &str); 2]) -> [Shown; 2] {
    let start = Barrier::new(forms.len());
    let send = |(form, answer, reason): (&Form, &str, &str)| {
        start.wait();
        form.send(answer, reason)
    };
    scope(|threads| {
        let sent = forms.map(|form| threads.spawn(move || send(form)));
        sent.map(|sent| sent.join().unwrap())
    })
}

fn asked(name: &str) -> Process {
    let desk = desk();
    let process = desk.process("EBSVolume", &desk.volume(name));
    process.until_token("awaiting_approval", "approval");
    process
}

#[test]
fn of_two_people_who_answer_at_the_same_moment_both_are_heard() {
    let process = asked("both-at-once");
    process.answered_by_link("ada", "approve", "");
    let [grace, lin] = ["grace", "lin"].map(|person| process.form(person));

    let sent = at_once([(&grace, "approve", ""), (&lin, "approve", "")]);

    assert_eq!(sent.each_ref().map(|it| it.status), [303, 303], "{sent:?}");
    let ended = process.ended().succeeded_as("completed");
    assert_eq!(ended.process.votes().len(), 3, "{:?}", ended.process.votes());
}

#[test]
fn of_a_yes_and_a_no_by_one_link_at_the_same_moment_one_counts_and_the_other_is_told_so() {
    let process = asked("twice-at-once");
    let form = process.form("ada");

    let sent = at_once([(&form, "approve", ""), (&form, "reject", "unsure")]);

    let counted = match sent.each_ref().map(|it| it.status) {
        [303, 404] => "approve",
        [404, 303] => "reject",
        _ => panic!("{sent:?}"),
    };
    assert_eq!(process.votes(), [format!("ada {counted} link/ada")]);
    if counted == "approve" {
        process.answered_by_link("lin", "reject", "unsure");
    }
    process.ended().succeeded_as("rejected");
}
