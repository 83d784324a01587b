//! A process that nobody carries out any more: its resource stays locked until a person releases it.

use serde_json::json;
use sunset_workflows::decommission::desk;

#[test]
fn the_lock_of_a_process_whose_execution_was_stopped_is_released_by_hand_and_on_record() {
    let desk = desk();
    let id = desk.instance("released");
    let stopped = desk.process("EC2Instance", &id);
    stopped.until_token("awaiting_approval", "approval");
    let release = |confirm: &str| stopped.request("release", &json!({"confirm": confirm, "reason": "it was stopped"}));

    let early = stopped.sends("ada", &release(&id));
    assert_eq!(early.status, 409, "it still runs: {early:?}");
    desk.stack.stop_execution(&stopped.execution).unwrap();
    let next = desk.process_answer("EC2Instance", &id);
    let answered = (next.status.as_str(), &next.output["verdict"], &next.output["process_id"]);
    assert_eq!(answered, ("SUCCEEDED", &json!("duplicate"), &json!(stopped.id)), "nobody takes a lock by the clock");

    assert_eq!(stopped.sends("mallory", &release(&id)).status, 403);
    assert_eq!(stopped.sends("ada", &release("i-0123456789abcdef0")).status, 409, "another resource");
    let released = stopped.sends("ada", &release(&id));
    assert_eq!((released.status, &released.body["status"]), (200, &json!("cancelled")), "{released:?}");
    assert!(stopped.events().contains(&"LOCK_RELEASED".to_owned()), "{:?}", stopped.events());
    assert_eq!(stopped.sends("ada", &release(&id)).status, 409, "there is nothing to release");

    let next = desk.process("EC2Instance", &id);
    next.until_status("awaiting_approval");
    assert_eq!(next.vote("ada", "reject").status, 200);
    next.ended().succeeded_as("rejected");
}
