//! The events in `events/`: each one sent, and what must come of it.

mod cleanup;
mod decommission;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;
use sunset_local::Place;
use sunset_wire::{Address, Image, Instance, NetworkInterface, Parameter, SecurityGroup, Snapshot, Volume};

use crate::loopback::{Scene, dry_stack};
use crate::stage::Answer;

/// The functions, by their binaries.
pub const FUNCTIONS: [&str; 10] = [
    "list-expired-amis",
    "deregister",
    "delete-snapshot",
    "restore",
    "assess",
    "plan",
    "approve",
    "approve-page",
    "execute",
    "validate",
];

/// The image that the events name: the tutorial's.
const IMAGE: &str = "ami-0d548220085c3a287";
const SNAPSHOT: &str = "snap-03741d041ff197f39";
/// Keys of links, of which the link that the events bring was not made.
const LINK_KEYS: &str =
    r#"{"schema": 1, "keys": [{"id": "20261120a", "secret": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}]}"#;
/// The instance that the events name.
const INSTANCE: &str = "i-0123456789abcdef0";

/// A stack that may change nothing, with one of everything that the events name.
#[must_use]
pub fn scene() -> Scene {
    let image = Image::new(IMAGE).named("web-2025-02-24").aged_hours(600 * 24).snapshots([SNAPSHOT]);
    let scene = dry_stack([image]);
    let keys = scene.stack.deployment().and_then(|it| it.output("LinkKeysParameter")).expect("where the keys are");
    let mut account = scene.ec2.account();
    account.parameters.insert(keys.to_owned(), Parameter::new(keys, LINK_KEYS).secure());
    account.add_instance(Instance::new(INSTANCE, "ami-0fedcba9876543210"));
    account.add_volume(Volume::new("vol-0123456789abcdef1").root_of(INSTANCE).delete_on_termination());
    account.add_network_interface(NetworkInterface::primary_of(INSTANCE).member_of("sg-0123456789abcdef1"));
    account.add_volume(Volume::new("vol-0123456789abcdef0").gib(20));
    account.add_snapshot(Snapshot::new("snap-0123456789abcdef0").of_volume("vol-0fedcba9876543210"));
    account.add_address(Address::new("eipalloc-0123456789abcdef0"));
    account.add_security_group(SecurityGroup::new("sg-0123456789abcdef0", "left-over"));
    account.add_security_group(SecurityGroup::new("sg-0123456789abcdef1", "in-use"));
    drop(account);
    scene
}

/// The names of all events.
#[must_use]
pub fn names() -> BTreeSet<String> {
    let folder = Place::here().expect("a clone").root().join("events");
    let files = fs::read_dir(folder).expect("the events").map(|file| file.expect("an event's file").file_name());
    files.map(|file| file.to_string_lossy().trim_end_matches(".json").to_owned()).collect()
}

/// The names of the events for functions; the others are inputs of the workflows.
#[must_use]
pub fn names_for_functions() -> BTreeSet<String> {
    names().into_iter().filter(|name| function(name).is_some()).collect()
}

/// An event by its name.
#[must_use]
pub fn event(name: &str) -> Value {
    let file = Place::here().expect("a clone").root().join("events").join(format!("{name}.json"));
    serde_json::from_slice(&fs::read(file).expect("an event")).expect("an event in JSON")
}

fn function(name: &str) -> Option<&'static str> {
    // approve-page's are not approve's.
    FUNCTIONS.into_iter().filter(|function| name.starts_with(function)).max_by_key(|function| function.len())
}

/// What calls a function with an event.
pub type Call<'a> = &'a dyn Fn(&'static str, &Value) -> Answer;

/// What sends the event of a name to its function.
type Send<'a> = &'a dyn Fn(&'static str) -> Answer;

/// Sends every event that is for a function, and fails where one is not answered as it must be, on a [`scene`] of its own.
pub fn send_each(scene: &Scene, call: Call<'_>) {
    let sent = RefCell::new(BTreeSet::new());
    let send = |name: &'static str| {
        sent.borrow_mut().insert(name.to_owned());
        call(function(name).expect("an event for a function"), &event(name))
    };
    cleanup::send_each(scene, &send);
    decommission::send_each(&send);
    assert_eq!(*sent.borrow(), names_for_functions(), "an event was not sent");
    assert!(scene.changes().is_empty(), "{:?}", scene.changes());
}
