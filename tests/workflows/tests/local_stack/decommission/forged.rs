//! A task token only wakes: whoever has one decides nothing.

use serde_json::json;
use sunset_workflows::decommission::desk;

#[test]
fn a_forged_success_or_failure_of_the_approval_changes_nothing_and_people_still_decide() {
    let desk = desk();
    let id = desk.instance("forged");
    let process = desk.process("EC2Instance", &id);
    process.until_token("awaiting_approval", "approval");

    let mut token = process.token("approval").unwrap();
    for forge in 0..2 {
        if forge == 0 {
            let forged = json!({"decision": "approved", "status": "approved", "approved_by": ["ada", "grace"]});
            desk.stack.send_task_success(&token, &forged).unwrap();
        } else {
            desk.stack.send_task_failure(&token, "States.Timeout").unwrap();
        }
        process.until("another token", |_| process.token("approval").is_some_and(|next| next != token));
        token = process.token("approval").unwrap();
        assert_eq!(process.status(), "awaiting_approval");
        assert_eq!(desk.stack.instance(&id).unwrap().unwrap().state, "running");
    }

    process.approve();
    process.until_status("soaking");
    process.ended().succeeded_as("completed");
}

#[test]
fn a_forged_end_of_the_soak_takes_it_back_and_never_further() {
    let desk = desk();
    let id = desk.instance("forged-soak");
    let process = desk.process("EC2Instance", &id);
    process.approve();
    process.until_token("soaking", "soak");

    desk.stack.send_task_success(&process.token("soak").unwrap(), &json!({"verdict": "proceed"})).unwrap();

    process.ended().failed_as("rolled_back", "Sunset.RolledBack");
    assert_eq!(desk.stack.instance(&id).unwrap().unwrap().state, "running");
}
