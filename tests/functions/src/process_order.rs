//! Write it down, then do it: the ledger, replayed along the calls, holds the intent of every act of a process at the
//! moment of the act, and everything that must stand before a destruction.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::calls::Call;
use crate::replay::Replay;

/// A call that destroys something, and what was known at its moment.
#[derive(Debug, Clone)]
pub struct Destruction {
    /// The call.
    pub call: Call,
    /// What it destroys.
    pub id: String,
    /// The process's record.
    pub process: Value,
    /// Its newest plan.
    pub plan: Value,
    /// The step of the plan.
    pub step: Value,
    /// The records of the process's steps, by name.
    pub records: BTreeMap<String, Value>,
    /// What was read right before its intent was written.
    pub looks: Vec<Call>,
}

/// The calls that destroy, and the parameter that names what.
const DESTROYS: [(&str, &str); 6] = [
    ("TerminateInstances", "InstanceId.1"),
    ("DeleteVolume", "VolumeId"),
    ("DeleteSnapshot", "SnapshotId"),
    ("DeregisterImage", "ImageId"),
    ("ReleaseAddress", "AllocationId"),
    ("DeleteSecurityGroup", "GroupId"),
];

/// The parameter that names what another call changes.
const CHANGES: [(&str, &str); 14] = [
    ("CreateTags", "ResourceId.1"),
    ("DeleteTags", "ResourceId.1"),
    ("StopInstances", "InstanceId.1"),
    ("StartInstances", "InstanceId.1"),
    ("CreateImage", "InstanceId"),
    ("CreateSnapshot", "VolumeId"),
    ("DetachVolume", "VolumeId"),
    ("AttachVolume", "VolumeId"),
    ("DisableImage", "ImageId"),
    ("EnableImage", "ImageId"),
    ("ModifyImageAttribute", "ImageId"),
    ("DisassociateAddress", "AssociationId"),
    ("AssociateAddress", "AllocationId"),
    ("ModifyNetworkInterfaceAttribute", "NetworkInterfaceId"),
];

fn subject(call: &Call) -> &str {
    let all = DESTROYS.iter().chain(&CHANGES);
    let parameter = all.into_iter().find(|(action, _)| *action == call.action).map(|(_, parameter)| *parameter);
    let parameter = parameter.unwrap_or_else(|| panic!("{} is no call of a process", call.action));
    call.text(parameter).unwrap_or_else(|| panic!("{} without {parameter}: {}", call.action, call.fields))
}

/// Whether a call destroys something.
fn destroys(call: &Call) -> bool {
    call.changes_ec2() && DESTROYS.iter().any(|(action, _)| *action == call.action)
}

/// A step of a process whose intent is written, and what belongs to it.
struct Intended<'r> {
    process: &'r Value,
    plan: Value,
    record: &'r Value,
}

/// The steps that are about to be taken or taken back with this subject, written under the lock and the kill switch.
fn intended<'r>(replay: &'r Replay, subject: &str) -> Vec<Intended<'r>> {
    let about = |record: &Value| {
        let state = record["state"].as_str().unwrap_or_default();
        let inputs = record["inputs"].as_object().into_iter().flatten();
        ["intended", "undo_intended"].contains(&state) && inputs.into_iter().any(|(_, value)| *value == subject)
    };
    let steps = replay.all().filter(|written| written.item["sk"].as_str().is_some_and(|sk| sk.starts_with("STEP#")));
    steps
        .filter(|written| about(&written.item))
        .filter_map(|written| {
            let pk = written.item["pk"].as_str()?;
            let process = &replay.get(pk, "META")?.item;
            let lock = format!("LOCK#{}", process["resource"]["resource_id"].as_str()?);
            let guarded = written.checked.contains(&lock) && written.checked.contains("PAUSE");
            let plan = replay.get(pk, &format!("PLAN#{:04}", process["plan"].as_u64()?))?;
            let plan = serde_json::from_str(plan.item["document"].as_str()?).expect("a plan of JSON");
            guarded.then_some(Intended { process, plan, record: &written.item })
        })
        .collect()
}

/// What was read right before the intent of the act at `at` was written: back to what was written or changed before.
fn looks(calls: &[Call], at: usize) -> Vec<Call> {
    let written = |call: &&Call| {
        let writes = ["PutItem", "TransactWriteItems"].contains(&call.action.as_str());
        call.service == "dynamodb" && writes && call.succeeded()
    };
    // A call that was refused wrote nothing: another one may have tried meanwhile.
    let Some(intent) = calls[..at].iter().rposition(|call| written(&call)) else { return Vec::new() };
    // The same intent, where the network delivered it twice.
    let before = calls[..intent].iter().rev().skip_while(|call| call.fields == calls[intent].fields);
    before.take_while(|call| !written(call) && !call.changes_ec2()).cloned().collect()
}

/// Every call that would destroy something, with what was known at its moment.
///
/// # Panics
/// For the first one that has no intent.
#[must_use]
pub fn destructions(calls: &[Call]) -> Vec<Destruction> {
    let mut replay = Replay::default();
    let mut found = Vec::new();
    for (at, call) in calls.iter().enumerate() {
        if call.service == "dynamodb" && call.succeeded() {
            replay.write(call);
        }
        if !destroys(call) {
            continue;
        }
        let id = subject(call);
        let Intended { process, plan, record } =
            intended(&replay, id).pop().unwrap_or_else(|| without_intent(calls, at));
        let steps = plan["runbook"]["steps"].as_array().into_iter().flatten();
        let step = steps.into_iter().find(|step| step["id"] == record["step"]).cloned().unwrap_or_default();
        let pk = format!("PROC#{}", process["process_id"].as_str().unwrap_or_default());
        let records = replay
            .partition(&pk)
            .filter_map(|written| Some((written.item["step"].as_str()?.to_owned(), written.item.clone())))
            .collect();
        let (process, looks) = (process.clone(), looks(calls, at));
        found.push(Destruction { call: call.clone(), id: id.to_owned(), process, plan, step, records, looks });
    }
    found
}

fn without_intent(calls: &[Call], at: usize) -> ! {
    let before: Vec<String> = calls[..at].iter().map(Call::name).collect();
    panic!("{} {} without a guarded intent, after {before:#?}", calls[at].name(), calls[at].fields)
}

/// Checks that each act of a process that reached EC2 found its intent in the ledger, stored under the process's lock and
/// the kill switch.
///
/// # Panics
/// For the first act that does not.
pub fn steps_precede_acts(calls: &[Call]) {
    let mut replay = Replay::default();
    for (at, call) in calls.iter().enumerate() {
        if call.service == "dynamodb" && call.succeeded() {
            replay.write(call);
        }
        if call.changes_ec2() && intended(&replay, subject(call)).is_empty() {
            without_intent(calls, at);
        }
    }
}
