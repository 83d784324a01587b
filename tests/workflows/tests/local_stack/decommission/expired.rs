//! Nobody decides in time.

use serde_json::json;
use sunset_workflows::decommission::desk;

#[test]
fn what_nobody_decides_in_time_expires_with_nothing_changed_and_can_be_started_again() {
    let desk = desk();
    let id = desk.instance("expired");
    let before = desk.stack.instance(&id).unwrap();
    let process = desk.process_with("EC2Instance", &id, &json!({"approval_seconds": 4}));
    process.until_status("awaiting_approval");
    assert_eq!(process.vote("ada", "approve").status, 200, "one is not enough");
    let late = process.ballot("approve");

    let ended = process.ended().succeeded_as("expired");

    assert_eq!(desk.stack.instance(&id).unwrap(), before);
    let reply = ended.process.sends("grace", &late);
    assert!([409, 410].contains(&reply.status), "{reply:?}");
    assert_eq!(ended.process.status(), "expired", "a late vote changes nothing");

    let again = desk.process("EC2Instance", &id);
    again.until_status("awaiting_approval");
    assert_eq!(again.vote("ada", "reject").status, 200);
    again.ended().succeeded_as("rejected");
}
