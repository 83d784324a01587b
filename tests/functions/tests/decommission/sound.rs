//! What holds after every story, whatever happened in it.

use std::collections::BTreeMap;

use serde_json::Value;
use sunset_domain::ids::ProcessId;
use sunset_domain::process::audit::{AuditEvent, Head, verify};
use sunset_domain::runbook::document::Runbook;
use sunset_functions_tests::{Destruction, World, destructions, steps_precede_acts};
use sunset_wire::Outcome;

/// Every audit trail is sound, every act had its intent, every destruction all that must stand before it, and nothing was
/// destroyed twice.
pub async fn sound(world: &World) {
    sound_but_for(world, None).await;
}

/// The same, where a proxy delivered one call twice.
pub async fn sound_but_for(world: &World, doubled: Option<&str>) {
    audit_trails_are_sound(world).await;
    let calls = world.calls.all();
    steps_precede_acts(&calls);
    let destructions = destructions(&calls);
    destructions.iter().for_each(everything_stood_before);

    let mut done = BTreeMap::<(String, String), usize>::new();
    for Destruction { call, id, .. } in &destructions {
        done.entry((call.name(), id.clone())).or_default();
    }
    for ((name, id), times) in &mut done {
        let asked = world.ec2.calls().into_iter().filter(|call| was_carried_out(call) && call.names(id));
        *times = asked.filter(|call| format!("{}:{}", call.service.prefix(), call.action) == *name).count();
        let allowed = if doubled == Some(name.as_str()) { 2 } else { 1 };
        assert!(*times <= allowed, "EC2 was made to {name} {id} {times} times");
    }
}

/// Whether EC2 did what it was asked for, or would have if it had not been done before.
fn was_carried_out(call: &sunset_wire::Call) -> bool {
    call.is_mutation()
        && matches!(call.outcome, Outcome::Answered | Outcome::Lost { applied: true } | Outcome::Truncated)
}

pub async fn audit_trails_are_sound(world: &World) {
    let mut trails = BTreeMap::<String, Vec<AuditEvent>>::new();
    let events = world.audit.items().await;
    let is_attempt = |event: &Value| event["process_id"].as_str().unwrap().starts_with("approve-page#");
    for event in events.into_iter().filter(|event| !is_attempt(event)) {
        let process = event["process_id"].as_str().unwrap().to_owned();
        trails.entry(process).or_default().push(serde_json::from_value(event).unwrap());
    }
    let records = world.ledger.items().await;
    let records =
        records.iter().filter(|item| item["sk"] == "META" && item["pk"].as_str().unwrap().starts_with("PROC#"));
    let mut known = 0;
    for record in records {
        let id = record["process_id"].as_str().unwrap();
        let events = trails.get_mut(id).unwrap_or_else(|| panic!("process {id} has no trail"));
        events.sort_by_key(|event| event.seq);
        let head: Head = serde_json::from_value(record["audit"].clone()).unwrap();
        let defects = verify(&ProcessId::parse(id).unwrap(), events, &head);
        assert_eq!(defects, [], "the trail of process {id}: {events:#?}");
        assert_eq!(head.seq, record["version"], "each version of process {id} has its event: {record}");
        known += 1;
    }
    assert_eq!(known, trails.len(), "there are trails of processes that nobody knows");
}

fn everything_stood_before(destruction: &Destruction) {
    let Destruction { call, id, process, plan, step, records, looks } = destruction;
    let told = || format!("{} {id}\nprocess: {process:#}\nstep: {step:#}\nlooks: {looks:#?}", call.name());
    assert_eq!(step["effect"], "irreversible", "{}", told());

    let runbook: Runbook = serde_json::from_value(plan["runbook"].clone()).unwrap();
    let hash = Value::from(runbook.hash().unwrap().as_str());
    assert_eq!(process["approved_plan_hash"], hash, "another plan was approved: {}", told());
    assert_eq!(process["plan_hash"], hash, "{}", told());
    assert_eq!(process["mode"], "live", "{}", told());
    assert_eq!(process["rolling_back"], false, "{}", told());
    assert_eq!(process["soak_ended"], Value::Null, "{}", told());

    if process["round"].is_null() {
        assert_eq!(process["notice"]["over"], true, "nobody had the time to object: {}", told());
    }

    let intended_at = records[step["id"].as_str().unwrap()]["intended_at"].as_str().unwrap();
    let soak_until = process["soak_until"].as_str().unwrap_or_else(|| panic!("it never soaked: {}", told()));
    assert!(soak_until <= intended_at, "the soak was not over: {}", told());

    let looked_at = |id: &str| {
        looks.iter().any(|look| {
            look.action.starts_with("Describe")
                && look.fields.as_object().is_some_and(|fields| fields.values().any(|value| value == id))
        })
    };
    assert!(looked_at(id), "nobody looked at it right before: {}", told());
    if let Some(verification) = step["recovery"]["verified_by"].as_str() {
        let verified = &records[verification];
        assert_eq!(verified["state"], "done", "its backup is not verified: {}", told());
        let backup = verified["inputs"]["backup"].as_str().unwrap();
        assert!(looked_at(backup), "nobody looked at its backup right before: {}", told());
    }
}
