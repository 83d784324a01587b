//! The process of decommission, its functions as they are deployed: carried out on every type of resource, killed at every
//! call, refused, held, raced and lied to. After each story the audit trail is sound, every act had its intent, and nothing
//! was destroyed without an approval of this very plan, a fresh look and, where the plan has one, a verified backup.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod approval;
mod asked;
mod backups;
mod beside_ami_cleanup;
mod by_hand;
mod cut_off;
mod cut_off_people;
mod evidence;
mod held;
mod ledger_faults;
mod lost_answers;
mod notice_period;
mod notices;
mod permissions;
mod picture;
mod rollback;
mod soak;
mod sound;
mod stories;
mod stream;
mod time;
mod twice;
mod whole;
mod windows;

use std::cell::RefCell;

use serde_json::Value;
use sunset_functions_tests::{Process, World};

/// Nothing was changed.
fn untouched(world: &World) {
    assert_eq!(world.calls.changing_ec2(), [""; 0]);
}

/// Whether nobody holds a resource.
async fn is_free(world: &World, resource: (&str, &str)) -> bool {
    let lock = world.ledger.item(&format!("LOCK#{}", resource.1), "META").await;
    lock.is_none_or(|lock| lock["process_id"].is_null())
}

/// A text of a process's record.
async fn told(process: &Process<'_>, field: &str) -> String {
    process.record().await[field].as_str().unwrap_or_default().to_owned()
}

/// The records of a process's steps.
async fn steps(world: &World, process: &Process<'_>) -> Vec<Value> {
    let mut items = world.ledger.partition(&format!("PROC#{}", process.id())).await;
    items.retain(|item| item["sk"].as_str().is_some_and(|sk| sk.starts_with("STEP#")));
    items
}

/// The record of one step.
async fn step(world: &World, process: &Process<'_>, name: &str) -> Value {
    let steps = steps(world, process).await;
    steps.into_iter().find(|step| step["step"] == name).unwrap_or_else(|| panic!("there is no step {name}"))
}

/// The types of a process's audit events, in order.
async fn events(world: &World, process: &Process<'_>) -> Vec<String> {
    let mut events = world.audit.items().await;
    events.retain(|event| event["process_id"] == process.id());
    events.sort_by_key(|event| event["seq"].as_u64());
    events.iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect()
}

/// Does some of these at a time.
async fn side_by_side<J: Future<Output = ()>>(jobs: impl Iterator<Item = J>) {
    let jobs = RefCell::new(jobs);
    let worker = async || {
        loop {
            let next = jobs.borrow_mut().next();
            let Some(job) = next else { return };
            job.await;
        }
    };
    tokio::join!(worker(), worker(), worker(), worker());
}
