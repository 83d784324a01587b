//! The policy of approvers as it is shipped: nobody is in it.

use serde_json::json;
use sunset_local::image_id;
use sunset_workflows::decommission::Process;

use crate::moto_account::moto;

#[test]
fn a_live_start_is_refused_while_a_role_has_nobody_in_it_and_a_dry_one_is_not() {
    let stage = moto();
    let input = |mode: &str| {
        json!({
            "schema": 1, "resource_type": "AMI", "resource_id": image_id("dry-1"), "initiator": "anybody",
            "reason": "unused", "mode": mode,
        })
    };

    let live = stage.stack.start_decommission(&input("live")).unwrap();
    let refused = stage.stack.wait(&live).unwrap();
    assert_eq!((refused.status.as_str(), refused.error.as_str()), ("FAILED", "Sunset.Invalid"), "{refused:?}");
    for part in ["infrastructure-manager", "policy/approvers.yaml"] {
        assert!(refused.cause.contains(part), "{part}: {refused:?}");
    }
    assert!(stage.stack.process_of(&live).unwrap().is_none(), "nothing was begun");

    let ended = Process::start(stage.stack, &input("dry-run")).ended().succeeded_as("completed");
    assert!(ended.markdown().contains(&image_id("dry-1")));
}
