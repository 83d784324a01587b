//! Every event for a function, through the bootstrap that sam built, in the emulator that `sam local invoke` uses.

use std::collections::BTreeMap;

use sunset_workflows::{Sandbox, events};

#[test]
fn every_event_is_answered_rightly_or_refused_by_name() {
    let scene = events::scene();
    let sandboxes: BTreeMap<&str, Sandbox> =
        events::FUNCTIONS.into_iter().map(|function| (function, Sandbox::start(scene.stack, function))).collect();
    events::send_each(&scene, &|function, event| sandboxes[function].invoke(event));
}
