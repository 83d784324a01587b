//! Two processes on one resource.

use serde_json::json;
use sunset_workflows::decommission::desk;

#[test]
fn a_second_start_is_answered_with_the_first_and_the_resource_is_free_again_afterwards() {
    let desk = desk();
    let id = desk.instance("twice");
    let first = desk.process("EC2Instance", &id);
    first.until_status("awaiting_approval");

    for mode in ["live", "dry-run"] {
        let input = json!({
            "schema": 1, "resource_type": "EC2Instance", "resource_id": id, "initiator": "somebody else",
            "reason": "I was asked to", "mode": mode,
        });
        let second = desk.stack.start_decommission(&input).unwrap();
        let answer = desk.stack.wait(&second).unwrap();
        if mode == "live" {
            assert_eq!(answer.status, "SUCCEEDED", "{answer:?}");
            let said = (&answer.output["verdict"], &answer.output["process_id"]);
            assert_eq!(said, (&json!("duplicate"), &json!(first.id)), "{answer:?}");
        } else {
            assert_eq!(answer.status, "SUCCEEDED", "looking never waits for anybody: {answer:?}");
        }
    }

    assert_eq!(first.status(), "awaiting_approval");
    assert_eq!(first.vote("ada", "reject").status, 200);
    first.ended().succeeded_as("rejected");
    let next = desk.process("EC2Instance", &id);
    next.until_status("awaiting_approval");
    assert_eq!(next.vote("ada", "reject").status, 200);
    next.ended().succeeded_as("rejected");
}

#[test]
fn of_two_starts_at_the_same_moment_one_is_the_process() {
    let desk = desk();
    let id = desk.instance("at-once");
    let input = json!({
        "schema": 1, "resource_type": "EC2Instance", "resource_id": id, "initiator": "both", "reason": "unused",
        "mode": "live",
    });
    let both = [(); 2].map(|()| desk.stack.start_decommission(&input).unwrap());

    let [first, second] = both.map(|execution| desk.until_it_is_asked_or_over(execution));

    let (answer, process) = match (first, second) {
        (Ok(process), Err(answer)) | (Err(answer), Ok(process)) => (answer, process),
        other => panic!("one asks and the other is over: {other:?}"),
    };
    assert_eq!((answer.status.as_str(), &answer.output["process_id"]), ("SUCCEEDED", &json!(process.id)), "{answer:?}");
    assert_eq!(process.vote("ada", "reject").status, 200);
    process.ended().succeeded_as("rejected");
    assert_eq!(desk.stack.instance(&id).unwrap().unwrap().state, "running");
}
