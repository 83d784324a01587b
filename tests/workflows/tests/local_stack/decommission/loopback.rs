//! What scenarios on the loopback share: one instance that can go, and its process.

use serde_json::json;
use sunset_wire::{Instance, NetworkInterface, Volume};
use sunset_workflows::decommission::{INITIATOR, Process};
use sunset_workflows::{Scene, live_stack, unused};

pub const INSTANCE: &str = "i-00000000000000001";
pub const ROOT: &str = "vol-00000000000000001";

/// A live stack with one instance of a team's development environment.
pub fn with_an_instance() -> Scene {
    let base = unused("base-of-all");
    let scene = live_stack([base.clone()]);
    {
        let mut account = scene.ec2.account();
        account.add_instance(Instance::new(INSTANCE, base.id.as_str()).tag("Name", "legacy"));
        account.add_volume(Volume::new(ROOT).gib(8).root_of(INSTANCE).delete_on_termination());
        account.add_network_interface(NetworkInterface::primary_of(INSTANCE).delete_on_termination());
    }
    in_development(&scene, "EC2Instance", INSTANCE);
    scene
}

/// Writes a resource down as one of team-web's in development.
pub fn in_development(scene: &Scene, resource_type: &str, id: &str) {
    let data = json!({"environment": "development", "project": "shop", "owner": "team-web"});
    scene.stack.put_tracking(resource_type, id, &data).unwrap();
}

/// Starts a live process.
pub fn process(scene: &Scene, resource_type: &str, id: &str) -> Process {
    let input = json!({
        "schema": 1, "resource_type": resource_type, "resource_id": id, "initiator": INITIATOR, "reason": "unused",
        "mode": "live",
    });
    Process::start(scene.stack, &input)
}
